"""What a vendor may be given: an allow-list of messages, of their fields, and of the form of each value. Pure.

What is not named here does not come out. No field of a list is free text, an account, a client, a party, a desk or a
parent's id; a value that has not the form of its field does not come out either, whatever a dialect put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from service.fix.layout import DATA_OF_LENGTH
from service.fix.message import Message, split
from service.fix.tags import explain, tag_name

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?")
_COUNT = re.compile(r"\d{1,18}")
_TIME = re.compile(r"\d{8}(-\d{2}:\d{2}:\d{2}(\.\d{1,9})?)?")
_CODE = re.compile(r"[0-9A-Za-z]{1,2}( [0-9A-Za-z]{1,2}){0,7}")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9./ ]{0,11}")
_VENUE = re.compile(r"[A-Z0-9]{1,8}")
_ID = re.compile(r"[!-~]{1,64}")
_VERSION = re.compile(r"FIXT?\.\d\.\d")

_EVERY = {"8": _VERSION, "34": _COUNT, "35": _CODE, "43": _CODE, "97": _CODE, "52": _TIME, "122": _TIME}
_ORDER: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("11", "37", "41"), _ID),
    **dict.fromkeys(("39", "40", "54", "59", "18", "21", "47", "528", "529"), _CODE),
    **dict.fromkeys(("14", "151", "38", "6", "44", "99", "111", "110"), _NUMBER),
    **dict.fromkeys(("60", "168", "126", "432"), _TIME),
    "55": _SYMBOL,
    "65": _SYMBOL,
}
_EXECUTION: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("17", "19"), _ID),
    **dict.fromkeys(("150", "20", "29", "851", "103", "378"), _CODE),
    **dict.fromkeys(("31", "32"), _NUMBER),
    "30": _VENUE,
    "75": _TIME,
}
FIELDS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "8": {**_EVERY, **_ORDER, **_EXECUTION},
    "9": {**_EVERY, **_ORDER, "102": _CODE, "434": _CODE},
}
"""By message type: execution reports and cancel rejects, as the vendor himself sent them. Nothing else comes out."""
_DATA = frozenset(DATA_OF_LENGTH) | frozenset(DATA_OF_LENGTH.values())


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One message as the vendor may have it: tag, name, value and meaning of each allowed field; the rest counted."""

    fields: tuple[tuple[str, str, str, str], ...]
    dropped: int


def given(body: bytes) -> Given | None:
    """Return what may be given of a message, None when its type is on no list or its frame is broken."""
    message = split(body)
    allowed = FIELDS.get(message.fields.get("35", "")) if isinstance(message, Message) else None
    if allowed is None or not isinstance(message, Message):
        return None
    pairs = message.pairs
    kept = dict(_kept(pairs, allowed))
    fields = tuple((tag, tag_name(tag), value, explain(tag, value)[1]) for tag, value in kept.items())
    return Given(fields=fields, dropped=len(pairs) - len(fields))


def _kept(pairs: Iterable[tuple[str, str]], allowed: Mapping[str, re.Pattern[str]]) -> Iterator[tuple[str, str]]:
    """Yield the allowed fields, each once: what comes again, or behind raw data, is not to be trusted."""
    seen: set[str] = set()
    for tag, value in pairs:
        if tag in _DATA:
            return
        form = allowed.get(tag)
        if form is not None and tag not in seen and form.fullmatch(value):
            yield tag, value
        seen.add(tag)


def as_id(value: str | None) -> str | None:
    """Return an id of the vendor's, None for what has not the form of one."""
    return _matching(_ID, value)


def as_symbol(value: str | None) -> str | None:
    """Return a symbol, None for what has not the form of one."""
    return _matching(_SYMBOL, value)


def as_venue(value: str | None) -> str | None:
    """Return the code of a venue, None for what has not the form of one."""
    return _matching(_VENUE, value)


def _matching(form: re.Pattern[str], value: str | None) -> str | None:
    return value if value is not None and form.fullmatch(value) else None
