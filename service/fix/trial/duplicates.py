"""Reports with the ExecID of another one: true copies, and those whose content differs, with the tags that do. Pure.

Remembers the bytes of the last so many executions; a copy that comes later than those is not seen, and that is said.
"""

from __future__ import annotations

from typing import Any

from service.fix.habits import Dialect, one_of
from service.fix.message import Message, split
from service.fix.trial.part import Guess, Taken, Tally, place_name, plural

MOST_EXECUTIONS = 50_000
_IDENTITY = ("54", "37", "55", "1", "30", "1300", "1301", "1180")
"""What another report has otherwise, when two share an ExecID: candidates for `dedup.extra`."""
_FACTS = one_of("6 14 31 32 38 39 44 150 151 20 19 60 75")
"""What a copy cannot change without being another report: drafted as neither."""


class Duplicates:
    """Reports by ExecID and the dialect's extra parts."""

    title = "Duplicates"

    def __init__(self, dialect: Dialect) -> None:
        self._habits, self._no_id = dialect.key, dialect.ids.placeholders
        self._seen: dict[str, bytes] = {}
        self._differ, self._alone = Tally(200), Tally(200)
        self._marked = self._equal = self._other = self._forgotten = 0

    def take(self, one: Taken) -> None:
        """Compare a report with the one that had its ExecID before."""
        exec_id = one.fields.get("17", "")
        if not one.report or not exec_id or exec_id in self._no_id or one.fields.get("20") == "3":
            return
        key = "|".join((exec_id, *(one.fields.get(place, "") for place in self._habits.extra)))
        before = self._seen.get(key)
        if before is None:
            self._seen[key] = one.body
            if len(self._seen) > MOST_EXECUTIONS:
                del self._seen[next(iter(self._seen))]
                self._forgotten += 1
            return
        self._marked += not one.first_copy
        self._compare(before, one)

    def _compare(self, before: bytes, one: Taken) -> None:
        earlier = split(before)
        assert isinstance(earlier, Message)  # its frame held when it came
        volatile = self._habits.volatile
        differing = sorted({tag for tag, _ in set(earlier.pairs) ^ set(one.pairs) if tag not in volatile}, key=int)
        self._equal += not differing
        self._other += bool(differing)
        for tag in differing:
            self._differ.add(tag)
        identity = next((tag for tag in _IDENTITY if tag in differing), None)
        if identity:
            self._alone.add(f"extra {identity}")
        elif differing and not _FACTS.intersection(differing):
            for tag in differing:
                self._alone.add(f"volatile {tag}")

    def found(self) -> dict[str, Any]:
        """Return how many were equal, how many were not, and in which tags."""
        return {
            "equal": self._equal,
            "other_content": self._other,
            "marked_43_or_97": self._marked,
            "tags_that_differ": self._differ.ordered(),
            "forgotten": self._forgotten,
        }

    def lines(self) -> list[str]:
        """Return the same in words."""
        lines = []
        if self._equal or self._other:
            both = f"{self._equal:,} with equal content, {self._other:,} with other content"
            lines.append(f"same ExecID (17) again: {both}; {self._marked:,} marked by 43 or 97")
        lines += [f"{place_name(tag)} differs {count:,} ×" for tag, count in self._differ.ordered().items()]
        if self._forgotten:
            lines.append(
                f"only the last {MOST_EXECUTIONS:,} ExecIDs were compared; {self._forgotten:,} came before them"
            )
        return lines

    def problems(self) -> list[tuple[str, int]]:
        """Return the copies that would be conflicts."""
        return [("same ExecID with other content", self._other)]

    def guesses(self) -> list[Guess]:
        """Return what belongs to the key, and what changes between copies."""
        guesses = []
        for name, count in self._alone.ordered().items():
            key, _, tag = name.partition(" ")
            same = f"{plural(count, 'report')} of {self._other} with an ExecID that was there before"
            why = "tells them apart" if key == "extra" else "and no fact differs"
            guesses.append(Guess(("dedup", key), [tag], f"{tag} differs on {same}: {why}"))
        return guesses
