"""Walks a chain link by link and says what the first place is that does not hold. Pure.

A row is a mapping of its raw cells: what somebody else wrote there may be of any kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from service.audit.broken import Broken, Mark, What
from service.audit.chains import EVENTS, UNREADABLE, Cells, Chain
from service.cases.case import GENESIS, Case, CaseEvent
from service.cases.chain import rebuilt
from service.cases.states import Action

NOTHING_SEALED: Mapping[int, Mark] = {}
OLD_CELLS = ("state", "severity")
"""What the events of a case tell that was opened before events told every value that they changed."""


class Walked(msgspec.Struct, frozen=True):
    """How far a chain was walked: its links, the hash of the last, and what is wrong, if anything."""

    links: int
    head: bytes
    broken: Broken | None = None


class Told(msgspec.Struct, frozen=True):
    """A case as the store has it: its row, its events, how many findings it holds, what seals say of its links."""

    case_id: int
    row: Cells | None
    events: Sequence[Cells]
    held: int
    marks: Mapping[int, Mark]


def walk(chain: Chain, rows: Iterable[Cells], marks: Mapping[int, Mark] = NOTHING_SEALED) -> Walked:
    """Walk a chain to its end, or to the first row that does not hold or is not what was sealed."""
    previous, links = GENESIS, 0
    for expected, row in enumerate(rows, start=1):
        what = _wrong(chain, row, expected, previous)
        if what is not None:
            return Walked(links, previous, Broken(chain=chain.name, what=what, n=expected, words=_note(row, what)))
        previous, links = row["hash"], expected
        mark = marks.get(expected)
        if mark is not None and mark.hash != previous:
            words = f"another hash stood there at {mark.words}"
            return Walked(links, previous, Broken(chain=chain.name, what=What.SEALED, n=expected, words=words))
    beyond = min((n for n in marks if n > links), default=None)
    if beyond is None:
        return Walked(links, previous)
    words = f"{marks[beyond].words} has {beyond:,} links, {_many(links)} there"
    return Walked(links, previous, Broken(chain=chain.name, what=What.CUT, n=links + 1, words=words))


def walk_case(told: Told, cells_of: Callable[[Case], dict[str, Any]]) -> Broken | None:
    """Return the first thing that does not hold of a case: its events, what was sealed, or its row."""
    if told.row is None:
        words = f"{_many(len(told.events), 'event')} there, and no case" if told.events else ""
        return Broken(chain=EVENTS.name, what=What.GONE, case=told.case_id, words=words or _sealed(told.marks))
    found = _cut(told, told.row) or _head(told, told.row)
    walked = walk(EVENTS, told.events, told.marks)
    if walked.broken is not None and walked.broken.what is not What.CUT:
        found = walked.broken
    found = found or walked.broken or _state(told, told.row, cells_of)
    return None if found is None else msgspec.structs.replace(found, chain=EVENTS.name, case=told.case_id)


def _wrong(chain: Chain, row: Cells, expected: int, previous: bytes) -> What | None:
    before, kept = row["prev_hash"], row["hash"]
    try:
        if row[chain.key] != expected:
            return What.MISSING if row[chain.key] > expected else What.FOREIGN
        if before == previous and kept == chain.remade(row, expected, previous):
            return None if _canonical(row.get("body", b"0")) else What.UNREADABLE
        foreign = before != previous and kept == chain.remade(row, expected, before)
    except UNREADABLE:
        return What.UNREADABLE
    return What.FOREIGN if foreign else What.CHANGED


def _canonical(body: bytes) -> bool:
    """Return whether a body is JSON just as the program writes it: no other text says the same."""
    return msgspec.json.encode(msgspec.json.decode(body)) == body


def _note(row: Cells, what: What) -> str:
    return f"the next there is {row.get('n', row.get('seq'))}" if what is What.MISSING else ""


def _sealed(marks: Mapping[int, Mark]) -> str:
    last = max(marks, default=None)
    return (
        "numbers are given without holes" if last is None else f"{marks[last].words} has {_many(last, 'event')} of it"
    )


def _cut(told: Told, row: Cells) -> Broken | None:
    last = told.events[-1]["n"] if told.events else 0
    if last and (not isinstance(row["head_n"], int) or row["head_n"] <= last):
        return None
    words = f"its row counts {row['head_n']} events, {_many(last, 'event')} there"
    return Broken(chain=EVENTS.name, what=What.CUT, n=last + 1, words=words)


def _head(told: Told, row: Cells) -> Broken | None:
    last = told.events[-1]
    if (row["head_n"], row["head_hash"]) == (last["n"], last["hash"]):
        return None
    return Broken(chain=EVENTS.name, what=What.HEAD, n=last["n"], words=f"its row says {row['head_n']}")


def _state(told: Told, row: Cells, cells_of: Callable[[Case], dict[str, Any]]) -> Broken | None:
    """Return where the row of a case is not what its events, which hold, say."""
    try:
        events = [_event(event) for event in told.events]
        case = rebuilt(events)
    except UNREADABLE:
        return Broken(chain=EVENTS.name, what=What.UNREADABLE, words="an event of a kind that is not known")
    if case is None:
        said = msgspec.json.decode(events[-1].body)
        expected = {name: said[name] for name in OLD_CELLS if name in said}
    else:
        expected = cells_of(case)
        gathered = case.finding_count + case.withdrawn_count
        if told.held != gathered:
            words = f"its events gathered {gathered:,} findings, it holds {told.held:,}"
            return Broken(chain=EVENTS.name, what=What.STATE, words=words)
    wrong = [name for name, cell in expected.items() if row[name] != cell]
    return Broken(chain=EVENTS.name, what=What.STATE, words=", ".join(wrong)) if wrong else None


def _event(row: Cells) -> CaseEvent:
    return CaseEvent(
        case_id=row["case_id"],
        n=row["n"],
        at=row["at"],
        actor=row["actor"],
        action=Action(row["kind"]),
        body=row["body"],
        previous=row["prev_hash"],
        hash=row["hash"],
    )


def _many(number: int, one: str = "link") -> str:
    return f"1 {one} is" if number == 1 else f"{number:,} {one}s are"
