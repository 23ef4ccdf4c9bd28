"""Which rule owes a finding for which fault, and from which strength on: the measure that recall is taken by.

Pure. What is due follows from the truth and the limits in force as the card documents them; no rule is ever asked. A
rule of single facts owes one finding for each strike (unit "strike"); a rule of windows, feeds and silences one for the
fault as a whole (unit "episode"), for it speaks once and then waits. A finding counts for a strike when it names one of
the ids that the strike names, or, where messages have no ids, lies in the three seconds behind it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rules.facts import SECOND
from service.quality.due import (
    Limits,
    above,
    always,
    any_negative,
    below,
    enough_late,
    executed_above,
    longer_than_waited,
    mostly,
    often,
    paid_too_much,
    stronger,
    too_few_filled,
    worse,
)
from service.quality.labels import Episode, Strike
from service.simulator.faults import FaultName
from service.simulator.market import TICK
from service.simulator.truth import MOVED, REFUSED

PATIENCE = 10 * SECOND
_N = FaultName
_MILLION = 1_000_000


class EachStrike(msgspec.Struct, frozen=True, kw_only=True):
    """A finding for every strike that is due; `by_time` where a strike has no names of its own."""

    rule: str
    fault: str
    due: Callable[[Strike, Limits], bool]
    by_time: bool = False


class WholeEpisode(msgspec.Struct, frozen=True, kw_only=True):
    """A finding for the fault as a whole, until its window has let go of it, or `PATIENCE` after its end.

    `named`: it has to name the venue that the fault is about. `since_begin`: its strikes are sums, so time runs from
    its begin.
    """

    rule: str
    fault: str
    due: Callable[[Episode, Limits], bool]
    window: str | None = None
    named: bool = False
    since_begin: bool = False


Expected = EachStrike | WholeEpisode


EXPECTED: tuple[Expected, ...] = (
    EachStrike(rule="slow_fill", fault=_N.SLOW_VENUE, due=executed_above("at_most")),
    EachStrike(rule="unexpected_venue", fault=_N.ROGUE_VENUE, due=always),
    EachStrike(rule="outside_nbbo", fault=_N.OUTSIDE_NBBO, due=above("tolerance")),
    EachStrike(rule="poor_fill", fault=_N.STARVED_ORDERS, due=below("marketable_at_least")),
    EachStrike(rule="undecodable", fault=_N.UNDECODABLE_MESSAGE, due=always, by_time=True),
    EachStrike(rule="sequence_gap", fault=_N.SEQUENCE_GAP, due=always, by_time=True),
    EachStrike(rule="duplicate_conflict", fault=_N.DUPLICATE_CONFLICT, due=always),
    EachStrike(rule="overfill", fault=_N.OVERFILL, due=always),
    EachStrike(rule="orphan_bust", fault=_N.ORPHAN_BUST, due=always),
    EachStrike(rule="hidden_fill", fault=_N.HIDDEN_FILL, due=always),
    EachStrike(rule="cumulative_break", fault=_N.LOST_REPORT, due=always),
    EachStrike(rule="unmatched_symbol", fault=_N.UNKNOWN_SYMBOL, due=always),
    EachStrike(rule="rejected_by_session", fault=_N.SESSION_REJECT, due=always),
    EachStrike(rule="unanswered_order", fault=_N.OWN_UNANSWERED, due=always),
    EachStrike(rule="unanswered_order", fault=_N.NO_ANSWER, due=always),
    EachStrike(rule="unanswered_order", fault=_N.SLOW_CANCEL, due=above("feed.unanswered_after")),
    EachStrike(rule="unreported_order", fault=_N.OWN_UNANSWERED, due=always),
    EachStrike(rule="unknown_order", fault=_N.OWN_UNKNOWN, due=always),
    WholeEpisode(rule="fill_rate_drop", fault=_N.FILL_RATE_COLLAPSE, due=too_few_filled, window="window", named=True),
    WholeEpisode(rule="fill_rate_overall", fault=_N.ROUTER_COLLAPSE, due=too_few_filled, window="window"),
    WholeEpisode(rule="late_drop_copy", fault=_N.LATE_COPIES, due=enough_late, window="window"),
    WholeEpisode(rule="clock_suspect", fault=_N.CLOCK_SKEW, due=any_negative, window="window"),
    WholeEpisode(rule="clock_offset", fault=_N.SESSION_CLOCK, due=stronger("feed.clock_tolerance", SECOND)),
    WholeEpisode(rule="no_quote", fault=_N.HALTED_MARKET, due=always, window="window"),
    WholeEpisode(rule="not_evaluated_rate", fault=_N.HALTED_MARKET, due=stronger("at_most", _MILLION), window="window"),
    WholeEpisode(rule="quotes_disagree", fault=_N.QUOTES_APART, due=stronger("tolerance", TICK), window="window"),
    WholeEpisode(rule="quotes_down", fault=_N.QUOTES_DEAD, due=always),
    WholeEpisode(rule="quotes_down", fault=_N.QUOTES_LAG, due=stronger("quotes.dead_after", SECOND)),
    WholeEpisode(rule="quotes_down", fault=_N.QUOTES_LOST, due=always),
    WholeEpisode(rule="feed_silent", fault=_N.SILENT_FEED, due=stronger("feed.silence_after", SECOND)),
    WholeEpisode(rule="flow_stopped", fault=_N.STOPPED_FLOW, due=stronger("feed.flow_floor", SECOND)),
    WholeEpisode(rule="session_down", fault=_N.SESSION_DROP, due=always),
    WholeEpisode(rule="logon_refused", fault=_N.LOGON_REFUSED, due=always),
    WholeEpisode(rule="epoch_changed", fault=_N.NUMBERS_ANEW, due=always),
    WholeEpisode(rule="gateway_restarted", fault=_N.GATEWAY_DEATH, due=always),
    WholeEpisode(rule="recovery_overdue", fault=_N.STUCK_RECOVERY, due=stronger("recovery.limit", SECOND)),
    EachStrike(rule="slow_ack", fault=_N.SLOW_ACK, due=above("at_most")),
    EachStrike(rule="slow_cancel", fault=_N.SLOW_CANCEL, due=above("at_most")),
    EachStrike(rule="price_disimprovement", fault=_N.DISIMPROVED, due=worse),
    EachStrike(rule="price_disimprovement", fault=_N.REVERSION, due=worse),
    EachStrike(rule="price_disimprovement", fault=MOVED, due=worse),
    WholeEpisode(
        rule="reject_burst",
        fault=_N.REJECT_BURST,
        due=often("at_least", "share_at_most", _MILLION),
        window="window",
        named=True,
    ),
    WholeEpisode(rule="wide_effective_spread", fault=_N.WIDE_SPREAD, due=paid_too_much, window="window", named=True),
    WholeEpisode(
        rule="adverse_reversion",
        fault=_N.REVERSION,
        due=often("minimum", "at_most", TICK),
        window="window",
        named=True,
    ),
    WholeEpisode(
        rule="missed_midpoint",
        fault=_N.MIDPOINT_MISSED,
        due=stronger("midpoint_at_least", _MILLION),
        window="window",
    ),
    WholeEpisode(rule="quote_fade", fault=_N.QUOTE_FADE, due=often("minimum", "touch_at_most", TICK), window="window"),
    WholeEpisode(
        rule="venue_concentration",
        fault=_N.CROWDED_VENUE,
        due=mostly("share_at_most"),
        window="window",
        since_begin=True,
    ),
    WholeEpisode(
        rule="routing_drift",
        fault=_N.CROWDED_VENUE,
        due=mostly("tolerance", "policy.crowded"),
        window="window",
        since_begin=True,
    ),
    WholeEpisode(rule="quote_source_lag", fault=_N.QUOTES_LAG, due=longer_than_waited, window="window"),
    WholeEpisode(rule="venue_drift", fault=_N.VENUE_FILE, due=always),
    WholeEpisode(rule="rulebook_drift", fault=_N.RULEBOOK_FILE, due=always),
)

_UNSEEN = ("no_quote", "not_evaluated_rate")
_OUTAGE = ("session_down", "sequence_gap", "late_drop_copy", "clock_offset")
_MIX = ("routing_drift", "venue_concentration")
_DEARER = ("wide_effective_spread",)
_SHIFTED = ("price_disimprovement", "wide_effective_spread", "slow_fill")
_UNFILLED = ("slow_fill", "poor_fill")
EXPLAINED: dict[str, tuple[str, ...]] = {
    _N.SLOW_VENUE: (*_DEARER, *_MIX),
    _N.OUTSIDE_NBBO: _DEARER,
    _N.DISIMPROVED: (*_DEARER, "quote_fade"),
    _N.REVERSION: (*_DEARER, *_MIX, "quote_fade"),
    _N.QUOTE_FADE: _DEARER,
    _N.WIDE_SPREAD: _MIX,
    _N.UNKNOWN_SYMBOL: _UNSEEN,
    _N.SLOW_ACK: ("slow_fill", *_DEARER, *_MIX),
    _N.FILL_RATE_COLLAPSE: ("fill_rate_overall", *_UNFILLED, *_MIX),
    _N.ROUTER_COLLAPSE: ("fill_rate_drop", *_UNFILLED),
    _N.ROGUE_VENUE: _MIX,
    _N.REJECT_BURST: (*_MIX, *_UNFILLED, "fill_rate_drop", "fill_rate_overall"),
    _N.SLOW_CANCEL: ("unanswered_order",),
    _N.SILENT_FEED: ("late_drop_copy",),
    _N.STOPPED_FLOW: ("late_drop_copy",),
    _N.CLOCK_SKEW: ("outside_nbbo", "late_drop_copy", *_SHIFTED, *_MIX),
    _N.SESSION_CLOCK: ("late_drop_copy",),
    _N.SESSION_DROP: _OUTAGE,
    _N.LOGON_REFUSED: _OUTAGE,
    _N.GATEWAY_DEATH: _OUTAGE,
    _N.STUCK_RECOVERY: ("session_down",),
    _N.QUOTES_DEAD: (*_UNSEEN, "unmatched_symbol", "quote_source_lag"),
    _N.QUOTES_LAG: (*_UNSEEN, "unmatched_symbol"),
    _N.QUOTES_LOST: _UNSEEN,
}
"""What a fault brings about beside what it is measured by: such findings are true, and counted for nobody."""
NATURE: dict[str, tuple[str, ...]] = {
    MOVED: (),
    REFUSED: ("poor_fill",),
}
"""What happens without any fault, by the truth's word, and the rules that rightly speak of what it struck."""
