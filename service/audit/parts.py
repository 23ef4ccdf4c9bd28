"""What an export of record and trail consists of, file by file, and what each says of itself. Pure.

A part shows every stored column of its table under its own name, exact, so that hashes can be made again from it;
beside times and dollars stands what a person reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from service.store.export_kinds import Columns, Text, same
from service.store.export_text import iso_utc, plain_dollars

READ_TRAIL_ONLY = ("access_log",)
"""Parts that only who may read the access log may have."""


class Span(StrEnum):
    """Which rows of a part belong to an export of some days or of one exception."""

    WHOLE = "the whole of it, for it is one chain or one list"
    DAY = "those of the trade dates, or of the exception"
    CASE = "those of the exceptions"


class Part(msgspec.Struct, frozen=True):
    """One file: its table, which rows, what it is, and which of its columns are times, dollars, hashes."""

    table: str
    span: Span
    words: str
    times: tuple[str, ...] = ("at",)
    dollars: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()

    def columns(self, stored: Iterable[str]) -> Columns:
        """Return the columns of the file: as stored, then what a person reads."""
        names = tuple(stored)
        exact: dict[str, Text] = {name: bytes.hex if name in self.hashes else _exact for name in names}
        readable = {f"{name}_utc": iso_utc for name in self.times} | {f"{n}_usd": plain_dollars for n in self.dollars}
        return {**exact, **readable}

    def source(self, column: str) -> str:
        """Return the stored column that a column of the file comes from."""
        for names, ending in ((self.times, "_utc"), (self.dollars, "_usd")):
            if column.endswith(ending) and column.removesuffix(ending) in names:
                return column.removesuffix(ending)
        return column


def _exact(value: object) -> object:
    """Return a cell as it is; bytes, which are text here, as text that gives them back exactly where it is JSON."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else same(value)


_LINKS = ("prev_hash", "hash")
PARTS: dict[str, Part] = {
    "exceptions": Part(
        "cases",
        Span.DAY,
        "Every exception as it stands; head_n and head_hash name the newest event of its history.",
        ("opened_at", "updated_at", "first_at", "last_at", "closed_at", "acknowledged_at", "shelved_until"),
        ("dollar_harm",),
        ("head_hash",),
    ),
    "case_events": Part(
        "case_events", Span.CASE, "The history of each exception, chained: who did what when.", hashes=_LINKS
    ),
    "case_findings": Part("case_findings", Span.CASE, "Which findings (by seq) each exception holds.", ()),
    "findings": Part(
        "findings", Span.DAY, "What was found; body is the finding whole, as JSON.", dollars=("dollar_harm",)
    ),
    "second_looks": Part("reassessments", Span.DAY, "Second looks at findings made while messages were missing."),
    "finding_quotes": Part(
        "finding_quotes", Span.CASE, "Quotes around the findings' executions.", ("begin_at", "end_at")
    ),
    "principals": Part("principals", Span.WHOLE, "Who answered for which trade date, and who covered."),
    "shelvings": Part("shelvings", Span.WHOLE, "Scopes that were shelved.", ("begins_at", "until", "ended_at")),
    "bulks": Part("bulks", Span.WHOLE, "Decisions over many exceptions.", ("created_at", "finished_at")),
    "statements": Part(
        "statements", Span.WHOLE, "Certificates, readiness, closes of day, signatures: one chain.", hashes=_LINKS
    ),
    "proposals": Part(
        "proposal_events", Span.WHOLE, "Who proposed and approved which rulebook or register: one chain.", hashes=_LINKS
    ),
    "access_log": Part(
        "access_log", Span.WHOLE, "Who came in, was refused, changed whom, read what: one chain.", hashes=_LINKS
    ),
    "seals": Part("seals", Span.WHOLE, "The daily seals; body is the sealed text.", hashes=_LINKS),
    "sealed_heads": Part(
        "sealed_heads", Span.WHOLE, "Which event was the head of which exception at which seal.", (), (), ("hash",)
    ),
}
