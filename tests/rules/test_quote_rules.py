"""The rules about quotes themselves: too many executions without one, and two sources that disagree."""

from __future__ import annotations

from typing import Any

import pytest

from rules.catalogue import not_evaluated_rate, quotes_disagree
from rules.facts import QuotesApart
from rules.rule import NotEvaluated
from tests.factories import NOON, a_fill, length, price
from tests.factories_rules import an_engine, found


def some_fills(count: int, without: int) -> list[Any]:
    """Return executions a second apart, the last of them without a usable quote."""
    states = ["normal"] * (count - without) + ["stale"] * without
    return [
        a_fill(execution_id=f"E{n}", executed_at=NOON + n * length("1 s"), execution_state=state, venue="XNAS")
        for n, state in enumerate(states)
    ]


@pytest.mark.parametrize(("without", "rates"), [(6, []), (7, [101_694]), (0, [])])
def test_a_rate_above_the_limit_is_reported_on_one_that_was_not_evaluated(without: int, rates: list[int]) -> None:
    """Exactly ten per cent is allowed; the finding names the venue and the last reason."""
    found_here = [f for f in found(an_engine(), some_fills(60, without)) if f.rule == "not_evaluated_rate"]

    assert [finding.values["rate_ratio_ppm"] for finding in found_here] == rates
    assert all(finding.values["last_reason"] == "execution stale" for finding in found_here)
    assert all("6 of 59 executions at XNAS (10.1694 %) could not" in finding.sentence for finding in found_here)


def test_the_example_is_never_one_that_was_evaluated() -> None:
    """The rate is high already, but this execution was judged."""
    fills = [*some_fills(60, 60), *[a_fill(execution_id="late", executed_at=NOON + length("90 s"), venue="XNAS")]]
    engine = an_engine("rules: {not_evaluated_rate: {parameters: {repeat_after: 1}}}")

    raised = [f.values["execution_id"] for f in found(engine, fills) if f.rule == "not_evaluated_rate"]

    assert raised == [f"E{n}" for n in range(49, 60)]


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"auction": True}, "auction"),
        ({"regular_hours": False}, "outside regular hours"),
        ({"symbol": "AAPL261218C00150000", "execution_state": "absent"}, "an option"),
    ],
)
def test_what_has_no_quote_by_nature_is_left_out_and_counted(named: dict[str, Any], reason: str) -> None:
    """It would hide the rate of what should have one."""
    assert not_evaluated_rate.observe(a_fill(**named), {}) == NotEvaluated(reason)


@pytest.mark.parametrize(
    ("apart", "value"),
    [
        (QuotesApart(source="mqtt", bid=-price("0.02"), offer=0), price("0.02")),
        (QuotesApart(source="mqtt", bid=None, offer=price("0.03")), price("0.03")),
    ],
)
def test_the_wider_side_counts(apart: QuotesApart, value: int) -> None:
    """Whichever source is the higher one."""
    counted = quotes_disagree.observe(a_fill(quotes_apart=apart, quote_source="zeromq"), {"tolerance": price("0.01")})

    assert not isinstance(counted, NotEvaluated)
    assert counted is not None
    assert (counted.key, counted.value) == (("zeromq", "mqtt"), value)


def test_what_one_source_could_not_say_is_counted_as_such() -> None:
    """It is no agreement."""
    fill = a_fill(quotes_apart=QuotesApart(source="mqtt"))

    assert quotes_disagree.observe(fill, {"tolerance": 0}) == NotEvaluated("nothing to compare")
