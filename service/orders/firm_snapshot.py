"""The firm's own orders and the doubts of one book as values that can be written down and taken up again. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rules.facts import Level, Nanos
from service.orders.firm_shelf import Doubt, FirmShelf, Held
from service.orders.index import Book
from service.orders.life import Life


class FirmShelfState(msgspec.Struct, frozen=True, gc=False):
    """The firm's own orders in one book; orders are told by their numbers."""

    level: Level
    sources: list[str]
    by_id: list[tuple[str, int]]
    waiting: list[tuple[str, int]]
    held: dict[str, list[Held]]
    children: list[tuple[str, list[int]]]
    days: list[str]
    acknowledges: bool
    fills: bool


class DoubtState(msgspec.Struct, frozen=True, gc=False):
    """One order whose claimed total is in doubt."""

    life: int
    due: Nanos
    wait: Nanos
    offset: int
    at: Nanos


def saved_firm(firm: FirmShelf | None, number: Callable[[Life], int]) -> FirmShelfState | None:
    """Return the firm's own orders; `number` gives each order its number."""
    if firm is None:
        return None
    return FirmShelfState(
        level=firm.level,
        sources=sorted(firm.sources),
        by_id=[(key, number(life)) for key, life in firm.by_id.items()],
        waiting=[(key, number(life)) for key, life in firm.waiting.items()],
        held={key: list(held) for key, held in firm.held.items()},
        children=[(key, [number(life) for life in lives]) for key, lives in firm.children.items()],
        days=sorted(firm.days),
        acknowledges=firm.acknowledges,
        fills=firm.fills,
    )


def restored_firm(state: FirmShelfState | None, lives: list[Life]) -> FirmShelf | None:
    """Return the firm's own orders again."""
    if state is None:
        return None
    return FirmShelf(
        level=state.level,
        sources=set(state.sources),
        by_id={key: lives[number] for key, number in state.by_id},
        waiting={key: lives[number] for key, number in state.waiting},
        held={key: list(held) for key, held in state.held.items()},
        children={key: [lives[number] for number in numbers] for key, numbers in state.children},
        days=set(state.days),
        acknowledges=state.acknowledges,
        fills=state.fills,
    )


def saved_doubts(book: Book, number: Callable[[Life], int]) -> list[DoubtState]:
    """Return the doubts of the book."""
    return [DoubtState(number(one.life), one.due, one.wait, one.offset, one.at) for one in book.doubts.values()]


def restored_doubts(state: list[DoubtState], lives: list[Life]) -> dict[int, Doubt]:
    """Return the doubts again."""
    doubts = [Doubt(life=lives[one.life], due=one.due, wait=one.wait, offset=one.offset, at=one.at) for one in state]
    return {id(doubt.life): doubt for doubt in doubts}


def bare(life: Life) -> Life:
    """Return a copy of the order without its sums of money, which outgrow 64 bits, sharing nothing that changes."""
    firm, claim = life.firm, life.claim
    if firm is not None:
        below = None if firm.children is None else msgspec.structs.replace(firm.children, notional=0)
        firm = msgspec.structs.replace(firm, children=below)
    claim = None if claim is None else msgspec.structs.replace(claim)
    spells = None if life.spells is None else msgspec.structs.replace(life.spells)
    return msgspec.structs.replace(life, notional=0, firm=firm, claim=claim, spells=spells)


def notionals(life: Life) -> str:
    """Return its sums of money as text: its own, and its children's where it has any."""
    below = None if life.firm is None else life.firm.children
    return str(life.notional) if below is None else f"{life.notional} {below.notional}"


def whole(life: Life, sums: str) -> Life:
    """Return the order with its sums of money again."""
    again, (own, *below) = bare(life), sums.split(" ")
    again.notional = int(own)
    if below and again.firm is not None and again.firm.children is not None:
        again.firm.children.notional = int(below[0])
    return again
