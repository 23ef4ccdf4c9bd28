"""The watch on its own sight: gaps, epochs, silence, rejects, what cannot be read, gateways and quote sources.

Pure. Timers run on the records' clock (the largest so far), so that replay equals live and the cut of batches is of
no account; the shell writes a tick into the journal when `deadline` has passed. Duplicates, conflicts, clocks and
orphans come from the ledger and the core, not from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service.feed import recovery as feed_recovery
from service.feed import refusal as feed_refusal
from service.feed.backfill import backfilled
from service.feed.health import flow_due, heard, passed
from service.feed.page import Detail, Page, gap_event
from service.feed.quote_sources import quote_source
from service.feed.recovery import Question
from service.feed.regained import StillLost, still_lost
from service.feed.session import epoch, message, own_reject, session_event
from service.feed.silence import DAY, Hours, Quiet, always
from service.feed.state import Count, FeedLimits, FeedsState, SessionState
from service.fix.events import Decoded
from service.fix.habits import RecoveryHabits
from service.journal import Record, RecordKind
from service.recovery import Missed, lasts, resends

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_MESSAGE, _BACKFILL = RecordKind.MESSAGE, RecordKind.BACKFILL

_STARTED = "started"
_CLEAN = (_STARTED, "stopped")
_LOOK_BACK = 7 * DAY


class _Said(msgspec.Struct, frozen=True):
    """The words of a control record; each kind uses those that it has."""

    event: str | None = None
    by: str | None = None
    text: str | None = None
    reason: str | None = None


class Feeds:
    """All sessions and quote sources; `tick` with each record's clock, then `observe` the record.

    `hours` leads from an instant to when the feeds should be heard: itself in hours, else the next opening. `recovery`
    says how a counterparty's missed reports come back.
    """

    def __init__(
        self,
        limits: FeedLimits | None = None,
        hours: Hours = always,
        recovery: Callable[[str], RecoveryHabits] = resends,
    ) -> None:
        self._limits = limits or FeedLimits()
        self._hours = hours
        self._recovery = recovery
        self._recovering: dict[str, list[SessionState]] = {}
        self._now = Nanos(0)
        self._due: Nanos | None = None
        self._sessions: dict[tuple[str, str], SessionState] = {}
        self._sources: dict[str, str] = {}
        self._controls: dict[RecordKind, Callable[[Record, Page], list[FeedEvent]]] = {
            RecordKind.EPOCH: lambda record, page: epoch(self._session(record), record, page),
            RecordKind.OWN_REJECT: lambda record, page: [own_reject(self._session(record), record, page)],
            RecordKind.SESSION: self._session_event,
            RecordKind.GATEWAY: self._gateway,
            RecordKind.QUOTE_SOURCE: lambda record, page: quote_source(self._sources, record, page),
        }

    def limit(self, limits: FeedLimits) -> None:
        """Let other limits be in force from now on."""
        self._limits = limits
        self._due = Nanos(0)

    def observe(self, record: Record, decoded: Decoded | None = None, outcome: str = "") -> list[FeedEvent]:
        """Return what the record says of the watch itself; `decoded` and its `outcome` are there for messages."""
        page = Page(record.offset, record.received_at, self._now)
        kind = record.kind
        if kind is _BACKFILL and decoded is not None:
            return backfilled(self._sessions.get((record.counterparty, record.session)), record, decoded, page)
        if kind is _MESSAGE and decoded is not None:
            state = self._session(record)
            events = message(state, record, decoded, page)
            told = heard(state, decoded, page, self._limits, self._hours)
            if told is not None:
                events += told
                self._due = Nanos(0)
            missed = state.missed
            if missed is not None:
                if missed.since is not None:
                    self._due = Nanos(0)
                habits = self._recovery(record.counterparty)
                events += feed_recovery.heard(state, record, decoded, outcome, habits, page)
            if decoded.header.msg_type in feed_refusal.REJECTS:
                habits = self._recovery(record.counterparty)
                events += feed_refusal.heard(state, record, decoded, habits, page)
            if events:
                self._due = Nanos(0)
                events = feed_recovery.hopeless(events, self._recovery(record.counterparty))
            return events
        control = self._controls.get(kind)
        return [] if control is None else control(record, page)

    def jumps(self, record: Record, decoded: Decoded | None) -> bool:
        """Return whether this message, not yet observed, leaves numbers of its session missing before it; cheap."""
        if decoded is None or record.kind is not _MESSAGE:
            return False
        number = decoded.header.sequence
        if number is None or decoded.header.only_apart:
            return False
        state = self._sessions.get((record.counterparty, record.session))
        expected = expected_of(state, record.epoch)
        return expected is not None and number > expected

    def clock_offsets(self) -> dict[tuple[str, str], Nanos]:
        """Return our clock less the session's by (counterparty, session); safe to ask from another thread."""
        found = {key: state.clock.estimate() for key, state in list(self._sessions.items())}
        return {key: estimate.middle for key, estimate in found.items() if estimate is not None}

    def open_gaps(self) -> set[tuple[str, str]]:
        """Return (counterparty, session) of every session with numbers missing; safe to ask from another thread."""
        return {key for key, state in list(self._sessions.items()) if state.gaps()}

    def doubtful(self) -> set[tuple[str, str]]:
        """Return (counterparty, session) of every session from which what is missing may still come."""
        return {key for key, state in self._sessions.items() if state.awaits() or state.gaps()}

    def still_lost(self, counterparty: str, session: str, epoch: str) -> StillLost:
        """Return what is missing still of that which an epoch lost."""
        state = self._sessions.get((counterparty, session))
        return StillLost() if state is None else still_lost(state, epoch)

    def recovering(self, counterparty: str, clock: Nanos) -> bool:
        """Return whether missed reports of the counterparty may be coming now; cheap where none ever do."""
        states = self._recovering.get(counterparty)
        if states is None:
            return False
        habits = self._recovery(counterparty)
        return any(state.missed is not None and lasts(state.missed, habits, clock) for state in states)

    def questions(self, now: Nanos) -> list[Question]:
        """Return what is to be asked of which session; safe to ask from another thread."""
        found = [feed_recovery.question(one, self._recovery(one.counterparty), now) for one in self._asking()]
        return [one for one in found if one is not None]

    def counts(self) -> list[Count]:
        """Return how far each session's numbers are whole, or as whole as they will ever be; from any thread."""
        return [
            count
            for state in list(self._sessions.values())
            if (count := feed_recovery.counted(state, self._recovery(state.counterparty))) is not None
        ]

    def recoveries(self) -> dict[tuple[str, str], Missed]:
        """Return the recoveries in hand by (counterparty, session); safe to ask from another thread."""
        found = {key: state.missed for key, state in list(self._sessions.items())}
        return {key: missed for key, missed in found.items() if missed is not None and missed.since is not None}

    def _asking(self) -> list[SessionState]:
        return [state for states in list(self._recovering.values()) for state in list(states)]

    def deadline(self) -> Nanos | None:
        """Return the next instant at which time alone makes an event, None when there is none."""
        dues = [due for state in self._sessions.values() for due in self._dues(state)]
        self._due = min(dues, default=None)
        return self._due

    def tick(self, clock: Nanos, offset: int) -> list[FeedEvent]:
        """Let time pass to this clock (never back), before the record at `offset`; return what has come due."""
        self._now = max(self._now, clock)
        if self._due is None or self._now < self._due:
            return []
        page = Page(offset, None, self._now)
        events = [event for state in self._sessions.values() for event in self._passed(state, page)]
        self.deadline()
        return sorted(events, key=_at)

    def snapshot(self) -> FeedsState:
        """Return the whole state; encode it before the next record is observed."""
        return FeedsState(now=self._now, sessions=list(self._sessions.values()), sources=dict(self._sources))

    def restore(self, state: FeedsState) -> None:
        """Take up a state that `snapshot` gave."""
        self._now = state.now
        self._sessions = {(one.counterparty, one.session): one for one in state.sessions}
        self._sources = dict(state.sources)
        self._recovering = {}
        for one in state.sessions:
            if one.missed is not None:
                self._recovering.setdefault(one.counterparty, []).append(one)
        self._due = Nanos(0)

    def _session(self, record: Record) -> SessionState:
        state = self._sessions.get((record.counterparty, record.session))
        if state is None:
            state = SessionState(counterparty=record.counterparty, session=record.session, quiet=Quiet(since=self._now))
            self._sessions[record.counterparty, record.session] = state
            self._due = Nanos(0)
        return state

    def _dues(self, state: SessionState) -> Iterator[Nanos]:
        silent = state.quiet.due(self._limits.silence_after, self._hours)
        if silent is not None:
            yield silent
        stopped = flow_due(state, self._limits, self._hours)
        if stopped is not None:
            yield stopped
        if state.missed is not None:
            yield from feed_recovery.dues(state.missed, self._recovery(state.counterparty))
        for gap in state.gaps():
            if not gap.overdue:
                yield Nanos(gap.opened_at + self._limits.gap_overdue_after)

    def _passed(self, state: SessionState, page: Page) -> Iterator[FeedEvent]:
        yield from feed_recovery.passed(state, self._recovery(state.counterparty), page)
        for gap in state.gaps():
            due = Nanos(gap.opened_at + self._limits.gap_overdue_after)
            if not gap.overdue and due <= self._now:
                gap.overdue = True
                yield gap_event(FeedEventKind.GAP_OVERDUE, state, gap, page, due)
        limit = self._limits.silence_after
        # a clock that leaps by years (a log without receive stamps may) is not told of day by day
        state.quiet.since = max(state.quiet.since, Nanos(self._now - _LOOK_BACK))
        while (silent := state.quiet.due(limit, self._hours)) is not None and silent <= self._now:
            state.quiet.say(silent)
            detail: Detail = {
                "last_heard_ns": state.quiet.heard_at,
                "limit_ns": limit,
                "session": {None: "unknown", True: "up", False: "down"}[state.up],
            }
            of = (state.counterparty, state.session)
            yield page.state(FeedEventKind.SILENT, of, subject=state.session, at=silent, detail=detail)
        yield from passed(state, page, self._limits, self._hours)

    def _session_event(self, record: Record, page: Page) -> list[FeedEvent]:
        said = msgspec.json.decode(record.body, type=_Said)
        self._due = Nanos(0)
        state = self._session(record)
        told = session_event(state, said.event, said.text, page, said.by)
        limit = self._limits.gap_overdue_after
        told += feed_refusal.session_said(state, said.event, (said.by, said.text), limit, page)
        return told + self._recovered(state, said.event, page)

    def _recovered(self, state: SessionState, said: str | None, page: Page) -> list[FeedEvent]:
        """Let a session event begin, interrupt or ask for a recovery."""
        before = state.missed
        told = feed_recovery.session_said(state, said, self._recovery(state.counterparty), page)
        if state.missed is not before:
            self._recovering.setdefault(state.counterparty, []).append(state)
        return told

    def _gateway(self, record: Record, page: Page) -> list[FeedEvent]:
        """Take the gateway's sessions down with it; a start that finds one up means an end that nobody saw."""
        said = msgspec.json.decode(record.body, type=_Said)
        text = f"gateway {said.event}: {said.reason or 'no reason was given'}"
        downs = [
            event
            for state in self._sessions.values()
            if state.counterparty == record.counterparty
            for event in session_event(state, "logout", text, page) + self._recovered(state, "logout", page)
        ]
        if said.event in _CLEAN and not (said.event == _STARTED and downs):
            return downs
        detail: Detail = {"event": said.event, "reason": said.reason or None}
        of = (record.counterparty, record.session)
        restarted = page.state(
            FeedEventKind.GATEWAY_RESTARTED,
            of,
            subject=record.counterparty,
            at=self._now,
            detail=detail,
            related=(record.offset,),
        )
        return [*downs, restarted]


def expected_of(state: SessionState | None, epoch: str) -> int | None:
    """Return the number that a session's next message of that epoch should have, None when any will do."""
    if state is not None and (state.epoch == epoch or state.anew):
        return state.sequence.next
    return None if state is None and not epoch else 1


def _at(event: FeedEvent) -> Nanos:
    return event.at
