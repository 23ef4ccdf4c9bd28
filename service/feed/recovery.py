"""A recovery of missed reports as feed events: begun, ended, overdue. Pure; the session's state is changed in place."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service import recovery
from service.feed.page import Detail, Page
from service.feed.state import Count, SessionState
from service.fix.events import Decoded
from service.fix.habits import RecoveryHabits
from service.journal import Record
from service.recovery import Missed

REQUESTED = "recovery_requested"
"""The session event of the gateway that says that the question really left."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be asked of a session, and at which logon: each is asked once."""

    counterparty: str
    session: str
    logon_at: Nanos
    msg_type: str
    fields: tuple[tuple[int, str], ...]


def session_said(state: SessionState, said: str | None, habits: RecoveryHabits, page: Page) -> list[FeedEvent]:
    """Take note of a logon, a logout or a question that was sent."""
    if said == "logon" and recovery.way(habits).begins:
        state.missed = state.missed or Missed()
        if recovery.begin(state.missed, habits, page.clock):
            return [stated(FeedEventKind.RECOVERY_STARTED, state, state.missed, page, page.clock, habits)]
    elif state.missed is not None and said == "logout":
        recovery.break_off(state.missed)
    elif state.missed is not None and said == REQUESTED:
        recovery.requested(state.missed, page.clock)
    return []


def heard(
    state: SessionState, record: Record, decoded: Decoded, outcome: str, habits: RecoveryHabits, page: Page
) -> list[FeedEvent]:
    """Take note of a message of a session that has a recovery, or had one."""
    missed = state.missed
    assert missed is not None
    recovery.hear(missed, decoded, outcome, page.clock)
    if missed.since is None or not habits.ended_by:
        return []
    if not recovery.ends(habits.ended_by, decoded.header.msg_type, record.body):
        return []
    return [_ended(state, missed, page, page.clock, habits, "the counterparty said so")]


def dues(missed: Missed, habits: RecoveryHabits) -> Iterator[Nanos]:
    """Yield the instants at which time alone says something of the recovery."""
    for due in (recovery.quiet_due(missed, habits), recovery.overdue_due(missed, habits)):
        if due is not None:
            yield due


def passed(state: SessionState, habits: RecoveryHabits, page: Page) -> Iterator[FeedEvent]:
    """Yield what has come due by the page's clock; a recovery that ended quietly in time is not late."""
    missed = state.missed
    if missed is None:
        return
    quiet, late = recovery.quiet_due(missed, habits), recovery.overdue_due(missed, habits)
    if late is not None and late <= page.clock and (quiet is None or late < quiet):
        missed.overdue = True
        yield stated(FeedEventKind.RECOVERY_OVERDUE, state, missed, page, late, habits)
    if quiet is not None and quiet <= page.clock:
        yield _ended(state, missed, page, quiet, habits, "nothing more came")


def question(state: SessionState, habits: RecoveryHabits, now: Nanos) -> Question | None:
    """Return what is to be asked of the session now, None when there is nothing to ask or it was asked."""
    missed = state.missed
    if missed is None or missed.since is None or missed.logon_at is None or missed.asked or habits.ask is None:
        return None
    return Question(
        counterparty=state.counterparty,
        session=state.session,
        logon_at=missed.logon_at,
        msg_type=habits.ask,
        fields=recovery.question(missed, habits, now),
    )


def counted(state: SessionState, habits: RecoveryHabits) -> Count | None:
    """Return how far the session's numbers are whole, or as whole as they will ever be; None while they are not."""
    number, gaps = state.sequence.next, state.sequence.gaps
    lost = recovery.way(habits).lost or (bool(gaps) and all(gap.given_up for gap in gaps))
    if number is None or state.anew or (gaps and not lost):
        return None
    return Count(counterparty=state.counterparty, session=state.session, epoch=state.epoch, next=number, lost=lost)


def hopeless(events: list[FeedEvent], habits: RecoveryHabits) -> list[FeedEvent]:
    """Return the events, with a gap that nothing but a file can fill named so."""
    if not recovery.way(habits).lost:
        return events
    return [
        msgspec.structs.replace(event, detail={**event.detail, "recovery": habits.method.value})
        if event.kind is FeedEventKind.GAP_OPENED
        else event
        for event in events
    ]


def _ended(state: SessionState, missed: Missed, page: Page, at: Nanos, habits: RecoveryHabits, how: str) -> FeedEvent:
    event = stated(FeedEventKind.RECOVERY_ENDED, state, missed, page, at, habits)
    missed.since, missed.overdue = None, False
    return msgspec.structs.replace(event, detail={**event.detail, "how": how})


def stated(
    kind: FeedEventKind, state: SessionState, missed: Missed, page: Page, at: Nanos, habits: RecoveryHabits
) -> FeedEvent:
    """State a recovery as far as it has come."""
    detail: Detail = {
        "method": habits.method.value,
        "began_at_ns": missed.since,
        "asked": ("yes" if missed.asked else "no") if recovery.way(habits).asks else None,
        "last_exec_id": missed.known.exec_id,
        "redelivered_count": missed.redelivered,
        "new_count": missed.new,
        "duplicate_count": missed.duplicates,
        "limit_ns": habits.limit,
    }
    of = (state.counterparty, state.session)
    return page.state(kind, of, subject=state.session, at=at, detail=detail)
