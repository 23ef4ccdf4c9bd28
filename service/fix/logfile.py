"""Reads a FIX log from disk: QuickFIX's file log, or one message a line with SOH or `|`, with or without a time stamp.

Only what came from the counterparty is given out: an engine's log holds both directions, and whoever sends execution
reports (35=8) is the counterparty. A log without any is given out whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from rules.facts import SECOND, Nanos
from service.fix import stamps
from service.fix.message import restated

_BEGIN = re.compile(rb"8=FIX")
_FIELD = re.compile(rb"(?:^|[\x01|])\d+=")
_BAR = re.compile(rb"\|(?=\d+=|\s*$)")
_COMPLETE = re.compile(rb"[\x01|]10=\d{3}(?:[\x01|]|\s*$)")
_REPORT = re.compile(rb"[\x01|]35=8[\x01|]")
_SENDER = re.compile(rb"[\x01|]49=([^\x01|]*)")
_FIX_STAMP = re.compile(r"\d{8}-\d\d:\d\d:\d\d(?:\.\d{1,12})?", re.ASCII)
_ISO_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(?: ?(Z|UTC|[+-]\d\d:?\d\d))?(?![\d:])", re.ASCII
)
_MOST_LINES = 1_000
"""A message whose values hold line feeds goes over so many lines at most."""


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """One message of a log, with SOH: when it was received (None without a stamp), and the number of its first line."""

    received_at: Nanos | None
    body: bytes
    number: int


def read_log(path: Path, *, ignore_checksum: bool = False) -> Iterator[LogLine]:
    """Yield the counterparty's messages in order.

    With `ignore_checksum` each message gets the BodyLength and CheckSum that its bytes call for; without it a wrong one
    is left as it is, and decoding says so.
    """
    senders = _counterparties(path)
    for line in _messages(path):
        sender = _SENDER.search(line.body)
        if senders and sender and sender[1] not in senders:
            continue
        yield msgspec.structs.replace(line, body=restated(line.body)) if ignore_checksum else line


def _counterparties(path: Path) -> set[bytes]:
    """Return the SenderCompIDs of the execution reports."""
    with path.open("rb") as log:
        found = (_SENDER.search(line) for line in log if _REPORT.search(line))
        return {match[1] for match in found if match}


def _messages(path: Path) -> Iterator[LogLine]:
    """Put the lines of each message together; lines that hold no fields at all are no messages."""
    with path.open("rb") as log:
        pending: list[bytes] = []
        first = 0
        for number, raw in enumerate(log, start=1):
            line = raw.rstrip(b"\r\n")
            if _goes_on(pending) and not _BEGIN.search(line):
                pending.append(raw)
                continue
            yield from _finished(pending, first)
            pending, first = ([raw], number) if _holds_fields(line) else ([], 0)
        yield from _finished(pending, first)


def _goes_on(lines: list[bytes]) -> bool:
    """Return whether a message has begun and its CheckSum (10) has not come: a value of it holds a line feed."""
    begun = bool(lines and _BEGIN.search(lines[0]) and len(lines) < _MOST_LINES)
    return begun and not _COMPLETE.search(lines[-1])


def _holds_fields(line: bytes) -> bool:
    return bool(_BEGIN.search(line) or (_FIELD.search(line) and (b"\x01" in line or b"|" in line)))


def _finished(lines: list[bytes], number: int) -> Iterator[LogLine]:
    if not lines:
        return
    text = b"".join(lines).rstrip(b"\r\n")
    begin = _BEGIN.search(text)
    start = begin.start() if begin else 0
    body = text[start:]
    if b"\x01" not in body:
        body = _BAR.sub(b"\x01", body.rstrip())
    yield LogLine(_received_at(text[:start].decode("latin-1")), body, number)


def _received_at(prefix: str) -> Nanos | None:
    """Return the time stamp before a message: FIX's form or ISO 8601, UTC unless it says otherwise."""
    fix = _FIX_STAMP.search(prefix)
    if fix:
        found = stamps.instant(fix[0])
        return None if found is None else found[0]
    iso = _ISO_STAMP.search(prefix)
    if iso is None:
        return None
    day, clock, fraction, zone = iso.groups("")
    offset = "+00:00" if zone in ("", "Z", "UTC") else zone
    try:
        at = datetime.fromisoformat(f"{day}T{clock}{offset}")
    except ValueError:
        return None
    seconds = int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return Nanos(seconds * SECOND + int(fraction.ljust(9, "0")))
