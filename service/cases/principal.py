"""Who answers for a trade date and who covers, and who may. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from rules.facts import Nanos
from service.access.permissions import May, allowed
from service.access.users import User
from service.people import named, plain

MOST_DEPUTIES = 10


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for a trade date, who covers, and who said so when."""

    trade_date: str
    name: str
    deputies: tuple[str, ...] = ()
    by: str
    at: Nanos
    note: str = ""


def principal_problems(name: str, deputies: Collection[str], users: Collection[User]) -> Iterator[str]:
    """Yield what is wrong with naming these; where there are accounts they must be of people who may sign days."""
    if not plain(name):
        yield "a day needs somebody who answers for it; name one"
        return
    if plain(name) in {plain(deputy) for deputy in deputies}:
        yield f"{name} answers for the day and cannot cover for themselves too"
    if len(deputies) > MOST_DEPUTIES:
        yield f"{len(deputies)} deputies; at most {MOST_DEPUTIES} are expected"
    for one in (name, *deputies):
        yield from _wrong(one, users)


def _wrong(name: str, users: Collection[User]) -> Iterator[str]:
    yield from named(name)
    if not users:
        return
    user = next((user for user in users if user.key == plain(name)), None)
    if user is None or user.locked:
        yield f"{name} has no account that is open"
    elif May.SIGN not in allowed(user.roles):
        yield f"{user.name} ({', '.join(user.roles) or 'no role'}) may not sign days and cannot answer for one"
