"""What an execution cost, out of its own report: exact dollars, or nothing where nothing can be told."""

from __future__ import annotations

import pytest

from rules.facts import Side
from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.fix.events import Execution
from service.market.measures import fee_per_share, net_improvement, net_price
from tests.factories_market import price, shares
from tests.factories_messages import execution_report

PLAIN = "begin_string: FIX.4.4"


def fee(more: str, dialect: str = PLAIN, **by_tag: object) -> int | None:
    """Return the cost of a trade of 100 shares at 181.95 that says these fields."""
    read = decode(execution_report(more=more, **by_tag), parse_dialect(dialect), "2013-10-07")
    assert isinstance(read, Execution)
    return read.fee


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", None),
        ("12=0.35", "0.35"),
        ("12=0.35|13=3", "0.35"),
        ("12=0.0029|13=1", "0.29"),
        ("12=-0.0032|13=1", "-0.32"),
        ("12=5|13=2", None),
        ("12=cheap", None),
        ("136=2|137=0.10|138=USD|139=1|137=-0.02|138=USD|139=7", "0.08"),
        ("12=0.35|136=1|137=0.05|139=2", "0.40"),
        ("12=0.35|136=1|137=dear|139=2", None),
        ("136=0", None),
    ],
)
def test_the_cost_is_commission_and_other_fees(more: str, expected: str | None) -> None:
    """Absolute or a share; below zero a rebate; a rate in per cent or a word is no amount."""
    assert fee(more) == (None if expected is None else price(expected))


def test_a_part_of_a_nanodollar_is_rounded_up() -> None:
    """A millionth of a share at a nanodollar a share cost something."""
    assert fee("12=0.000000001|13=1", _32="0.000001") == 1


def test_a_vendor_may_write_what_it_pays_us_above_zero() -> None:
    """Its dialect says so; a place of its own holds the amount itself."""
    dialect = f"{PLAIN}\nfees: [9444]\nfees_above_zero: received"

    assert fee("9444=0.30|13=1", dialect) == -price("0.30")


def test_fees_move_the_price_against_the_customer_and_rebates_towards() -> None:
    """100 shares at 10.00 for 30 cents: bought at 10.003 net, sold at 9.997; with a rebate the other way."""
    ten, hundred = price("10.00"), shares(100)

    assert net_price(Side.BUY, ten, hundred, price("0.30")) == price("10.003")
    assert net_price(Side.SELL, ten, hundred, price("0.30")) == price("9.997")
    assert net_price(Side.BUY, ten, hundred, -price("0.30")) == price("9.997")
    assert net_price(Side.BUY, ten, hundred, None) is None


def test_the_net_improvement_is_what_is_left_after_the_fee() -> None:
    """Two cents improved, three tenths of a cent paid; unknown where one of them is."""
    assert net_improvement(price("0.02"), shares(100), price("0.30")) == price("0.017")
    assert net_improvement(None, shares(100), price("0.30")) is None
    assert net_improvement(price("0.02"), shares(100), None) is None
    assert fee_per_share(price("0.10"), shares(3)) == price("0.033333334")
