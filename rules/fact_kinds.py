"""Which kind of fact each type is, and where a fact tells a thing: in itself or in a part of it."""

from __future__ import annotations

from functools import cache

import msgspec

from rules.facts import Fade, FeedEvent, Fill, Markout, OrderChanged, OrderOutcome, Tick
from rules.rule import Failure, LooksAt

KINDS: dict[type, LooksAt] = {
    Fill: LooksAt.FILL,
    OrderChanged: LooksAt.ORDER_CHANGED,
    OrderOutcome: LooksAt.ORDER_OUTCOME,
    FeedEvent: LooksAt.FEED_EVENT,
    Markout: LooksAt.MARKOUT,
    Fade: LooksAt.FADE,
    Tick: LooksAt.TICK,
    Failure: LooksAt.FAILURE,
}


@cache
def told_in(kind: type, name: str) -> str | None:
    """Return the dotted path at which facts of a type hold a field of that name, None where they hold none."""
    fields = msgspec.structs.fields(kind)
    if any(field.name == name for field in fields):
        return name
    for field in fields:
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            within = told_in(field.type, name)
            if within is not None:
                return f"{field.name}.{within}"
    return None
