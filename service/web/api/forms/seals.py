"""Seals on the wire. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from service.audit.seal import Seal
from service.web.api.forms.common import Digest, Instant, Told, instant


class SealTold(Told):
    """One seal: `text` is the exact text that its hash is the SHA-256 of."""

    number: int
    day: str
    at: Instant
    missed: list[str]
    cases: int
    text: str
    hash: Digest
    previous: Digest


class Seals(Told):
    """A page of seals, oldest first."""

    seals: list[SealTold]
    next: int | None = Field(description="Give it as `after` for the following page; null: this was the last.")


def seals_told(found: Sequence[Seal], limit: int) -> Seals:
    """Return a page of seals; `found` may hold more than the page."""
    shown = [_seal(one) for one in found[:limit]]
    return Seals(seals=shown, next=shown[-1].number if len(found) > limit else None)


def _seal(one: Seal) -> SealTold:
    return SealTold(
        number=one.seq,
        day=one.day,
        at=instant(one.at),
        missed=list(one.missed),
        cases=one.cases.count,
        text=one.text.decode(),
        hash=one.hash,
        previous=one.previous,
    )
