"""What single rules do at their edges, beyond the examples of their cards."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.catalogue import (
    clock_suspect,
    fill_rate_drop,
    fill_rate_overall,
    no_quote,
    outside_nbbo,
    overfill,
    poor_fill,
    slow_fill,
    unexpected_venue,
)
from rules.facts import Measures, Nanos, Side
from rules.finding import Draft, Severity
from rules.population import Population, population
from rules.rule import NotEvaluated
from rules.windows import Row, Window
from tests.factories import NOON, a_feed_event, a_fill, an_order, an_outcome, length, price, shares
from tests.factories_rules import a_register

ONE_SECOND = {"at_most": length("1 s")}


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"order_type": "limit"}, "marketability unknown"),
        ({"order_type": "limit", "marketable": False}, "resting"),
        ({"time_in_force": "closing"}, "auction"),
        ({"auction": True}, "auction"),
        ({"clock_suspect": "60"}, "clock suspect"),
        ({"amends": "E0"}, "correction"),
        ({"resent": True, "executed_at": NOON, "sent_at": NOON}, "resent, timed by its sending"),
        ({"liquidity": "added", "cumulative": shares("200")}, "resting"),
        ({"measures": Measures()}, "no time to fill"),
        ({"time_to_fill": "0 ns", "measures": Measures(time_to_fill=Nanos(-1))}, "no time to fill"),
        ({"time_to_fill": "1.5 s", "executed_at_digits": 0}, "stamp too coarse"),
    ],
)
def test_slow_fill_leaves_out_what_has_no_fair_time(named: dict[str, Any], reason: str) -> None:
    """Each exclusion is said by its reason."""
    assert slow_fill.check(a_fill(**{"time_to_fill": "3 s"} | named), ONE_SECOND) == NotEvaluated(reason)


@pytest.mark.parametrize(
    "named",
    [
        {"executed_at_digits": 0},
        {"resent": True, "sent_at": NOON + 1},
        {"liquidity": "added"},
        {"liquidity": "removed", "cumulative": shares("200")},
        {"order_type": "limit", "marketable": True},
        {"order_type": "limit", "time_in_force": "ioc"},
    ],
)
def test_slow_fill_judges_what_has_a_fair_time(named: dict[str, Any]) -> None:
    """A coarse stamp that still decides, a resent execution with its own stamp, a first fill: judged."""
    assert isinstance(slow_fill.check(a_fill(**{"time_to_fill": "3 s"} | named), ONE_SECOND), Draft)


@pytest.mark.parametrize(("waited", "late"), [("1 s", False), ("1.000000001 s", True)])
def test_slow_fill_allows_exactly_its_limit(waited: str, late: bool) -> None:  # noqa: FBT001 - a table
    """The limit itself is in time; a nanosecond more is late when the stamp says nanoseconds."""
    fill = a_fill(time_to_fill=waited, executed_at_digits=12)

    assert isinstance(slow_fill.check(fill, ONE_SECOND), Draft) is late


REQUIRED = {"marketable_at_least": 900_000, "ioc_at_least": 500_000, "resting_at_least": 0}


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"end": "canceled_by_customer"}, "canceled by the customer"),
        ({"order_type": "limit"}, "marketability unknown"),
        ({"time_in_force": "opening"}, "auction"),
        ({"order_type": "limit", "marketable": False}, "nothing required"),
        ({"ordered": "0", "executed": "0"}, "no quantity"),
    ],
)
def test_poor_fill_keeps_populations_apart(named: dict[str, Any], reason: str) -> None:
    """Each exclusion is said by its reason."""
    assert poor_fill.check(an_outcome(**{"executed": "1"} | named), REQUIRED) == NotEvaluated(reason)


@pytest.mark.parametrize(
    ("named", "poor"),
    [
        ({"executed": "90"}, False),
        ({"executed": "89.999999"}, True),
        ({"time_in_force": "ioc", "executed": "60"}, False),
        ({"time_in_force": "fok", "executed": "0"}, True),
    ],
)
def test_poor_fill_has_a_limit_for_each_kind(named: dict[str, Any], poor: bool) -> None:  # noqa: FBT001 - a table
    """The required part itself is enough."""
    assert isinstance(poor_fill.check(an_outcome(**named), REQUIRED), Draft) is poor


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"end": "canceled_by_customer"}, "canceled by the customer"),
        ({"directed": True}, "directed by the customer"),
        ({"order_type": "limit"}, "marketability unknown"),
        ({"order_type": "limit", "marketable": False}, "nothing required"),
    ],
)
def test_fill_rate_drop_counts_only_its_population(named: dict[str, Any], reason: str) -> None:
    """Each exclusion is said by its reason."""
    assert fill_rate_drop.observe(an_outcome(**named), REQUIRED) == NotEvaluated(reason)


def test_an_unfilled_order_without_a_venue_counts_overall_only() -> None:
    """A copy that names venues only on executions would show a venue's rate as 100 % and the unknown's as 0 %."""
    outcome = an_outcome(executed="0", venue="venue_unknown")

    assert fill_rate_drop.observe(outcome, REQUIRED) == NotEvaluated("venue unknown")
    overall = fill_rate_overall.observe(outcome, REQUIRED)
    assert not isinstance(overall, NotEvaluated)
    assert overall.key == ("demo", "marketable", "all venues")


def test_fill_rate_drop_counts_any_execution_as_filled() -> None:
    """By order: one share is an execution."""
    partly = fill_rate_drop.observe(an_outcome(executed="1"), REQUIRED)
    none = fill_rate_drop.observe(an_outcome(executed="0"), REQUIRED)

    assert not isinstance(partly, NotEvaluated)
    assert not isinstance(none, NotEvaluated)
    assert (partly.value, none.value) == (1, 0)
    assert partly.key == ("demo", "marketable", "XNYS")


@pytest.mark.parametrize(
    ("side", "paid", "outside"),
    [(Side.BUY, "10.05", "0.04"), (Side.SELL, "9.95", "0.04"), (Side.SELL_SHORT, "9.95", "0.04")],
)
def test_outside_nbbo_measures_from_the_side_that_counts(side: Side, paid: str, outside: str) -> None:
    """A buy against the offer, every sell against the bid."""
    found = outside_nbbo.check(a_fill(side=side, price=paid), {"tolerance": 0})

    assert isinstance(found, Draft)
    assert found.values["outside_price"] == price(outside)
    assert ("bought" in found.sentence) is (side is Side.BUY)


def test_outside_nbbo_tolerates_its_tolerance() -> None:
    """The tolerance itself is allowed."""
    assert outside_nbbo.check(a_fill(price="10.05"), {"tolerance": price("0.04")}) is None


def test_outside_nbbo_judges_a_locked_market_and_says_so() -> None:
    """Locked quotes are usable."""
    found = outside_nbbo.check(
        a_fill(price="10.05", bid_at_execution="10.00", offer_at_execution="10.00", execution_state="locked"),
        {"tolerance": 0},
    )

    assert isinstance(found, Draft)
    assert found.values["locked"] is True


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"execution_state": "crossed"}, "quote crossed"),
        ({"execution_state": "absent"}, "quote absent"),
        ({"measures": Measures()}, "no outside amount"),
    ],
)
def test_outside_nbbo_says_why_it_could_not_judge(named: dict[str, Any], reason: str) -> None:
    """In a crossed market every price is outside, so none is judged."""
    assert outside_nbbo.check(a_fill(price="10.05", **named), {"tolerance": 0}) == NotEvaluated(reason)


@pytest.mark.parametrize(
    "named",
    [
        {"exempt_reason": "benchmark"},
        {"regular_hours": False},
        {"worst_touch": "10.05"},
    ],
)
def test_outside_nbbo_is_milder_where_the_law_is(named: dict[str, Any]) -> None:
    """Exempt, outside regular hours or a possible flicker: reported, milder, never dropped."""
    found = outside_nbbo.check(a_fill(price="10.05", **named), {"tolerance": 0})

    assert isinstance(found, Draft)
    assert found.severity is Severity.MEDIUM


def test_outside_nbbo_says_that_it_may_have_been_a_race() -> None:
    """In the sentence and in the values; a far side that was never as bad is no excuse."""
    race = outside_nbbo.check(a_fill(price="10.05", worst_touch="10.06"), {"tolerance": 0})
    none = outside_nbbo.check(a_fill(price="10.05", worst_touch="10.04"), {"tolerance": 0})

    assert isinstance(race, Draft)
    assert isinstance(none, Draft)
    assert (race.values["possible_flicker"], none.values["possible_flicker"]) == (True, False)
    assert race.sentence.endswith("(possible flicker: within the second before the quote was at this price or worse).")
    assert none.severity is None


def test_unexpected_venue_says_what_is_wrong_with_it() -> None:
    """The register's own words end the sentence."""
    found = unexpected_venue.check(a_fill(venue="XTOX"), {}, a_register())

    assert isinstance(found, Draft)
    assert found.sentence == "100 XYZ were executed at 10.01 at XTOX, which is not in the register."
    assert found.cause == "venue XTOX"


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"venue": "venue_unknown"}, "venue_unknown"),
        ({"venue": "XTOX"}, "not in the register"),
        ({"venue": "XBOS"}, "expired"),
        ({"venue": "XNYS", "trade_date": "2019-12-31"}, "not yet approved"),
        ({"venue": "XNAS", "order_type": "pegged"}, "order type"),
        ({"venue": "MEMX", "desk": "retail", "session_of_day": "closing"}, "session"),
        ({"venue": "MEMX", "desk": "algo"}, "scope"),
    ],
)
def test_unexpected_venue_has_a_word_for_each_reason(named: dict[str, Any], reason: str) -> None:
    """What is wrong decides who has to do what."""
    found = unexpected_venue.check(a_fill(**named), {}, a_register())

    assert isinstance(found, Draft)
    assert found.values["reason"] == reason


def test_a_session_that_was_not_kept_is_not_held_against_a_venue() -> None:
    """A fact from before sessions were kept has none."""
    fill = msgspec.structs.replace(a_fill(venue="MEMX", desk="retail"), session_of_day=None)

    assert unexpected_venue.check(fill, {}, a_register()) is None


def _window_of(at: int) -> Window:
    window = Window()
    window.add(Row(NOON, 1, 1), at)
    return window


def test_no_quote_names_an_unknown_symbol_and_groups_the_rest() -> None:
    """An unmatched symbol is a finding of its own; other reasons are shared by all symbols."""
    unknown = a_fill(execution_state="absent", note="unknown symbol", symbol="BRK.B")
    other = a_fill(execution_state="absent", note="no quote source")

    assert no_quote.check(unknown, {}, _window_of(1)).subject == "absent (unknown symbol) BRK.B"
    assert no_quote.check(other, {}, _window_of(1)).subject == "absent (no quote source)"
    assert no_quote.observe(a_fill(), {}) is None


def test_clock_suspect_sees_what_the_decoder_did_not_mark() -> None:
    """A negative time to fill is a suspect clock, whoever measured it."""
    fill = a_fill(measures=Measures(time_to_fill=Nanos(-1)))

    found = clock_suspect.check(fill, {}, _window_of(1))

    assert found.values["stamps"] == "executed before the order could be"
    assert clock_suspect.observe(a_fill(measures=Measures()), {}) is None


def test_clock_suspect_takes_an_event_s_subject_where_it_gives_no_reason() -> None:
    """Words are better than none."""
    found = clock_suspect.check(a_feed_event(kind="clock_suspect", subject="message 7"), {}, _window_of(1))

    assert found.values["stamps"] == "message 7"


def test_overfill_says_the_sums_where_it_has_them() -> None:
    """With the ledger's numbers the sentence has them, without it does not guess."""
    known = a_feed_event(
        kind="overfill",
        detail={"order_key": "O1", "ordered_shares": shares("100"), "executed_shares": shares("110")},
    )

    assert overfill.check(known, {}).sentence == "The order O1 has more executed than was ordered: 110 of 100."
    assert overfill.check(a_feed_event(subject="E1"), {}).sentence.endswith("than was ordered.")


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ({}, Population.MARKETABLE),
        ({"order_type": "limit", "marketable": True}, Population.MARKETABLE),
        ({"order_type": "limit", "marketable": False}, Population.RESTING),
        ({"order_type": "limit"}, Population.UNKNOWN),
        ({"time_in_force": "ioc"}, Population.IOC),
        ({"time_in_force": "fok"}, Population.IOC),
        ({"time_in_force": "opening"}, Population.AUCTION),
        ({"time_in_force": "closing"}, Population.AUCTION),
    ],
)
def test_unlike_orders_are_kept_apart(named: dict[str, Any], kind: Population) -> None:
    """Time in force first, then marketability at receipt."""
    assert population(an_order(**named)) is kind
