"""Which findings people have closed as true: those that a rulebook must not lose."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from service.store.verdicts import ClosedAs, closed_as


def closed_as_true(connection: Connection, findings: Iterable[str]) -> frozenset[str] | None:
    """Return which of these findings were closed as true; None as long as the cases of all of them are open."""
    told = closed_as(connection, findings)
    if told and set(told.values()) == {ClosedAs.OPEN}:
        return None
    return frozenset(finding for finding, verdict in told.items() if verdict is ClosedAs.TRUE)
