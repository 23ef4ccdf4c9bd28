"""The conversions of the exports are exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.store.export_text import (
    day_bounds,
    iso_utc,
    plain_dollars,
    plain_half_dollars,
    plain_seconds,
    plain_shares,
    raw_text,
    sending_day,
    trade_day,
)

HALF_PAST_NINE = 1_381_152_600_123_000_000
"""2013-10-07 09:30:00.123 in New York."""


@pytest.mark.parametrize(
    ("nanodollars", "text"),
    [
        (0, "0"),
        (100_000_000_000, "100"),
        (10_015_000_000, "10.015"),
        (1_500_000, "0.0015"),
        (-1, "-0.000000001"),
        (-2_500_000_000, "-2.5"),
    ],
)
def test_dollars_are_written_without_exponent_and_without_needless_zeros(nanodollars: int, text: str) -> None:
    """The seed's own example is $0.0015."""
    assert plain_dollars(nanodollars) == text


@pytest.mark.parametrize(
    ("doubled", "text"), [(3, "0.0000000015"), (-1, "-0.0000000005"), (400_000_000, "0.2"), (0, "0")]
)
def test_half_a_doubled_amount_is_written_with_its_tenth_digit(doubled: int, text: str) -> None:
    """A midpoint may lie between two nanodollars."""
    assert plain_half_dollars(doubled) == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_stored_number_is_written_exactly(value: int) -> None:
    """What was written reads back as the same number."""
    assert Decimal(plain_dollars(value)) == Decimal(value).scaleb(-9)
    assert Decimal(plain_shares(value)) == Decimal(value).scaleb(-6)
    assert Decimal(plain_seconds(value)) == Decimal(value).scaleb(-9)


def test_seconds_have_nine_digits() -> None:
    """A time to fill is written to the nanosecond, a negative one too."""
    assert (plain_seconds(1_500_000_000), plain_seconds(-1), plain_seconds(0)) == (
        "1.500000000",
        "-0.000000001",
        "0.000000000",
    )


def test_times_are_iso_with_nanoseconds() -> None:
    """As the contract's example, and on either side of 1970."""
    assert iso_utc(HALF_PAST_NINE) == "2013-10-07T13:30:00.123000000Z"
    assert iso_utc(-1) == "1969-12-31T23:59:59.999999999Z"


def test_a_time_without_a_calendar_date_still_has_a_text() -> None:
    """A stamp beyond the year 9999 stops no export."""
    assert iso_utc(2**63 - 1).startswith("2262-04-11T")
    assert iso_utc(10**21) == "1000000000000.000000000 s since 1970"


def test_raw_gives_the_bytes_back() -> None:
    """A character a byte, whatever the bytes are."""
    assert raw_text(bytes(range(256))).encode("latin-1") == bytes(range(256))


def test_a_day_in_new_york_has_its_own_bounds() -> None:
    """24 hours usually, 25 when the clocks go back; the last nanosecond belongs to it."""
    first, after = day_bounds("2013-10-07")

    assert (trade_day(first), trade_day(after - 1), trade_day(after)) == ("2013-10-07", "2013-10-07", "2013-10-08")
    assert trade_day(HALF_PAST_NINE) == "2013-10-07"
    assert day_bounds("2026-11-01")[1] - day_bounds("2026-11-01")[0] == 25 * 3600 * 10**9


def test_no_date_is_refused() -> None:
    """A typing error must not look like an empty day."""
    with pytest.raises(ValueError, match="2013-13-01"):
        day_bounds("2013-13-01")


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        (b"8=FIX.4.4\x0152=20131008-01:00:00\x01", "2013-10-07"),
        (b"8=FIX.4.4|52=20131008-13:30:00.123|", "2013-10-08"),
        (b"8=FIX.4.4\x01152=20131008-01:00:00\x01", None),
        (b"8=FIX.4.4\x0152=20131308-01:00:00\x01", None),
    ],
)
def test_the_sending_time_gives_the_day_of_a_message_without_a_receipt(raw: bytes, day: str | None) -> None:
    """Its date in New York, or none when it cannot be read."""
    assert sending_day(raw) == day
