"""Versions and proposals of a rulebook or register as lines of a page, in a supervisor's words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from service.change.effective import shown_instant
from service.change.history import Row
from service.versions import SEED
from service.web.said import Instant, instant

SHORT = 12
MARKS = {"in force": "on", "proposed": "open", "approved": "open"}


class TextRow(msgspec.Struct, frozen=True, kw_only=True):
    """One version or proposal in a line; `mark` is "on", "open", or "" for what is over."""

    state: str
    mark: str
    hash: str
    handle: str
    meaning: str
    proposed_by: str
    approved_by: str
    proposal: int | None
    since: Instant | None
    effective: str
    why: str


def text_rows(rows: Sequence[Row]) -> list[TextRow]:
    """Return the lines, newest first: what waits for a decision, what is or was in force, what came to nothing."""
    open_ones = [row for row in rows if MARKS.get(row.state) == "open"]
    versions = [row for row in rows if row.offset is not None]
    ended = [row for row in rows if row.offset is None and row not in open_ones]
    return [_row(row) for group in (open_ones, versions, ended) for row in reversed(group)]


def _row(row: Row) -> TextRow:
    later = row.effective is not None and row.offset is None
    return TextRow(
        state=row.state,
        mark=MARKS.get(row.state, ""),
        hash=row.hash,
        handle=row.hash[:SHORT],
        meaning=row.meaning[:SHORT],
        proposed_by=row.proposer,
        approved_by=_by(row),
        proposal=row.proposal,
        since=None if row.since is None else instant(row.since),
        effective=shown_instant(row.effective) if later and row.effective is not None else "",
        why=row.why,
    )


def _by(row: Row) -> str:
    if row.proposal is not None:
        return row.approver
    return "the first start, from the file" if row.approver in ("", SEED) else row.approver
