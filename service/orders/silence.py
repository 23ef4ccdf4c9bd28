"""Orders that one side knows and the other does not: unanswered, unreported, unknown. Pure.

A copy that reports fills only is never blamed for its silence. While numbers of the vendor's sessions are missing
nothing is unreported, and while numbers of the firm's own copy are missing nothing is unknown: the next close judges.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rules.facts import Level, Nanos
from service.orders.firm import Firm, Said
from service.orders.firm_shelf import FirmShelf
from service.orders.index import Book
from service.orders.life import Life, said_of
from service.orders.steps import Step, Unanswered, Unknown, Unreported

NEVER_SEEN = "the vendor's copy never named it"
NO_END = "it was accepted, its day is over, and the vendor's copy tells of no end"


def deadline(book: Book) -> Nanos | None:
    """Return when the next own order will have waited too long for an answer."""
    if book.firm is None or not book.firm.waiting:
        return None
    first = next(iter(book.firm.waiting.values()))
    return None if first.firm is None else first.firm.due


def unanswered(counterparty: str, book: Book, clock: Nanos) -> list[Step]:
    """Tell of the own orders that have waited too long, each once."""
    told: list[Step] = []
    while (due := deadline(book)) is not None and due <= clock:
        assert book.firm is not None
        life = book.firm.waiting.pop(next(iter(book.firm.waiting)))
        if not book.firm.fills_only:
            told.append(Unanswered(**said_of(counterparty, life, due, _say(life, Said.UNANSWERED))))
    return told


def close(counterparty: str, book: Book, day: str, at: Nanos, incomplete: AbstractSet[str]) -> list[Step]:
    """Tell what remains open between the two copies once a day is over; its orders have been ended before."""
    firm = book.firm
    if firm is None:
        return []
    told: list[Step] = []
    if counterparty not in incomplete and not firm.fills_only:
        told += [
            Unreported(**said_of(counterparty, life, at, _say(life, Said.UNREPORTED)), why=why)
            for life in book.lives()
            if life.trade_date <= day and (why := _why(life)) is not None
        ]
        for life in [one for one in firm.waiting.values() if one.firm and Said.UNREPORTED in one.firm.told]:
            del firm.waiting[_own_id(life)]
    if firm.sources.isdisjoint(incomplete):
        told += [
            Unknown(**said_of(counterparty, life, at, _say(life, Said.UNKNOWN)))
            for life in book.lives()
            if life.trade_date <= day and _is_unknown(firm, life)
        ]
    return told


def _own_id(life: Life) -> str:
    assert life.firm is not None
    assert life.firm.own_id is not None
    return life.firm.own_id


def _why(life: Life) -> str | None:
    """Return why an own order is unreported, None when it is none or was told."""
    firm = life.firm
    if firm is None or firm.own_id is None or Said.UNREPORTED in firm.told:
        return None
    if not firm.answered:
        return NEVER_SEEN
    return NO_END if life.synthesised and firm.children is None else None


def _is_unknown(firm: FirmShelf, life: Life) -> bool:
    ours = life.firm
    if ours is not None and (ours.own_id is not None or Said.UNKNOWN in ours.told):
        return False
    level = life.order.level
    return level is firm.level and level is not Level.LEG and life.under is None and life.began_on in firm.days


def _say(life: Life, what: Said) -> int:
    """Remember that it was said; return the offset of the order's own record."""
    life.firm = life.firm or Firm(answered=True, direct=True)
    life.firm.told = (*life.firm.told, what)
    return life.firm.offset
