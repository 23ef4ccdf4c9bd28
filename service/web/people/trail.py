"""The access log as lines of a page, and how its chain stands in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from service.access.trail import Deed, Entry
from service.people import plain
from service.web.said import Instant, instant

GRAVE = (Deed.LOGIN_REFUSED, Deed.LOGIN_PAUSED, Deed.REFUSED)


class TrailLine(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the log in a line; `grave` for what was not let through."""

    seq: int
    at: Instant
    actor: str
    deed: str
    subject: str
    words: str
    place: str
    grave: bool
    hash: str


def trail_line(one: Entry, names: Mapping[str, str]) -> TrailLine:
    """Return one entry in a line; whom it is about is said where that is another than who acted, by their own name."""
    return TrailLine(
        seq=one.seq,
        at=instant(one.at),
        actor=one.actor,
        deed=one.deed.value,
        subject="" if one.subject == plain(one.actor) else names.get(one.subject, one.subject),
        words=one.words,
        place=one.place or "command line",
        grave=one.deed in GRAVE,
        hash=one.hash.hex(),
    )


def deed_of(text: str) -> Deed | None:
    """Return the deed of that name, None for any other text."""
    return next((deed for deed in Deed if deed.value == text), None)


def further(person: str, deed: str, day: str, below: int | None) -> str:
    """Return where the next page is, "" at the end."""
    if below is None:
        return ""
    given = {"person": person, "deed": deed, "day": day, "below": str(below)}
    return f"/people/log?{urlencode({name: value for name, value in given.items() if value})}"


def chain_words(looked: int, newest: int, broken: int | None) -> str:
    """Return in words how the links that were looked at stand."""
    if broken is not None:
        return f"Entry {broken:,} does not fit the one before it: the log was changed."
    if not looked:
        return "Nothing is written down yet."
    if looked == newest:
        return f"All {newest:,} entries fit together."
    return f"The newest {looked:,} of {newest:,} entries fit together; the older ones were not looked at."
