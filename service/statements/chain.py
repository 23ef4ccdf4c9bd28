"""Statements as links of one chain: each covers all of itself and the hash of the one before. Pure.

A statement is never edited: a new one for the same day is appended, and the newest counts. A signature is a statement
of its own that names the hash of what was signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from rules.facts import Nanos

GENESIS = b"\0" * 32
PROGRAM = "sorwatch"
_json = msgspec.json.Encoder(order="sorted")


class Kind(StrEnum):
    """What a statement is."""

    COMPLETENESS = "completeness"
    READINESS = "readiness"
    CLOSE_OF_DAY = "close_of_day"
    SIGNATURE = "signature"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A statement before the chain has given it a place; `actor` is the person, None when the program states it."""

    kind: Kind
    counterparty: str = ""
    session: str = ""
    trade_date: str
    state: str
    at: Nanos
    actor: str | None = None
    body: bytes


class Statement(Draft, frozen=True, kw_only=True):
    """One link: `seq` is 1, 2, 3 … without holes."""

    seq: int
    prev_hash: bytes
    hash: bytes


def packed(body: Any) -> bytes:
    """Return a body as canonical JSON: sorted keys, no blanks."""
    return _json.encode(body)


def digest(body: bytes) -> str:
    """Return the SHA-256 of a body, in hex."""
    return hashlib.sha256(body).hexdigest()


def link(previous: bytes, seq: int, draft: Draft) -> bytes:
    """Return the SHA-256 that chains a statement to the one before."""
    head = [
        seq,
        draft.kind.value,
        draft.counterparty,
        draft.session,
        draft.trade_date,
        draft.state,
        draft.at,
        draft.actor,
    ]
    return hashlib.sha256(previous + msgspec.json.encode(head) + draft.body).digest()


def linked(draft: Draft, seq: int, previous: bytes) -> Statement:
    """Return the draft as the link that follows `previous`."""
    return Statement(
        kind=draft.kind,
        counterparty=draft.counterparty,
        session=draft.session,
        trade_date=draft.trade_date,
        state=draft.state,
        at=draft.at,
        actor=draft.actor,
        body=draft.body,
        seq=seq,
        prev_hash=previous,
        hash=link(previous, seq, draft),
    )


def first_broken(statements: Iterable[Statement]) -> int | None:
    """Return the place (from 1) of the first link that does not hold, None when the chain is whole."""
    previous = GENESIS
    for expected, one in enumerate(statements, start=1):
        if (one.seq, one.prev_hash, one.hash) != (expected, previous, link(previous, expected, one)):
            return expected
        previous = one.hash
    return None


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a signature: what was signed, by its place and hash, and what the person said."""

    seq: int
    kind: str
    hash: str
    comment: str = ""


def signature(signed: Statement, actor: str, comment: str, at: Nanos) -> Draft:
    """Return the signature of a person under a statement."""
    body = Signed(seq=signed.seq, kind=signed.kind.value, hash=signed.hash.hex(), comment=comment)
    return Draft(
        kind=Kind.SIGNATURE,
        counterparty=signed.counterparty,
        session=signed.session,
        trade_date=signed.trade_date,
        state="signed",
        at=at,
        actor=actor,
        body=packed(body),
    )


def refusal(actor: str, comment: str, *, needs_comment: bool) -> str | None:
    """Return in words why a signature is not taken, None when it is."""
    if not actor.strip():
        return "nobody is named; a signature needs a named person"
    if actor.strip() in (PROGRAM, "caseworker"):
        return f"{actor.strip()} is the program's own name; sign under your own"
    if needs_comment and not comment.strip():
        return "not everything is well; say in a comment why it is signed all the same"
    return None
