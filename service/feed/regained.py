"""What an epoch lost and the next one brings: our side began anew, and the counterparty's numbers went on.

Pure. A number alone proves nothing: a counterparty that begins anew uses every number again. The proof is a landmark,
the newest application message that the old epoch had. When it comes again as a copy, under the same number and with the
same content, the counterparty still counts as it did. From then on every number that the new epoch has, delivered or
gap-filled, is the old number too; so is the segment's number that a copy bears. Without that proof, or where the new
epoch begins at 1, what was lost stays lost; so it does where MsgSeqNum itself is counted by segment.
"""

from __future__ import annotations

import msgspec

from rules.facts import FeedEvent, FeedEventKind
from service.feed.page import Page, gap_event
from service.feed.sequence import count, holds, spans
from service.feed.state import Landmark, Lost, SessionState
from service.fix.events import Admin, Decoded
from service.fix.message import Message, split
from service.journal import Record

HOW = "a resend in the next epoch"
OF_THE_SESSION = frozenset({"8", "9", "10", "34", "43", "52", "97", "122", "347", "369"})
"""Tags that the session layer may set otherwise in a copy."""
_SENT, _ORIGINALLY_SENT, _EXEC_ID = "52", "122", "17"
SOME = "that are too many to name"


class StillLost(msgspec.Struct, frozen=True):
    """What is missing still of that which an epoch lost, in words and as a number."""

    numbers: str = ""
    count: int = 0


def regained(state: SessionState, record: Record, decoded: Decoded, number: int, page: Page) -> list[FeedEvent]:
    """Take note of a message that is no news in an epoch in which the counterparty's numbers may have gone on."""
    header = decoded.header
    copy = header.poss_dup
    if not isinstance(decoded, Admin):
        _note(state.lost, None, number)
        if copy and header.scope is not None and header.number is not None:
            _note(state.lost, header.scope, header.number)
    proved = [lost for lost in state.lost if copy and not lost.went_on and _repeats(lost.landmark, number, record.body)]
    for lost in proved:
        lost.went_on = True
    told = [_went_on(state, epoch, page) for epoch in dict.fromkeys(lost.epoch for lost in proved)]
    return told + _covered(state, page)


def still_lost(state: SessionState, epoch: str) -> StillLost:
    """Return what of an epoch's losses is missing still; of losses that were let go, that there are some."""
    if epoch in state.let_go:
        return StillLost(SOME, 1)
    return named_losses([lost for lost in state.lost if lost.epoch == epoch])


def named_losses(losses: list[Lost]) -> StillLost:
    """Return lost numbers in words, those of the session before those of its segments."""
    apart = [lost.gap for lost in losses if lost.gap.segment is not None]
    mine = tuple(span for lost in losses if lost.gap.segment is None for span in lost.gap.missing)
    named = [spans(mine)] if mine else []
    named += [f"{gap.segment} {spans(gap.missing)}" for gap in apart]
    return StillLost(", ".join(named), count(mine) + sum(count(gap.missing) for gap in apart))


def same_message(first: bytes, copy: bytes) -> bool:
    """Return whether a copy says what the message said, and by its stamps or its ExecID can be no other one."""
    one, other = split(first), split(copy)
    if not isinstance(one, Message) or not isinstance(other, Message) or _content(one) != _content(other):
        return False
    sent, originally = one.fields.get(_SENT, ""), other.fields.get(_ORIGINALLY_SENT)
    if originally is None:
        return _EXEC_ID in one.fields
    # some counterparties write the second time with another precision
    return bool(sent) and (originally.startswith(sent) or sent.startswith(originally))


def _note(losses: list[Lost], segment: str | None, number: int) -> None:
    for lost in losses:
        if lost.gap.segment == segment and holds(lost.gap.missing, number):
            lost.came.add(number)


def _content(message: Message) -> list[tuple[str, str]]:
    return [(tag, value) for tag, value in message.pairs if tag not in OF_THE_SESSION]


def _repeats(landmark: Landmark | None, number: int, body: bytes) -> bool:
    return landmark is not None and landmark.number == number and same_message(landmark.body, body)


def _covered(state: SessionState, page: Page) -> list[FeedEvent]:
    """Take from what was lost all that the new epoch has; state the gaps that are whole by that."""
    for lost in state.lost:
        if not lost.went_on:
            continue
        for number in lost.came:
            lost.gap.cover(number, number, arrived=True)
        lost.came = set()
        declared = state.sequence.known(lost.gap.missing) if lost.gap.segment is None else ()
        for first, last in declared:
            lost.gap.cover(first, last, arrived=False)
    whole = [lost for lost in state.lost if not lost.gap.missing]
    if whole:
        state.lost = [lost for lost in state.lost if lost.gap.missing]
    return [_closed(state, lost, page) for lost in whole]


def _closed(state: SessionState, lost: Lost, page: Page) -> FeedEvent:
    event = gap_event(FeedEventKind.GAP_CLOSED, state, lost.gap, page, page.clock)
    return msgspec.structs.replace(event, detail={**event.detail, "epoch": lost.epoch or None, "how": HOW})


def _went_on(state: SessionState, epoch: str, page: Page) -> FeedEvent:
    return page.state(
        FeedEventKind.NUMBERS_WENT_ON,
        (state.counterparty, state.session),
        subject=state.session,
        at=page.clock,
        detail={"epoch": state.epoch or None, "previous": epoch or None},
        related=(page.offset,),
    )
