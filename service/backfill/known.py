"""What a file would bring: each message by what it is, and whether its key is known already. Pure; the keys come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from service.backfill.reading import read_backfilled
from service.fix.dialect import Dialect
from service.fix.events import (
    Admin,
    Bust,
    Correction,
    Decoded,
    Execution,
    OrderEvent,
    OwnOrder,
    Reported,
    Status,
    Undecodable,
)
from service.market.calendar import TradingCalendar

WORDS: dict[type, str] = {
    Execution: "execution",
    OrderEvent: "order_event",
    Bust: "bust",
    Correction: "correction",
    OwnOrder: "own_order",
    Status: "status",
    Admin: "admin",
    Undecodable: "undecodable",
}
NO_DAY = "1970-01-01"


class Known(StrEnum):
    """Whether the store has a message's key: `unkeyed` is one that has none."""

    NEW = "new"
    KNOWN = "known"
    UNKEYED = "unkeyed"


def of_a_file(
    bodies: Iterable[bytes],
    dialect: Dialect,
    calendar: TradingCalendar,
    keys_of: Callable[[str], Mapping[str, bytes]],
) -> Counter[tuple[str, Known]]:
    """Return how many messages there are of each kind and state; `keys_of` gives the known keys of a trade date."""
    counts: Counter[tuple[str, Known]] = Counter()
    days: dict[str, set[str]] = {}
    for body in bodies:
        decoded = read_backfilled(body, dialect, calendar, NO_DAY)
        counts[WORDS[type(decoded)], _known(decoded, days, keys_of)] += 1
    return counts


def _known(decoded: Decoded, days: dict[str, set[str]], keys_of: Callable[[str], Mapping[str, bytes]]) -> Known:
    if not isinstance(decoded, Reported | OwnOrder) or decoded.dedup_key is None:
        return Known.UNKEYED
    day = decoded.trade_date
    if day not in days:
        days[day] = set(keys_of(day))
    if decoded.dedup_key in days[day]:
        return Known.KNOWN
    days[day].add(decoded.dedup_key)
    return Known.NEW
