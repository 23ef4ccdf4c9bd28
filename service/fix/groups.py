"""The repeating groups that matter, laid flat beside the plain tags: parties and regulatory time stamps.

A group is found by its count tag and read until a tag that is no member; its declared count is not believed. Two
different values in one place (two contra firms, say) leave the place empty: there is no telling which is meant.
"""

from __future__ import annotations

from service.fix.message import Flaw, Message

_PARTY_COUNT, _PARTY_ID, _PARTY_ROLE = "453", "448", "452"
_PARTY = frozenset({_PARTY_ID, _PARTY_ROLE, "447", "802", "523", "803"})
_STAMP_COUNT, _STAMP, _STAMP_TYPE = "768", "769", "770"
_STAMPS = frozenset({_STAMP, _STAMP_TYPE, "771"})
_STAMP_PLACE = "stamp"
_CONTRA = "375"


def places(message: Message, reads: frozenset[str]) -> dict[str, str] | Flaw:
    """Return tag or pseudo-tag → value; a Flaw when a tag that decides something is given twice, differently."""
    fields = message.fields
    repeats = len(message.tags) - len(fields)
    if _STAMP_COUNT in fields:
        repeats -= _spread(message, _STAMP_COUNT, _STAMPS, _STAMP_PLACE, _STAMP_TYPE, _STAMP)
    if _PARTY_COUNT in fields:
        repeats -= _spread(message, _PARTY_COUNT, _PARTY, "party", _PARTY_ROLE, _PARTY_ID)
    return _without_contradictions(message, reads) if repeats else fields


def _without_contradictions(message: Message, reads: frozenset[str]) -> dict[str, str] | Flaw:
    """Look for tags outside those two groups that are given twice and differently."""
    fields = message.fields
    twice = {tag for tag, value in message.pairs if fields[tag] != value}
    contradicted = (twice & reads) - {_CONTRA}
    if contradicted:
        tag = min(contradicted, key=int)
        return Flaw(f"tag {tag} is given twice with different values", int(tag))
    if _CONTRA in twice:
        fields[_CONTRA] = ""
    return fields


def _spread(message: Message, count: str, members: frozenset[str], name: str, kind: str, what: str) -> int:
    """Put each entry of the group beside the plain tags, as `name kind` → what; return how many tags repeat in it."""
    fields, tags = message.fields, message.tags
    begin = end = tags.index(count) + 1
    while end < len(tags) and tags[end] in members:
        end += 1
    within = tags[begin:end]
    values = message.flat[2 * begin + 1 : 2 * end : 2]
    if within == [what, kind] * (len(within) >> 1):  # the usual shape: value, type, value, type …
        for value, code in zip(values[::2], values[1::2], strict=True):
            _put(fields, f"{name} {code}", value)
        return max(len(within) - 2, 0)
    repeated = len(within) - len(set(within))
    if name == _STAMP_PLACE and not _in_pairs(within, what, kind):
        return repeated
    kind_is = what_is = ""
    for tag, value in zip(within, values, strict=True):
        if tag == kind:
            if kind_is:
                _put(fields, f"{name} {kind_is}", what_is)
                what_is = ""
            kind_is = value
        elif tag == what:
            if what_is:
                _put(fields, f"{name} {kind_is}", what_is)
                kind_is = ""
            what_is = value
    _put(fields, f"{name} {kind_is}", what_is)
    return repeated


def _in_pairs(within: list[str], what: str, kind: str) -> bool:
    """Return whether every stamp stands beside one type; an engine without a dictionary resends them sorted apart."""
    both = [tag for tag in within if tag in (what, kind)]
    half = len(both) // 2
    return both in ([what, kind] * half, [kind, what] * half)


def _put(fields: dict[str, str], place: str, value: str) -> None:
    """Set a place that is free; a second and different value empties it."""
    if value:
        fields[place] = value if fields.get(place, value) == value else ""
