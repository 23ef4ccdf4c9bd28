"""Values in words: exact where it matters, short where it does not."""

from __future__ import annotations

import pytest

from rules.finding import Value
from service.web.said import NONE, exact_money, grouped, instant, money, said

CENT = 10_000_000


@pytest.mark.parametrize(
    ("name", "value", "pair"),
    [
        ("time_to_fill_ns", 3_204_000_000, ("time to fill", "3.204 s")),
        ("executed_price", 42_180_000_000, ("executed price", "$42.18")),
        ("ordered_shares", 2_500_000_000, ("ordered shares", "2,500")),
        ("filled_ratio_ppm", 360_000, ("filled ratio", "36 %")),
        ("orders_count", 1_200, ("orders", "1,200")),
        ("first_at_ns", 1_795_185_000_000_000_001, ("first at", "2026 Nov 20 09:30:00.000000001 New York")),
        ("sequence", 1043, ("sequence", "1,043")),
        ("locked", False, ("locked", "no")),
        ("regular_hours", True, ("regular hours", "yes")),
        ("exempt_reason", None, ("exempt reason", NONE)),
        ("limit_ns", None, ("limit", NONE)),
        ("population", "marketable_ioc", ("population", "marketable ioc")),
        ("rule", "outside_nbbo", ("rule", "outside NBBO")),
    ],
)
def test_a_value_is_said_by_the_unit_that_its_name_carries(name: str, value: Value, pair: tuple[str, str]) -> None:
    """Nanoseconds, nanodollars and parts per million are not for people."""
    assert said(name, value) == pair


def test_an_instant_is_told_in_new_york_with_the_exact_utc_beside_it() -> None:
    """Half past nine is half past nine."""
    at = instant(1_795_185_000_123_456_789)

    assert (at.day, at.time, at.fine) == ("Nov 20", "09:30:00", "09:30:00.123")
    assert at.exact == "2026-11-20T14:30:00.123456789Z"


def test_an_instant_beyond_the_calendar_is_shown_as_it_is() -> None:
    """A vendor's nonsense stamp must not take the page down."""
    assert instant(10**21).time == instant(10**21).exact


@pytest.mark.parametrize(
    ("number", "text"), [("0", "0"), ("-1234567.5", "-1,234,567.5"), ("999", "999"), ("1000", "1,000")]
)
def test_thousands_are_grouped(number: str, text: str) -> None:
    """Sign and decimals stay as they are."""
    assert grouped(number) == text


@pytest.mark.parametrize(
    ("amount", "column", "exact"),
    [
        (None, "", ""),
        (0, "$0.00", "$0.00"),
        (1, "<$0.01", "$0.000000001"),
        (CENT // 2, "$0.01", "$0.005"),
        (123_456_789 * CENT, "$1,234,567.89", "$1,234,567.89"),
        (-150 * CENT, "-$1.50", "$-1.50"),
    ],
)
def test_money_is_rounded_to_the_cent_in_a_column_and_exact_beside_it(
    amount: int | None, column: str, exact: str
) -> None:
    """What was not computed is empty, and what is tiny is not nothing."""
    assert (money(amount), exact_money(amount)) == (column, exact)
