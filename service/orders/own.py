"""The firm's own orders in the book of the vendor that was to get them: the first message of an order's life. Pure.

The copy of the OMS and that of the vendor may come in either order; what they agree on is one order, found by its own
id. The firm's word is the last one on whose it is (account, desk, client, held, directed, capacity), and on its terms
until the vendor confirms a replace. Received, working and time to fill stay on the vendor's one clock.
"""

from __future__ import annotations

import msgspec

from rules.facts import Nanos, OrderEnd, Quote
from rules.instruments import meant
from service.fix.events import OwnOrder, OwnOrderKind
from service.orders.answers import CANCEL, pend
from service.orders.ending import Applying, ending, happened_at, restated
from service.orders.family import adopt_children
from service.orders.firm import Firm, Request
from service.orders.firm_shelf import FirmShelf, Held
from service.orders.index import Book, akin, goes_on
from service.orders.life import Life
from service.orders.receipt import Opening
from service.orders.steps import Placed, Step
from service.orders.terms import began, fitting, hush, receive, settle

_NEW, _REPLACE = OwnOrderKind.NEW, OwnOrderKind.REPLACE
_WHOSE = ("account", "desk", "client", "held", "capacity", "route")
_TERMS = ("limit_price", "stop_price", "quantity", "order_type", "time_in_force")


def own_receipt_wanted(book: Book, own: OwnOrder) -> Nanos | None:
    """Return the instant of the quote at the firm's receipt, None when it decides nothing."""
    if own.kind is _NEW:
        life = _known(book, own, own.ids.order_key)
        return None if life is not None and life.repriced else own.sent_at
    return own.sent_at if own.kind is _REPLACE else None


def symbol_meant(book: Book, own: OwnOrder) -> str:
    """Return the symbol of the order that an own order or a request is about, "" when that is not known."""
    life = _known(book, own, own.ids.previous_key or own.ids.order_key)
    return "" if life is None else life.order.symbol


def place(to: Applying, key: str, own: OwnOrder, receipt: Quote | None) -> tuple[Step, ...]:
    """Note an own order, replace or cancel; return what followed from it."""
    firm = shelf_of(to.book)
    if own.kind is not _NEW:
        assert own.ids.previous_key is not None
        life = _known(to.book, own, own.ids.previous_key)
        if life is None:
            firm.held.setdefault(own.ids.previous_key, []).append(Held(own, receipt))
            return (Placed(key=key, own=own, order=None),)
        steps = _request(to, life, own, receipt)
        return (Placed(key=key, own=own, order=life.order), *steps)
    firm.days.add(own.trade_date)
    life = _known(to.book, own, own.ids.order_key)
    if life is None:
        life = _begin(to, firm, own)
    steps = _state(to, life, own, receipt)
    return (Placed(key=key, own=own, order=life.order), *steps)


def shelf_of(book: Book) -> FirmShelf:
    """Return the part of the book that holds own orders; the ledger has begun it when their source came in force."""
    assert book.firm is not None
    return book.firm


def _known(book: Book, own: OwnOrder, name: str) -> Life | None:
    """Return the order that an own id means, None when neither copy has told of it."""
    firm = shelf_of(book)
    shelf = book.shelf(firm.level)
    for life in (firm.by_id.get(name), shelf.by_client.get(name), shelf.by_key.get(name)):
        if life is not None and goes_on(life, own) and akin(life, own) and not _another(life, own):
            return life
    return None


def _another(life: Life, own: OwnOrder) -> bool:
    """Return whether a new order merely has the id of one that was placed before."""
    return own.kind is _NEW and life.firm is not None and life.firm.own_id is not None


def _begin(to: Applying, firm: FirmShelf, own: OwnOrder) -> Life:
    own = msgspec.structs.replace(own, terms=msgspec.structs.replace(own.terms, level=firm.level))
    life = began(own, to.where)
    to.book.name(life, own)
    firm.waiting[own.ids.order_key] = life
    life.firm = Firm(due=Nanos(to.where.clock + to.unanswered_after))
    return life


def _state(to: Applying, life: Life, own: OwnOrder, receipt: Quote | None) -> tuple[Step, ...]:
    """Let the firm's own word be in the order, and all that waited for it follow."""
    firm, own_id = shelf_of(to.book), own.ids.order_key
    if life.firm is None or life.firm.due is None:
        life.firm = life.firm or Firm()
        life.firm.answered = life.firm.direct = True
    life.firm.own_id, life.firm.offset, life.firm.sent_at = own_id, to.where.offset, own.sent_at
    firm.by_id[own_id] = life
    life.trade_date = max(life.trade_date, own.trade_date)
    before = life.standing()
    life.order = msgspec.structs.replace(life.order, **_word(life, own))
    if not life.repriced:
        _receive(life, own.sent_at, fitting(life.order.symbol, own.terms.symbol, receipt), to.opening)
    settle(life, to.opening)
    hush(life)
    for held in firm.held.pop(own_id, ()):
        _request(to, life, held.own, held.receipt)
    steps = adopt_children(to, life, own_id)
    if life.order.order_key != own_id:
        steps += adopt_children(to, life, life.order.order_key)
    if before.end is not None and not steps:
        return restated(to, life)  # it ended before the firm's word on it came
    return (*steps, *ending(to, life, before, happened_at(own, to.where), None))


def _word(life: Life, own: OwnOrder) -> dict[str, object]:
    """Return what the firm says of the order, and of its terms where no replace came since."""
    order, terms = life.order, own.terms
    said = {name: value for name in _WHOSE if (value := getattr(terms, name)) is not None}
    for name in _TERMS:
        value = getattr(terms, name)
        if value is not None and (not life.restated or getattr(order, name) is None):
            said[name] = value
    said["directed"] = order.directed or terms.directed
    said["cl_ord_id"] = order.cl_ord_id or own.ids.cl_ord_id
    said["symbol"] = meant(order.symbol or terms.symbol, terms.symbol or "") or ""
    said["side"] = order.side or terms.side
    return said


def _receive(life: Life, at: Nanos | None, quote: Quote | None, opening: Opening) -> None:
    """Put the firm's receipt, and the quote then, in the place of the vendor's, where there is one."""
    if quote is not None:
        life.order = msgspec.structs.replace(life.order, firm_received_at=at)
        receive(life, quote, opening)


def _request(to: Applying, life: Life, own: OwnOrder, receipt: Quote | None) -> tuple[Step, ...]:
    """Remember a replace until the vendor confirms it (he may have), a cancel until he cancels (he may have)."""
    firm, own_id = shelf_of(to.book), own.ids.order_key
    confirmed = firm.by_id.get(own_id) is life
    receipt = fitting(life.order.symbol, own.terms.symbol, receipt)
    firm.by_id[own_id] = life
    life.firm = life.firm or Firm(answered=True, direct=True)
    if own.kind is not _REPLACE:
        life.firm.cancel_asked = True
        if life.end is None and life.firm.direct:
            pend(to, life, CANCEL, firm_at=own.sent_at)
        if life.end is OrderEnd.CANCELED:
            life.end = OrderEnd.CANCELED_BY_CUSTOMER
            return restated(to, life)
        return ()
    if confirmed:
        if not life.repriced:
            return ()
        _receive(life, own.sent_at, receipt, to.opening)
        return restated(to, life)
    terms = own.terms
    request = Request(
        own_id=own_id,
        limit_price=terms.limit_price,
        stop_price=terms.stop_price,
        quantity=terms.quantity,
        order_type=terms.order_type,
        time_in_force=terms.time_in_force,
        received_at=own.sent_at,
        receipt=receipt,
    )
    life.firm.requests = (*life.firm.requests, request)
    return ()
