"""What one journal record says of its session: numbers, gaps, epochs, rejects and unreadable messages as feed events.

Pure. The state is changed in place; every event is stated at the record in hand.
"""

from __future__ import annotations

import hashlib

import msgspec

from rules.facts import FeedEvent, FeedEventKind
from service.feed.own_reject import read_reject
from service.feed.page import Detail, Page, gap_event
from service.feed.regained import named_losses, regained
from service.feed.sequence import IN_ORDER, Seen, Sequence
from service.feed.state import Landmark, Lost, SessionState
from service.fix.events import Admin, Decoded, Header, Undecodable
from service.journal import Record

_UP: dict[str | None, bool] = {"logon": True, "logout": False}
_RESET = b"\x01141=Y\x01"


def message(state: SessionState, record: Record, decoded: Decoded, page: Page) -> list[FeedEvent]:
    """Take note of one inbound message."""
    events = [] if record.epoch == state.epoch else epoch(state, record, page)
    if state.quiet.hear(page.clock):
        events.append(_said(FeedEventKind.HEARD, state, page, state.session, {}, (record.offset,)))
    number = decoded.header.sequence
    if decoded.header.scope is not None:
        events += _counted_apart(state, decoded, page)
    if number is not None and not decoded.header.only_apart:
        events += _counted(state, record, decoded, number, page)
    if isinstance(decoded, Undecodable):
        if number is None or number not in state.undecodable:
            events.append(_undecodable(state, record, decoded, page))
        if number is not None:
            state.undecodable.add(number)
    return events


def epoch(state: SessionState, record: Record, page: Page) -> list[FeedEvent]:
    """Take note that the record belongs to another epoch than the one before it, if it does.

    The first epoch of all is no change. What the old one still had open is `lost`. A reset by Logon that was seen
    under the old epoch's name has been stated, and has begun the new counting already.
    """
    previous, state.epoch = state.epoch, record.epoch
    if previous == record.epoch:
        return []
    if state.anew:
        state.anew = False
        return []
    told = _begin_again(state, page, {"epoch": record.epoch, "previous": previous or None}, first=not previous)
    # perhaps only our own store began anew: the first message heard will say whether the numbers did
    state.may_go_on = bool(state.lost)
    return [msgspec.structs.replace(event, uncertain="lost" in event.detail) for event in told]


def session_event(
    state: SessionState, event: str | None, text: str | None, page: Page, by: str | None = None
) -> list[FeedEvent]:
    """Take note that the session came up or went down, and who ended it; saying so twice is one event."""
    up = _UP.get(event)
    if up is None or up == state.up or (up is False and state.up is None):
        return []
    state.up = up
    state.flow.wait_anew(page.clock)
    kind = FeedEventKind.SESSION_UP if up else FeedEventKind.SESSION_DOWN
    detail: Detail = {"text": text or None}
    if by is not None:
        detail["by"] = by
    return [_said(kind, state, page, state.session, detail, (page.offset,))]


def own_reject(state: SessionState, record: Record, page: Page) -> FeedEvent:
    """State what our own engine refused, and which message that was where it can be told."""
    reject = read_reject(record.body)
    number = reject.refused_sequence
    refused = None if number is None else state.recent.get(number)
    detail: Detail = {
        "msg_type": reject.msg_type,
        "refused_sequence": number,
        "refused_msg_type": reject.refused_type,
        "tag": reject.tag,
        "reason_code": reject.code,
        "reason": reject.reason,
        "refused_offset": refused,
    }
    subject = f"reject {record.offset}" if number is None else f"message {number}"
    related = (record.offset,) if refused is None else (refused, record.offset)
    return _said(FeedEventKind.REJECTED_BY_SESSION, state, page, subject, detail, related)


def _said(
    kind: FeedEventKind,
    state: SessionState,
    page: Page,
    subject: str,
    detail: Detail,
    related: tuple[int, ...],
) -> FeedEvent:
    of = (state.counterparty, state.session)
    return page.state(kind, of, subject=subject, at=page.clock, detail=detail, related=related)


def _gaps(state: SessionState, seen: Seen, page: Page) -> list[FeedEvent]:
    closed = [gap_event(FeedEventKind.GAP_CLOSED, state, gap, page, page.clock) for gap in seen.closed]
    if seen.opened is None:
        return closed
    return [gap_event(FeedEventKind.GAP_OPENED, state, seen.opened, page, page.clock), *closed]


def _counted(state: SessionState, record: Record, decoded: Decoded, number: int, page: Page) -> list[FeedEvent]:
    """Take note of a number of the session."""
    header = decoded.header
    events = [_reset(state, record, page)] if _resets(state, record, header, number) else []
    if number == 1 and state.awaits():
        state.may_go_on = False
    seen = _count(state, decoded, number, page)
    if seen is not IN_ORDER:
        if seen.opened is not None:
            seen.opened.after, seen.opened.before = state.sent_at, header.sent_at
        events += _gaps(state, seen, page)
        if state.may_go_on:
            events += regained(state, record, decoded, number, page)
    if not header.poss_dup:
        state.sent_at = state.sent_at if header.sent_at is None else header.sent_at
        if not isinstance(decoded, Admin | Undecodable):
            state.landmark = Landmark(number=number, body=record.body)
    return events


def _counted_apart(state: SessionState, decoded: Decoded, page: Page) -> list[FeedEvent]:
    """Take note of a number that is counted by segment."""
    header = decoded.header
    segment = header.scope or ""
    number = header.sequence if header.number is None else header.number
    if number is None:
        return []
    seen = state.segments.setdefault(segment, Sequence()).take(number, page.clock, page.offset)
    if seen.opened is not None:
        seen.opened.segment = segment
        seen.opened.before = header.sent_at
    return _gaps(state, seen, page)


def _count(state: SessionState, decoded: Decoded, number: int, page: Page) -> Seen:
    if isinstance(decoded, Admin) and decoded.new_sequence is not None:
        if decoded.gap_fill:
            return state.sequence.fill(number, decoded.new_sequence, page.clock, page.offset)
        state.may_go_on = False
        return Seen(closed=state.sequence.restart(decoded.new_sequence))
    state.remember(number, page.offset)
    return state.sequence.take(number, page.clock, page.offset)


def _resets(state: SessionState, record: Record, header: Header, number: int) -> bool:
    """Return whether a Logon begins the numbers anew: by 141=Y, or (in a log without epochs) by a number too low."""
    expected = state.sequence.next
    if header.msg_type != "A" or header.poss_dup or expected is None or number >= expected:
        return False
    return _RESET in record.body or not record.epoch


def _reset(state: SessionState, record: Record, page: Page) -> FeedEvent:
    # with epochs, the new one is announced after this Logon: it must not begin the counting a second time
    state.anew = bool(record.epoch)
    detail: Detail = {"epoch": record.epoch or None, "reason": "the numbers were reset by a Logon (35=A)"}
    return _begin_again(state, page, detail)[0]


def _begin_again(state: SessionState, page: Page, detail: Detail, *, first: bool = False) -> list[FeedEvent]:
    previous = str(detail.get("previous", detail["epoch"]) or "")
    lost = named_losses([Lost(epoch=previous, gap=gap) for gap in state.gaps()])
    state.lose(previous)
    state.start(1)
    if first:
        return []
    if lost.count:
        detail |= {"lost": lost.numbers, "lost_count": lost.count}
    return [_said(FeedEventKind.EPOCH_CHANGED, state, page, state.session, detail, (page.offset,))]


def _undecodable(state: SessionState, record: Record, decoded: Undecodable, page: Page) -> FeedEvent:
    header = decoded.header
    name = header.sequence
    subject = f"message {name}" if name is not None else f"message {_fingerprint(record.body)}"
    detail: Detail = {
        "reason": decoded.reason,
        "tag": decoded.tag,
        "msg_type": header.msg_type,
        "sequence": header.sequence,
    }
    of = (state.counterparty, state.session)
    at = page.clock if header.sent_at is None else header.sent_at
    related = (record.offset,)
    return page.state(FeedEventKind.UNDECODABLE, of, subject=subject, at=at, detail=detail, related=related)


def _fingerprint(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]
