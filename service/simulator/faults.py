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
    """Every fault; those of `INSTANT` strike once a second while they last, the others colour what happens."""

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
    ROUTER_COLLAPSE = "router_collapse"
    STARVED_ORDERS = "starved_orders"
    DISIMPROVED = "disimproved"
    WIDE_SPREAD = "wide_spread"
    REVERSION = "reversion"
    QUOTE_FADE = "quote_fade"
    MIDPOINT_MISSED = "midpoint_missed"
    SLOW_ACK = "slow_ack"
    SLOW_CANCEL = "slow_cancel"
    NO_ANSWER = "no_answer"
    REJECT_BURST = "reject_burst"
    CROWDED_VENUE = "crowded_venue"
    UNKNOWN_SYMBOL = "unknown_symbol"
    STOPPED_FLOW = "stopped_flow"
    LATE_COPIES = "late_copies"
    DUPLICATE_CONFLICT = "duplicate_conflict"
    OVERFILL = "overfill"
    ORPHAN_BUST = "orphan_bust"
    HIDDEN_FILL = "hidden_fill"
    LOST_REPORT = "lost_report"
    SESSION_REJECT = "session_reject"
    SESSION_DROP = "session_drop"
    LOGON_REFUSED = "logon_refused"
    NUMBERS_ANEW = "numbers_anew"
    GATEWAY_DEATH = "gateway_death"
    STUCK_RECOVERY = "stuck_recovery"
    SESSION_CLOCK = "session_clock"
    QUOTES_DEAD = "quotes_dead"
    QUOTES_LAG = "quotes_lag"
    QUOTES_LOST = "quotes_lost"
    QUOTES_APART = "quotes_apart"
    HALTED_MARKET = "halted_market"
    OWN_UNANSWERED = "own_unanswered"
    OWN_UNKNOWN = "own_unknown"
    VENUE_FILE = "venue_file"
    RULEBOOK_FILE = "rulebook_file"


PAST = 60 * SECOND
FOREVER = 1e9
"""More seconds than any simulation has."""
INSTANT = frozenset(
    {
        FaultName.SEQUENCE_GAP,
        FaultName.DUPLICATES,
        FaultName.LATE_BUST,
        FaultName.UNDECODABLE_MESSAGE,
        FaultName.DUPLICATE_CONFLICT,
        FaultName.OVERFILL,
        FaultName.ORPHAN_BUST,
        FaultName.HIDDEN_FILL,
        FaultName.LOST_REPORT,
    }
)
RECORDED = frozenset(
    {
        FaultName.SESSION_REJECT,
        FaultName.SESSION_DROP,
        FaultName.LOGON_REFUSED,
        FaultName.NUMBERS_ANEW,
        FaultName.GATEWAY_DEATH,
        FaultName.STUCK_RECOVERY,
        FaultName.SESSION_CLOCK,
        FaultName.QUOTES_DEAD,
        FaultName.QUOTES_LAG,
        FaultName.QUOTES_LOST,
        FaultName.QUOTES_APART,
        FaultName.HALTED_MARKET,
        FaultName.OWN_UNANSWERED,
        FaultName.OWN_UNKNOWN,
        FaultName.VENUE_FILE,
        FaultName.RULEBOOK_FILE,
    }
)
"""Faults of what stands around the router (sessions, gateways, quotes, the firm's own side): only a run that measures
the rules makes them; an acceptor and a written log cannot."""
SHOWN = tuple(name.value for name in FaultName if name not in RECORDED)
"""The faults that a simulation can be asked for."""
DEFAULT_SUBJECT = {
    FaultName.SLOW_VENUE: "EDGX",
    FaultName.ROGUE_VENUE: ROGUE,
    FaultName.FILL_RATE_COLLAPSE: "BATS",
    FaultName.CLOCK_SKEW: "ARCX",
    FaultName.WIDE_SPREAD: "XNAS",
    FaultName.REVERSION: "XNAS",
    FaultName.SLOW_ACK: "EDGX",
    FaultName.REJECT_BURST: "XNYS",
    FaultName.CROWDED_VENUE: "MEMX",
}
"""The venue that a fault strikes when none is named; the other faults strike the whole feed."""


class Fault(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One fault: from `at` (ns after the start) for `length` ns, on `subject` (a venue, or "feed").

    `strength` says how hard, in the unit that strengths.STRENGTHS names; None for as it is usual.
    """

    name: FaultName
    at: int
    length: int = SECOND
    subject: str = "feed"
    strength: float | None = None

    @property
    def end(self) -> int:
        """Return the first instant after it, in ns after the start."""
        return self.at + self.length


def fault(
    name: FaultName, at: float, length: float = 1.0, subject: str | None = None, strength: float | None = None
) -> Fault:
    """Build a fault from seconds, with the usual subject when none is given."""
    return Fault(
        name=name,
        at=int(at * SECOND),
        length=int(length * SECOND),
        subject=subject or DEFAULT_SUBJECT.get(name, "feed"),
        strength=strength,
    )


def parse(text: str) -> Fault | str:
    """Read `name@seconds[+seconds][:subject][=strength]`; return the fault, or in words what is wrong with the text."""
    rest, equals, hard = text.partition("=")
    head, _, subject = rest.partition(":")
    name, _, when = head.partition("@")
    if name not in SHOWN:
        return f"unknown fault {name!r}; expected one of {', '.join(SHOWN)}"
    begin, _, length = when.partition("+")
    try:
        at, lasting, strength = float(begin), float(length or 1), float(hard) if equals else None
    except ValueError:
        return f"cannot read the numbers of {text!r}; expected for example {name}@20+30=2 (seconds after the start)"
    if not (0 <= at < FOREVER and 0 < lasting < FOREVER and (strength is None or 0 <= strength < FOREVER)):
        return f"the time of {text!r} is out of range; expected seconds from 0, a length above 0, a strength from 0"
    return fault(FaultName(name), at, lasting, subject or None, strength)


_FAVOURED = (
    FaultName.FILL_RATE_COLLAPSE,
    FaultName.SLOW_VENUE,
    FaultName.CLOCK_SKEW,
    FaultName.SLOW_ACK,
    FaultName.REJECT_BURST,
    FaultName.WIDE_SPREAD,
    FaultName.REVERSION,
)


class Plan:
    """Knows which faults are on at an instant (UTC ns); asked in the order of time, give or take a minute.

    With `nature` the truth also says what the market did to an order without any fault.
    """

    def __init__(self, faults: Iterable[Fault], start: int, *, nature: bool = False) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.at, fault.name)))
        self.start = start
        self.nature = nature
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
        return self.striking(name, at, subject) is not None

    def striking(self, name: FaultName, at: int, subject: str) -> Fault | None:
        """Return the fault of that name that is on and strikes that subject, if one is."""
        return next((fault for fault in self._on(name, at) if fault.subject == subject), None)

    def favoured(self, at: int) -> str | None:
        """Return the venue that a fault should show at soon, so that the router sends more there."""
        for name in _FAVOURED:
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
