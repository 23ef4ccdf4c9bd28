"""The name of the published schema that a message is of: alerts/schemas has a file of that name. Pure."""

from __future__ import annotations

from alerts import alert, storm
from alerts.ports import Delivery

OF_A_TOPIC = {storm.TOPIC: f"{storm.TOPIC}-{storm.SCHEMA}"}


def schema_of(delivery: Delivery) -> str:
    """Return the name and version; what has no schema of its own is named by its topic."""
    if delivery.topic is None or delivery.alerts:
        return f"alert-{alert.SCHEMA}"
    return OF_A_TOPIC.get(delivery.topic, delivery.topic)
