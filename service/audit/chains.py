"""The one list of what is chained, and how a link of each is made again. Pure.

A new chain is one line of CHAINS: its name, its table, and the function of its own room that links it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from service.access import trail
from service.audit import seal
from service.cases import chain as cases
from service.change import proposal_events
from service.statements import chain as statements

Cells = Mapping[str, Any]
Kept = TypeVar("Kept")
Remade = Callable[[Cells, int, bytes], bytes]
UNREADABLE = (TypeError, ValueError, OverflowError, msgspec.MsgspecError)
"""What making a link again raises for a row that the program never wrote."""


class Chain(msgspec.Struct, frozen=True):
    """A chain: what people call it, its table, the column that counts its links, and how a link's hash is made."""

    name: str
    table: str
    key: str
    remade: Remade


def _event(row: Cells, n: int, previous: bytes) -> bytes:
    return cases.link(previous, row["case_id"], n, row["at"], row["actor"], row["kind"], row["body"])


def _statement(row: Cells, n: int, previous: bytes) -> bytes:
    return statements.link(previous, n, _read(row, statements.Statement))


def _proposal(row: Cells, n: int, previous: bytes) -> bytes:
    return proposal_events.linked(_read(row, proposal_events.Event), n, previous).hash


def _entry(row: Cells, n: int, previous: bytes) -> bytes:
    return trail.linked(_read(row, trail.Entry), n, previous).hash


def _read(row: Cells, kind: type[Kept]) -> Kept:
    return msgspec.convert(row, kind, builtin_types=(bytes,))


EVENTS = Chain("exceptions", "case_events", "n", _event)
"""The events of the cases: a chain for each."""
SEALS = Chain("seals", "seals", "seq", seal.remade)
CHAINS = (
    Chain("statements", "statements", "seq", _statement),
    Chain("proposals", "proposal_events", "seq", _proposal),
    Chain("access log", "access_log", "seq", _entry),
)
"""Every other chain, whose heads are in each seal."""
