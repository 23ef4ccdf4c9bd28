"""A measurement as it is kept: what was run, on which state of the code, and what came out for each rule. Pure."""

from __future__ import annotations

import msgspec

from service.quality.tally import Quality


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement; the figures of the README are made from a recorded one.

    `positions` are the strengths taken of each fault (0 weak, 1 middle, 2 strong), `rulebook` its hash, `commit` the
    state of the code where that is known.
    """

    schema: int = 1
    seeds: tuple[int, ...]
    positions: tuple[int, ...]
    seconds: float
    rate: float
    runs: int
    messages: int
    findings: int
    rulebook: str
    commit: str | None = None
    rules: tuple[Quality, ...]


def encode(record: Record) -> bytes:
    """Return the record as JSON that a person can read and compare."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def decode(text: bytes) -> Record:
    """Return a recorded measurement; raise msgspec.DecodeError when it is none."""
    return msgspec.json.decode(text, type=Record)
