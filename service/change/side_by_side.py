"""Two texts beside each other, line by line; of long runs that are the same only the edges are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum

import msgspec

AROUND = 3
"""So many lines that are the same are shown around what differs."""


class Side(StrEnum):
    """How a row came about."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    NEW = "new"
    LEFT_OUT = "left out"


class SideRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row: the old line and the new one with their numbers; `hidden` lines that are the same where left out."""

    side: Side
    old_number: int | None = None
    old: str = ""
    new_number: int | None = None
    new: str = ""
    hidden: int = 0


def side_by_side(old: str, new: str) -> list[SideRow]:
    """Return both texts row by row, nothing where they are the same."""
    before, after = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    blocks = matcher.get_opcodes()
    if all(kind == "equal" for kind, *_ in blocks):
        return []
    rows: list[SideRow] = []
    for place, (kind, i, j, k, m) in enumerate(blocks):
        if kind == "equal":
            rows += _same(before, i, j, k, first=place == 0, last=place == len(blocks) - 1)
        else:
            rows += _differing(before[i:j], after[k:m], i, k)
    return rows


def _same(lines: list[str], begin: int, end: int, other: int, *, first: bool, last: bool) -> Iterator[SideRow]:
    head = 0 if first else AROUND
    tail = 0 if last else AROUND
    hidden = end - begin - head - tail
    for place in range(begin, end):
        within = place - begin
        if hidden > 1 and head <= within < head + hidden:
            if within == head:
                yield SideRow(side=Side.LEFT_OUT, hidden=hidden)
            continue
        line = lines[place]
        yield SideRow(side=Side.SAME, old_number=place + 1, old=line, new_number=other + within + 1, new=line)


def _differing(gone: list[str], came: list[str], old_at: int, new_at: int) -> Iterator[SideRow]:
    for place in range(max(len(gone), len(came))):
        here, there = place < len(gone), place < len(came)
        side = Side.CHANGED if here and there else Side.GONE if here else Side.NEW
        yield SideRow(
            side=side,
            old_number=old_at + place + 1 if here else None,
            old=gone[place] if here else "",
            new_number=new_at + place + 1 if there else None,
            new=came[place] if there else "",
        )
