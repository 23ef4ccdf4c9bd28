"""The example counterparties that are shipped: their messages, and the table of what each message must become."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import yaml

import fix_configs
from rules.facts import PRICE_SCALE, QUANTITY_SCALE, Level, Nanos, OrderEnd
from service.fix.events import AboutOrder, Decoded
from service.fix.message import restated
from service.fix.stamps import instant
from service.orders.life import Life, outcome
from tests.factories_orders import where

ROOT = Path(fix_configs.__file__).parent
NAMES = ("broker_sor_42", "ats_44", "exchange_50sp2")
_TIMES = {"transacted": "transacted_at", "time_in": "time_in", "time_out": "time_out", "executed": "executed"}
_DIGITS = {"digits": "transacted_digits", "executed_digits": "executed_digits"}
_IDS = {
    "order": "order_key",
    "client_order": "cl_ord_id",
    "own": "own_id",
    "previous": "previous_key",
    "parent": "parent_id",
}
_TERMS = ("level", "account", "desk", "client", "symbol", "side", "held", "capacity", "directed", "exempt")
_HEADER = ("sequence", "poss_dup", "poss_resend")
_AMOUNTS: dict[str, Callable[[Any], tuple[int | None, int]]] = {
    "ordered": lambda decoded: (decoded.terms.quantity, QUANTITY_SCALE),
    "limit": lambda decoded: (decoded.terms.limit_price, PRICE_SCALE),
    "quantity": lambda decoded: (decoded.quantity, QUANTITY_SCALE),
    "price": lambda decoded: (decoded.price, PRICE_SCALE),
    "claimed_cumulative": lambda decoded: (decoded.claimed_cumulative, QUANTITY_SCALE),
}


class Example(msgspec.Struct, frozen=True):
    """One example: its files' texts, its messages with SOH, length and checksum put right, and its table."""

    name: str
    dialect: str
    venues: str
    messages: tuple[bytes, ...]
    day: str
    table: tuple[dict[str, Any], ...]
    orders: tuple[dict[str, Any], ...]


def example(name: str) -> Example:
    """Read an example's folder."""
    home = ROOT / name
    expected = yaml.load((home / "messages" / "expected.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    lines = (home / "messages" / "day.fix").read_text(encoding="utf-8").splitlines()
    return Example(
        name=name,
        dialect=(home / "dialect.yaml").read_text(encoding="utf-8"),
        venues=(home / "venues.yaml").read_text(encoding="utf-8"),
        messages=tuple(restated(line.replace("|", "\x01").encode()) for line in lines),
        day=expected["session_day"],
        table=tuple(_plain(row) for row in expected["messages"]),
        orders=tuple(_plain(row) for row in expected["orders"]),
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with YAML's words for nothing, yes and no; all else stays the text that it is."""
    words = {"null": None, "true": True, "false": False}
    return {key: words.get(value, value) if isinstance(value, str) else value for key, value in row.items()}


def said_of(decoded: Decoded, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what the message became, by the keys that the table asks for, in the table's own words."""
    return {key: _said(decoded, key, asked) for key in asked}


def _said(decoded: Decoded, key: str, asked: dict[str, Any]) -> Any:
    if key in ("what", "outcome"):
        return asked[key]
    if key == "is":
        return _snake(type(decoded).__name__)
    if key in _HEADER:
        value = getattr(decoded.header, key)
        return value if isinstance(value, bool) else str(value)
    if isinstance(decoded, AboutOrder):
        return _about(decoded, key, asked[key])
    value = getattr(decoded, key)
    return value if value is None or isinstance(value, bool) else str(value)


def _about(decoded: AboutOrder, key: str, text: Any) -> Any:
    if key in _IDS:
        return getattr(decoded.ids, _IDS[key])
    if key in _TERMS:
        return getattr(decoded.terms, key)
    if key in _TIMES:
        at = getattr(decoded.stamps, _TIMES[key])
        known = None if text is None else instant(text)
        return text if known is not None and known[0] == at else at
    if key in _DIGITS:
        return str(getattr(decoded.stamps, _DIGITS[key]))
    return _amount(*_AMOUNTS[key](decoded), text) if key in _AMOUNTS else _reported(decoded, key)


def _reported(decoded: AboutOrder, key: str) -> Any:
    return decoded.stamps.suspect if key == "suspect" else getattr(decoded, key)


def _amount(value: int | None, scale: int, text: str | None) -> Any:
    """Return the table's own text when it means the value, else the value."""
    return text if text is not None and value == Decimal(text) * scale else value


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def stands(life: Life, asked: dict[str, Any]) -> dict[str, Any]:
    """Return how the order stands, in the words of the table's row for it."""
    # a life that goes on, or a leg, has no outcome of its own: its average is reckoned as if it had ended
    ended = msgspec.structs.replace(
        life,
        end=life.end or OrderEnd.CLOSE,
        ended_at=life.ended_at or Nanos(0),
        order=msgspec.structs.replace(life.order, level=Level.CHILD),
    )
    reckoned = outcome(ended, where())
    average = None if reckoned is None else reckoned.average_price
    found = {
        "order": life.order.order_key,
        "level": life.order.level.value,
        "filled": _amount(life.executed, QUANTITY_SCALE, asked["filled"]),
        "average": _amount(average, PRICE_SCALE, asked["average"]),
        "end": None if life.end is None else life.end.value,
        "venues": [venue for venue, quantity in life.by_venue if quantity],
    }
    return found | ({"symbol": life.order.symbol} if "symbol" in asked else {})
