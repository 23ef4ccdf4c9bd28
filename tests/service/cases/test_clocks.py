"""Clocks: when they run out in the firm's hours, what they do by themselves, and what is seen when nobody wrote it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND, Nanos
from rules.finding import Severity
from service.cases.actor import THE_TIMER
from service.cases.case import Acted, Case
from service.cases.clocks import as_of, clocks, in_words, next_timer, span
from service.cases.door import act
from service.cases.gathering import add_findings
from service.cases.given import NOTHING, Given
from service.cases.hours import ALWAYS_ON, Hours, hours_of
from service.cases.rules import HOUR, LIMITS, MINUTE, Rules
from service.cases.states import Action, State
from service.market.calendar import Session, TradingCalendar
from tests.factories_cases import NO_CLOCKS, NOON, a_case, a_finding
from tests.factories_work import done, in_state

RULES = Rules()
HIGH = LIMITS[Severity.HIGH]
DAY = 24 * HOUR
TWO_DAYS = hours_of(
    TradingCalendar(
        kind="sessions",
        sessions=(
            Session("2026-11-19", Nanos(10 * HOUR), Nanos(16 * HOUR)),
            Session("2026-11-20", Nanos(DAY + 10 * HOUR), Nanos(DAY + 16 * HOUR)),
        ),
    ),
    lead=HOUR,
    tail=2 * HOUR,
)
"""9 to 18 o'clock on two days."""


def high(*actions: Action) -> Case:
    """Return a case of high severity, opened at noon and then brought on by Pat."""
    case = a_case(a_finding(severity=Severity.HIGH))
    for action in actions:
        case = done(case, action, rules=RULES).case
    return case


def written(case: Case, now: int) -> list[Acted]:
    """Return what the timer writes of a case until an instant."""
    done_by_it = []
    while (due := next_timer(case, RULES)) is not None and due.at <= now:
        assert due.action is not None
        acted = act(case, due.action, THE_TIMER, NOTHING, Nanos(now), RULES)
        assert isinstance(acted, Acted)
        done_by_it.append(acted)
        case = acted.case
    return done_by_it


def test_an_escalation_is_shown_before_it_happens() -> None:
    """In the words of the page."""
    due = next_timer(high(), RULES)

    assert due is not None
    assert in_words(due, Nanos(NOON + 11 * MINUTE)) == "escalates in 4 min to compliance"
    assert in_words(due, Nanos(NOON + 20 * MINUTE)) == "to be acknowledged: over for 5 min"


def test_a_case_that_nobody_acknowledges_is_escalated_once() -> None:
    """Late as the timer may come, it is said when it was due."""
    acted = written(high(), NOON + HOUR)

    assert [one.event.action for one in acted] == [Action.ESCALATE_OVERDUE]
    assert (acted[0].case.state, acted[0].case.escalated_to) == (State.ESCALATED, "compliance")
    assert msgspec.json.decode(acted[0].event.body)["due"] == NOON + 15 * MINUTE
    assert acted[0].notice is not None
    assert acted[0].notice.reason == "escalated"
    assert written(acted[0].case, NOON + 100 * HOUR) == []


def test_an_acknowledgement_expires_and_is_told() -> None:
    """Then it waits for somebody again, and is escalated when nobody comes."""
    rules = msgspec.structs.replace(
        RULES, limits={**LIMITS, Severity.HIGH: msgspec.structs.replace(HIGH, close_within=None)}
    )
    case = high(Action.ACKNOWLEDGE)
    due = next_timer(case, rules)
    assert due is not None

    acted = act(case, Action.ACKNOWLEDGEMENT_EXPIRED, THE_TIMER, NOTHING, due.at, rules)

    assert isinstance(acted, Acted)
    assert (acted.case.state, acted.case.acknowledged_at) == (State.NEW, None)
    assert acted.notice is not None
    assert acted.notice.reason == "acknowledgement_expired"
    assert in_words(due, Nanos(due.at - HOUR)) == "acknowledgement expires in 1 h"
    assert as_of(case, rules, Nanos(due.at + 15 * MINUTE)).state is State.ESCALATED


def test_a_case_that_is_not_closed_in_time_is_escalated_once_though_acknowledged_again() -> None:
    """Whoever takes it from there has it."""
    rules = msgspec.structs.replace(
        RULES, limits={**LIMITS, Severity.HIGH: msgspec.structs.replace(HIGH, acknowledgement_expires=None)}
    )
    case = as_of(high(Action.ACKNOWLEDGE), rules, Nanos(NOON + 9 * HOUR))

    again = done(case, Action.ACKNOWLEDGE, at=NOON + 9 * HOUR, rules=rules).case

    assert (case.state, case.overdue) == (State.ESCALATED, True)
    assert as_of(again, rules, Nanos(NOON + 99 * HOUR)).state is State.ACKNOWLEDGED
    assert [in_words(due, Nanos(NOON + 9 * HOUR)) for due in clocks(again, rules)] == ["to be closed: over for 1 h"]


def test_who_acknowledges_what_should_have_been_closed_long_ago_is_not_overtaken_by_the_clock() -> None:
    """It is in hand; that it is late is still shown, and the acknowledgement still expires."""
    old = Nanos(NOON + 100 * HOUR)

    case = done(as_of(high(), RULES, old), Action.ACKNOWLEDGE, at=old, rules=RULES).case

    assert (as_of(case, RULES, Nanos(old + HOUR)).state, case.overdue) == (State.ACKNOWLEDGED, True)
    assert [(due.what, due.at <= old) for due in clocks(case, RULES)] == [
        ("to be closed", True),
        ("acknowledgement", False),
    ]


def test_the_time_with_the_vendor_is_the_vendors() -> None:
    """Our clock stands still meanwhile."""
    case = done(high(Action.ACKNOWLEDGE), Action.WAIT_ON_VENDOR, at=NOON + HOUR, rules=RULES).case

    back = done(case, Action.VENDOR_ANSWERED, at=NOON + 4 * HOUR, rules=RULES).case

    assert (case.running_since, case.ran, case.vendor_since) == (None, HOUR, NOON + HOUR)
    assert (back.vendor_since, back.vendor_ran, back.running_since) == (None, 3 * HOUR, NOON + 4 * HOUR)
    assert [due.at for due in clocks(back, RULES) if due.what == "to be closed"] == [NOON + 11 * HOUR]


def test_a_graver_finding_begins_the_clocks_anew() -> None:
    """What was one thing is another."""
    late = Nanos(NOON + 7 * HOUR)

    acted = add_findings(high(Action.ACKNOWLEDGE), [a_finding(2, severity=Severity.CRITICAL)], late)

    assert [(due.what, due.at - late) for due in clocks(acted.case, RULES)] == [
        ("to be acknowledged", 5 * MINUTE),
        ("to be closed", 4 * HOUR),
    ]


def test_a_shelving_ends_by_itself_and_the_case_stands_as_it_is_by_then() -> None:
    """An acknowledgement that is too old by then has expired with it."""
    case = high(Action.ACKNOWLEDGE)
    until = Nanos(NOON + 10 * HOUR)
    shelved = done(case, Action.SHELVE, given=Given(words="tonight", until=until), rules=RULES).case
    due = next_timer(shelved, RULES)
    assert due is not None

    ends = written(shelved, until)

    assert in_words(due, NOON) == "shelved for another 10 h"
    assert [one.event.action.value for one in ends] == [
        *("shelving_expired", "acknowledgement_expired", "escalate_overdue"),
    ]
    assert [one.notice and one.notice.reason for one in ends] == [None, "acknowledgement_expired", "escalated"]
    assert (ends[1].case.state, ends[1].case.waiting_since) == (State.NEW, NOON + 8 * HOUR)


def test_a_dead_daemon_hides_nothing_that_is_overdue() -> None:
    """What is read without the timer's events is what is read with them."""
    for case in (high(), high(Action.ACKNOWLEDGE), high(Action.ACKNOWLEDGE, Action.SHELVE)):
        for hours in (0, 3, 9, 30):
            now = Nanos(NOON + hours * HOUR)
            acted = written(case, now)
            last = acted[-1].case if acted else case

            seen = as_of(case, RULES, now)

            links = {"n": last.n, "head": last.head, "updated_at": last.updated_at}
            assert msgspec.structs.replace(seen, **links) == last


@pytest.mark.parametrize("state", State)
def test_without_limits_no_clock_runs_but_that_of_the_shelving(state: State) -> None:
    """A firm may have none."""
    whats = [due.what for due in clocks(in_state(state), NO_CLOCKS)]

    assert whats == (["shelving"] if state is State.SHELVED else [])


def test_a_case_from_before_the_clocks_has_none() -> None:
    """Nothing is made up about when it began."""
    case = msgspec.structs.replace(a_case(), waiting_since=None, running_since=None)

    assert clocks(case, RULES) == []


def test_the_firms_hours_are_trading_days_with_a_margin() -> None:
    """Nothing runs at night; after the calendar's end it runs on."""
    assert TWO_DAYS.run(Nanos(0), Nanos(9 * HOUR)) == 0
    assert TWO_DAYS.run(Nanos(8 * HOUR), Nanos(20 * HOUR)) == 9 * HOUR
    assert TWO_DAYS.run(Nanos(17 * HOUR), Nanos(DAY + 10 * HOUR)) == 2 * HOUR
    assert TWO_DAYS.run(Nanos(DAY), Nanos(2 * DAY)) == 15 * HOUR
    assert TWO_DAYS.after(Nanos(17 * HOUR), 2 * HOUR) == DAY + 10 * HOUR
    assert TWO_DAYS.after(Nanos(17 * HOUR), HOUR) == 18 * HOUR
    assert TWO_DAYS.after(Nanos(DAY + 17 * HOUR), 3 * HOUR) == DAY + 20 * HOUR


def test_days_whose_margins_meet_are_one_stretch() -> None:
    """Nobody's minute counts twice."""
    days = (Session("2026-11-19", Nanos(10), Nanos(20)), Session("2026-11-20", Nanos(22), Nanos(30)))

    hours = hours_of(TradingCalendar(kind="sessions", sessions=days), lead=2, tail=1)

    assert hours == Hours((8,), (31,), (23,))


@given(
    lengths=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), max_size=5),
    since=st.integers(-10, 500),
    length=st.integers(1, 600),
)
def test_a_clock_has_run_for_its_length_when_it_runs_out_and_not_before(
    lengths: list[tuple[int, int]], since: int, length: int
) -> None:
    """Whatever the hours are."""
    begins, ends, at = [], [], 0
    for off, on in lengths:
        begins.append(at + off)
        at += off + on
        ends.append(at)
    totals = [sum(e - b for b, e in zip(begins[: n + 1], ends[: n + 1], strict=True)) for n in range(len(begins))]
    hours = Hours(tuple(begins), tuple(ends), tuple(totals))

    due = hours.after(Nanos(since), length)

    assert hours.run(Nanos(since), due) == length
    assert hours.run(Nanos(since), Nanos(due - 1)) == length - 1
    assert hours.run(due, Nanos(since)) == 0


@pytest.mark.parametrize(
    ("nanos", "words"),
    [
        (1, "1 s"),
        (40 * SECOND, "40 s"),
        (61 * SECOND, "2 min"),
        (130 * MINUTE, "2 h 10 min"),
        (2 * HOUR, "2 h"),
        (74 * HOUR + MINUTE, "3 d 2 h"),
    ],
)
def test_lengths_of_time_are_said_as_people_say_them(nanos: int, words: str) -> None:
    """Rounded up: what is left is never said to be less than it is."""
    assert span(nanos) == words


def test_clocks_without_their_own_deed_are_shown_all_the_same() -> None:
    """A closing that is proposed has to be decided in time too."""
    case = high(Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE)

    shown = clocks(case, RULES)

    assert [(due.what, due.action) for due in shown] == [("to be closed", None)]
    assert in_words(shown[0], NOON, ALWAYS_ON) == "to be closed in 8 h"
    assert next_timer(case, RULES) is None
