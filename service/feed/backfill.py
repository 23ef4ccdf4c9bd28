"""What a message from a file says of its session: it may fill what is missing, and never opens a gap.

Pure. A number is the same message only within one counting, and a file may be of another day or epoch. So it fills a
gap only when it was sent between the messages on both sides of that gap, by the counterparty's own clock, a tolerance
granted. Where the message before is not known, it must at least be of the same day in New York.
"""

from __future__ import annotations

import hashlib

import msgspec

from rules.facts import SECOND, FeedEvent, FeedEventKind, Nanos
from service.feed.page import Page, gap_event
from service.feed.sequence import Gap
from service.feed.state import SessionState
from service.fix.events import Admin, Decoded, Undecodable
from service.journal import Record
from service.market.calendar import trade_date

TOLERANCE = Nanos(2 * SECOND)
"""By how much the stamps of one session may disagree with the order of its numbers."""


def backfilled(state: SessionState | None, record: Record, decoded: Decoded, page: Page) -> list[FeedEvent]:
    """Take note of one message from a file; a session that was never heard misses nothing."""
    events = [_undecodable(record, decoded, page)] if isinstance(decoded, Undecodable) else []
    number, sent_at = decoded.header.sequence, decoded.header.sent_at
    if state is None or number is None or sent_at is None:
        return events
    last, arrived = number, True
    if isinstance(decoded, Admin) and decoded.gap_fill and decoded.new_sequence is not None:
        last, arrived = max(number, decoded.new_sequence - 1), False
    if decoded.header.only_apart:
        return events + _apart(state, decoded, page)
    for gap in state.sequence.gaps:
        # a resend is sent when it is asked for: within the counting of today that is no contradiction
        if _fits(gap, sent_at, resent=decoded.header.poss_dup):
            gap.cover(number, last, arrived=arrived, backfilled=True)
    for lost in state.lost:
        if lost.gap.segment is None and _fits(lost.gap, sent_at, resent=False):
            lost.gap.cover(number, last, arrived=arrived, backfilled=True)
    closed = [_closed(state, gap, state.epoch, page) for gap in state.sequence.drop_closed()]
    regained = [_closed(state, lost.gap, lost.epoch, page) for lost in state.lost if not lost.gap.missing]
    if regained:
        state.lost = [lost for lost in state.lost if lost.gap.missing]
    return [*events, *closed, *_apart(state, decoded, page), *regained]


def _apart(state: SessionState, decoded: Decoded, page: Page) -> list[FeedEvent]:
    """Take note of a number that is counted by segment: within the counting of today alone."""
    header = decoded.header
    sequence = state.segments.get(header.scope) if header.scope is not None else None
    number = header.sequence if header.number is None else header.number
    if sequence is None or number is None or header.sent_at is None:
        return []
    for gap in sequence.gaps:
        if _fits(gap, header.sent_at, resent=header.poss_dup):
            gap.cover(number, number, arrived=True, backfilled=True)
    return [_closed(state, gap, state.epoch, page) for gap in sequence.drop_closed()]


def _fits(gap: Gap, sent_at: Nanos, *, resent: bool) -> bool:
    """Return whether a message sent then can be one of those that the gap misses."""
    before = gap.opened_at if gap.before is None else gap.before
    if not resent and sent_at > before + TOLERANCE:
        return False
    if gap.after is None:
        return trade_date(sent_at) == trade_date(before)
    return sent_at >= gap.after - TOLERANCE


def _closed(state: SessionState, gap: Gap, epoch: str, page: Page) -> FeedEvent:
    event = gap_event(FeedEventKind.GAP_CLOSED, state, gap, page, page.clock)
    return msgspec.structs.replace(event, detail={**event.detail, "epoch": epoch or None, "how": "backfill"})


def _undecodable(record: Record, decoded: Undecodable, page: Page) -> FeedEvent:
    """State what cannot be read under a name of its content: reading the file again says the same again."""
    header = decoded.header
    at = page.clock if header.sent_at is None else header.sent_at
    return page.state(
        FeedEventKind.UNDECODABLE,
        (record.counterparty, record.session),
        subject=f"message {hashlib.sha256(record.body).hexdigest()[:12]}",
        at=at,
        detail={
            "reason": decoded.reason,
            "tag": decoded.tag,
            "msg_type": header.msg_type,
            "sequence": header.sequence,
            "how": "backfill",
        },
        related=(record.offset,),
    )
