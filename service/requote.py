"""Quotes that came late: the record that says so, and what was judged by the quotes that it replaces. Pure.

No fact is changed: each is judged again beside what was last stated of it, and the difference is a fact of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence

import msgspec

from rules.facts import Fill, Level, Nanos, Order, OrderOutcome, OrderType, Price, Quantity, Quote, QuoteState
from rules.finding import Finding
from rules.reassessment import Reassessment
from rules.words import dollars
from service.journal import Entry, Record, RecordKind
from service.market.measures import measure
from service.orders.receipt import is_marketable
from service.processed import Amendment, Decision, Requoted, RequotedKind

NOT_ASKED = Quote(state=QuoteState.ABSENT, note="not asked for")
Basis = tuple[bool, Nanos | None]
"""By which instant an order's receipt quote was taken: whether by the firm's receipt, and when that was."""


class Requote(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a requote record: the decision taken at `offset` as it would be taken now; `reason` in words.

    A side that is None stays as it was decided.
    """

    offset: int
    now: Decision
    reason: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that was recorded: whose it is, as it was last stated, and the order whose receipt quote it took.

    `order` is as it was recorded then (None when no order took it); `own_id` is there when it came with an own order,
    `reported_by` is then the counterparty whose copy holds it.
    """

    counterparty: str
    reported_by: str
    session: str
    trade_date: str
    symbol: str
    decision: Decision
    order: Order | None = None
    own_id: str | None = None

    def took(self, order: Order) -> bool:
        """Return whether an order's receipt quote is the one that was decided."""
        mine = self.order
        return (
            mine is not None
            and (order.symbol, order.receipt) == (mine.symbol, self.decision.at_receipt)
            and basis(order) == basis(mine)
        )


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """An execution as it was last stated: as it was reported, and as it was corrected since.

    `by_receipt` and `by_execution` say which of its quotes the decision gave.
    """

    fill: Fill
    corrected: Fill | None
    by_receipt: bool
    by_execution: bool


class Stood(msgspec.Struct, frozen=True):
    """A finding as it was first stated, with the looks that were taken at it since."""

    first: Finding
    looks: tuple[Reassessment, ...]


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What was judged by one decision; nothing where the store does not know it."""

    taken: Taken | None = None
    fills: tuple[Judged, ...] = ()
    ends: tuple[OrderOutcome, ...] = ()
    stood: tuple[Stood, ...] = ()


def requote_entry(made: Requote, now: Nanos) -> Entry:
    """Return the record to be journalled."""
    return Entry(kind=RecordKind.REQUOTE, received_at=now, body=msgspec.json.encode(made, order="sorted"))


def read_requote(body: bytes) -> Requote:
    """Return what a record says; raise msgspec.DecodeError when it is none."""
    return msgspec.json.decode(body, type=Requote)


def requote_of(record: Record) -> Requote | None:
    """Return what a requote record says; None for any other kind, and for one that nobody can read."""
    if record.kind is not RecordKind.REQUOTE:
        return None
    with contextlib.suppress(msgspec.DecodeError):
        return read_requote(record.body)
    return None


def basis(order: Order) -> Basis:
    """Return by which instant the order's receipt quote was taken."""
    firm = order.firm_received_at
    return (False, order.received_at) if firm is None else (True, firm)


def taken_by(order: Order, decision: Decision) -> Order | None:
    """Return the order when the quote at its receipt is the one that was decided, else None."""
    return order if decision.at_receipt is not None and order.receipt == decision.at_receipt else None


def last_stated(taken: Taken, stated: Iterable[Requoted]) -> Taken:
    """Return a decision as earlier late quotes left it; `stated` are the rows about it, in journal order."""
    for row in stated:
        if row.kind is RequotedKind.DECISION and row.decision is not None:
            taken = msgspec.structs.replace(taken, decision=row.decision)
    return taken


def fill_as_stated(fill: Fill, stated: Iterable[Requoted]) -> Fill:
    """Return an execution as earlier late quotes left it."""
    for row in stated:
        if row.execution_id == fill.execution_id and row.receipt is not None and row.execution is not None:
            fill = by_quotes(fill, row.receipt, row.execution, row.worst_touch)
    return fill


def end_as_stated(end: OrderOutcome, stated: Iterable[Requoted]) -> OrderOutcome:
    """Return an order's end as earlier late quotes left it."""
    for row in stated:
        same = (row.kind, row.order_key) == (RequotedKind.ORDER_END, end.order.order_key)
        if same and row.receipt is not None:
            end = msgspec.structs.replace(end, order=received_by(end.order, row.receipt))
    return end


def judged(taken: Taken, decided: int, fill: Fill, amended: Sequence[Amendment]) -> Judged | None:
    """Return an execution that the decision bears on, None when it does not or was busted since.

    `fill` is as it was last stated, `amended` what hangs on it in journal order.
    """
    last = amended[-1] if amended else None
    by_execution = fill.offset == decided or any(one.offset == decided for one in amended)
    by_receipt = fill.counterparty == taken.counterparty and taken.took(fill.order)
    if not (by_execution or by_receipt) or (last is not None and last.kind == "bust"):
        return None
    corrected = None if last is None else as_corrected(fill, last)
    return Judged(fill=fill, corrected=corrected, by_receipt=by_receipt, by_execution=by_execution)


def as_corrected(fill: Fill, last: Amendment) -> Fill:
    """Return the fill as a correction left it, under the id that the corrected one was judged by."""
    assert last.quantity is not None
    assert last.price is not None
    assert last.venue is not None
    corrected = msgspec.structs.replace(
        fill,
        execution_id=f"{fill.execution_id}/{last.exec_id or last.dedup_key}",
        amends=fill.execution_id,
        quantity=Quantity(last.quantity),
        price=Price(last.price),
        venue=last.venue,
    )
    return measured(corrected)


def received_by(order: Order, receipt: Quote) -> Order:
    """Return the order with another quote at its receipt, and what follows from that."""
    # of all types, only a plain limit order is marketable or not by the quote
    limit = order.order_type is OrderType.LIMIT
    marketable = is_marketable(order, receipt) if limit else order.marketable
    return msgspec.structs.replace(order, receipt=receipt, marketable=marketable)


def by_quotes(fill: Fill, receipt: Quote, execution: Quote, worst_touch: Price | None) -> Fill:
    """Return the fill measured by these quotes, and by the far side's worst price within the second before it."""
    order = received_by(fill.order, receipt)
    return measured(msgspec.structs.replace(fill, order=order, at_execution=execution, worst_touch=worst_touch))


def measured(fill: Fill) -> Fill:
    """Return the fill with the numbers that follow from all else it holds."""
    numbers = measure(
        side=fill.side,
        price=fill.price,
        quantity=fill.quantity,
        receipt=fill.order.receipt,
        execution=fill.at_execution,
        executed_at=fill.executed_at if fill.clock_suspect is None else None,
        working_at=fill.order.working_at,
        auction=fill.auction,
        worst_touch=fill.worst_touch,
    )
    return msgspec.structs.replace(fill, measures=numbers)


def quote_words(quote: Quote) -> str:
    """Return a quote in words: "10.00 × 10.02", or why there is none."""
    if quote.bid is None and quote.offer is None:
        return quote.state.value + (f" ({quote.note})" if quote.note else "")
    sides = " × ".join("none" if side is None else dollars(side) for side in (quote.bid, quote.offer))
    return sides if quote.state is QuoteState.NORMAL else f"{sides} ({quote.state.value})"


def same_order(taken: Taken, end: OrderOutcome) -> bool:
    """Return whether an end is that of the order whose receipt quote was decided."""
    leg = end.order.level is Level.LEG
    return not leg and end.counterparty == taken.counterparty and taken.took(end.order)
