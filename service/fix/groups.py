"""The repeating groups that matter, laid flat beside the plain tags: parties and regulatory time stamps.

Where they stand is the layout's. Two different values in one place (two contra firms, say) leave the place empty: there
is no telling which is meant.
"""

from __future__ import annotations

from service.fix.layout import Group
from service.fix.message import Flaw, Message

_CONTRA = "375"


def places(message: Message, reads: frozenset[str]) -> dict[str, str] | Flaw:
    """Return tag or pseudo-tag → value; a Flaw when a tag that decides something is given twice, differently."""
    fields, values, layout = message.fields, message.values, message.layout
    for group in layout.groups:
        if not group.in_pairs:
            _spread(fields, group, layout.tags, values)
            continue
        for at in range(group.begin, group.end, 2):
            _put(fields, f"{group.name} {values[at + 1]}", values[at])
    return _without_contradictions(message, reads) if layout.repeats else fields


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


def _spread(fields: dict[str, str], group: Group, tags: tuple[str, ...], values: list[str]) -> None:
    """Put each entry of the group beside the plain tags, as its name and kind → what, in whatever order they come."""
    kind_is = what_is = ""
    for at in range(group.begin, group.end):
        if tags[at] == group.kind:
            if kind_is:
                _put(fields, f"{group.name} {kind_is}", what_is)
                what_is = ""
            kind_is = values[at]
        elif tags[at] == group.what:
            if what_is:
                _put(fields, f"{group.name} {kind_is}", what_is)
                kind_is = ""
            what_is = values[at]
    _put(fields, f"{group.name} {kind_is}", what_is)


def _put(fields: dict[str, str], place: str, value: str) -> None:
    """Set a place that is free; a second and different value empties it."""
    if value:
        fields[place] = value if fields.get(place, value) == value else ""
