"""The layout of a message: its tags in order, and what they tell whatever their values are. Pure.

A vendor sends few layouts and sends them over and over, so each is worked out once and kept; the kept ones are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec

DATA_OF_LENGTH = {
    "90": "91",
    "93": "89",
    "95": "96",
    "212": "213",
    "348": "349",
    "350": "351",
    "352": "353",
    "354": "355",
    "356": "357",
    "358": "359",
    "360": "361",
    "362": "363",
    "364": "365",
    "445": "446",
    "618": "619",
    "621": "622",
}
"""Length tag → the data tag behind it, whose value may hold any byte, the separator too."""
MOST_KEPT = 4_096
_STAMP_COUNT, _STAMP, _STAMP_TYPE = "768", "769", "770"
_STAMPS = frozenset({_STAMP, _STAMP_TYPE, "771"})
_PARTY_COUNT, _PARTY_ID, _PARTY_ROLE = "453", "448", "452"
_PARTY = frozenset({_PARTY_ID, _PARTY_ROLE, "447", "802", "523", "803"})
_TRANSACT_TIME = frozenset({"60"})
_TRD_REG_TIMESTAMPS = frozenset({"60", _STAMP_COUNT}) | _STAMPS
Pick = Callable[[Sequence[Any]], tuple[Any, ...]]
"""Takes certain fields out of all, in a certain order."""


class Group(msgspec.Struct, frozen=True, gc=False):
    """Where a repeating group stands: entries of `what`, each called `name` and the value of `kind`.

    `in_pairs` says that it is `what`, `kind`, `what`, `kind` … and nothing else.
    """

    name: str
    what: str
    kind: str
    begin: int
    end: int
    in_pairs: bool


class Layout(msgspec.Struct, frozen=True, gc=False):
    """The tags of a message; `key` is what it is kept by.

    `plain` when every tag is a number and none counts the bytes of another: then cutting at separators and equals signs
    is all that there is to splitting. `repeats` when a tag is there twice outside the `groups`.
    """

    key: str
    tags: tuple[str, ...]
    plain: bool
    groups: tuple[Group, ...]
    repeats: bool


@lru_cache(maxsize=MOST_KEPT)
def layout_of(key: str) -> Layout:
    """Return the layout of these tags, joined by equals signs."""
    tags = tuple(key.split("="))
    found = (
        _group(tags, "stamp", _STAMP_COUNT, _STAMPS, _STAMP, _STAMP_TYPE),
        _group(tags, "party", _PARTY_COUNT, _PARTY, _PARTY_ID, _PARTY_ROLE),
    )
    groups = [group for group in found if group is not None]
    within = (tags[group.begin : group.end] for group in groups)
    repeats = len(tags) - len(set(tags)) - sum(len(members) - len(set(members)) for members in within)
    return Layout(
        key=key,
        tags=tags,
        plain=all(map(str.isdecimal, tags)) and DATA_OF_LENGTH.keys().isdisjoint(tags),
        groups=tuple(group for group in groups if group.name != "stamp" or _told_apart(tags, group)),
        repeats=bool(repeats),
    )


def _group(tags: tuple[str, ...], name: str, count: str, members: frozenset[str], what: str, kind: str) -> Group | None:
    """Find a group by its count, up to a tag that is no member; its declared count is not believed."""
    if count not in tags:
        return None
    begin = end = tags.index(count) + 1
    while end < len(tags) and tags[end] in members:
        end += 1
    return Group(name, what, kind, begin, end, tags[begin:end] == (what, kind) * ((end - begin) >> 1))


def _told_apart(tags: tuple[str, ...], group: Group) -> bool:
    """Return whether every stamp stands beside one type; an engine without a dictionary resends them sorted apart."""
    both = tuple(tag for tag in tags[group.begin : group.end] if tag in (group.what, group.kind))
    half = len(both) // 2
    return both in ((group.what, group.kind) * half, (group.kind, group.what) * half)


class HashOrder(msgspec.Struct, frozen=True, gc=False):
    """Which fields make the two halves of a content hash, by the text of their tags; `settled` when no tag repeats."""

    content: Pick
    stamps: Pick
    settled: bool


@lru_cache(maxsize=MOST_KEPT)
def hash_order(key: str, volatile: frozenset[str]) -> HashOrder:
    """Return the order for a layout, without the tags that a copy may change."""
    tags = key.split("=")
    kept = sorted((f"{tag}=", at) for at, tag in enumerate(tags) if tag not in volatile)
    stamped = stamps_among(tags)
    return HashOrder(
        content=picking([at for _, at in kept if tags[at] not in stamped]),
        stamps=picking([at for _, at in kept if tags[at] in stamped]),
        settled=len({tag for tag, _ in kept}) == len(kept),
    )


def stamps_among(tags: Sequence[str]) -> frozenset[str]:
    """Return the tags of stamps: those of regulatory ones only where their group is there."""
    return _TRD_REG_TIMESTAMPS if _STAMP_COUNT in tags else _TRANSACT_TIME


def picking(wanted: list[int]) -> Pick:
    """Return what picks the fields at these; a getter of one would return it bare, and there is none of nothing."""
    if len(wanted) > 1:
        return itemgetter(*wanted)
    return lambda fields: tuple([fields[at] for at in wanted])
