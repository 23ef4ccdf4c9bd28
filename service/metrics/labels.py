"""Values of labels whose number nobody may blow up: so many are told apart, all others are "other". Pure."""

from __future__ import annotations

from collections.abc import Iterable

OTHER = "other"
VENUES_AT_MOST = 40


class Bounded:
    """The values of one label over the life of the process: the first ones that come keep their name."""

    def __init__(self, at_most: int, known: Iterable[str] = ()) -> None:
        self._at_most = at_most
        self._known = set(known)

    def label(self, value: str) -> str:
        """Return the value while there are few, "other" for those beyond."""
        if value in self._known:
            return value
        if len(self._known) >= self._at_most:
            return OTHER
        self._known.add(value)
        return value
