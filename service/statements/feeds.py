"""What the store says of the feeds: where each session's counting stands, what happened to it, what waits. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.backfill.plan import FileNote
from service.statements.day import Told

Session = tuple[str, str]
"""Counterparty and session."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """Where the counting of a session stands: its newest epoch, and the number that is expected next."""

    epoch: str
    expected: int


class Backfill(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was read in place of the line."""

    counterparty: str
    at: Nanos | None
    note: FileNote


class FeedStore(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, read in one state of the store.

    `told` are events of the line and the sources since `since`, by session, in journal order; `last` is when each
    session's newest message came; `heard` when anything was journalled last; `outbox` are the alerts that wait.
    """

    points: dict[Session, Point]
    told: dict[Session, tuple[Told, ...]]
    last: dict[Session, Nanos]
    files: tuple[Backfill, ...]
    newest: int
    processed: int
    heard: Nanos | None
    outbox: int
    outbox_since: Nanos | None
