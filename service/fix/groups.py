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
_CONTRA = "375"


def places(message: Message, reads: frozenset[str]) -> dict[str, str] | Flaw:
    """Return tag or pseudo-tag → value; a Flaw when a tag that decides something is given twice, differently."""
    fields = message.fields
    if len(message.pairs) != len(fields):
        twice = {tag for tag, value in message.pairs if fields[tag] != value}
        contradicted = (twice & reads) - {_CONTRA}
        if contradicted:
            tag = min(contradicted, key=int)
            return Flaw(f"tag {tag} is given twice with different values", int(tag))
        if _CONTRA in twice:
            fields[_CONTRA] = ""
    if _STAMP_COUNT in fields:
        _spread(message, _STAMP_COUNT, _STAMPS, "stamp", _STAMP_TYPE, _STAMP)
    if _PARTY_COUNT in fields:
        _spread(message, _PARTY_COUNT, _PARTY, "party", _PARTY_ROLE, _PARTY_ID)
    return fields


def _spread(message: Message, count: str, members: frozenset[str], name: str, kind: str, what: str) -> None:
    """Put each entry of the group beside the plain tags, as `name kind` → what."""
    fields, pairs = message.fields, message.pairs
    entry: dict[str, str] = {}
    for tag, value in pairs[pairs.index([count, fields[count]]) + 1 :]:
        if tag not in members:
            break
        if tag in entry and tag in (kind, what):
            _put(fields, name, entry.get(kind), entry.get(what))
            entry = {}
        entry[tag] = value
    _put(fields, name, entry.get(kind), entry.get(what))


def _put(fields: dict[str, str], name: str, kind: str | None, value: str | None) -> None:
    if kind and value:
        place = f"{name} {kind}"
        fields[place] = value if fields.get(place, value) == value else ""
