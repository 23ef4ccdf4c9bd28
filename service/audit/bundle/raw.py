"""The raw messages of a bundle: each byte for byte as the journal has it, and all of them in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from service.audit.bundle.packed import pretty
from service.exact_text import iso_utc
from service.journal import Record
from service.web.exception.detail import RawMessage, raw_message

INDEX = "raw/index.json"
READABLE = "raw/readable.txt"
_WIDTH = 28


def raw_files(records: Sequence[Record]) -> dict[str, bytes]:
    """Return a file for each message, a list of them, and a readable text."""
    if not records:
        return {READABLE: b"No message is behind this exception.\n"}
    listed = [_entry(record) for record in records]
    text = "\n".join(line for record in records for line in _readable(record, raw_message(record)))
    return {
        INDEX: pretty(listed),
        READABLE: f"{text}\n".encode(),
        **{_name(record): record.body for record in records},
    }


def _name(record: Record) -> str:
    return f"raw/{record.offset:012d}.{'fix' if raw_message(record).fields else 'json'}"


def _entry(record: Record) -> dict[str, Any]:
    return {
        "file": _name(record),
        "offset": record.offset,
        "kind": record.kind.value,
        "counterparty": record.counterparty,
        "session": record.session,
        "epoch": record.epoch,
        "received_at": None if record.received_at is None else iso_utc(record.received_at),
    }


def _readable(record: Record, told: RawMessage) -> Iterator[str]:
    how = "read from a file" if told.backfilled else "received"
    when = "at a time that is not known" if record.received_at is None else iso_utc(record.received_at)
    yield f"journal {record.offset}: {told.title}, {how} {when}, {record.session}"
    for field in told.fields:
        name = f"{field.tag} {field.name or '(no name)'}"
        yield f"  {name:<{_WIDTH}} {field.value}{f'   ({field.meaning})' if field.meaning else ''}"
    if not told.fields:
        yield f"  {told.raw}"
    yield ""
