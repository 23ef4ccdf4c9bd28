"""What can go wrong on purpose: faults by name and time, and which of them are on at an instant.

Each one is logged as labelled truth, so that what sorwatch found can be held against what was done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from rules.facts import SECOND

ROGUE = "ROGX"
"""A venue that stands on nobody's register."""


class FaultName(StrEnum):
    """Every fault; the ones of `INSTANT` strike once a second while they last, the others colour what happens."""

    SLOW_VENUE = "slow_venue"
    ROGUE_VENUE = "rogue_venue"
    FILL_RATE_COLLAPSE = "fill_rate_collapse"
    OUTSIDE_NBBO = "outside_nbbo"
    SILENT_FEED = "silent_feed"
    SEQUENCE_GAP = "sequence_gap"
    DUPLICATES = "duplicates"
    LATE_BUST = "late_bust"
    UNDECODABLE_MESSAGE = "undecodable_message"
    CLOCK_SKEW = "clock_skew"


PAST = 60 * SECOND
FOREVER = 1e9
"""More seconds than any simulation has."""
INSTANT = frozenset({FaultName.SEQUENCE_GAP, FaultName.DUPLICATES, FaultName.LATE_BUST, FaultName.UNDECODABLE_MESSAGE})
DEFAULT_SUBJECT = {
    FaultName.SLOW_VENUE: "EDGX",
    FaultName.ROGUE_VENUE: ROGUE,
    FaultName.FILL_RATE_COLLAPSE: "BATS",
    FaultName.CLOCK_SKEW: "ARCX",
}
"""The venue that a fault strikes when none is named; the other faults strike the whole feed."""


class Fault(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One fault: from `at` (ns after the start) for `length` ns, on `subject` (a venue, or "feed")."""

    name: FaultName
    at: int
    length: int = SECOND
    subject: str = "feed"

    @property
    def end(self) -> int:
        """Return the first instant after it, in ns after the start."""
        return self.at + self.length


class Truth(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One line of the truth: a fault began, struck (`hit`, with the ids of the message it made) or ended."""

    at: int
    fault: str
    event: str
    subject: str
    exec_id: str | None = None
    cl_ord_id: str | None = None
    detail: str | None = None


def fault(name: FaultName, at: float, length: float = 1.0, subject: str | None = None) -> Fault:
    """Build a fault from seconds, with the usual subject when none is given."""
    return Fault(
        name=name,
        at=int(at * SECOND),
        length=int(length * SECOND),
        subject=subject or DEFAULT_SUBJECT.get(name, "feed"),
    )


def parse(text: str) -> Fault | str:
    """Read `name@seconds[+seconds][:subject]`; return the fault, or in words what is wrong with the text."""
    head, _, subject = text.partition(":")
    name, _, when = head.partition("@")
    if name not in {known.value for known in FaultName}:
        return f"unknown fault {name!r}; expected one of {', '.join(FaultName)}"
    begin, _, length = when.partition("+")
    try:
        at, lasting = float(begin), float(length or 1)
    except ValueError:
        return f"cannot read the time of {text!r}; expected for example {name}@20+30 (seconds after the start)"
    if not (0 <= at < FOREVER and 0 < lasting < FOREVER):
        return f"the time of {text!r} is out of range; expected seconds from 0 and a length above 0"
    return fault(FaultName(name), at, lasting, subject or None)


class Plan:
    """Knows which faults are on at an instant (UTC ns); asked in the order of time, give or take a minute."""

    def __init__(self, faults: Iterable[Fault], start: int) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.at, fault.name)))
        self.start = start
        self._windows: dict[FaultName, deque[Fault]] = {
            name: deque(fault for fault in self.faults if fault.name is name) for name in FaultName
        }

    def active(self, name: FaultName, at: int) -> Fault | None:
        """Return the fault of that name that is on, if one is."""
        return next(self._on(name, at), None)

    def _on(self, name: FaultName, at: int) -> Iterator[Fault]:
        elapsed = at - self.start
        windows = self._windows[name]
        while windows and windows[0].end + PAST < elapsed:
            windows.popleft()
        for fault in windows:
            if fault.at > elapsed:
                return
            if elapsed < fault.end:
                yield fault

    def strikes(self, name: FaultName, at: int, subject: str) -> bool:
        """Return whether a fault of that name is on and strikes that subject."""
        return any(fault.subject == subject for fault in self._on(name, at))

    def favoured(self, at: int) -> str | None:
        """Return the venue that a fault should show at soon, so that the router sends more there."""
        for name in (FaultName.FILL_RATE_COLLAPSE, FaultName.SLOW_VENUE, FaultName.CLOCK_SKEW):
            if fault := self.active(name, at):
                return fault.subject
        return None


CYCLE = 180
"""Seconds after which the demo's faults begin again."""


def demo_faults(seconds: int) -> tuple[Fault, ...]:
    """Return the demo's programme: rogue venue, slow venue, fill-rate collapse within two minutes; then the rest."""
    name = FaultName
    programme = (
        (name.ROGUE_VENUE, 1, 25, None),
        (name.SLOW_VENUE, 8, 30, "EDGX"),
        (name.OUTSIDE_NBBO, 20, 12, None),
        (name.UNDECODABLE_MESSAGE, 34, 2, None),
        (name.FILL_RATE_COLLAPSE, 42, 50, "BATS"),
        (name.LATE_BUST, 96, 2, None),
        (name.CLOCK_SKEW, 104, 8, "ARCX"),
        (name.DUPLICATES, 116, 3, None),
        (name.SEQUENCE_GAP, 124, 1, None),
        (name.SILENT_FEED, 134, 20, None),
    )
    return tuple(
        fault(what, begin + at, length, subject)
        for begin in range(0, max(seconds, 1), CYCLE)
        for what, at, length, subject in programme
        if begin + at < seconds
    )
