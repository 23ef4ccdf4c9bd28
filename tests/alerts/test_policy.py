"""Who hears of it: every decision has its reason, and nothing is swallowed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.plan import (
    SECOND,
    Between,
    ChannelKind,
    ChannelSpec,
    Plan,
    Quiet,
    Route,
    Storm,
    When,
)
from alerts.policy import (
    AFTER_ACKNOWLEDGEMENT,
    Decision,
    Moment,
    Verdict,
    clock,
    decide,
    due_again,
    ends,
    governing,
    holds,
    shortest_repeat,
)
from rules.finding import Severity
from tests.fakes_alerts import an_alert

NEW_YORK = "America/New_York"
NIGHT = Between(18 * 60, 7 * 60)
MINUTE = 60 * SECOND


def at(text: str, zone: str = NEW_YORK, fold: int = 0) -> int:
    """Return an instant by what the clock of a zone shows."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * SECOND


NOON = at("2026-11-20T12:00")
MIDNIGHT = at("2026-11-20T23:30")


def a_channel(**named: object) -> ChannelSpec:
    """Return a webhook."""
    return ChannelSpec(name="desk", kind=ChannelKind.WEBHOOK, **named)  # type: ignore[arg-type]


def decided(
    *routes: Route,
    channel: ChannelSpec | None = None,
    now: int = NOON,
    made: int | None = None,
    market_open: bool = True,
    acknowledged: bool = False,
    recent: int = 0,
    urged: Severity | None = None,
    **alert: object,
) -> Decision:
    """Return what is decided of an alert."""
    return decide(
        an_alert(**alert),
        Plan(routes=routes),
        channel or a_channel(),
        made=Moment(now if made is None else made, market_open),
        now=Moment(now, market_open),
        acknowledged=acknowledged,
        recent=recent,
        urged=urged,
    )


@pytest.mark.parametrize("reason", ["opened", "grew", "severity_rose"])
def test_an_unacknowledged_exception_is_always_told(reason: str) -> None:
    """Nothing is withheld before somebody has seen it."""
    assert decided(reason=reason) == Decision(Verdict.SENT, reason)


@pytest.mark.parametrize("reason", ["opened", "grew", "still_waiting", "escalated"])
def test_after_an_acknowledgement_the_alert_is_withheld_with_the_reason_kept(reason: str) -> None:
    """Nobody is paged about what somebody already looks at."""
    found = decided(reason=reason, acknowledged=True)

    assert found == Decision(Verdict.WITHHELD, "acknowledged before it was sent")


@pytest.mark.parametrize("reason", AFTER_ACKNOWLEDGEMENT)
def test_three_reasons_break_through_an_acknowledgement(reason: str) -> None:
    """It rose, its acknowledgement expired, its condition is over."""
    assert decided(reason=reason, acknowledged=True).verdict is Verdict.SENT


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (When(), True),
        (When(severity=frozenset({Severity.HIGH})), True),
        (When(severity=frozenset({Severity.LOW})), False),
        (When(rule=frozenset({"slow_fill", "poor_fill"})), True),
        (When(rule=frozenset({"poor_fill"})), False),
        (When(counterparty=frozenset({"other"})), False),
        (When(venue=frozenset({"XTST"})), True),
        (When(venue=frozenset({"XOTH"})), False),
        (When(symbol=frozenset({"OTHR"})), False),
        (When(session=frozenset({"FIX.4.4:X->Y"})), False),
        (When(reason=frozenset({"grew"})), False),
        (When(incident=True), False),
        (When(incident=False), True),
        (When(open_hours=True), True),
        (When(open_hours=False), False),
        (When(between=Between(11 * 60, 13 * 60)), True),
        (When(between=NIGHT), False),
    ],
)
def test_a_route_wants_all_that_it_names_and_of_a_list_one(when: When, told: bool) -> None:  # noqa: FBT001 - a case
    """What no route leads to a channel is withheld there, and says so."""
    found = decided(Route(name="day", to=("desk",), when=when))

    expected = Decision(Verdict.SENT, "opened", "day")
    assert found == (expected if told else Decision(Verdict.WITHHELD, "no route leads from it to desk"))


def test_what_has_no_venue_is_not_taken_by_a_route_of_venues() -> None:
    """An exception over several venues is at none of them."""
    route = Route(name="one venue", to=("desk",), when=When(venue=frozenset({"XTST"})))

    assert decided(route, venue=None).verdict is Verdict.WITHHELD


def test_of_one_channel_the_first_route_that_names_it_governs() -> None:
    """A route to somebody else is passed over."""
    routes = (Route(name="a", to=("mail",)), Route(name="b", to=("desk", "mail")), Route(name="c", to=("desk",)))

    assert decided(*routes).route == "b"


def test_the_hours_of_a_route_are_those_in_which_the_alert_was_made() -> None:
    """What was held over night is not lost because the day's route knows it no more."""
    night = Route(name="night", to=("desk",), when=When(between=NIGHT), quiet=Quiet(NIGHT, Severity.HIGH))

    morning = decided(night, made=MIDNIGHT, now=at("2026-11-21T07:00"), severity=Severity.LOW)

    assert morning == Decision(Verdict.SENT, "opened", "night")


def test_quiet_hours_hold_what_is_less_grave_until_they_end() -> None:
    """It is held, not dropped, and what is grave goes."""
    channel = a_channel(quiet=Quiet(NIGHT, Severity.HIGH))

    held = decided(channel=channel, now=MIDNIGHT, severity=Severity.MEDIUM)

    assert held == Decision(Verdict.HELD, "quiet until 07:00", until=at("2026-11-21T07:00"))
    assert decided(channel=channel, now=MIDNIGHT, severity=Severity.HIGH).verdict is Verdict.SENT
    assert decided(channel=channel, now=NOON, severity=Severity.LOW).verdict is Verdict.SENT


def test_what_a_graver_alert_of_its_exception_waits_for_is_not_held() -> None:
    """Else its order would keep the graver one until morning."""
    channel = a_channel(quiet=Quiet(NIGHT, Severity.HIGH))

    verdicts = [
        decided(channel=channel, now=MIDNIGHT, severity=Severity.LOW, urged=urged).verdict
        for urged in (None, Severity.MEDIUM, Severity.HIGH)
    ]

    assert verdicts == [Verdict.HELD, Verdict.HELD, Verdict.SENT]


def test_the_quiet_hours_of_a_route_go_before_those_of_the_channel() -> None:
    """A firm may be stricter for one kind of thing."""
    route = Route(name="all", to=("desk",), quiet=Quiet(Between(12 * 60, 13 * 60), Severity.CRITICAL))
    channel = a_channel(quiet=Quiet(NIGHT, Severity.HIGH))

    assert decided(route, channel=channel, now=NOON).until == at("2026-11-20T13:00")
    assert decided(route, channel=channel, now=MIDNIGHT, severity=Severity.LOW).verdict is Verdict.SENT


def test_a_storm_leaves_unsaid_what_is_below_its_floor() -> None:
    """And says how it knows."""
    channel = a_channel(storm=Storm(3, MINUTE, Severity.HIGH))

    found = decided(channel=channel, recent=3, severity=Severity.MEDIUM)

    words = "storm: more than 3 within 60 s, only high and above"
    assert found == Decision(Verdict.WITHHELD, words, storm=True)
    assert decided(channel=channel, recent=2, severity=Severity.MEDIUM).verdict is Verdict.SENT
    assert decided(channel=channel, recent=99, severity=Severity.HIGH).verdict is Verdict.SENT


def test_what_nobody_acknowledged_is_due_again_after_its_route_says_so() -> None:
    """Not before, and not where no route repeats."""
    plan = Plan(
        routes=(
            Route(name="grave", to=("desk",), when=When(severity=frozenset({Severity.HIGH})), repeat=30 * MINUTE),
            Route(name="rest", to=("desk", "mail")),
        )
    )

    def due(minutes: int, channel: str = "desk", severity: Severity = Severity.HIGH) -> bool:
        now = Moment(NOON + minutes * MINUTE, market_open=True)
        return due_again(plan, channel, an_alert(severity=severity), NOON, now=now)

    assert (due(29), due(30)) == (False, True)
    assert not due(1_000, severity=Severity.LOW)
    assert not due(1_000, channel="mail")
    assert not due(1_000, channel="nobody")
    assert (shortest_repeat(plan, "desk"), shortest_repeat(plan, "mail")) == (30 * MINUTE, None)


def test_a_reminder_goes_by_the_route_that_leads_there_when_it_is_made() -> None:
    """Where none leads at night nothing is reminded of at night, and the morning hears of it at once."""
    plan = Plan(routes=(Route(name="day", to=("desk",), when=When(open_hours=True), repeat=30 * MINUTE),))

    night, morning = (
        due_again(plan, "desk", an_alert(), NOON, now=Moment(NOON + hours * 60 * MINUTE, market_open))
        for hours, market_open in ((9, False), (22, True))
    )

    assert (night, morning) == (False, True)


def test_a_time_of_day_may_span_midnight_and_excludes_its_end() -> None:
    """From its first minute on."""
    found = [holds(NIGHT, at(f"2026-11-20T{text}"), NEW_YORK) for text in ("17:59", "18:00", "00:00", "06:59", "07:00")]

    assert found == [False, True, True, True, False]


def test_a_time_of_day_that_ends_where_it_begins_is_the_whole_day() -> None:
    """Always quiet, until the next turn of that hour."""
    always = Between(600, 600)

    assert holds(always, NOON, NEW_YORK)
    assert ends(always, NOON, NEW_YORK) == at("2026-11-21T10:00")


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (at("2026-03-07T23:00"), at("2026-03-08T07:00")),  # the clocks go forward at 02:00
        (at("2026-10-31T23:00"), at("2026-11-01T07:00")),  # the clocks go back at 02:00
    ],
)
def test_quiet_ends_by_the_clock_on_the_wall(now: int, end: int) -> None:
    """A night with an hour more or less ends at seven all the same."""
    assert ends(NIGHT, now, NEW_YORK) == end


def test_an_hour_that_the_clocks_show_twice_ends_twice() -> None:
    """Nothing is held a day too long for it."""
    second_time = at("2026-11-01T01:30", fold=1)

    assert ends(Between(0, 105), second_time, NEW_YORK) == at("2026-11-01T01:45", fold=1)


def test_a_minute_of_the_day_is_written_as_people_write_it() -> None:
    """With leading zeros."""
    assert [clock(0), clock(425), clock(1439)] == ["00:00", "07:05", "23:59"]


BETWEENS = st.builds(Between, st.integers(0, 1439), st.integers(0, 1439))
QUIETS = st.none() | st.builds(Quiet, BETWEENS, st.sampled_from(Severity))
WHENS = st.builds(
    When,
    severity=st.frozensets(st.sampled_from(Severity)),
    reason=st.frozensets(st.sampled_from(["opened", "grew", "severity_rose"])),
    open_hours=st.sampled_from([None, True, False]),
    between=st.none() | BETWEENS,
)
ROUTES = st.lists(
    st.builds(Route, name=st.sampled_from("abc"), to=st.sampled_from([("desk",), ("mail",)]), when=WHENS, quiet=QUIETS),
    max_size=3,
).map(tuple)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants them bare
    lambda when: int(when.replace(tzinfo=UTC).timestamp()) * SECOND
)
STORMS = st.none() | st.builds(Storm, st.integers(1, 5), st.just(MINUTE), st.sampled_from(Severity))


@given(
    routes=ROUTES,
    quiet=QUIETS,
    storm=STORMS,
    now=INSTANTS,
    severity=st.sampled_from(Severity),
    reason=st.sampled_from(["opened", "grew", "severity_rose"]),
    recent=st.integers(0, 6),
    acknowledged=st.booleans(),
)
def test_every_decision_says_why_and_what_is_held_is_held_to_a_later_time(
    routes: tuple[Route, ...],
    quiet: Quiet | None,
    storm: Storm | None,
    now: int,
    severity: Severity,
    reason: str,
    recent: int,
    acknowledged: bool,  # noqa: FBT001 - a case
) -> None:
    """Nothing is lost: sent, withheld for a reason that holds, or held to an end at which it is looked at again."""
    channel = a_channel(quiet=quiet, storm=storm)

    def again() -> Decision:
        return decided(
            *routes,
            channel=channel,
            now=now,
            severity=severity,
            reason=reason,
            recent=recent,
            acknowledged=acknowledged,
        )

    found = again()

    assert found == again()
    assert found.reason
    assert (found.until is not None) == (found.verdict is Verdict.HELD)
    if found.verdict is Verdict.HELD:
        assert found.until is not None
        route = governing(an_alert(severity=severity, reason=reason), Plan(routes=routes), "desk", Moment(now, True))
        held_by = quiet if route is None or route.quiet is None else route.quiet
        assert held_by is not None
        assert severity.rank < held_by.below.rank
        assert now < found.until <= now + 25 * 60 * MINUTE
    if found.storm:
        assert storm is not None
        assert severity.rank < storm.floor.rank
