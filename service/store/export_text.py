"""Stored integers as the texts of the exports: exact, never through a float. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from rules.facts import SECOND
from service.exact_text import (
    EPOCH,
    iso_utc,
    plain,
    plain_dollars,
    plain_doubled,
    plain_half_dollars,
    plain_seconds,
    plain_shares,
)
from service.market.around import Told

__all__ = [
    "day_bounds",
    "iso_utc",
    "plain",
    "plain_dollars",
    "plain_doubled",
    "plain_half_dollars",
    "plain_seconds",
    "plain_shares",
    "quotes_text",
    "raw_text",
    "sending_day",
    "trade_day",
]

NEW_YORK = ZoneInfo("America/New_York")
SENDING_TIME = re.compile(rb"(?:^|[\x01|])52=(\d{8}-\d\d:\d\d:\d\d)")


def raw_text(raw: bytes) -> str:
    """Return the bytes as a text that gives them back exactly: `.encode("latin-1")`; SOH stays U+0001."""
    return raw.decode("latin-1")


def quotes_text(packed: bytes) -> str:
    """Return quotes as a JSON list of objects, their values as the other columns have them."""
    told = [
        {
            "at": iso_utc(quote.at),
            "bid": _side(quote.bid, plain_dollars),
            "bid_size": _side(quote.bid_size, plain_shares),
            "offer": _side(quote.offer, plain_dollars),
            "offer_size": _side(quote.offer_size, plain_shares),
            "market": quote.market.name.lower(),
        }
        for quote in msgspec.json.decode(packed, type=list[Told])
    ]
    return msgspec.json.encode(told).decode()


def _side(value: int | None, text: Callable[[int], str]) -> str | None:
    return None if value is None else text(value)


def sending_day(raw: bytes) -> str | None:
    """Return the date in New York of a message's SendingTime (52), None when it cannot be read."""
    found = SENDING_TIME.search(raw)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[1].decode("ascii"), "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment.astimezone(NEW_YORK).date().isoformat()


def trade_day(received_at: int) -> str:
    """Return the date in New York of an instant."""
    return (EPOCH + timedelta(seconds=received_at // SECOND)).astimezone(NEW_YORK).date().isoformat()


def day_bounds(day: str) -> tuple[int, int]:
    """Return the first nanosecond of a date in New York and the first of the next; raise ValueError on no date."""
    try:
        start = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=NEW_YORK)
        after = start + timedelta(days=1)  # the same time on the wall, however long that day is
    except (ValueError, OverflowError):
        msg = f"{day} is no trade date; expected for example 2013-10-07"
        raise ValueError(msg) from None
    first, last = ((moment.astimezone(UTC) - EPOCH) // timedelta(seconds=1) for moment in (start, after))
    return first * SECOND, last * SECOND
