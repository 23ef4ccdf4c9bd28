"""Alerts in every state, as the outbox keeps them: name only what matters."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select

from service.store.engine import Database
from service.store.tables import outbox
from service.telling.delivered import Delivered, Fate, Standing
from tests.factories_cases import NOON

SECOND = 1_000_000_000
REFUSED = "the other side answered 400: no such field"


def an_alert(database: Database, **changes: Any) -> int:
    """Keep an alert of the channel desk about no exception that waits; return its number."""
    with database.writing() as connection:
        number = (connection.execute(select(func.max(outbox.c.outbox_id))).scalar() or 0) + 1
        values: dict[str, Any] = {
            "outbox_id": number,
            "channel": "desk",
            "n": number,
            "idempotency_key": f"7/{number}",
            "rule": "slow_fill",
            "severity": "high",
            "body": b'{"reason":"opened"}',
            "created_at": NOON + number * SECOND,
            "attempts": 0,
            "reason": "opened",
        }
        connection.execute(insert(outbox).values(**values | changes))
    return number


def a_dead_letter(database: Database, **changes: Any) -> int:
    """Keep an alert that the other side refused; return its number."""
    dead: dict[str, Any] = {"attempts": 3, "error": REFUSED, "dead_at": NOON + 60 * SECOND}
    return an_alert(database, **dead | changes)


def a_delivery(**changes: Any) -> Delivered:
    """Return what became of an alert of the channel desk: it waits."""
    values: dict[str, Any] = {
        "alert": 5,
        "channel": "desk",
        "exception": 7,
        "key": "7/1",
        "about": "opened",
        "rule": "slow_fill",
        "severity": "high",
        "topic": None,
        "fate": Fate.WAITING,
        "reason": None,
        "route": None,
        "by": None,
        "attempts": 0,
        "error": None,
        "made_at": NOON,
        "rests_until": None,
        "dead_at": None,
        "settled_at": None,
    }
    return Delivered(**values | changes)


def a_standing(**changes: Any) -> Standing:
    """Return how the channel desk stands: nothing waits."""
    return Standing(**{"channel": "desk", "configured": True} | changes)
