"""A request about an order that the vendor has not answered yet. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rules.facts import Nanos, OrderEventKind, Quantity
from service.orders.life import Life


class Pending(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is asked for (a new order, a replace, a cancel), by whose word, and until when it may take.

    `at` is the vendor's own stamp of it, None where only the firm asked or the stamp cannot be believed; `grain` by how
    much that may have been cut short; `firm_at` when the firm sent it. `offset` is the record that told of it first,
    `executed` the shares of the order that were executed before it, `told` whether its silence was told.
    """

    life: Life
    kind: OrderEventKind
    due: Nanos
    offset: int
    executed: Quantity
    at: Nanos | None = None
    grain: Nanos = Nanos(0)
    firm_at: Nanos | None = None
    told: bool = False


Question = tuple[int, OrderEventKind]
"""What a pending request is known by: its order's identity in memory, and what is asked for."""


class PendingState(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One such request, with the number of its order."""

    life: int
    kind: OrderEventKind
    due: Nanos
    offset: int
    executed: Quantity
    at: Nanos | None
    grain: Nanos
    firm_at: Nanos | None
    told: bool


def saved_pending(held: dict[Question, Pending], number: Callable[[Life], int]) -> list[PendingState]:
    """Return the requests; `number` gives each order its number."""
    return [
        PendingState(
            life=number(one.life),
            kind=one.kind,
            due=one.due,
            offset=one.offset,
            executed=one.executed,
            at=one.at,
            grain=one.grain,
            firm_at=one.firm_at,
            told=one.told,
        )
        for one in held.values()
    ]


def restored_pending(state: list[PendingState], lives: list[Life]) -> dict[Question, Pending]:
    """Return the requests again."""
    held = [
        Pending(
            life=lives[one.life],
            kind=one.kind,
            due=one.due,
            offset=one.offset,
            executed=one.executed,
            at=one.at,
            grain=one.grain,
            firm_at=one.firm_at,
            told=one.told,
        )
        for one in state
    ]
    return {(id(one.life), one.kind): one for one in held}
