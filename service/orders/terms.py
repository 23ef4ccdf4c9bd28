"""How an order's terms become known: from its first message on, later ones fill what was silent, a replace changes.

Pure. Refuses to let a pending request, or a message's claim about totals, change anything.
"""

from __future__ import annotations

from functools import cache
from typing import overload

import msgspec

from rules.facts import Level, Nanos, Order, OrderEventKind, OrderType, Quote, TimeInForce
from rules.instruments import meant
from service.fix.events import AboutOrder, Ids, OrderEvent, OrderTerms, Reported
from service.market.tape import absent
from service.orders.firm import Request
from service.orders.life import Life
from service.orders.receipt import Opening, is_marketable, receipt_time, working_at
from service.orders.steps import Where

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_LEG, _UNKNOWN, _DAY_TIME = Level.LEG, OrderType.UNKNOWN, TimeInForce.DAY
_TRIGGERED, _RESTATED = OrderEventKind.TRIGGERED, OrderEventKind.RESTATED

_RESTATES = (OrderEventKind.REPLACED, OrderEventKind.RESTATED)
_DAY = (None, TimeInForce.DAY)
_NO_RECEIPT = Order(order_key="").receipt
_NOT_ITS_QUOTE = absent("asked for as a stock")
_IDS = ("order_id", "cl_ord_id", "parent_id")
_TERMS = (
    "account",
    "desk",
    "client",
    "side",
    "limit_price",
    "stop_price",
    "quantity",
    "held",
    "capacity",
    "route",
)
_REPLACEABLE = ("limit_price", "stop_price", "quantity", "order_type", "time_in_force")
_PRICES = ("limit_price", "stop_price", "order_type")


def began(event: AboutOrder, where: Where) -> Life:
    """Return the life of an order first heard of now, whatever message that is."""
    terms, ids = event.terms, event.ids
    order = Order(
        order_key=ids.order_key,
        order_id=ids.order_id,
        cl_ord_id=ids.cl_ord_id,
        parent_id=ids.parent_id,
        level=terms.level,
        account=terms.account,
        desk=terms.desk,
        client=terms.client,
        symbol=terms.symbol or "",
        side=terms.side,
        order_type=terms.order_type or _UNKNOWN,
        time_in_force=terms.time_in_force or _DAY_TIME,
        limit_price=terms.limit_price,
        stop_price=terms.stop_price,
        # 38 on the report of a leg is the package's: a leg by itself has no ordered quantity
        quantity=None if terms.level is _LEG else terms.quantity,
        held=terms.held,
        directed=terms.directed,
        capacity=terms.capacity,
        route=terms.route,
    )
    return Life(order=order, session=where.session, began_on=event.trade_date, trade_date=event.trade_date)


def learn(
    life: Life, event: Reported, opening: Opening, *, joined: bool = False, request: Request | None = None
) -> None:
    """Merge what the message says of the order into its life.

    `joined` is True when the message brought a new identity of a replace chain: an execution that does so stands in
    for a replace that was never seen. `request` is the firm's own replace that the message confirms.
    """
    kind = event.kind if isinstance(event, OrderEvent) else None
    changes = _news(life, event)
    anew = False
    if request is not None or _restates(kind, joined=joined):
        changes |= _restated(life.order, event)
        if request is not None:
            changes |= _requested(life, event, request)
        anew = _repriced(life.order, kind, changes)
        life.restated = True
    if anew:
        # a new price is a new decision: it is judged by the quote at its own receipt, where that is known
        changes |= {"received_at": receipt_time(event, anew=True), "receipt": _NO_RECEIPT, "firm_received_at": None}
        life.receipt_known, life.repriced = False, True
        if request is not None and request.receipt is not None:
            changes |= {"firm_received_at": request.received_at, "receipt": request.receipt}
            life.receipt_known = True
    elif life.order.received_at is None and (received := receipt_time(event)) is not None:
        changes["received_at"] = received
    if kind is _TRIGGERED:
        life.triggered_at = event.stamps.transacted_at
    elif not changes and life.silent is not None:
        return
    life.order = msgspec.structs.replace(life.order, **changes)
    settle(life, opening)
    hush(life)


def hush(life: Life) -> None:
    """Note what no message has told of the order yet."""
    life.silent = _shared(tuple(name for name in _TERMS + _IDS if getattr(life.order, name) is None))


def receive(life: Life, quote: Quote, opening: Opening) -> None:
    """Put the quote at receipt to the order."""
    life.order = msgspec.structs.replace(life.order, receipt=quote)
    life.receipt_known = True
    settle(life, opening)


@overload
def fitting(symbol: str, asked: str | None, quote: Quote) -> Quote: ...
@overload
def fitting(symbol: str, asked: str | None, quote: Quote | None) -> Quote | None: ...
def fitting(symbol: str, asked: str | None, quote: Quote | None) -> Quote | None:
    """Return the quote that was asked for under `asked`, unless the order's security is no stock and that one is."""
    if quote is None or asked in (None, symbol) or meant(asked, symbol) == asked:
        return quote
    return _NOT_ITS_QUOTE


def settle(life: Life, opening: Opening) -> None:
    """Work out anew what follows from the terms: when the order became executable and whether it was marketable."""
    order, triggered_at = life.order, life.triggered_at
    working = working_at(order, triggered_at, opening)
    marketable = is_marketable(order, order.receipt, triggered=triggered_at is not None)
    if working != order.working_at or marketable is not order.marketable:
        life.order = msgspec.structs.replace(order, working_at=working, marketable=marketable)


def receipt_wanted(
    life: Life | None, event: Reported, *, joined: bool = False, request: Request | None = None
) -> Nanos | None:
    """Return the instant whose quote the order will want once this message is applied, None when it wants none."""
    if life is None:
        return receipt_time(event)
    if request is not None and request.receipt is not None:
        return None
    kind = event.kind if isinstance(event, OrderEvent) else None
    restates = _restates(kind, joined=joined)
    if restates and _repriced(life.order, kind, _restated(life.order, event)):
        return receipt_time(event, anew=True)
    if life.receipt_known:
        return None
    return receipt_time(event) if life.order.received_at is None else life.order.received_at


@cache
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return one and the same tuple for equal ones: most orders are silent about the same things."""
    return names


def _news(life: Life, event: Reported) -> dict[str, object]:
    """Return what the order did not know and the message says."""
    order, terms, ids = life.order, event.terms, event.ids
    news: dict[str, object] = {}
    for name in life.silent or ():
        value = getattr(ids if name in _IDS else terms, name)
        if value is not None:
            news[name] = value
    if order.order_type is _UNKNOWN and terms.order_type not in (None, _UNKNOWN):
        news["order_type"] = terms.order_type
    if order.time_in_force is _DAY_TIME and terms.time_in_force not in _DAY:
        news["time_in_force"] = terms.time_in_force
    if terms.symbol is not None and terms.symbol != order.symbol:
        news |= _named(order, terms.symbol)
    if terms.directed and not order.directed:
        news["directed"] = True
    if order.level is _LEG:
        news.pop("quantity", None)
    return news


def _named(order: Order, said: str) -> dict[str, object]:
    """Return the symbol when there was none, or when the order turns out to be no stock's; its quote was one, then."""
    if not order.symbol:
        return {"symbol": said}
    if meant(order.symbol, said) != said:
        return {}
    return {"symbol": said, "receipt": fitting(said, order.symbol, order.receipt)}


def _requested(life: Life, event: Reported, request: Request) -> dict[str, object]:
    """Return the terms of a confirmed replace on which the report is silent; it waits no more, nor do older ones."""
    assert life.firm is not None
    life.firm.requests = life.firm.requests[life.firm.requests.index(request) + 1 :]
    silent = [name for name in _replaceable(life.order) if getattr(event.terms, name) is None]
    values = {name: getattr(request, name) for name in silent}
    return {name: value for name, value in values.items() if value is not None and value != getattr(life.order, name)}


def _restates(kind: OrderEventKind | None, *, joined: bool) -> bool:
    """Return whether the message states the terms anew; `kind` is None for an execution."""
    return joined if kind is None else kind in _RESTATES


def _restated(order: Order, event: Reported) -> dict[str, object]:
    """Return the terms and ids that a replace or restatement changes."""
    return _different(order, event.terms, _replaceable(order)) | _different(order, event.ids, _IDS)


def _replaceable(order: Order) -> tuple[str, ...]:
    return _REPLACEABLE if order.level is not _LEG else _PRICES


def _different(order: Order, said: OrderTerms | Ids, names: tuple[str, ...]) -> dict[str, object]:
    values = {name: getattr(said, name) for name in names}
    return {name: value for name, value in values.items() if value is not None and value != getattr(order, name)}


def _repriced(order: Order, kind: OrderEventKind | None, changes: dict[str, object]) -> bool:
    """Return whether a price or type that was known is replaced (a restatement is no new decision)."""
    if kind is _RESTATED:
        return False
    known = [name for name in _PRICES if getattr(order, name) not in (None, _UNKNOWN)]
    return any(name in changes for name in known)
