"""What a report says that the execution cost, in exact dollars: commission (12 by 13) and other fees (136–139).

Refuses to guess: a commission in per cent or points, or an amount that cannot be read, leaves the cost unknown; the
text as it was written is kept beside it.
"""

from __future__ import annotations

from rules.facts import QUANTITY_SCALE, Price, Quantity
from service.fix import stamps
from service.fix.habits import Dialect
from service.fix.message import Message

_COMMISSION, _BASIS = "12", "13"
_PER_UNIT, _ABSOLUTE = "1", "3"
_COUNT, _AMOUNT = "136", "137"


def read_fee(message: Message, fields: dict[str, str], dialect: Dialect, quantity: Quantity) -> Price | None:
    """Return what the whole execution cost in 1e-9 dollars, rounded up: below zero a rebate, None when not known."""
    amounts: list[int | None] = []
    for place in dialect.fees:
        if fields.get(place):
            amounts.append(_named(fields, place, quantity))
            break
    if _COUNT in fields:
        amounts += [_read(text) for tag, text in message.pairs if tag == _AMOUNT]
    if not amounts:
        return None  # the usual copy tells no fee
    known = [amount for amount in amounts if amount is not None]
    if len(known) != len(amounts):
        return None
    return Price(sum(known) if dialect.fees_are_costs else -sum(known))


def _named(fields: dict[str, str], place: str, quantity: Quantity) -> int | None:
    """Return the commission for the execution; another place than 12 holds the amount itself."""
    amount, basis = _read(fields[place]), _ABSOLUTE
    if place == _COMMISSION:
        basis = fields.get(_BASIS) or _ABSOLUTE
    if amount is None or basis == _ABSOLUTE:
        return amount
    return -(-amount * quantity // QUANTITY_SCALE) if basis == _PER_UNIT else None


def _read(text: str) -> int | None:
    value = stamps.price(text)
    return None if isinstance(value, str) else value
