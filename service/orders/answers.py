"""Which requests wait for the vendor's answer, what answers them, and for how long they waited. Pure.

It learns of a request from the vendor's own pending report (150 = A, 6, E) and from the firm's own cancel. The vendor's
interval lies between stamps of his alone; what the firm sent is measured beside it, between two clocks. A request that
nobody answered is told once its time is up, counted from when the market is open.
"""

from __future__ import annotations

import msgspec

from rules.facts import SECOND, Answer, Nanos, OrderEventKind, Quantity
from service.fix.events import Execution, OrderEvent, Reported
from service.orders.ending import Applying, happened_at
from service.orders.index import Book
from service.orders.life import Life, said_of
from service.orders.pending import Pending, Question
from service.orders.receipt import STOPS
from service.orders.steps import Answered, Step, Unanswered

_Kind = OrderEventKind
NEW, REPLACE, CANCEL = _Kind.PENDING_NEW, _Kind.PENDING_REPLACE, _Kind.PENDING_CANCEL
_ASKING = (NEW, REPLACE, CANCEL)
_REFUSED = {_Kind.CANCEL_REJECTED: CANCEL, _Kind.REPLACE_REJECTED: REPLACE}
_ENDS = {_Kind.CANCELED: CANCEL, _Kind.REPLACED: REPLACE} | _REFUSED
"""What ends a pending cancel or replace; the end of the order does too."""
REFUSALS = frozenset(_REFUSED)
_SILENT = (*_ASKING, *_REFUSED, _Kind.RESTATED)
"""What says nothing of whether the order itself was taken."""
_NANO_DIGITS = 9
_NONE = Nanos(0)
ONLY_THE_ANSWER = "no receipt before the acknowledgement"
ONLY_THE_FIRM = "no pending cancel came"
NO_STAMP = "no TransactTime (60)"
SUSPECT = "clock suspect"


def asked(to: Applying, life: Life, event: OrderEvent) -> None:
    """Note what the vendor says is pending."""
    taken = life.acknowledged or life.executed > 0
    if event.kind not in _ASKING or life.end is not None or (event.kind is NEW and taken):
        return
    at, grain = event.stamps.transacted_at, _grain(event.stamps.transacted_digits)
    if event.stamps.suspect is not None:
        at = None
    pend(to, life, event.kind, at=at, grain=grain)


def pend(
    to: Applying,
    life: Life,
    kind: OrderEventKind,
    *,
    at: Nanos | None = None,
    grain: Nanos = _NONE,
    firm_at: Nanos | None = None,
) -> None:
    """Let a request wait for its answer; the firm's own and the vendor's word that it is pending are one."""
    name, book, clock = (id(life), kind), to.book, to.where.clock
    for held in (book.pending, book.overdue):
        if (known := held.get(name)) is not None:
            if known.at is None:
                known = msgspec.structs.replace(known, at=at, grain=grain)
            held[name] = msgspec.structs.replace(known, firm_at=firm_at) if known.firm_at is None else known
            return
    ready = max(clock, to.opening(life.order.symbol, clock))
    book.pending[name] = Pending(
        life=life,
        kind=kind,
        due=Nanos(ready + to.unanswered_after),
        offset=to.where.offset,
        executed=life.standing().cumulative,
        at=at,
        grain=grain,
        firm_at=firm_at,
    )


def traded(to: Applying, life: Life, event: Execution) -> tuple[Step, ...]:
    """Let an execution answer the order, without a word on how long that took; return what was told too early."""
    return _late(to, _answered(to.book, life, NEW), event) if to.book.pending or to.book.overdue else ()


def answer(
    to: Applying, life: Life, kind: OrderEventKind, event: Execution | OrderEvent
) -> tuple[Answer | None, tuple[Step, ...]]:
    """Take what an order event answers from what waits; return how long it waited, and what was told too early."""
    first = not life.acknowledged and kind not in _SILENT
    order = _answered(to.book, life, NEW) if kind not in _SILENT else None
    life.acknowledged = life.acknowledged or first
    request = _answered(to.book, life, _ENDS[kind]) if kind in _ENDS else None
    told = (*_late(to, order, event), *_late(to, request, event))
    if request is not None and request.kind is CANCEL:
        return _cancel(life, request, event), told
    if first and kind in (_Kind.NEW, _Kind.REJECTED):
        return _acknowledgement(life, order, event), told
    return None, told


def deadline(book: Book) -> Nanos | None:
    """Return when the next request will have waited too long."""
    return next(iter(book.pending.values())).due if book.pending else None


def unanswered(counterparty: str, book: Book, clock: Nanos) -> list[Step]:
    """Tell of the requests that have waited too long, each once; those of orders that ended wait for nothing."""
    told: list[Step] = []
    while (due := deadline(book)) is not None and due <= clock:
        name = next(iter(book.pending))
        waiting = book.pending.pop(name)
        # a copy that reports fills only is never blamed for its silence
        if waiting.life.end is None and not (book.firm is not None and book.firm.fills_only):
            book.overdue[name] = msgspec.structs.replace(waiting, told=True)
            told.append(Unanswered(**said_of(counterparty, waiting.life, due, waiting.offset), asked=waiting.kind))
    return told


def waits(book: Book, order_key: str, kind: str) -> bool:
    """Return whether a request that was told is unanswered still."""
    return any(
        one.kind == kind and one.life.order.order_key == order_key and one.life.end is None
        for one in book.overdue.values()
    )


def _answered(book: Book, life: Life, kind: OrderEventKind) -> Pending | None:
    name: Question = (id(life), kind)
    return book.pending.pop(name, None) or book.overdue.pop(name, None)


def _late(to: Applying, pending: Pending | None, event: Reported) -> tuple[Step, ...]:
    """Say that a request was answered after all, when its silence had been told."""
    if pending is None or not pending.told:
        return ()
    at, offsets = happened_at(event, to.where), (to.where.offset, pending.offset)
    said = said_of(to.where.counterparty, pending.life, at, *offsets)
    return (Answered(**said, late=True, asked=pending.kind),)


def _acknowledgement(life: Life, pending: Pending | None, event: Execution | OrderEvent) -> Answer:
    """Return how long the order waited since its receipt, or since the open when that is later."""
    order, stamps = life.order, event.stamps
    start, grain = order.received_at, _grain_of(order.received_at)
    told = pending is not None and pending.at is not None
    if pending is not None and pending.at == start:
        grain = pending.grain
    if stamps.time_in is None and not told and start == stamps.transacted_at:
        start = None  # the acknowledgement itself stands for the receipt
    begins = None if order.order_type in STOPS else order.working_at
    if start is not None and begins is not None and start < begins <= (stamps.transacted_at or 0):
        start, grain = begins, Nanos(0)
    sent = None if life.firm is None else life.firm.sent_at
    return _measured(Answer(asked=NEW), event, start, grain, sent, ONLY_THE_ANSWER)


def _cancel(life: Life, pending: Pending, event: Execution | OrderEvent) -> Answer:
    executed = Quantity(life.standing().cumulative - pending.executed)
    asked = Answer(asked=CANCEL, executed=executed)
    return _measured(asked, event, pending.at, pending.grain, pending.firm_at, ONLY_THE_FIRM)


def _measured(
    said: Answer, event: Reported, start: Nanos | None, grain: Nanos, sent: Nanos | None, without: str
) -> Answer:
    """Return the answer with its two lengths, as far as the stamps tell them."""
    stamps, at = event.stamps, event.stamps.transacted_at
    if stamps.suspect is not None or at is None:
        return msgspec.structs.replace(said, unknown=NO_STAMP if stamps.suspect is None else SUSPECT)
    if sent is not None:
        said = msgspec.structs.replace(said, firm_waited=Nanos(at - sent), firm_grain=_grain_of(sent))
    if start is None or at + _grain(stamps.transacted_digits) < start:
        return msgspec.structs.replace(said, unknown=without if start is None else SUSPECT)
    return msgspec.structs.replace(said, waited=Nanos(max(0, at - start)), grain=grain)


def _grain(digits: int) -> Nanos:
    """Return the length of the unit that a stamp of so many digits was cut to, 0 for nanoseconds."""
    return Nanos(0) if digits >= _NANO_DIGITS else Nanos(SECOND // 10**digits)


def _grain_of(at: Nanos | None) -> Nanos:
    """Return the same for a stamp of which only the instant was kept, by the fewest digits that write it."""
    fewest = (digits for digits in (0, 3, 6) if at is not None and at % 10 ** (_NANO_DIGITS - digits) == 0)
    return _grain(next(fewest, _NANO_DIGITS))
