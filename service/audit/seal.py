"""The seal of a day: what every chain had come to, with the seal before it; and its line in the file. Pure.

A seal is JSON with sorted keys and no blanks; its hash is the SHA-256 of that text, and a line of the file is the same
text with the key `hash` in it. Nothing else is needed to prove it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rules.facts import Nanos
from service.cases.case import GENESIS

SCHEMA = 1
_json = msgspec.json.Encoder(order="sorted")


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest link of a chain: how many links it had, and the hash of the last in hex."""

    name: str
    n: int
    hash: str


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of a table without a chain whose keys are above `after`, up to `last`: how many, and their digest."""

    name: str
    after: int
    last: int
    rows: int
    digest: str


class Cases(msgspec.Struct, frozen=True, kw_only=True):
    """The heads of the cases: how many cases were ever sealed, and the heads that are new since the seal before.

    A case that nobody touched stands in an earlier seal, to which `previous` leads.
    """

    count: int
    heads: int
    digest: str


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """One seal; `day` is the trade date that it closes, `missed` are trading days before it that got none."""

    schema: int = SCHEMA
    firm: str
    seq: int
    day: str
    missed: tuple[str, ...] = ()
    at: Nanos
    journal_offset: int
    cases: Cases
    chains: tuple[Head, ...]
    stretches: tuple[Stretch, ...]
    previous: str = GENESIS.hex()

    @property
    def text(self) -> bytes:
        """Return its canonical text, over which the hash is."""
        return _json.encode(self)

    @property
    def hash(self) -> str:
        """Return its hash in hex."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def line(self) -> bytes:
        """Return its line in the file, without the line's end; it is what goes over MQTT too."""
        return _json.encode({**msgspec.to_builtins(self), "hash": self.hash})

    @property
    def words(self) -> str:
        """Return which seal it is."""
        return f"seal {self.seq} of {self.day}"

    def head(self, name: str) -> Head | None:
        """Return what it says of a chain, None when it was made before there was that chain."""
        return next((one for one in self.chains if one.name == name), None)

    def stretch(self, name: str) -> Stretch | None:
        """Return what it says of a table without a chain, None when it says nothing."""
        return next((one for one in self.stretches if one.name == name), None)

    def closes(self, day: str) -> bool:
        """Return whether it is the seal of that day, or the first after a day that got none."""
        return day == self.day or day in self.missed


class NoSealError(ValueError):
    """A text that is no seal; the message says why."""


def read_text(text: bytes) -> Seal:
    """Return the seal that a canonical text says; raise NoSealError for any other text."""
    try:
        made = msgspec.json.decode(text, type=Seal)
    except msgspec.MsgspecError as error:
        raise NoSealError(str(error)) from None
    if made.text != text:
        msg = "it is not written as seals are"
        raise NoSealError(msg)
    return made


def read_line(line: bytes) -> Seal:
    """Return the seal of a line of the file; raise NoSealError when it is none, or not what its hash says."""
    try:
        values = msgspec.json.decode(line)
        told = values.pop("hash", None) if isinstance(values, dict) else None
        made = msgspec.convert(values, Seal)
    except msgspec.MsgspecError as error:
        raise NoSealError(str(error)) from None
    if made.hash != told or made.line != line:
        msg = "its hash is not that of its text"
        raise NoSealError(msg)
    return made


def remade(row: Mapping[str, Any], n: int, previous: bytes) -> bytes:
    """Return the hash that the row of a seal must have at place `n`, behind a seal; raise ValueError for no seal."""
    made = read_text(row["body"])
    cells = (made.seq, made.day, made.at, made.previous)
    if cells != (n, row["day"], row["at"], previous.hex()):
        return b""
    return bytes.fromhex(made.hash)


def head_line(case_id: object, n: object, link: object) -> bytes:
    """Return what one head of a case adds to the digest of its seal."""
    told = link.hex() if isinstance(link, bytes) else repr(link)
    return f"{case_id},{n},{told}\n".encode()


def row_line(cells: Iterable[Any]) -> bytes:
    """Return what one row adds to the digest of a stretch: its cells as a JSON list, bytes in hex."""
    try:
        return msgspec.json.encode([one.hex() if isinstance(one, bytes) else one for one in cells]) + b"\n"
    except (UnicodeEncodeError, OverflowError):  # no row of ours; it only has to be another line than any of ours
        return repr(tuple(cells)).encode("utf-8", "backslashreplace") + b"\n"
