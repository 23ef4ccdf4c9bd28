"""The road, record by record: what each kind comes to, and that nothing it meets can stop it."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import FeedEventKind, Nanos, OrderEnd, Quote, SessionOfDay
from service.core import Core
from service.facts_made import Making
from service.fix.events import AboutOrder
from service.in_force import UnusableVersionError
from service.journal import Entry, Frame, RecordKind
from service.market.calendar import Session, TradingCalendar
from service.orders.ledger import Event, Ledger
from service.orders.steps import Step, Where
from service.processed import Decision, Processed
from service.versions import Version, VersionKind
from tests.factories import price, shares
from tests.factories_messages import fix_message
from tests.factories_road import (
    PARTY,
    REGISTER,
    SESSION,
    a_bust,
    a_correction,
    a_journal,
    a_message,
    a_pipeline,
    a_report,
    a_tick,
    a_trade,
    an_order,
    at,
    from_a_file,
    go_on,
    run,
    stamp,
    versions,
)
from tests.fakes_store import FakeStore

HEARTBEAT = fix_message(_35="0", _34=1, _49="SOR", _52=stamp(0), _56="FIRM")
CLOSE = at(5.5 * 3600)
NEW_YORK = TradingCalendar(
    name="XNYS", kind="sessions", sessions=(Session("2013-10-07", Nanos(at(0) - 3_600_000_000_000), CLOSE),)
)


def test_what_comes_from_a_file_goes_the_same_road_and_says_so() -> None:
    """An execution with its quotes, without a receipt, of the day on which it was sent; a copy by the line is one."""
    trade = a_report(2, 1, _75=None, _60=None, _52=stamp(1))
    next_day = 24 * 3600.0
    journal = a_journal([from_a_file(trade, next_day), trade, a_tick(next_day)])

    done = run(journal)

    (recorded,) = done.fills
    fill = recorded.fill
    assert [outcome.outcome for outcome in done.outcomes] == ["execution", "duplicate"]
    assert (fill.backfilled, fill.resent, fill.received_at, fill.trade_date) == (True, True, None, "2013-10-07")
    assert fill.at_execution.at == at(1)


def test_amendments_are_told_in_the_order_in_which_they_were_applied() -> None:
    """A resend brings a chain from behind: the last row is what counts, wherever its own message stands."""
    entries = [
        a_trade(1, 1, "O1", "E1"),
        a_correction(4, 2, "O1", "C2", "C1", _32="40"),
        a_correction(3, 3, "O1", "C1", "E1", _32="60"),
        a_trade(5, 4, "O2", "E2"),
        a_bust(6, 5, "O2", "B2", "E2"),
        a_correction(7, 6, "O2", "C3", "E2", _32="50"),
    ]

    done = run(a_journal(entries))

    told = [(made.exec_id, made.kind, made.quantity) for made in done.amendments]
    assert told == [
        ("C1", "correction", shares("60")),
        ("C2", "correction", shares("40")),
        ("B2", "bust", None),
        ("C3", "bust", None),
    ]
    assert [made.offset for made in done.amendments] == sorted(made.offset for made in done.amendments)


def test_a_file_of_a_day_in_the_store_alone_is_known_again_row_by_row() -> None:
    """Two closes later memory has only what the store gives back; wherever the batches are cut."""
    day = 24 * 3600.0
    calendar = TradingCalendar(
        name="XNYS",
        kind="sessions",
        sessions=tuple(Session(f"2013-10-{7 + n:02d}", at(n * day - 3600), at(n * day + 5.5 * 3600)) for n in range(4)),
    )
    trade, corrected = a_trade(1, 1, "O1", "E1", _1="A7"), a_correction(2, 2, "O1", "C1", "E1", _32="60")
    row = from_a_file(a_trade(1, 1, "O1", "E1", _1=None), 2 * day + 1)
    other = from_a_file(a_trade(1, 1, "O1", "E1", _32="70"), 2 * day + 2)
    later = [a_tick(day), a_trade(3, day + 1, "O2", "E3"), a_tick(2 * day)]
    entries = [trade, corrected, *later, row, other]

    for batch in (1, 3, 512):
        done = run(a_journal(entries, versions(calendar=calendar)), batch=batch)

        assert [(outcome.outcome, outcome.reason is None) for outcome in done.outcomes][-2:] == [
            ("duplicate", True),
            ("duplicate", False),
        ]
        assert [fill.fill.exec_id for fill in done.fills] == ["E1", "E3"]
        assert [event.kind for event in done.feed_events if event.kind is FeedEventKind.DUPLICATE_CONFLICT] == [
            FeedEventKind.DUPLICATE_CONFLICT
        ]


class BrokenLedger(Ledger):
    """A ledger with a bug: it fails once on the order named BAD, after it has already counted the execution."""

    failed = False

    def apply(self, event: Event, where: Where, receipt: Quote | None = None) -> tuple[Step, ...]:
        """Apply the event, and fail on the first of that order."""
        steps = super().apply(event, where, receipt)
        if event.ids.order_key == "BAD" and not self.failed:
            self.failed = True
            raise ZeroDivisionError
        return steps


def broken_core() -> Core:
    """Return a core whose ledger fails on one order."""
    core = Core()
    broken = BrokenLedger(orphan_after=Nanos(10**12))
    core._ledger = core._messages._ledger = core._timers._ledger = broken
    return core


def outcomes(processed: Processed) -> list[str]:
    """Return what became of each message, in order."""
    return [outcome.outcome for outcome in processed.outcomes]


def feed_kinds(processed: Processed) -> list[FeedEventKind]:
    """Return what the watch said of itself."""
    return [event.kind for event in processed.feed_events]


def test_every_kind_of_message_has_its_outcome() -> None:
    """Nothing vanishes: one outcome for each message, and a fact where there is one to make."""
    trade = a_trade(3, 2, "O1", "E1", _32=40)
    journal = a_journal(
        [
            a_message(HEARTBEAT, 0),
            an_order(2, 1, "O1"),
            trade,
            trade,
            a_correction(4, 3, "O1", "E2", "E1", _32=30),
            a_bust(5, 4, "O1", "E3", "E2"),
            a_report(6, 5, _150="I"),
            a_report(7, 6, _54=None),
            a_message(b"garbage", 7),
        ]
    )

    done = run(journal)

    assert outcomes(done) == [
        "admin",
        "order_event",
        "execution",
        "duplicate",
        "correction",
        "bust",
        "status",
        "undecodable",
        "undecodable",
    ]
    assert [fill.fill.quantity for fill in done.fills] == [shares("40")]
    assert [(made.kind, made.quantity) for made in done.amendments] == [("correction", shares("30")), ("bust", None)]
    assert done.outcomes[7].reason == "Side (54) is absent: a trade needs it"


def test_a_fill_carries_both_quotes_and_the_measures() -> None:
    """The quotes come from outside; the numbers are made here."""
    done = run(a_journal([an_order(1, 1, "O1"), a_trade(2, 3, "O1", "E1")]))

    (recorded,) = done.fills
    fill = recorded.fill
    assert fill.order.receipt.at == at(1)
    assert fill.at_execution.at == at(3)
    assert fill.measures.time_to_fill == 2_000_000_000
    assert recorded.decision.reason == "mark"
    assert fill.price == price("181.95")


def test_a_message_of_nobody_is_undecodable() -> None:
    """Without a dialect in force nothing can be read."""
    stranger = msgspec.structs.replace(a_trade(1, 1, "O1", "E1"), counterparty="stranger")

    done = run(a_journal([stranger]))

    assert done.outcomes[0].reason == "no dialect is in force for counterparty stranger"


def test_another_content_under_a_known_key_is_a_duplicate_with_a_reason() -> None:
    """Nothing is changed by it, and a finding of its own says so."""
    done = run(a_journal([a_trade(1, 1, "O1", "E1", _32="40"), a_trade(2, 2, "O1", "E1", _32="50")]))

    assert outcomes(done) == ["execution", "duplicate"]
    assert done.outcomes[1].reason == "its key came before with other content: nothing was changed"
    assert "duplicate_conflict" in [finding.rule for finding in done.findings]


def test_an_error_in_the_middle_ends_as_an_undecodable_message() -> None:
    """None of its facts is kept, a finding says so, and the road goes on."""
    core = broken_core()

    done = run(a_journal([a_trade(1, 1, "BAD", "E1"), a_trade(2, 2, "O2", "E2")]), core=core)

    assert outcomes(done) == ["undecodable", "execution"]
    assert str(done.outcomes[0].reason).startswith("could not be processed: ZeroDivisionError at test_core.py:")
    assert [fill.fill.exec_id for fill in done.fills] == ["E2"]
    assert ("undecodable", "message 1") in [(finding.rule, finding.subject) for finding in done.findings]


def test_what_the_ledger_took_of_a_failed_message_stays_so_a_copy_is_a_duplicate() -> None:
    """Decided and written down: nothing is undone, and nothing is counted twice."""
    core = broken_core()
    bad = a_trade(1, 1, "BAD", "E1")

    done = run(a_journal([bad, bad]), core=core)

    assert outcomes(done) == ["undecodable", "duplicate"]


def test_facts_made_before_the_error_are_taken_back() -> None:
    """A record is recorded whole or not at all."""
    core = Core()
    judged = core._judging.take

    def fail_at_the_end(step: Step, making: Making, event: AboutOrder | None, into: Processed) -> None:
        judged(step, making, event, into)
        if into.order_outcomes:
            raise LookupError

    core._judging.take = fail_at_the_end  # type: ignore[method-assign]

    done = run(a_journal([a_trade(1, 1, "O1", "E1")]), core=core)

    assert outcomes(done) == ["undecodable"]
    assert (done.fills, done.order_outcomes) == ([], [])
    assert not any(rule == "slow_fill" for _, rule, _ in done.skipped)


def test_an_error_while_decoding_ends_as_an_undecodable_message() -> None:
    """Decoding never raises; were it to, the watch would go on."""
    core = Core()
    core._messages._decode = lambda *_: 1 // 0  # type: ignore[method-assign, assignment]

    done = run(a_journal([a_trade(1, 1, "O1", "E1")]), core=core)

    assert outcomes(done) == ["undecodable"]
    assert str(done.outcomes[0].reason).startswith("could not be processed: ZeroDivisionError")


def test_a_control_record_that_holds_nonsense_is_said_and_passed() -> None:
    """It comes from another process: anything may stand in it."""
    nonsense = Entry(kind=RecordKind.SESSION, counterparty=PARTY, session=SESSION, received_at=at(1), body=b"{")

    done = run(a_journal([nonsense, a_trade(1, 2, "O1", "E1")]))

    assert outcomes(done) == ["execution"]
    assert done.feed_events[0].kind is FeedEventKind.UNDECODABLE
    assert done.feed_events[0].detail["record"] == "session"
    assert "undecodable" in [finding.rule for finding in done.findings]


def test_a_timer_that_fails_does_not_cost_the_message_that_woke_it() -> None:
    """The failure is said; the message is judged."""
    core = Core()
    core.feeds.tick = lambda *_: 1 // 0  # type: ignore[method-assign, assignment]

    done = run(a_journal([a_trade(1, 1, "O1", "E1")]), core=core)

    assert outcomes(done) == ["execution"]
    assert FeedEventKind.UNDECODABLE in feed_kinds(done)


def test_even_a_failing_engine_cannot_stop_the_watch() -> None:
    """The event about the failure is recorded before any rule is asked."""
    core = Core()
    core.engine.assess = lambda _: 1 // 0  # type: ignore[method-assign, assignment, return-value]

    done = run(a_journal([a_trade(1, 1, "O1", "E1"), a_tick(100)]), core=core)

    assert outcomes(done) == ["undecodable"]
    assert FeedEventKind.UNDECODABLE in feed_kinds(done)


def test_a_version_that_cannot_be_put_in_force_stops_the_road_with_nothing_changed() -> None:
    """What was made before it is still recorded; the record itself is tried again, never skipped."""
    bad = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="rules: 5").entry(at(3))
    journal = a_journal([a_trade(1, 1, "O1", "E1"), bad])
    store = FakeStore()
    pipeline = a_pipeline(journal, store)

    with pytest.raises(UnusableVersionError):
        go_on(pipeline)
    with pytest.raises(UnusableVersionError):
        go_on(pipeline)

    assert outcomes(store.recorded) == ["execution"]
    assert store.processed_offset() == journal.last_offset() - 1


def test_a_venue_file_that_differs_from_the_register_is_a_finding() -> None:
    """The register wins."""
    file = Version(kind=VersionKind.VENUES_FILE, name=PARTY, text="[]\n").entry(at(1))

    done = run(a_journal([file], versions(register=REGISTER)))

    assert [(finding.rule, finding.subject) for finding in done.findings] == [("venue_drift", "XNYS")]


def test_a_rulebook_s_file_that_differs_is_a_finding_and_is_not_in_force() -> None:
    """What was approved judges on."""
    off = "rules: {unexpected_venue: {enabled: false}}"
    file = Version(kind=VersionKind.RULEBOOK_FILE, name="rulebook", text=off).entry(at(1))

    done = run(a_journal([file, a_trade(1, 2, "O1", "E1", _30="XBOS")], versions(register=REGISTER)))

    assert [finding.rule for finding in done.findings] == ["rulebook_drift", "unexpected_venue"]
    assert "differs in unexpected_venue.enabled: true → false." in done.findings[0].sentence


def test_another_rulebook_judges_what_comes_after_it() -> None:
    """And the registers stay in force."""
    off = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="rules: {unexpected_venue: {enabled: false}}")
    entries = [a_trade(1, 1, "O1", "E1", _30="XBOS"), off.entry(at(2)), a_trade(2, 3, "O2", "E2", _30="XBOS")]

    done = run(a_journal(entries, versions(register=REGISTER)))

    found = [finding.subject for finding in done.findings if finding.rule == "unexpected_venue"]
    assert found == [done.fills[0].fill.execution_id]


def test_the_close_ends_what_cannot_outlive_the_day() -> None:
    """At the close of the market, by the calendar in force, once."""
    core = Core()
    journal = a_journal([an_order(1, 1, "O1"), a_tick(5.5 * 3600 + 901), a_tick(9 * 3600)], versions(calendar=NEW_YORK))

    done = run(journal, core=core)

    (outcome,) = done.order_outcomes
    assert (outcome.end, outcome.synthesised, outcome.at) == (OrderEnd.CLOSE, True, CLOSE)
    assert outcome.session_of_day is SessionOfDay.CLOSING
    assert core.end_of_log() == at(9 * 3600)


def test_every_fact_of_an_order_says_in_which_session_of_day_it_lies() -> None:
    """An hour after the open, and, for a fill at the close itself and what follows, after hours."""
    after, late = 5.5 * 3600, {"_151": "0"}
    corrected = a_correction(3, after + 1, "O1", "C1", "E1")
    messages = [an_order(1, 1, "O1"), a_trade(2, after, "O1", "E1", **late), corrected]

    done = run(a_journal(messages, versions(calendar=NEW_YORK)))

    assert [one.changed.session_of_day for one in done.order_events] == [SessionOfDay.REGULAR]
    fills = [(one.fill.session_of_day, one.fill.regular_hours) for one in done.fills]
    assert fills == [(SessionOfDay.POST, False)]
    assert {one.session_of_day for one in done.order_outcomes} == {SessionOfDay.POST}


def test_a_day_that_is_no_longer_on_the_calendar_closes_by_the_clock() -> None:
    """A session that was taken off the calendar cannot say when it closed."""
    core, made = Core(), Processed(upto=99)
    journal = a_journal([an_order(1, 1, "O1")], versions(calendar=NEW_YORK))
    run(journal, core=core)
    core._follow(TradingCalendar(name="XNYS", kind="sessions"))

    where = core._where(journal.records[0], None)
    core._timers.close("2013-10-07", Making(where, Decision(), core._in_force.hours), made)

    assert made.order_outcomes[0].at == core._clock.now


def test_a_bust_that_waits_too_long_is_raised_once_by_time_alone() -> None:
    """The core says when; a tick in the journal does it."""
    core = Core()
    journal = a_journal([a_bust(1, 1, "O1", "B1", "E9")])
    pipeline = a_pipeline(journal, core=core)
    go_on(pipeline)

    due = core.deadline()
    journal.append(Frame(entries=(a_tick(400), a_tick(500))))
    store = pipeline._store
    go_on(pipeline)

    assert due is not None
    assert due <= at(301.005)
    assert isinstance(store, FakeStore)
    assert feed_kinds(store.recorded).count(FeedEventKind.ORPHAN_BUST) == 1


def test_an_empty_core_waits_for_nothing_and_ends_at_no_time() -> None:
    """There is no deadline before the first record."""
    core = Core()

    assert (core.deadline(), core.end_of_log()) == (None, None)


def test_a_core_says_what_its_rules_did_not_evaluate() -> None:
    """For the metrics: silence must never look like compliance."""
    core = Core()

    run(a_journal([a_trade(1, 1, "O1", "E1")]), core=core)

    assert sum(core.unjudged().not_evaluated.values()) > 0
    assert core.unjudged().failures == {}


def test_limits_in_force_come_back_with_a_snapshot() -> None:
    """And a core that was never told any keeps its own."""
    core, again, bare = Core(), Core(), Core()
    run(a_journal([a_bust(1, 1, "O1", "B1", "E9")]), core=core)

    again.restore(core.snapshot())
    bare.restore(Core().snapshot())

    assert again.deadline() == core.deadline()
    assert again._timers._orders_due == at(301.005)
    assert bare.deadline() is None


def test_bytes_that_are_no_snapshot_change_nothing() -> None:
    """A checkpoint is a cache; a bad one must be noticed before anything is taken from it."""
    core = Core()

    with pytest.raises(msgspec.DecodeError):
        core.restore(b'{"clock": 1}')

    assert core.snapshot() == Core().snapshot()
