"""How far the watch has come, in words. Pure."""

from __future__ import annotations

from service.web.said import instant


def pulse(received_at: int | None, waiting: int) -> str:
    """Return in words how far the watch has come."""
    if received_at is None:
        return "nothing has been received yet"
    behind = f"{waiting:,} not judged yet" if waiting else "all of it judged"
    return f"last record {instant(received_at).time} New York, {behind}"
