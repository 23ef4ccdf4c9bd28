"""MsgSeqNum (34): gaps, repeats, copies sent again, and a segment whose own numbers are unbroken. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from service.fix import stamps
from service.fix.habits import Dialect
from service.fix.message import our_session
from service.fix.trial.part import Guess, Taken, place_name, plural

SEGMENTS = ("1180", "1300", "1301", "50")
"""Tags that may name a segment with numbers of its own: ApplID, MarketSegmentID, MarketID, SenderSubID."""
_MOST_LINES = 1_000
_GAPS_SHOWN = 5


class Run(msgspec.Struct):
    """Numbers that should follow each other: how often they did, how often they went back or left some out."""

    last: int = 0
    follows: int = 0
    back: int = 0
    gaps: int = 0
    missing: int = 0

    def take(self, number: int, to: int) -> None:
        """Compare a number with the one before; `to` is the last number that the message stands for."""
        if self.last and number == self.last + 1:
            self.follows += 1
        elif self.last and number <= self.last:
            self.back += 1
        elif self.last:
            self.gaps += 1
            self.missing += number - self.last - 1
        self.last = max(number, to)

    @property
    def broken(self) -> int:
        """Return how often a number did not follow."""
        return self.back + self.gaps


class Sequences:
    """The numbers by session, and by session and segment."""

    title = "Sequence and recovery"

    def __init__(self, dialect: Dialect) -> None:
        self._scope = dialect.sequence.scope if dialect.sequence.number == "34" else ()
        self._runs: dict[str, Run] = {}
        self._segments: dict[str, dict[tuple[str, str], Run]] = {tag: {} for tag in SEGMENTS}
        self._gaps: list[str] = []
        self.dups = self.resends = self.resets = self.news = 0

    def take(self, one: Taken) -> None:
        """Look at the number of a message; copies marked as such are counted apart."""
        kind, number = one.fields.get("35"), stamps.whole(one.fields.get("34", ""))
        self.resends += one.fields.get("97") == "Y"
        self.news += kind == "B"
        if one.fields.get("43") == "Y":
            self.dups += 1
            return
        if number is None:
            return
        to = number
        if kind == "4":
            self.resets += one.fields.get("123") != "Y"
            to = (stamps.whole(one.fields.get("36", "")) or number + 1) - 1
        self._count(one, our_session(one.body), number, to)

    def _count(self, one: Taken, session: str, number: int, to: int) -> None:
        if number == 1:  # a new day, a reset: the numbers begin again by right
            self._runs.pop(session, None)
        scoped = "|".join((session, *(one.fields.get(place, "") for place in self._scope)))
        if len(self._runs) < _MOST_LINES or scoped in self._runs:
            run = self._runs.setdefault(scoped, Run())
            missing, before = run.missing, run.last
            run.take(number, to)
            if run.missing > missing and len(self._gaps) < _GAPS_SHOWN:
                self._gaps.append(f"{before + 1}–{number - 1} before line {one.number}")
        for tag, runs in self._segments.items():
            key = (session, one.fields.get(tag, ""))
            if key[1] and (key in runs or len(runs) < _MOST_LINES):
                runs.setdefault(key, Run()).take(number, to)

    def scopes(self) -> dict[str, int]:
        """Return the segment tags by which the numbers follow each other where they do not by session → segments."""
        return {
            tag: len(runs)
            for tag, runs in self._segments.items()
            if len(runs) > 1 and sum(run.broken for run in runs.values()) == 0 and self._total("back")
        }

    def _total(self, name: str) -> int:
        total: int = sum(getattr(run, name) for run in self._runs.values())
        return total

    def found(self) -> dict[str, Any]:
        """Return gaps, repeats, copies, resets and segments."""
        return {
            "gaps": self._total("gaps"),
            "missing": self._total("missing"),
            "first_gaps": self._gaps,
            "went_back": self._total("back"),
            "poss_dup": self.dups,
            "poss_resend": self.resends,
            "resets": self.resets,
            "news": self.news,
            "segments": self.scopes(),
        }

    def lines(self) -> list[str]:
        """Return the same in words."""
        counts = (
            (self.dups, "message sent again under its number (43=Y)", "messages sent again under their numbers (43=Y)"),
            (
                self.resends,
                "report sent again under a new number (97=Y)",
                "reports sent again under new numbers (97=Y)",
            ),
            (self.resets, "sequence reset", ""),
            (self.news, "News (35=B): may mark the end of a recovery", "News (35=B): may mark the end of a recovery"),
        )
        lines = [plural(count, one, many) for count, one, many in counts if count]
        if self._total("gaps"):
            shown = "; ".join(self._gaps)
            gaps, missing = plural(self._total("gaps"), "gap"), plural(self._total("missing"), "number")
            lines.append(f"{gaps}, {missing} missing: {shown}")
        if self._total("back"):
            lines.append(f"MsgSeqNum (34) stays or goes back {self._total('back'):,} × without 43=Y")
        lines += [f"{place_name(tag)}: unbroken within each of {n} values" for tag, n in self.scopes().items()]
        return lines

    def problems(self) -> list[tuple[str, int]]:
        """Return how often a number did not follow."""
        return [("number out of sequence", self._total("back") + self._total("gaps"))]

    def guesses(self) -> list[Guess]:
        """Return the segment by which the numbers are to be counted."""
        if self._scope or not self.scopes():
            return []
        tag, segments = next(iter(self.scopes().items()))
        words = f"34 goes back {self._total('back')} times by session, never within one of {segments} values of {tag}"
        return [Guess(("sequence", "scope"), [tag], words)]
