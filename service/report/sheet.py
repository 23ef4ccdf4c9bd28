"""The report of a day as headed tables of words: what page, print, CSV and command line all show. Pure."""

from __future__ import annotations

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a table; `mark` is the sign of its severity, `case` the number of the exception that it is about."""

    cells: tuple[str, ...]
    mark: str = ""
    case: int | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One part: sentences, and a table if it has rows; `numbers` are the places of columns that are aligned right.

    `quiet` is what is said where there are neither.
    """

    name: str
    title: str
    sentences: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    numbers: frozenset[int] = frozenset()
    quiet: str = "None."
    grave: bool = False


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report: of which day, as of when, and its parts in their order."""

    day: str
    as_of: str
    sections: tuple[Section, ...]
