"""Marks as rows, and back as the decisions of the records that took them: what a second run goes by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from rules.facts import Markout, Nanos, Quote, QuoteState
from rules.fade import Fade
from rules.order_end import EndMark
from service.processed import Decision
from service.store.bulk import Row
from service.store.tables import end_marks, fades, markouts

_QUOTE = ("bid", "bid_size", "offer", "offer_size", "quote_at", "quote_state", "quote_note")
TAKEN = (markouts, end_marks, fades)
"""Where marks are kept, in the order in which one record asks for them."""


def markout_row(mark: Markout, part: int) -> Row:
    """Return the cells of `markouts`."""
    return (
        mark.offset,
        part,
        mark.counterparty,
        mark.session,
        mark.trade_date,
        mark.execution_id,
        mark.execution_offset,
        mark.horizon,
        mark.at,
        mark.past_close,
        mark.price,
        *_cells(mark.quote),
        mark.realized_spread,
        mark.price_impact,
        mark.delay_cost,
        mark.post_trade_impact,
        mark.not_evaluated_reason,
        mark.source_mark,
        mark.released,
    )


def end_mark_row(mark: EndMark, part: int) -> Row:
    """Return the cells of `end_marks`."""
    return (
        mark.offset,
        part,
        mark.counterparty,
        mark.session,
        mark.trade_date,
        mark.order_key,
        mark.level,
        mark.symbol,
        mark.ended_at,
        mark.at,
        mark.past_close,
        *_cells(mark.quote),
        mark.source_mark,
        mark.released,
    )


def fade_row(fade: Fade, part: int) -> Row:
    """Return the cells of `fades`."""
    return (
        fade.offset,
        part,
        fade.counterparty,
        fade.session,
        fade.trade_date,
        fade.parent_id,
        fade.symbol,
        fade.side,
        fade.first_key,
        fade.first_at,
        *_cells(fade.first),
        fade.later_key,
        fade.later_at,
        *_cells(fade.later),
        fade.baseline_at,
        *_cells(fade.baseline),
        fade.source_mark,
        fade.released,
    )


def marks_taken(connection: Connection, after: int, upto: int) -> dict[int, Decision]:
    """Return for each offset in (after, upto] the quotes of the marks that it took, in their order."""
    quotes: dict[int, list[Quote]] = {}
    decided: dict[int, tuple[Nanos, str]] = {}
    for table in TAKEN:
        cells = [table.c[name] for name in ("offset", "source_mark", "released", *(f"mark_{one}" for one in _QUOTE))]
        wanted = select(*cells).where(table.c.offset > after, table.c.offset <= upto, table.c.released.is_not(None))
        for row in connection.execute(wanted.order_by(table.c.offset, table.c.part)):
            quotes.setdefault(row[0], []).append(_quote(row[3:]))
            decided[row[0]] = (row[1], row[2])
    return {
        offset: Decision(mark=mark, reason=reason, marks=tuple(quotes[offset]))
        for offset, (mark, reason) in decided.items()
    }


def _cells(quote: Quote) -> Row:
    return (quote.bid, quote.bid_size, quote.offer, quote.offer_size, quote.at, quote.state, quote.note)


def _quote(cells: Sequence[Any]) -> Quote:
    bid, bid_size, offer, offer_size, at, state, note = cells
    return Quote(
        state=QuoteState(state), bid=bid, bid_size=bid_size, offer=offer, offer_size=offer_size, at=at, note=note
    )
