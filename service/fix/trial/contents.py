"""What there is: messages, sessions, tags, codes of execution types and liquidity, and what could not be read. Pure."""

from __future__ import annotations

import re
from typing import Any

from service.fix.events import Undecodable
from service.fix.habits import Dialect
from service.fix.message import our_session
from service.fix.tags import TAGS, explain, message_name, named
from service.fix.trial.part import MOST_SHOWN, Distinct, Guess, Samples, Taken, Tally, plural

_MOST_TAGS = 2_000
_MOST_VALUES = 5_000
_MOST_REASONS = 200
_LINES_SHOWN = 5
_OLD = ("FIX.4.0", "FIX.4.1", "FIX.4.2")
_LIQUIDITY = ("851", "9730", "9882", "1057")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\d+ ns")


class Contents:
    """How many messages of which type, on which sessions, under which BeginString."""

    title = "What there is"

    def __init__(self) -> None:
        self.messages = Tally(100)
        self.sessions = Tally(100)
        self.versions = Tally(20)

    def take(self, one: Taken) -> None:
        """Count the message."""
        kind = one.fields.get("35", "")
        self.messages.add(f"{message_name(kind)} (35={kind[:20]})")
        self.sessions.add(our_session(one.body))
        self.versions.add(one.fields["8"])

    def found(self) -> dict[str, Any]:
        """Return the three counts."""
        return {
            "messages": self.messages.ordered(),
            "sessions": self.sessions.ordered(),
            "begin_strings": self.versions.ordered(),
        }

    def lines(self) -> list[str]:
        """Return the three counts in words."""
        counts = (("messages", self.messages), ("sessions", self.sessions), ("BeginString", self.versions))
        return [f"{name}: {tally.words()}" for name, tally in counts if tally.counts]

    def problems(self) -> list[tuple[str, int]]:
        """Return nothing: a count is no problem."""
        return []

    def guesses(self) -> list[Guess]:
        """Return nothing: BeginString stands in the draft anyway."""
        return []


class _Tag:
    def __init__(self) -> None:
        self.count = 0
        self.samples = Samples()
        self.distinct = Distinct(_MOST_VALUES)


class Tags:
    """Every tag that appears, how often, with how many values, some of them shown; tags without a name are custom."""

    title = "Tags"

    def __init__(self) -> None:
        self._tags: dict[str, _Tag] = {}
        self._beyond = 0

    def take(self, one: Taken) -> None:
        """Count the tags of the message."""
        for tag, value in one.pairs:
            seen = self._tags.get(tag)
            if seen is None:
                if len(self._tags) >= _MOST_TAGS:
                    self._beyond += 1
                    continue
                seen = self._tags[tag] = _Tag()
            seen.count += 1
            seen.samples.add(tag, value)
            seen.distinct.add(value)

    def found(self) -> dict[str, Any]:
        """Return tag → name, count, distinct values, samples, in order of the tags."""
        return {
            tag: {
                "name": TAGS.get(tag),
                "custom": tag not in TAGS,
                "count": seen.count,
                "distinct": len(seen.distinct.values),
                "distinct_capped": seen.distinct.full,
                "samples": seen.samples.values,
            }
            for tag, seen in sorted(self._tags.items(), key=lambda item: (len(item[0]), item[0]))
        }

    def lines(self) -> list[str]:
        """Return a line a tag."""
        lines = [
            f"{tag:>5} {TAGS.get(tag, 'custom'):<24} {seen.count:>9,} times, {seen.distinct.words} values: "
            + ", ".join(seen.samples.values)
            for tag, seen in sorted(self._tags.items(), key=lambda item: (len(item[0]), item[0]))
        ]
        if self._beyond:
            lines.append(f"{plural(self._beyond, 'field')} of tags past the first {_MOST_TAGS:,} are not counted")
        return lines

    def problems(self) -> list[tuple[str, int]]:
        """Return nothing: a custom tag is none."""
        return []

    def guesses(self) -> list[Guess]:
        """Return nothing: what a tag is for, other parts ask."""
        return []


class Kinds:
    """Execution and transaction types, whose words they are, and the codes of liquidity."""

    title = "Reports and their codes"

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._codes = {tag: Tally(100) for tag in ("150", "20", "39", *_LIQUIDITY)}
        self.reports = self._fills_without_type = self._fills = self._plain_corrections = 0

    def take(self, one: Taken) -> None:
        """Count the codes of an execution report."""
        if not one.report:
            return
        self.reports += 1
        for tag, tally in self._codes.items():
            if value := one.fields.get(tag):
                tally.add(value)
        filled = _filled(one.fields)
        self._fills += filled
        self._fills_without_type += filled and not one.fields.get("150")
        self._plain_corrections += filled and one.fields.get("20") == "2" and not one.fields.get("19")

    def found(self) -> dict[str, Any]:
        """Return the codes by tag, and whether 4.2 is spoken under a younger label."""
        codes = {tag: tally.ordered() for tag, tally in self._codes.items() if tally.counts}
        return {
            "codes": codes,
            "speaks_4_2": self._older(),
            "fills": self._fills,
            "fills_without_150": self._fills_without_type,
            "fills_with_20_2_without_19": self._plain_corrections,
        }

    def lines(self) -> list[str]:
        """Return the codes with their meanings, and what is odd about them."""
        lines = []
        for tag, tally in self._codes.items():
            if tally.counts:
                shown = [f"{code} {explain(tag, code)[1] or 'unknown'} {n:,}" for code, n in tally.ordered().items()]
                lines.append(f"{named(tag)}: {', '.join(shown[:MOST_SHOWN])}")
        if older := self._older():
            lines.append(f"speaks FIX 4.2 under a label of {self._dialect.begin_string}: {older}")
        if self._fills_without_type:
            lines.append(f"{self._fills_without_type:,} of {plural(self._fills, 'fill')} have no ExecType (150)")
        if self._plain_corrections:
            lines.append(
                f"{self._plain_corrections:,} of {plural(self._fills, 'fill')} have 20=2 without ExecRefID (19)"
            )
        return lines

    def problems(self) -> list[tuple[str, int]]:
        """Return nothing: what cannot be read is counted once, as unread."""
        return []

    def guesses(self) -> list[Guess]:
        """Return the switches of semantics that the reports call for."""
        guesses = []
        if self._fills_without_type and not self._dialect.fill_without_exec_type:
            words = f"{self._fills_without_type} of {self._fills} fills have no 150, but shares and a price"
            guesses.append(Guess(("semantics", "fill_without_exec_type"), "true", words))
        if self._plain_corrections and not self._dialect.plain_fill_with_trans_type_2:
            words = f"{self._plain_corrections} of {self._fills} fills have 20=2 and no 19: ask the vendor"
            guesses.append(Guess(("semantics", "plain_fill_with_trans_type_2"), "true", words))
        return guesses

    def _older(self) -> str:
        """Return the marks of FIX 4.2 under a younger label, "" when there are none."""
        if self._dialect.begin_string in _OLD:
            return ""
        types = self._codes["150"].counts
        marks = {
            "20 is there": sum(self._codes["20"].counts.values()),
            "150 is 1 or 2": types.get("1", 0) + types.get("2", 0),
        }
        return ", ".join(f"{words} on {n:,} of {self.reports:,} reports" for words, n in marks.items() if n)


def _filled(fields: dict[str, str]) -> bool:
    """Return whether 32 and 31 hold a number above zero."""
    return all(fields.get(tag, "").strip("0.") not in ("", "-") for tag in ("32", "31"))


class Unread:
    """What could not be decoded, by its reason, with the lines where it stands."""

    title = "Not decoded"

    def __init__(self) -> None:
        self._reasons = Tally(_MOST_REASONS)
        self._places: dict[str, tuple[str, list[int]]] = {}
        self.count = 0

    def note(self, decoded: Undecodable, number: int) -> None:
        """Count a message that could not be read, whether its frame held or not."""
        self.count += 1
        kind = _QUOTED.sub("…", decoded.reason)
        if self._reasons.add(kind):
            lines = self._places.setdefault(kind, (decoded.reason, []))[1]
            if len(lines) < _LINES_SHOWN:
                lines.append(number)

    def take(self, one: Taken) -> None:
        """Count the message when it could not be read."""
        if isinstance(one.decoded, Undecodable):
            self.note(one.decoded, one.number)

    def found(self) -> dict[str, Any]:
        """Return reason → count and first lines."""
        return {
            self._places[kind][0]: {"count": count, "lines": self._places[kind][1]}
            for kind, count in self._reasons.ordered().items()
        }

    def lines(self) -> list[str]:
        """Return a line a reason."""
        lines = [
            f"{count:,} × {self._places[kind][0]} (line {', '.join(map(str, self._places[kind][1]))}"
            f"{', …' if count > _LINES_SHOWN else ''})"
            for kind, count in self._reasons.ordered().items()
        ]
        if self._reasons.others:
            lines.append(f"{self._reasons.others:,} × other reasons, past the first {_MOST_REASONS}")
        return lines

    def problems(self) -> list[tuple[str, int]]:
        """Return how many could not be read."""
        return [("not decoded", self.count)]

    def guesses(self) -> list[Guess]:
        """Return nothing: the parts that know a cure say it."""
        return []
