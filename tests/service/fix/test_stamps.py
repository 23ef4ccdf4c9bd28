"""Text of times, dates and numbers → exact integers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.fix.stamps import instant, local_date, new_york_date, price, quantity, whole

NOON = int(datetime(2013, 10, 7, 12, tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20131007-12:00:00", (NOON, 0)),
        ("20131007-12:00:00.5", (NOON + 500_000_000, 1)),
        ("20131007-12:00:00.123", (NOON + 123_000_000, 3)),
        ("20131007-12:00:00.123456", (NOON + 123_456_000, 6)),
        ("20131007-12:00:00.123456789", (NOON + 123_456_789, 9)),
        ("20131007-12:00:00.123456789999", (NOON + 123_456_789, 12)),
    ],
)
def test_a_time_keeps_its_precision(text: str, expected: tuple[int, int]) -> None:
    """0, 3, 6, 9 or 12 digits: nanoseconds, and how many digits were written."""
    assert instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "20131007",
        "20131007-12:00",
        "20131007-25:00:00",
        "20131332-12:00:00",
        "20131007-12:00:00.",
        "20131007-12:00:00,123",
        "20131007-12:00:00.12x",
        "20131007-12:00:00.1234567890123",
        "20131007-12:00:00.²",
        "19691231-23:59:59",
        "22620101-00:00:00",
        "٢٠١٣١٠٠٧-12:00:00",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    """Nothing is guessed, and nothing outside 64 bits of nanoseconds is taken."""
    assert instant(text) is None


def test_a_leap_second_is_the_second_after() -> None:
    """FIX allows 60 in the seconds."""
    assert instant("20161231-23:59:60") == instant("20170101-00:00:00")


def test_a_local_time_is_read_on_its_own_clock() -> None:
    """08:00 in New York is noon UTC in October."""
    assert instant("20131007-08:00:00", "America/New_York") == (NOON, 0)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2261, 12, 31)))  # noqa: DTZ001
def test_every_time_comes_back_exactly(at: datetime) -> None:
    """Against the standard library, to the microsecond."""
    expected = (at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000

    assert instant(f"{at:%Y%m%d-%H:%M:%S.%f}".rjust(24, "0")) == (expected, 6)


def test_the_trade_date_is_the_day_in_new_york() -> None:
    """Two in the morning UTC is still the evening before."""
    late = instant("20131008-02:00:00")
    assert late is not None

    assert new_york_date(late[0]) == "2013-10-07"
    assert new_york_date(Nanos(NOON)) == "2013-10-07"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("20131007", "2013-10-07"), ("20131332", None), ("2013100", None), ("2013100x", None), ("", None)],
)
def test_a_date_is_read_or_refused(text: str, expected: str | None) -> None:
    """YYYYMMDD and nothing else."""
    assert local_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("181.95", 181_950_000_000),
        ("0.0015", 1_500_000),
        ("100", 100_000_000_000),
        (".5", 500_000_000),
        ("5.", 5_000_000_000),
        ("-1.25", -1_250_000_000),
        ("1.0000000010000", 1_000_000_001),
        ("1.0000000001", "finer than 1e-9"),
        ("1e5", "not a decimal number"),
        ("+1", "not a decimal number"),
        ("1,5", "not a decimal number"),
        (".", "not a decimal number"),
        ("-", "not a decimal number"),
        ("", "not a decimal number"),
        ("٣", "not a decimal number"),
        ("nan", "not a decimal number"),
        ("9223372036.854775808", "too large to keep"),
        ("9" * 41, "longer than 40 characters"),
    ],
)
def test_a_price_is_exact_or_refused_in_words(text: str, expected: int | str) -> None:
    """Decimal text becomes 1e-9 dollars; nothing is rounded."""
    assert price(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100", 100_000_000),
        ("0.000001", 1),
        ("0.0000001", "finer than 1e-6"),
        ("x", "not a decimal number"),
        ("1" * 41, "longer than 40 characters"),
    ],
)
def test_a_quantity_is_exact_or_refused_in_words(text: str, expected: int | str) -> None:
    """Fractional shares are legal; what is finer than the scale is not cut off."""
    assert quantity(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7", 7), ("007", 7), (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("-1", None), ("", None), ("9" * 41, None)],
)
def test_a_sequence_number_is_whole_and_fits_the_store(text: str, expected: int | None) -> None:
    """What the store could not hold is no number."""
    assert whole(text) == expected
