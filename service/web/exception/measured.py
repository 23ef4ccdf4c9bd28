"""What a rule measured beside its limit, and by how much it was missed; what else was found, and is in force. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from rules.finding import Finding, Value
from service.web.said import said

MOST, LEAST, EITHER = "at most", "at least", "about"
"""How a limit is meant."""


class Pair(msgspec.Struct, frozen=True):
    """A value of a finding and its limit by name; `by` names the value whose word the limit's name begins with."""

    value: str
    limit: str
    way: str = MOST
    by: str = ""


_FILLED = Pair("fill_rate_ratio_ppm", "required_ratio_ppm", LEAST)
PAIRS: Mapping[str, tuple[Pair, ...]] = MappingProxyType(
    {
        "adverse_reversion": (
            Pair("average_reversion_price", "at_most_price"),
            Pair("lower_ratio_ppm", "adverse_at_least_ratio_ppm"),
        ),
        "fill_rate_drop": (_FILLED,),
        "fill_rate_overall": (_FILLED,),
        "late_drop_copy": (Pair("longest_ns", "_at_most_ns", by="delay"),),
        "missed_midpoint": (Pair("midpoint_ratio_ppm", "midpoint_at_least_ratio_ppm"),),
        "not_evaluated_rate": (Pair("rate_ratio_ppm", "at_most_ratio_ppm"),),
        "outside_nbbo": (Pair("outside_price", "tolerance_price"),),
        "poor_fill": (Pair("filled_ratio_ppm", "_at_least_ratio_ppm", LEAST, by="population"),),
        "price_disimprovement": (
            Pair("disimprovement_price", "tolerance_price"),
            Pair("of_spread_ratio_ppm", "tolerance_of_spread_ratio_ppm"),
        ),
        "quote_fade": (Pair("net_ratio_ppm", "at_most_ratio_ppm"),),
        "quote_source_lag": (Pair("longest_ns", "at_most_ns"), Pair("lasted_ns", "lasting_ns")),
        "quotes_disagree": (Pair("widest_apart_price", "tolerance_price"),),
        "reject_burst": (
            Pair("refused_ratio_ppm", "share_at_most_ratio_ppm"),
            Pair("refused_count", "at_least_count"),
        ),
        "routing_drift": (Pair("share_ratio_ppm", "policy_ratio_ppm", EITHER),),
        "slow_ack": (Pair("waited_ns", "at_most_ns"), Pair("firm_waited_ns", "firm_at_most_ns")),
        "slow_cancel": (Pair("waited_ns", "at_most_ns"), Pair("firm_waited_ns", "firm_at_most_ns")),
        "slow_fill": (Pair("time_to_fill_ns", "at_most_ns"),),
        "venue_concentration": (Pair("share_ratio_ppm", "allowed_ratio_ppm"),),
        "wide_effective_spread": (Pair("effective_over_quoted_ratio_ppm", "at_most_ratio_ppm"),),
    }
)
"""What each rule compares; a rule about the watch's own sight compares nothing."""
_LATE = {"publish delay": "publish", "transport delay": "transport"}


class Row(msgspec.Struct, frozen=True):
    """One comparison in words."""

    name: str
    value: str
    limit: str
    apart: str


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A finding's comparisons; `found` and `in_force` are the values and thresholds that are in none of them."""

    rows: tuple[Row, ...]
    found: tuple[tuple[str, str], ...]
    in_force: tuple[tuple[str, str], ...]


def measured(finding: Finding) -> Measured:
    """Return what was measured."""
    rows, used = [], set[str]()
    for pair in PAIRS.get(finding.rule, ()):
        limit = _limit_of(pair, finding)
        value, bound = finding.values.get(pair.value), _either(finding, limit)
        if isinstance(value, int) and isinstance(bound, int):
            rows.append(_row(pair, value, bound))
            used |= {pair.value, limit}
    return Measured(rows=tuple(rows), found=_others(finding.values, used), in_force=_others(finding.thresholds, used))


def compared(rule: str, values: Mapping[str, Value]) -> Sequence[tuple[str, str]]:
    """Return the names of value and limit that a rule compares in a finding with these values."""
    return [(pair.value, _named(pair, values)) for pair in PAIRS.get(rule, ())]


def _limit_of(pair: Pair, finding: Finding) -> str:
    return _named(pair, finding.values)


def _named(pair: Pair, values: Mapping[str, Value]) -> str:
    if not pair.by:
        return pair.limit
    word = str(values.get(pair.by, ""))
    return f"{_LATE.get(word, word)}{pair.limit}"


def _either(finding: Finding, name: str) -> Value:
    """Return a limit from the thresholds, or where the finding itself tells it from the values."""
    return finding.thresholds.get(name, finding.values.get(name))


def _row(pair: Pair, value: int, bound: int) -> Row:
    name, words = said(pair.value, value)
    apart = said(pair.value, abs(value - bound))[1]
    if pair.value.endswith("_ppm"):
        apart = f"{apart.removesuffix('%').strip()} points"
    side = "more" if value > bound else "less"
    return Row(name=name, value=words, limit=f"{pair.way} {said(pair.limit, bound)[1]}", apart=f"{apart} {side}")


def _others(told: Mapping[str, Value], used: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(said(name, value) for name, value in told.items() if name not in used)
