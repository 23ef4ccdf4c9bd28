"""What our own engine refused: the fields of a Reject (35=3) or BusinessMessageReject (35=j) that say which and why.

Pure. It reads bytes as they are and refuses to fail: what cannot be read is None.
"""

from __future__ import annotations

import msgspec

_DIGITS = 18


class OwnReject(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The refused message by its sequence number (45) and type (372), the tag (371), code (373, 380) and text (58)."""

    msg_type: str | None
    refused_sequence: int | None
    refused_type: str | None
    tag: int | None
    code: int | None
    reason: str | None


def read_reject(body: bytes) -> OwnReject:
    """Return what the reject says."""
    fields: dict[bytes, bytes] = {}
    for field in body.split(b"\x01"):
        tag, equals, value = field.partition(b"=")
        if equals:
            fields.setdefault(tag, value)
    return OwnReject(
        msg_type=_text(fields.get(b"35")),
        refused_sequence=_number(fields.get(b"45")),
        refused_type=_text(fields.get(b"372")),
        tag=_number(fields.get(b"371")),
        code=_number(fields.get(b"373") or fields.get(b"380")),
        reason=_text(fields.get(b"58")),
    )


def _text(value: bytes | None) -> str | None:
    return value.decode("utf-8", "replace") if value else None


def _number(value: bytes | None) -> int | None:
    return int(value) if value and len(value) <= _DIGITS and value.isdigit() else None
