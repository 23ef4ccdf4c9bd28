"""The body of a webhook: one delivery as JSON, and what its answer asks of us. Pure."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec

from alerts.ports import Delivery

SCHEMA = 1
REFUSED = (400, 413, 422)
"""Answers that are about this very message: it will never be taken."""
LONGEST_WAIT_S = 900.0
"""What a receiver asks for keeps all alerts of its channel: no hint of it silences the watch for a day."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery: one alert, or several of a group, oldest first, each as it goes over MQTT.

    What is about no exception has its `topic` in one word, and is the one thing in `alerts`.
    """

    schema: int = SCHEMA
    firm: str
    topic: str | None
    alerts: tuple[msgspec.Raw, ...]


def envelope(delivery: Delivery) -> bytes:
    """Return the wire form of a delivery."""
    alerts = tuple(msgspec.Raw(body) for body in delivery.bodies)
    return msgspec.json.encode(Envelope(firm=delivery.firm, topic=delivery.topic, alerts=alerts))


def retry_after(text: str | None, now: float) -> float | None:
    """Return how many seconds a Retry-After asks to wait, by `now` in seconds since 1970; None when it says nothing."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return min(float(text), LONGEST_WAIT_S)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = date if date.tzinfo else date.replace(tzinfo=UTC)  # a date of HTTP without a zone is UTC, too
    return min(max(0.0, until.timestamp() - now), LONGEST_WAIT_S)
