"""How hard each fault can strike: three steps from weak to strong, and what the number measures."""

from __future__ import annotations

import msgspec

from service.simulator.faults import FaultName


class Strength(msgspec.Struct, frozen=True, kw_only=True):
    """What a fault's strength measures, in words, and its three steps, from weak to strong (all alike: on or off).

    A fault lasts as long as its strength says where that is its own length, else `lasts` seconds. A measured run begins
    with `calm` seconds without it and goes on for `tail` seconds after it.
    """

    unit: str
    steps: tuple[float, float, float] = (1.0, 1.0, 1.0)
    is_length: bool = False
    lasts: float = 90.0
    calm: float = 60.0
    tail: float = 60.0


_N = FaultName
STRENGTHS: dict[FaultName, Strength] = {
    _N.SLOW_VENUE: Strength(unit="s by which the answer is late", steps=(0.5, 1.5, 3.0)),
    _N.ROGUE_VENUE: Strength(unit="share of immediate children sent there", steps=(0.02, 0.1, 0.25)),
    _N.FILL_RATE_COLLAPSE: Strength(unit="fill rate left at the venue", steps=(0.7, 0.4, 0.0)),
    _N.ROUTER_COLLAPSE: Strength(unit="fill rate left everywhere", steps=(0.7, 0.4, 0.0)),
    _N.STARVED_ORDERS: Strength(unit="part of a day order that is executed", steps=(0.95, 0.6, 0.1)),
    _N.OUTSIDE_NBBO: Strength(unit="ticks beyond the touch", steps=(1.0, 2.0, 4.0)),
    _N.DISIMPROVED: Strength(unit="ticks by which the market moves before the execution", steps=(1.0, 2.0, 5.0)),
    _N.WIDE_SPREAD: Strength(unit="spreads beyond the touch", steps=(0.1, 0.5, 1.0), lasts=150.0),
    _N.REVERSION: Strength(unit="ticks by which the market comes back", steps=(1.0, 2.0, 5.0), lasts=150.0),
    _N.QUOTE_FADE: Strength(unit="ticks by which the quote runs away", steps=(1.0, 2.0, 5.0)),
    _N.MIDPOINT_MISSED: Strength(unit="share of executions at the midpoint", steps=(0.15, 0.45, 0.7)),
    _N.SLOW_ACK: Strength(unit="s by which the acknowledgement is late", steps=(0.5, 1.5, 3.0)),
    _N.SLOW_CANCEL: Strength(unit="s by which the answer to a cancel is late", steps=(0.5, 1.5, 6.0)),
    _N.NO_ANSWER: Strength(unit="share of children never answered", steps=(0.02, 0.05, 0.2), lasts=30.0),
    _N.REJECT_BURST: Strength(unit="share of children refused", steps=(0.05, 0.2, 0.6)),
    _N.CROWDED_VENUE: Strength(
        unit="share of immediate children sent there", steps=(0.1, 0.5, 0.95), calm=5.0, lasts=150.0, tail=30.0
    ),
    _N.UNKNOWN_SYMBOL: Strength(unit="there"),
    _N.SILENT_FEED: Strength(unit="s without a word", steps=(30.0, 90.0, 180.0), is_length=True),
    _N.STOPPED_FLOW: Strength(unit="s with heartbeats only", steps=(120.0, 330.0, 600.0), is_length=True, calm=330.0),
    _N.LATE_COPIES: Strength(unit="s by which a copy is late", steps=(0.05, 0.2, 1.0)),
    _N.SEQUENCE_GAP: Strength(unit="numbers lost", steps=(1.0, 3.0, 20.0), lasts=20.0),
    _N.DUPLICATES: Strength(unit="reports told again a second", steps=(1.0, 4.0, 16.0), lasts=20.0),
    _N.LATE_BUST: Strength(unit="there", lasts=20.0),
    _N.UNDECODABLE_MESSAGE: Strength(unit="there", lasts=20.0),
    _N.CLOCK_SKEW: Strength(unit="s by which the venue's clock is behind", steps=(0.0001, 0.75, 3.0)),
    _N.DUPLICATE_CONFLICT: Strength(unit="ticks by which the price differs", steps=(1.0, 5.0, 100.0), lasts=20.0),
    _N.OVERFILL: Strength(unit="part of the order that is too much", steps=(0.01, 0.1, 1.0), lasts=20.0),
    _N.ORPHAN_BUST: Strength(unit="there", lasts=20.0, tail=330.0),
    _N.HIDDEN_FILL: Strength(unit="there", lasts=40.0),
    _N.LOST_REPORT: Strength(unit="there", lasts=40.0),
    _N.SESSION_REJECT: Strength(unit="there", lasts=20.0),
    _N.SESSION_DROP: Strength(unit="s without a session", steps=(2.0, 20.0, 50.0), is_length=True),
    _N.LOGON_REFUSED: Strength(unit="s without a session", steps=(5.0, 20.0, 50.0), is_length=True),
    _N.NUMBERS_ANEW: Strength(unit="there", lasts=5.0),
    _N.GATEWAY_DEATH: Strength(unit="s without a gateway", steps=(2.0, 20.0, 50.0), is_length=True),
    _N.STUCK_RECOVERY: Strength(unit="s of recovery (60 are allowed)", steps=(20.0, 90.0, 180.0), is_length=True),
    _N.SESSION_CLOCK: Strength(
        unit="s by which SendingTime is ahead", steps=(0.05, 0.25, 2.0), lasts=330.0, calm=120.0
    ),
    _N.QUOTES_DEAD: Strength(unit="s without quotes", steps=(2.0, 10.0, 40.0), is_length=True),
    _N.QUOTES_LAG: Strength(unit="s by which quotes are late", steps=(1.0, 6.0, 20.0)),
    _N.QUOTES_LOST: Strength(unit="share of the batches", steps=(0.02, 0.1, 0.5), lasts=30.0),
    _N.QUOTES_APART: Strength(unit="ticks between two sources", steps=(1.0, 2.0, 5.0)),
    _N.HALTED_MARKET: Strength(unit="share of the symbols", steps=(0.1, 0.4, 1.0)),
    _N.OWN_UNANSWERED: Strength(unit="share of the firm's orders", steps=(0.02, 0.1, 0.5)),
    _N.OWN_UNKNOWN: Strength(unit="share of the firm's orders", steps=(0.02, 0.1, 0.5)),
    _N.VENUE_FILE: Strength(unit="there", lasts=5.0),
    _N.RULEBOOK_FILE: Strength(unit="there", lasts=5.0),
}
"""Every fault has its steps."""


def steps(name: FaultName) -> tuple[float, ...]:
    """Return the strengths that a fault is measured at, weakest first, each once."""
    return tuple(dict.fromkeys(STRENGTHS[name].steps))


def lasting(name: FaultName, strength: float) -> float:
    """Return for how many seconds a fault lasts when it is measured at that strength."""
    known = STRENGTHS[name]
    return strength if known.is_length else known.lasts
