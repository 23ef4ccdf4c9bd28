"""Files as one zip with a manifest of their hashes: the same files give the same bytes. Pure."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from rules.facts import Nanos

MANIFEST = "manifest.json"
MANIFEST_HASH = "manifest.sha256"
SCHEMA = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
"""The dates that a zip can write."""
_MODE = 0o644 << 16
_UNIX = 3


class Packed(msgspec.Struct, frozen=True):
    """A zip, and the hash of its manifest: it stands for every file in it."""

    content: bytes
    manifest_hash: str


def packed(files: Mapping[str, bytes], told: Mapping[str, Any], at: Nanos) -> Packed:
    """Return the zip of the files; `told` is what the manifest says beside their hashes and sizes."""
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in sorted(files.items())
    }
    manifest = pretty({"schema": SCHEMA, **told, "files": listed})
    digest = hashlib.sha256(manifest).hexdigest()
    every = {MANIFEST: manifest, MANIFEST_HASH: f"{digest}  {MANIFEST}\n".encode(), **dict(sorted(files.items()))}
    return Packed(_zipped(every, _moment(at)), digest)


def pretty(value: Any) -> bytes:
    """Return a value as JSON that people can read, one line a value, with a line's end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _zipped(files: Mapping[str, bytes], moment: datetime) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.create_system, entry.external_attr, entry.compress_type = _UNIX, _MODE, zipfile.ZIP_DEFLATED
            out.writestr(entry, content)
    return held.getvalue()


def _moment(at: Nanos) -> datetime:
    seconds = min(max(at // 1_000_000_000, int(_FIRST.timestamp())), int(_LAST.timestamp()))
    return _EPOCH + timedelta(seconds=seconds)
