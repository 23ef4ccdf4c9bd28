"""The firm's table of venue fees: what an execution costs by venue, liquidity and date, and what is wrong."""

from __future__ import annotations

import pytest

from service.market.fee_schedule import FeeScheduleError, parse_fee_schedule
from tests.factories_market import price, shares

TABLE = """
- {venue: XNYS, liquidity: removed, rate: 0.0030, from: 2026-01-01}
- {venue: XNYS, liquidity: removed, rate: 0.0029, from: 2026-07-01}
- {venue: XNYS, liquidity: added, rate: -0.0020, from: 2026-01-01}
- {venue: XNYS, liquidity: auction, rate: 0, from: 2026-01-01}
"""


@pytest.mark.parametrize(
    ("venue", "liquidity", "day", "expected"),
    [
        ("XNYS", "removed", "2026-06-30", "0.30"),
        ("XNYS", "removed", "2026-07-01", "0.29"),
        ("XNYS", "added", "2026-07-01", "-0.20"),
        ("XNYS", "auction", "2026-07-01", "0"),
        ("XNYS", "removed", "2025-12-31", None),
        ("XNAS", "removed", "2026-07-01", None),
        ("XNYS", None, "2026-07-01", None),
    ],
)
def test_100_shares_cost_what_the_table_says_of_that_day(
    venue: str, liquidity: str | None, day: str, expected: str | None
) -> None:
    """The newest rate that had begun; what the table does not name is unknown, which is not free."""
    found = parse_fee_schedule(TABLE).fee(venue, liquidity, day, shares(100))

    assert found == (None if expected is None else price(expected))


def test_a_part_of_a_nanodollar_is_rounded_up() -> None:
    """A cost is never shown smaller than it is."""
    assert parse_fee_schedule(TABLE).fee("XNYS", "removed", "2026-01-02", shares("0.000001")) == 3


def test_every_problem_of_a_table_is_said_at_once() -> None:
    """With its line."""
    with pytest.raises(FeeScheduleError) as refused:
        parse_fee_schedule(
            "- {venue: XNYS, liquidity: added, rate: free, from: 2026-01-01}\n"
            "- {venue: XNYS, liquidity: removed, rate: 0.003, from: soon}\n"
            "- {venue: XNYS, liqidity: removed, rate: '', from: ''}\n"
            "- {venue: XNAS, liquidity: added, rate: '0 .1', from: 2026-01-01}\n"
            "- {venue: XNAS, liquidity: added, rate: 0.1, from: 2026-01-01}\n"
        )

    assert refused.value.problems == [
        'line 1: rate is "free"; expected dollars a share such as 0.0030, below zero for a rebate',
        'line 2: from is "soon"; expected a date such as 2026-01-31',
        'line 3: a fee knows no "liqidity"; did you mean liquidity?',
        "line 3: liquidity is missing; every fee has venue, liquidity, rate, from",
        "line 3: rate is missing; every fee has venue, liquidity, rate, from",
        "line 3: from is missing; every fee has venue, liquidity, rate, from",
        'line 4: rate is "0 .1"; expected dollars a share such as 0.0030, below zero for a rebate',
        "line 5: XNAS, added has two rates from 2026-01-01 on",
    ]
