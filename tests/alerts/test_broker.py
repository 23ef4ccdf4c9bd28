"""The line to the broker in words."""

from __future__ import annotations

from alerts.broker import Broker


def test_messages_name_host_and_port() -> None:
    """Never the user."""
    assert Broker(host="b.example", port=8883, username="watch").place == "b.example:8883"
