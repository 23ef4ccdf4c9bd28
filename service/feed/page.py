"""What every event of the feed is stated with, and how a gap is stated. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service.feed.sequence import Gap, count, spans
from service.feed.state import SessionState
from service.market.calendar import trade_date

Detail = dict[str, str | int | None]


class Page(msgspec.Struct, frozen=True, gc=False):
    """Where the feed is: at this offset and receipt, at this clock; what every event is stated with."""

    offset: int
    received_at: Nanos | None
    clock: Nanos

    def state(
        self,
        kind: FeedEventKind,
        of: tuple[str, str],
        *,
        subject: str,
        at: Nanos,
        detail: Detail,
        related: tuple[int, ...] = (),
    ) -> FeedEvent:
        """State one event of a (counterparty, session)."""
        return FeedEvent(
            kind=kind,
            subject=subject,
            at=at,
            detail=detail,
            related=related,
            offset=self.offset,
            counterparty=of[0],
            session=of[1],
            trade_date=trade_date(at),
            received_at=self.received_at,
            clock=self.clock,
        )


def gap_event(kind: FeedEventKind, state: SessionState, gap: Gap, page: Page, at: Nanos) -> FeedEvent:
    """State a gap: opened, closed or overdue."""
    detail: Detail = {
        "epoch": state.epoch or None,
        "first": gap.first,
        "last": gap.last,
        "missing": spans(gap.missing) or None,
        "missing_count": count(gap.missing),
        "arrived_count": gap.arrived,
        "filled_count": gap.filled,
        "opened_at_ns": gap.opened_at,
    }
    if gap.backfilled:
        detail["backfilled_count"] = gap.backfilled
    if gap.segment is not None:
        detail["segment"] = gap.segment
    of = (state.counterparty, state.session)
    return page.state(kind, of, subject=gap.subject, at=at, detail=detail, related=(gap.opened_by,))
