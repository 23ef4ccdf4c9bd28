"""The pages that the head of every page leads to, each for those who may look at it. Pure."""

from __future__ import annotations

from collections.abc import Collection

from service.access.permissions import May

NAV: tuple[tuple[str, str, May], ...] = (
    ("/", "Exceptions", May.READ),
    ("/days", "Days", May.READ),
    ("/rules", "Rules", May.READ),
    ("/venues", "Venues", May.READ),
    ("/readiness", "Start of day", May.READINESS),
    ("/feeds", "Feeds", May.READINESS),
    ("/alerts", "Alerts", May.READINESS),
    ("/report", "Report", May.READ),
    ("/people", "People", May.READINESS),
)
"""Path, words, and what it takes."""


def nav(mine: Collection[May]) -> list[tuple[str, str]]:
    """Return path and words of each page that somebody may look at."""
    return [(path, words) for path, words, may in NAV if may in mine]
