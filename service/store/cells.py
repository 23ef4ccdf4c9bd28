"""What may stand in one cell: every value that a database would refuse becomes the nearest one that it takes. Pure.

A last line of defence, so that no message can stop the watch: decoding has already refused what makes no sense.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

HIGHEST = 2**63 - 1
LOWEST = -(2**63)
_json = msgspec.json.Encoder(order="sorted")


def clean_text(text: str) -> str:
    """Return the text without NUL and lone surrogates, which are written out as escapes."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


def clean(value: Any) -> Any:
    """Return the value as a cell takes it: texts cleaned, integers held to 64 bits, all else as it is."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(LOWEST, min(HIGHEST, value))
    return value


def clean_row(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return the row with every cell cleaned."""
    return tuple(clean(value) for value in row)


def canonical(value: Any) -> bytes:
    """Return the value as JSON with sorted keys; integers are exact however large."""
    try:
        return _json.encode(value)
    except UnicodeEncodeError:
        return _json.encode(_encodable(msgspec.to_builtins(value)))


def _encodable(value: Any) -> Any:
    if isinstance(value, dict):
        return {_encodable(name): _encodable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(inner) for inner in value]
    return clean_text(value) if isinstance(value, str) else value
