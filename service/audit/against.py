"""Seals beside each other: those of the store, and the lines of a file that left the house. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from service.audit.broken import Broken, Mark, What
from service.audit.chains import EVENTS, SEALS, Cells
from service.audit.seal import NoSealError, Seal, head_line, read_line
from service.cases.case import GENESIS


class Outside(msgspec.Struct, frozen=True):
    """What a file of seals says: the seals by number, what is wrong with the file, and what is worth saying of it."""

    seals: Mapping[int, Seal]
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


NO_FILE = Outside({})


def read_file(text: bytes) -> Outside:
    """Read the lines of a file of seals; a line that a crash cut short is no fault when the whole one follows."""
    lines = [line for line in text.split(b"\n") if line]
    seals: dict[int, Seal] = {}
    broken, notes = [], []
    for number, line in enumerate(lines, start=1):
        try:
            one = read_line(line)
        except NoSealError as error:
            after = lines[number] if number < len(lines) else b""
            if after.startswith(line):
                notes.append(f"line {number} of the file was cut short; the next is the whole of it")
            else:
                broken.append(_of_file(f"line {number} of the file: {error}"))
            continue
        if one.seq in seals and seals[one.seq] != one:
            broken.append(_of_file(f"line {number} of the file is another seal {one.seq} than an earlier line", one))
        seals.setdefault(one.seq, one)
    return Outside(seals, (*broken, *_unlinked(seals)), tuple(notes))


def _unlinked(seals: Mapping[int, Seal]) -> Iterable[Broken]:
    """Yield the seals of a file that do not follow the one before; a file may begin with any."""
    ordered = [seals[seq] for seq in sorted(seals)]
    for before, one in pairwise(ordered):
        if one.seq != before.seq + 1:
            yield _of_file(f"the file has seal {one.seq} after seal {before.seq}", one)
        elif one.previous != before.hash:
            yield _of_file("in the file it does not follow the one before", one)
    if ordered and ordered[0].seq == 1 and ordered[0].previous != GENESIS.hex():
        yield _of_file("it says that another was before it", ordered[0])


def beside(stored: Mapping[int, Seal], outside: Outside) -> Iterable[Broken]:
    """Yield the seals of the file that are not, or not so, in the store."""
    for seq, one in sorted(outside.seals.items()):
        if seq not in stored:
            yield _of_file("it is in the file and not in the store", one)
        elif stored[seq] != one:
            yield _of_file("the store has another one than the file", one)


def newer_than(stored: Mapping[int, Seal], outside: Outside) -> str:
    """Return in words how many seals of the store the file does not reach; empty when it reaches all."""
    newer = sum(seq > max(outside.seals, default=0) for seq in stored)
    return f"{newer:,} of the store's {len(stored):,} seals are newer than the file" if newer else ""


def believed(stored: Mapping[int, Seal], outside: Outside, day: str | None) -> list[Seal] | None:
    """Return the seals to compare with, oldest first, the file's before the store's; those up to a day, if it is named.

    None when no seal closes that day.
    """
    every = [one for _, one in sorted({**stored, **outside.seals}.items())]
    if day is None:
        return every
    last = max((one.seq for one in every if one.closes(day)), default=None)
    return None if last is None else [one for one in every if one.seq <= last]


def marks_of(name: str, seals: Iterable[Seal]) -> dict[int, Mark]:
    """Return what seals say of a chain, by the number of the link."""
    heads = [(one, head) for one in seals if (head := one.head(name)) is not None and head.n]
    return {head.n: Mark(bytes.fromhex(head.hash), one.seq, one.day) for one, head in heads}


class Heads:
    """The heads of cases that the store keeps for each seal, added up in the order of case and event."""

    def __init__(self, seals: Sequence[Seal]) -> None:
        self._seals = {one.seq: one for one in seals}
        self._digests = {seq: hashlib.sha256() for seq in self._seals}
        self._heads = dict.fromkeys(self._seals, 0)
        self._cases = 0

    def take(self, rows: Sequence[Cells]) -> dict[int, Mark]:
        """Take the heads of one case; return what the seals say of its links."""
        mine = [row for row in rows if row["seal"] in self._seals]  # the others are noted for a seal to come
        for row in mine:
            self._digests[row["seal"]].update(head_line(row["case_id"], row["n"], row["hash"]))
            self._heads[row["seal"]] += 1
        self._cases += bool(mine)
        counted = [row for row in mine if isinstance(row["n"], int)]
        return {row["n"]: Mark(row["hash"], row["seal"], self._seals[row["seal"]].day) for row in counted}

    def compared(self) -> Iterable[Broken]:
        """Yield the seals whose heads are not those that the store keeps for it."""
        for seq, one in self._seals.items():
            found = (self._heads[seq], self._digests[seq].hexdigest())
            if found != (one.cases.heads, one.cases.digest):
                words = f"{one.words} covers {one.cases.heads:,} heads, the {found[0]:,} kept for it are others"
                if found[0] != one.cases.heads:
                    words = f"{one.words} covers {one.cases.heads:,} heads, {found[0]:,} are kept for it"
                yield Broken(chain=EVENTS.name, what=What.SEALED, words=words)
        yield from self._counted()

    def _counted(self) -> Iterable[Broken]:
        """Say when the newest seal counts more cases than are there: one was deleted with all that is kept of it."""
        newest = self._seals.get(len(self._seals))  # without a hole before it, as else the count is of some only
        if newest is not None and self._cases < newest.cases.count:
            words = f"{newest.words} counts {newest.cases.count:,} cases, {self._cases:,} of them are there"
            yield Broken(chain=EVENTS.name, what=What.GONE, words=words)


def _of_file(words: str, one: Seal | None = None) -> Broken:
    return Broken(chain=SEALS.name, what=What.SEAL, n=None if one is None else one.seq, words=words)
