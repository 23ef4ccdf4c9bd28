"""What a counterparty refuses: to send again, to be asked, to let us in. Pure; the session's state is changed in place.

A resend is refused by word (Logout 35=5, Reject 35=3, BusinessMessageReject 35=j), or by silence until the line ends.
Refused often enough in a row it is waited for no longer: the gap stays open, but nothing is held behind it.
"""

from __future__ import annotations

import msgspec

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service.feed.page import Page, gap_event
from service.feed.recovery import stated
from service.feed.sequence import MOST_REFUSALS
from service.feed.state import SessionState
from service.fix.events import Decoded
from service.fix.habits import RecoveryHabits
from service.fix.message import Flaw, split
from service.fix.parting import LOGON_REFUSED, THEIRS
from service.journal import Record

REJECTS = ("3", "j")
_RESEND_REQUEST = "2"


def heard(state: SessionState, record: Record, decoded: Decoded, habits: RecoveryHabits, page: Page) -> list[FeedEvent]:
    """Take note of a Reject or BusinessMessageReject of something that we sent; a copy of an old one says nothing."""
    message = split(record.body)
    if isinstance(message, Flaw) or decoded.header.poss_dup:
        return []
    named, text = message.fields.get("372"), message.fields.get("58")
    if named == _RESEND_REQUEST or (named is None and decoded.header.msg_type == "3"):
        return _refused(state, text, page)
    missed = state.missed
    if named is None or named != habits.ask or missed is None or missed.since is None:
        return []
    event = stated(FeedEventKind.RECOVERY_REFUSED, state, missed, page, page.clock, habits)
    detail = {**event.detail, "reason": text}
    return [msgspec.structs.replace(event, detail=detail, related=(record.offset,))]


def session_said(
    state: SessionState, event: str | None, said: tuple[str | None, str | None], limit: Nanos, page: Page
) -> list[FeedEvent]:
    """Take note of a logon, of an end of the session, or of a logon that was refused; `said` is by whom, and why."""
    by, text = said
    if event == "logon":
        state.logon_at, state.refused, state.kept_out = page.clock, False, False
    elif event == LOGON_REFUSED and not state.kept_out:
        state.kept_out = True
        return [_kept_out(state, by, text, page)]
    elif event == "logout":
        logon_at, state.logon_at = state.logon_at, None
        in_vain = by is None and logon_at is not None and page.clock - logon_at >= limit
        if by == THEIRS or in_vain:
            return _refused(state, text, page)
    return []


def _refused(state: SessionState, text: str | None, page: Page) -> list[FeedEvent]:
    """Count a refusal, one a connection, against every gap there is; say which of them are given up with it."""
    if state.refused or not state.sequence.gaps:
        return []
    state.refused = True
    told = []
    for gap in state.sequence.gaps:
        gap.refusals += 1
        if gap.refusals == MOST_REFUSALS:
            event = gap_event(FeedEventKind.GAP_REFUSED, state, gap, page, page.clock)
            detail = {**event.detail, "refused_count": gap.refusals, "reason": text or None}
            told.append(msgspec.structs.replace(event, detail=detail))
    return told


def _kept_out(state: SessionState, by: str | None, text: str | None, page: Page) -> FeedEvent:
    return page.state(
        FeedEventKind.LOGON_REFUSED,
        (state.counterparty, state.session),
        subject=state.session,
        at=page.clock,
        detail={"by": by, "reason": text or None},
        related=(page.offset,),
    )
