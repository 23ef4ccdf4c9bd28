"""The body of a webhook: one delivery as JSON, and what its answer asks of us. Pure."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import msgspec

from alerts.ports import Delivery

SCHEMA = 1
REFUSED = (400, 413, 422)
"""Answers that are about this very message: it will never be taken."""
LONGEST_WAIT_S = 24 * 3_600.0


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
        until = parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None
    return min(max(0.0, until - now), LONGEST_WAIT_S)
