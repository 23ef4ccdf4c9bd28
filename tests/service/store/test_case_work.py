"""The work on cases in a real store: clocks, closings, and rows that their events alone can make again."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select, update

from rules.facts import FeedEventKind, Nanos
from rules.finding import Finding, Severity
from service.backtest.truth import closed_as_true
from service.cases.actor import Actor
from service.cases.case import Acted, Case, Refused
from service.cases.chain import first_broken, rebuilt
from service.cases.given import NOTHING, Given
from service.cases.hours import ALWAYS_ON
from service.cases.rules import HOUR, MINUTE, Rules
from service.cases.rules_file import parse_queue_file
from service.cases.states import Action, State
from service.journal import Frame
from service.market.calendar import Session, TradingCalendar
from service.processed import Processed
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.journal import SqlJournal
from service.store.outbox import SqlOutbox
from service.store.principals import Principal, SqlPrincipals
from service.store.queue import SqlQueue, Tended
from service.store.record import SqlStore
from service.store.tables import cases, outbox
from service.store.verdicts import ClosedAs, closed_as
from service.store.work_rules import rules_in_force
from service.versions import Version, VersionKind
from tests.factories import a_feed_event
from tests.factories_cases import NO_CLOCKS, NOON, PAT, SAM, a_finding, a_queue, gather_all, recorded
from tests.factories_work import DONE, GIVEN, LATER

RULES = Rules(desks={"ACC-1": "equities", "ACC-2": "options"})


def with_clocks(database: Database, *found: Finding, rules: Rules = RULES) -> SqlQueue:
    """Return a queue whose clocks run, with cases over these findings opened at noon."""
    queue = a_queue(database, rules=rules)
    recorded(database, *found)
    gather_all(queue)
    return queue


def the(queue: SqlQueue, case_id: int = 1) -> Case:
    """Return a case that must be there."""
    case = queue.case(case_id)
    assert case is not None
    return case


def reasons(database: Database) -> list[str]:
    """Return the reasons of all alerts so far, in their order."""
    with database.reading() as connection:
        return list(connection.execute(select(outbox.c.reason).order_by(outbox.c.outbox_id)).scalars())


def high(number: int = 1, **changes: object) -> Finding:
    """Return a finding of high severity."""
    return a_finding(number, **{"severity": Severity.HIGH, **changes})


def test_a_quiet_queue_writes_nothing(database: Database) -> None:
    """It is looked before anybody is kept from writing."""
    queue = with_clocks(database, high())

    assert queue.tend(NOON) == Tended(timers=0, hidden=0, notices=())
    assert not queue.tend(NOON).any


def test_a_timer_that_ran_out_is_written_once(database: Database) -> None:
    """The event, the alert, and never again; a second daemon that looks finds it done."""
    queue = with_clocks(database, high())
    late = Nanos(NOON + HOUR)

    first, second = queue.tend(late), a_queue(database, rules=RULES).tend(late)

    assert (first.timers, second.timers) == (1, 0)
    assert [event.action for event in queue.history(1)] == [Action.OPEN, Action.ESCALATE_OVERDUE]
    assert (the(queue).state, the(queue).escalated_to) == (State.ESCALATED, "compliance")
    assert reasons(database) == ["opened", "escalated"]


def test_a_kill_between_deed_and_commit_leaves_the_timer_to_be_written(database: Database) -> None:
    """Event, case and alert are one transaction."""
    with_clocks(database, high())
    late = Nanos(NOON + HOUR)

    def dies(*_: object) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SqlQueue(database, alerting=dies, rules=RULES).tend(late)

    queue = a_queue(database, rules=RULES)
    assert the(queue).state is State.NEW
    assert queue.tend(late).timers == 1
    assert first_broken(queue.history(1)) is None


def test_who_acts_on_a_case_whose_timer_nobody_wrote_acts_on_what_it_is(database: Database) -> None:
    """A daemon that is not there changes nothing of what counts."""
    queue = with_clocks(database, high())
    gathered = the(queue)

    result = queue.act(1, Action.ACKNOWLEDGE, PAT, Given(seen=gathered.n), Nanos(NOON + HOUR))

    assert isinstance(result, Acted)
    assert [event.action for event in queue.history(1)] == [
        *(Action.OPEN, Action.ESCALATE_OVERDUE, Action.ACKNOWLEDGE),
    ]


def test_clocks_are_set_anew_by_the_rules_of_the_next_start(database: Database) -> None:
    """A firm that shortens a limit need not wait for the next finding; closed cases are left alone."""
    queue = with_clocks(database, a_finding(1), a_finding(2, cause="venue XOTH"), rules=NO_CLOCKS)
    for action in (Action.ACKNOWLEDGE, Action.CLOSE):
        queue.act(2, action, PAT, GIVEN.get(action, NOTHING), NOON)
    late = Nanos(NOON + 2 * HOUR)
    stricter = a_queue(database, rules=RULES)
    before = stricter.tend(late).timers

    stricter.set_clocks()

    assert (before, stricter.tend(late).timers) == (0, 1)
    assert (the(queue, 1).state, the(queue, 2).state) == (State.ESCALATED, State.CLOSED)


def everything_done(queue: SqlQueue, database: Database) -> None:
    """Let all that there is happen to the first case."""
    steps = (
        *(Action.ACKNOWLEDGE, Action.NOTE, Action.ASSIGN, Action.WAIT_ON_VENDOR, Action.VENDOR_ANSWERED),
        *(Action.SHELVE, Action.UNSHELVE, Action.ESCALATE, Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE),
    )
    for minute, action in enumerate(steps):
        given = GIVEN.get(action, NOTHING)
        assert isinstance(queue.act(1, action, PAT, given, Nanos(NOON + minute * MINUTE)), Acted), action
    assert isinstance(queue.act(1, Action.APPROVE_CLOSE, SAM, NOTHING, LATER), Acted)
    recorded(database, high(2, accounts=("ACC-2",), symbol="OTHER"))
    gather_all(queue, LATER)
    queue.tend(Nanos(LATER + 9 * HOUR))


def test_a_row_holds_every_value_of_its_case_and_can_be_made_again_from_its_events_alone(database: Database) -> None:
    """Whatever happened to it."""
    queue = with_clocks(database, high(accounts=("ACC-1",), dollar_harm=7))
    everything_done(queue, database)

    case, events = the(queue), queue.history(1)

    assert first_broken(events) is None
    assert rebuilt(events) == case
    assert (case.state, case.desks, case.symbol) == (State.ESCALATED, ("equities", "options"), None)
    with database.writing() as connection:
        connection.execute(update(cases).values(state="closed", ticket="forged"))
    assert rebuilt(queue.history(1)) == case


def test_a_case_can_be_closed_only_by_two(database: Database) -> None:
    """In the store as at the door; the refusal changes nothing."""
    queue = with_clocks(database, high(), rules=NO_CLOCKS)
    queue.act(1, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    queue.act(1, Action.PROPOSE_CLOSE, PAT, DONE, NOON)
    before = the(queue)

    result = queue.act(1, Action.APPROVE_CLOSE, Actor(name=" PAT"), NOTHING, NOON)

    assert isinstance(result, Refused)
    assert the(queue) == before


def test_what_people_made_of_findings_can_be_asked(database: Database) -> None:
    """True, false, not decided, or open: also for a finding that is in no case yet, or was reopened."""
    codes = ("router_fault", "limit_too_tight", "duplicate", None)
    found = [a_finding(n, cause=f"cause {n}") for n in range(1, 6)]
    queue = with_clocks(database, *found, rules=NO_CLOCKS)
    for case_id, code in enumerate(codes, start=1):
        queue.act(case_id, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
        if code:
            queue.act(case_id, Action.CLOSE, PAT, Given(words="so", reason=code), NOON)
    queue.act(5, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    queue.act(5, Action.CLOSE, PAT, DONE, NOON)
    queue.act(5, Action.REOPEN, SAM, Given(words="no"), NOON)
    recorded(database, a_finding(6, cause="later"))
    ids = [finding.finding_id for finding in found]

    with database.reading() as connection:
        told = closed_as(connection, [*ids, f"{6:016x}", "nowhere"])

    assert [told[one] for one in ids] == [
        *(ClosedAs.TRUE, ClosedAs.FALSE, ClosedAs.NOT_DECIDED, ClosedAs.OPEN, ClosedAs.OPEN),
    ]
    assert (told[f"{6:016x}"], told["nowhere"]) == (ClosedAs.OPEN, ClosedAs.OPEN)
    with database.reading() as connection:
        assert closed_as(connection, []) == {}
        assert closed_as_true(connection, ids) == {ids[0]}
        assert closed_as_true(connection, ids[3:]) is None


def test_very_many_findings_can_be_asked_at_once(database: Database) -> None:
    """In as many statements as the database bears."""
    queue = with_clocks(database, *(a_finding(n) for n in range(1, 1_201)), rules=NO_CLOCKS)
    for action in (Action.ACKNOWLEDGE, Action.CLOSE):
        queue.act(1, action, PAT, GIVEN.get(action, NOTHING), NOON)

    with database.reading() as connection:
        told = closed_as(connection, [f"{n:016x}" for n in range(1, 1_201)])

    assert set(told.values()) == {ClosedAs.TRUE}


def said(database: Database, kind: FeedEventKind, subject: str, offset: int, **changes: object) -> None:
    """Record a feed event as one more batch of the pipeline."""
    event = a_feed_event(
        kind=kind,
        subject=subject,
        offset=offset,
        **{"counterparty": "sor", "session": "FIX.4.4:FIRM->SOR", **changes},
    )
    SqlStore(database).record(Processed(upto=offset, feed_events=[event]))


def a_gap(number: int, offset: int, subject: str) -> Finding:
    """Return a finding of missing messages of the session."""
    return a_finding(number, rule="sequence_gap", subject=subject, cause="session", offset=offset)


def test_a_condition_is_over_once_every_finding_of_the_case_is_relieved(database: Database) -> None:
    """Two gaps are one case; it says so once, to those who have it in hand too, and people close it."""
    queue = a_queue(database)
    SqlStore(database).record(Processed(upto=5, findings=[a_gap(1, 4, "messages 5-6"), a_gap(2, 5, "messages 8-9")]))
    gather_all(queue)
    queue.act(1, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)

    said(database, FeedEventKind.GAP_CLOSED, "messages 5-6", 6)
    first = queue.tend(NOON)
    said(database, FeedEventKind.GAP_CLOSED, "messages 8-9", 7)
    second, third = queue.tend(Nanos(NOON + MINUTE)), queue.tend(Nanos(NOON + MINUTE))

    assert [first.notices, third.notices] == [(), ()]
    assert [notice.reason for notice in second.notices] == ["condition_resolved"]
    assert (the(queue).state, the(queue).resolved_at) == (State.ACKNOWLEDGED, NOON + MINUTE)
    assert reasons(database) == ["opened", "condition_resolved"]


@pytest.mark.parametrize(
    ("kind", "subject", "changes"),
    [
        (FeedEventKind.GAP_CLOSED, "messages 1-2", {}),
        (FeedEventKind.GAP_CLOSED, "messages 5-6", {"session": "FIX.4.4:FIRM->OTHER"}),
        (FeedEventKind.GAP_CLOSED, "messages 5-6", {"counterparty": "other"}),
        (FeedEventKind.SESSION_UP, "messages 5-6", {}),
    ],
)
def test_events_about_something_else_relieve_nothing(
    database: Database, kind: FeedEventKind, subject: str, changes: dict[str, object]
) -> None:
    """Neither another gap, session or counterparty, nor another kind."""
    queue = a_queue(database)
    SqlStore(database).record(Processed(upto=5, findings=[a_gap(1, 4, "messages 5-6")]))
    gather_all(queue)

    said(database, kind, subject, 6, **changes)
    queue.tend(NOON)

    assert the(queue).resolved_at is None


def test_an_event_of_the_whole_session_relieves_its_gaps_and_one_of_an_order_by_any_session(
    database: Database,
) -> None:
    """Numbers that went on end every gap; whichever session tells of the order's answer."""
    queue = a_queue(database)
    late = a_finding(2, rule="unanswered_order", subject="C1", cause="orders", offset=5)
    SqlStore(database).record(Processed(upto=5, findings=[a_gap(1, 4, "messages 5-6"), late]))
    gather_all(queue)

    said(database, FeedEventKind.NUMBERS_WENT_ON, "FIX.4.4:FIRM->SOR", 6)
    said(database, FeedEventKind.ANSWERED_ORDER, "C1", 7, session="FIX.4.4:FIRM->OTHER")
    queue.tend(NOON)

    assert [the(queue, number).resolved_at for number in (1, 2)] == [NOON, NOON]


def test_an_event_waits_for_the_findings_before_it(database: Database) -> None:
    """It is not passed over while the caseworker is behind."""
    queue = a_queue(database)
    SqlStore(database).record(Processed(upto=5, findings=[a_gap(1, 4, "messages 5-6")]))
    said(database, FeedEventKind.GAP_CLOSED, "messages 5-6", 6)

    behind = queue.tend(NOON)
    gather_all(queue)
    queue.tend(NOON)

    assert behind.notices == ()
    assert the(queue).resolved_at == NOON


def test_who_answers_for_a_day_is_appended_and_the_newest_word_counts(database: Database) -> None:
    """What was said before stays."""
    principals = SqlPrincipals(database)
    first = Principal(trade_date="2026-11-20", name="kim", by="pat", at=NOON)
    second = msgspec.structs.replace(first, name="lee", deputies=("pat", "sam"), at=LATER, note="kim is ill")

    principals.name(first)
    principals.name(second)

    assert principals.of("2026-11-20") == [second, first]
    assert principals.of("2026-11-19") == []


def test_the_alert_of_a_closed_or_shelved_case_is_not_sent_any_more(database: Database) -> None:
    """Somebody has it in hand."""
    queue = with_clocks(database, a_finding(1), a_finding(2, cause="venue XOTH"), a_finding(3, cause="x"))
    queue.act(1, Action.SHELVE, PAT, GIVEN[Action.SHELVE], NOON)
    for action in (Action.ACKNOWLEDGE, Action.CLOSE):
        queue.act(2, action, PAT, GIVEN.get(action, NOTHING), NOON)

    waiting = SqlOutbox(database).waiting("mqtt", 50, NOON)

    assert [(item.case_id, item.acknowledged) for item in waiting] == [(1, True), (2, True), (3, False)]


def test_pages_show_what_the_clocks_did_though_no_daemon_wrote_it(database: Database) -> None:
    """An acknowledgement that expired waits for somebody; nothing overdue is hidden."""
    queue = with_clocks(database, high(1), high(2, cause="venue XOTH"))
    queue.act(1, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)

    evidence, stored = SqlEvidence(database, RULES), SqlEvidence(database)

    assert [case.state for case in evidence.waiting()] == [State.ESCALATED, State.ESCALATED]
    assert (evidence.acknowledged(), evidence.counts().waiting, evidence.counts().acknowledged) == ([], 2, 0)
    assert (len(stored.waiting()), stored.counts().acknowledged) == (1, 1)
    seen = queue.case_at(1, Nanos(NOON + 30 * HOUR))
    assert seen is not None
    assert seen.state is State.ESCALATED
    assert queue.case_at(99, NOON) is None


def test_the_firms_hours_are_those_of_the_calendar_in_force(database: Database) -> None:
    """Before a daemon put one in force the clocks always run."""
    laid = parse_queue_file("")
    before = rules_in_force(laid, database)
    days = TradingCalendar(name="XNYS", kind="sessions", sessions=(Session("2026-11-20", NOON, LATER),))
    version = Version(kind=VersionKind.CALENDAR, name="XNYS", text=msgspec.json.encode(days).decode())
    SqlJournal(database).append(Frame(entries=(version.entry(NOON),)))

    after = rules_in_force(laid, database)

    assert before.hours == ALWAYS_ON
    assert (after.hours.begins, after.hours.ends) == ((NOON - 30 * MINUTE,), (LATER + HOUR,))
