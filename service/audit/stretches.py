"""Tables without a chain that the seal covers all the same: rows of growing key, each digested once. Pure.

What people or the watch may still change in such a row is left out by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from service.audit.broken import Broken, What
from service.audit.seal import Seal, Stretch, row_line


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table whose rows are appended under a growing key and not edited, but for the columns left out.

    Where the data base gives the key, a lower one may be committed after a higher one.
    """

    name: str
    table: str
    key: str
    left_out: tuple[str, ...] = ()
    keyed_by_database: bool = False


STRETCHES = (
    Table(name="findings", table="findings", key="seq"),
    Table(name="second looks", table="reassessments", key="seq"),
    Table(name="findings of exceptions", table="case_findings", key="seq"),
    Table(name="principals", table="principals", key="seq", keyed_by_database=True),
    Table(name="shelvings", table="shelvings", key="shelving_id", left_out=("ended_at", "ended_by")),
)


class Summed(msgspec.Struct, frozen=True):
    """What rows came to: how many, the last key, and their digest."""

    rows: int
    last: int
    digest: str


def summed(rows: Iterable[tuple[Any, ...]], after: int = 0) -> Summed:
    """Return what rows come to, each with its key first and then every covered cell."""
    made, count, last = hashlib.sha256(), 0, after
    for key, *cells in rows:
        made.update(row_line((key, *cells)))
        count, last = count + 1, key
    return Summed(count, last, made.hexdigest())


def compared(name: str, rows: Iterable[tuple[Any, ...]], seals: Iterable[Seal]) -> Broken | None:
    """Return the first seal that says something else of a table than its rows, which come in the order of their key."""
    waiting = _Peeked(iter(rows))
    for seal in seals:
        told = seal.stretch(name)
        if told is None:
            continue
        for _ in waiting.upto(told.after):
            pass  # of a seal that is not at hand
        found = summed(waiting.upto(told.last), told.after)
        if (found.rows, found.digest) != (told.rows, told.digest):
            return Broken(chain=name, what=_what(found.rows, told.rows), words=_words(found, told, seal))
    return None


def _what(found: int, told: int) -> What:
    return What.MISSING if found < told else What.FOREIGN if found > told else What.CHANGED


def _words(found: Summed, told: Stretch, seal: Seal) -> str:
    span = f"{seal.words} covers {told.rows:,} rows from {told.after + 1} to {told.last}"
    return f"{span}, {found.rows:,} are there" if found.rows != told.rows else f"{span}, one of them is another now"


class _Peeked:
    """Rows of which the next can be left for later."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def upto(self, last: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows whose key is not above `last`."""
        while self._next is not None and self._next[0] <= last:
            row, self._next = self._next, next(self._rows, None)
            yield row
