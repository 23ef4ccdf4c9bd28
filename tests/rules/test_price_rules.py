"""The rules of price: by hand, both sides of the market, and who is left out and why."""

from __future__ import annotations

from typing import Any

import pytest

from rules.engine import Engine
from rules.facts import SECOND, Fill, Level
from rules.finding import Finding, Severity
from tests.factories import NOON, a_fill, a_quote, price
from tests.factories_marks import a_fade, a_markout
from tests.factories_rules import an_engine, found

SMALL = "{parameters: {minimum: 2, repeat_after: 1}}"


def engine_for(rule: str, **parameters: str) -> Engine:
    """Return an engine that asks a rule from the second observation on."""
    limits = {"minimum": "2", "repeat_after": "1"} | parameters
    written = ", ".join(f"{name}: {value}" for name, value in limits.items())
    return an_engine(f"rules: {{{rule}: {{parameters: {{{written}}}}}}}")


def of(rule: str, findings: list[Finding]) -> list[Finding]:
    """Return the findings of one rule."""
    return [finding for finding in findings if finding.rule == rule]


def bought(n: int, paid: str, **named: Any) -> Fill:
    """Return the n-th purchase at a price, n seconds after noon; the market at execution is never below it."""
    at_offer = {"offer_at_execution": named.pop("offer", paid)}
    return a_fill(**{"execution_id": f"E{n}", "executed_at": NOON + n * SECOND, "price": paid} | at_offer | named)


def skipped(engine: Engine, rule: str) -> set[str]:
    """Return why a rule did not evaluate."""
    return {reason for name, reason in engine.not_evaluated if name == rule}


LEFT_OUT = [
    ({"auction": True}, "auction"),
    ({"exempt_reason": "sweep"}, "exempt: sweep"),
    ({"directed": True}, "directed by the customer"),
    ({"symbol": "AAPL261218C00150000"}, "an option"),
    ({"receipt": a_quote(state="absent", note="test symbol")}, "test symbol"),
    ({"receipt_state": "crossed"}, "quote at receipt crossed"),
    ({"receipt_state": "stale"}, "quote at receipt stale"),
    ({"order_type": "limit", "marketable": False}, "not marketable"),
    ({"order_type": "limit", "marketable": None}, "not marketable"),
    ({"level": Level.PARENT}, "level parent"),
]


@pytest.mark.parametrize("rule", ["price_disimprovement", "wide_effective_spread"])
@pytest.mark.parametrize(("named", "reason"), LEFT_OUT)
def test_what_says_nothing_against_the_receipt_is_left_out_and_counted(
    rule: str, named: dict[str, Any], reason: str
) -> None:
    """Silence must never look like compliance."""
    engine = engine_for("wide_effective_spread")

    findings = found(engine, [bought(n, "10.06", **named) for n in range(4)])

    assert not of(rule, findings)
    assert skipped(engine, rule) == {reason}


def test_worse_than_the_quote_at_receipt_is_reported_with_its_harm() -> None:
    """300 bought at 10.06 on an offer of 10.01: five cents a share, fifteen dollars; the sell mirrors it."""
    sold = a_fill(side="sell", price="9.94", bid_at_execution="9.94", execution_id="S", quantity="300")

    buy, sell = of("price_disimprovement", found(an_engine(), [bought(1, "10.06", quantity="300"), sold]))

    for finding in (buy, sell):
        assert finding.values["disimprovement_price"] == price("0.05")
        assert finding.values["of_spread_ratio_ppm"] == 2_500_000
        assert finding.dollar_harm == 15 * 10**9
    assert (buy.values["quoted_price"], sell.values["quoted_price"]) == (price("10.01"), price("9.99"))
    assert "0.05 a share worse than the quote of 10.01" in buy.sentence
    assert sell.sentence.startswith("300 XYZ were sold at 9.94")


def test_a_part_of_a_share_that_was_harmed_is_never_shown_as_no_harm() -> None:
    """Rounded up."""
    (finding,) = of("price_disimprovement", found(an_engine(), [bought(1, "10.060000001", quantity="0.000001")]))

    assert finding.dollar_harm == 51


@pytest.mark.parametrize(("paid", "reported"), [("10.02", False), ("10.020000001", True)])
def test_the_larger_of_the_two_tolerances_counts(paid: str, reported: bool) -> None:  # noqa: FBT001 - a case
    """A cent, and half of a spread of two cents: to the nanodollar."""
    assert bool(of("price_disimprovement", found(an_engine(), [bought(1, paid)]))) is reported
    wide = an_engine("rules: {price_disimprovement: {parameters: {tolerance_of_spread: 100 %}}}")
    assert not of("price_disimprovement", found(wide, [bought(1, paid)]))


def test_a_locked_quote_at_receipt_has_a_price_and_no_spread() -> None:
    """The tolerance in dollars is left."""
    locked = a_quote("10.01", "10.01", state="locked")

    (finding,) = of("price_disimprovement", found(an_engine(), [bought(1, "10.06", receipt=locked)]))

    assert finding.values["of_spread_ratio_ppm"] == 0


def test_what_is_outside_the_quote_at_execution_too_is_reported_once() -> None:
    """By `outside_nbbo`, whose quote is the nearer one."""
    engine = an_engine()

    rules = [finding.rule for finding in found(engine, [bought(1, "10.06", offer="10.03")])]

    assert rules == ["outside_nbbo"]
    assert skipped(engine, "price_disimprovement") == {"outside the quote at execution"}


def test_effective_over_quoted_is_a_ratio_of_averages() -> None:
    """Domain's oracle turned round: 40 at 9.98 and 20 at 10.04 on 9.99 / 10.01: Σ q·ES is 0, so E/Q is 0 %."""
    quiet, loud = engine_for("wide_effective_spread"), engine_for("wide_effective_spread", at_most="50 %")
    fills = [bought(1, "9.98", quantity="40", offer="10.01"), bought(2, "10.04", quantity="20")]

    assert not of("wide_effective_spread", found(quiet, fills))
    (finding,) = of("wide_effective_spread", found(loud, [*fills, bought(3, "10.04", quantity="60")]))

    # 60 × 0.08 over 120 × 0.02
    assert finding.values["effective_over_quoted_ratio_ppm"] == 2_000_000
    assert finding.thresholds["at_most_ratio_ppm"] == 500_000
    assert finding.values["order_class"] == "market"
    assert finding.sample_count == 3
    # half of 60 × 0.08 less half of 120 × 0.02 × 50 %
    assert finding.dollar_harm == price("1.80")
    assert finding.severity is Severity.MEDIUM


def test_spreads_of_unlike_orders_and_venues_are_never_mixed() -> None:
    """Two of each are two windows."""
    engine = engine_for("wide_effective_spread", minimum="3")
    classes: list[dict[str, Any]] = [{}, {"venue": "XNAS"}, {"order_type": "limit", "marketable": True}]

    findings = [bought(10 * n + m, "10.04", **named) for n, named in enumerate(classes) for m in range(2)]

    assert not of("wide_effective_spread", found(engine, findings))


def test_where_every_quote_was_locked_there_is_no_ratio() -> None:
    """Nothing is divided by nothing, and that is counted."""
    engine = engine_for("wide_effective_spread")
    locked = a_quote("10.01", "10.01", state="locked")

    assert not of("wide_effective_spread", found(engine, [bought(n, "10.06", receipt=locked) for n in range(2)]))
    assert "every quote was locked" in skipped(engine, "wide_effective_spread")


def test_an_execution_without_measures_of_its_receipt_is_counted() -> None:
    """However it came to be without them."""
    engine = engine_for("wide_effective_spread")
    bare = a_fill(measures=a_fill(auction=True).measures.__class__())

    found(engine, [bare])

    assert skipped(engine, "wide_effective_spread") == {"no spreads"}
    assert skipped(engine, "price_disimprovement") == {"no price improvement"}


def marks(*middles: str, **named: Any) -> list[Any]:
    """Return marks a second after purchases on a midpoint of 10.00, at these midpoints."""
    return [
        a_markout(
            **{
                "horizon": "1 s",
                "execution_id": f"E{n}",
                "executed_at": NOON + n * SECOND,
                "quote": a_quote(middle, middle),
            }
            | named
        )
        for n, middle in enumerate(middles)
    ]


def test_reversion_is_weighted_by_shares_and_has_its_harm() -> None:
    """100 came back by two cents, 300 by six: five cents on average, 20 dollars."""
    engine = engine_for("adverse_reversion", adverse_at_least="0 %")
    fell = [*marks("9.98"), *marks("10.00", "9.94", quantity="300")[1:]]

    (finding,) = of("adverse_reversion", found(engine, fell))

    assert finding.values["average_reversion_price"] == price("0.05")
    assert (finding.dollar_harm, finding.sample_count) == (20 * 10**9, 2)
    assert (finding.values["adverse_count"], finding.values["horizon_ns"]) == (2, SECOND)
    assert finding.subject == "demo marketable orders at XNYS after 1 s"
    assert (finding.venue, finding.symbol) == ("XNYS", "XYZ")


def test_a_sell_reverts_the_other_way() -> None:
    """The midpoint rose after it."""
    engine = engine_for("adverse_reversion", adverse_at_least="0 %")

    assert of("adverse_reversion", found(engine, marks("10.02", "10.02", side="sell")))
    assert not of("adverse_reversion", found(engine, marks("10.02", "10.02", venue="XBOS")))


def test_noise_does_not_fire() -> None:
    """As many came back as went on; the mean alone lies above the limit."""
    engine = engine_for("adverse_reversion", minimum="20")
    restless = marks(*(("9.90", "10.02") * 30))

    assert not of("adverse_reversion", found(engine, restless))


def test_a_mark_that_says_nothing_is_left_out_and_counted() -> None:
    """Directed, exempt, of another level, without a usable quote, or of an order nobody can class."""
    engine = engine_for("adverse_reversion")
    odd: list[dict[str, Any]] = [
        {"directed": True},
        {"exempt_reason": "benchmark"},
        {"level": Level.PARENT},
        {"population": "marketability unknown"},
        {"population": "auction"},
        {"quote": a_quote(state="crossed")},
    ]

    found(engine, [mark for named in odd for mark in marks("9.90", "9.90", **named)])

    assert skipped(engine, "adverse_reversion") == {
        "directed by the customer",
        "exempt: benchmark",
        "level parent",
        "marketability unknown",
        "auction",
        "no usable quotes",
    }


def at_midpoint(count: int, **named: Any) -> list[Fill]:
    """Return purchases at the midpoint."""
    return [bought(n, "10.00", offer="10.01", venue="XBOS", **named) for n in range(count)]


def test_the_far_touch_among_midpoints_names_them() -> None:
    """A cent a share was missed, and the venues say where not."""
    engine = engine_for("missed_midpoint")

    (finding,) = of("missed_midpoint", found(engine, [*at_midpoint(3), bought(9, "10.01")]))

    assert finding.values["missed_price"] == price("0.01")
    assert (finding.values["midpoint_count"], finding.values["executions_count"]) == (3, 4)
    assert finding.values["midpoint_venues"] == "XBOS"
    assert (finding.subject, finding.venue, finding.dollar_harm) == ("E9", "XNYS", None)


def test_a_pegged_order_is_among_those_that_ask_for_the_midpoint() -> None:
    """A copy rarely says what it was pegged to."""
    engine = engine_for("missed_midpoint")
    pegged = {"order_type": "pegged", "marketable": None}

    assert of("missed_midpoint", found(engine, [*at_midpoint(3, **pegged), bought(9, "10.01", **pegged)]))


def test_midpoints_of_orders_that_waited_and_of_locked_markets_prove_nothing() -> None:
    """They are left out and counted."""
    engine = engine_for("missed_midpoint")
    resting = at_midpoint(3, order_type="limit", marketable=False)
    locked = [bought(n, "10.01", at_execution=a_quote("10.01", "10.01", state="locked")) for n in range(20, 23)]
    auction = at_midpoint(1, auction=True)

    assert not of("missed_midpoint", found(engine, [*resting, *locked, *auction, bought(9, "10.01")]))
    assert skipped(engine, "missed_midpoint") >= {
        "neither marketable nor pegged",
        "quote at execution locked",
        "auction",
    }


def test_few_midpoints_are_no_habit() -> None:
    """One of five is below three in ten."""
    engine = engine_for("missed_midpoint")

    assert not of("missed_midpoint", found(engine, [bought(n, "10.01") for n in range(1, 5)] + at_midpoint(1)))


def fades(count: int, first: int = 0, **named: Any) -> list[Any]:
    """Return later children, each of a parent of its own."""
    return [
        a_fade(**{"parent_id": f"P{n}", "first_at": NOON + n * SECOND, "later_at": NOON + (n + 1) * SECOND} | named)
        for n in range(first, first + count)
    ]


def test_fades_beyond_the_baseline_are_counted_against_those_before() -> None:
    """Twelve faded, two had moved so before, the others did neither: ten of twenty more."""
    engine = engine_for("quote_fade", minimum="20")
    moved = [*fades(12, offer="10.02"), *fades(2, 12, baseline_offer="10.00"), *fades(6, 14)]

    (finding,) = of("quote_fade", found(engine, moved))

    assert (finding.values["faded_count"], finding.values["moved_before_count"]) == (12, 2)
    assert (finding.values["children_count"], finding.values["net_ratio_ppm"]) == (20, 500_000)
    # twelve cents up after it, two cents up before it
    assert finding.values["average_touch_price"] == price("0.005")
    assert (finding.symbol, finding.cause) == ("XYZ", "quotes fade")


@pytest.mark.parametrize(
    ("named", "faded"),
    [
        ({"offer": "10.015"}, False),
        ({"offer": "10.015000001"}, True),
        ({"side": "sell", "bid": "9.98"}, True),
        ({"side": "sell", "offer": "10.02"}, False),
        ({"offer_size": "250"}, False),
        ({"offer_size": "249"}, True),
        ({"offer_size": "100", "offer": "10.00"}, False),
        ({"offer_size": None}, False),
        ({"offer_size": "100", "baseline_offer_size": "1250"}, False),
    ],
)
def test_what_a_fade_is(named: dict[str, Any], faded: bool) -> None:  # noqa: FBT001 - a case
    """Worse by more than half a cent (10.01 before), or more than half of 500 shares gone at a price no better."""
    engine = engine_for("quote_fade", at_most="0 %")

    assert bool(of("quote_fade", found(engine, fades(12, **named)))) is faded


def test_a_fade_that_cannot_be_judged_is_counted_with_the_reason() -> None:
    """No quote at one of the three instants, or too long after the first child."""
    engine = engine_for("quote_fade")
    late = a_fade(later_at=NOON + 6 * SECOND)

    found(engine, [*fades(1, state="crossed"), *fades(1, baseline_state="stale"), late])

    assert skipped(engine, "quote_fade") == {
        "later child crossed",
        "baseline stale",
        "too long after the first child",
    }


def test_a_window_rule_speaks_again_only_after_so_many_more() -> None:
    """And never twice at one time."""
    engine = engine_for("wide_effective_spread", repeat_after="5")

    findings = of("wide_effective_spread", found(engine, [bought(n, "10.04") for n in range(13)]))

    assert [finding.sample_count for finding in findings] == [2, 7, 12]
