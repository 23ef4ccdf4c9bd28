"""Columns of amounts mean what each means alone, over the whole range; what is in doubt is BAD, never a guess."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.market import column_values as columns
from service.market.packed import MISSING
from service.market.quote_text import BAD, LARGEST, price_of, size_of

EDGES = ("", "0", "0.0", "0.000000001", "0.0000000001", "9223372036.854775807", "9223372036.854775808", "9223372036854")
WHOLES = (MISSING, BAD, 0, 1, LARGEST // 10**6, LARGEST // 10**6 + 1, LARGEST - 1, LARGEST)


def packed_price(text: str | int) -> int:
    """Return what the columns hold for what a price alone means."""
    return price_of(text) or MISSING


def packed_size(text: str | int) -> int:
    """Return the same for a size."""
    size = size_of(text)
    return MISSING if size is None else size


decimals = st.decimals(0, 10**10, places=9).map(str) | st.from_regex(r"[0-9]{0,12}(\.[0-9]{0,10})?", fullmatch=True)


@given(texts=st.lists(decimals | st.sampled_from(EDGES) | st.text(max_size=5)))
def test_text_means_what_it_means_alone(texts: list[str]) -> None:
    """Nine digits and the largest values included."""
    assert columns.prices_of_texts(texts).tolist() == list(map(packed_price, texts))
    assert columns.sizes_of_texts(texts).tolist() == list(map(packed_size, texts))


@given(values=st.lists(st.integers(0, LARGEST) | st.sampled_from(WHOLES)))
def test_whole_numbers_are_nanodollars_and_shares(values: list[int]) -> None:
    """What is missing and what is bad are told before."""
    read = np.array(values, np.int64)
    told = (MISSING, BAD)

    assert columns.prices_of_wholes(read).tolist() == [v if v in told else packed_price(v) for v in values]
    assert columns.sizes_of_wholes(read).tolist() == [v if v in told else packed_size(v) for v in values]


@pytest.mark.parametrize("scale", [0, 2, 4, 6, 9, 12, 18])
@given(values=st.lists(st.integers(0, 10**18 - 1) | st.integers(0, 10**6).map(lambda n: n * 10**12)))
def test_a_decimal_means_what_its_text_means(values: list[int], scale: int) -> None:
    """In whatever units it is kept, with more decimals than a price has too."""
    texts = [format(Decimal(value).scaleb(-scale), "f") for value in values]
    read = np.array(values, np.int64)

    assert columns.prices_of_decimals(read, scale).tolist() == list(map(packed_price, texts))
    assert columns.sizes_of_decimals(read, scale).tolist() == list(map(packed_size, texts))


def test_a_decimal_that_is_missing_stays_missing() -> None:
    """And one that is bad stays bad."""
    assert columns.prices_of_decimals(np.array([MISSING, BAD]), 4).tolist() == [MISSING, BAD]


numbers = st.one_of(
    st.floats(allow_nan=False),
    st.floats(0, 10**7),
    st.decimals(0, 10**7, places=9).map(float),
    st.decimals(0, 10**6, places=2).map(float),
    st.sampled_from([0.0, -0.0, 1e-4, 9.9e-5, 999_999.999999999, 1e6, 1e15, 1e16, float("inf")]),
)


@given(values=st.lists(numbers, min_size=1))
def test_a_floating_point_number_means_the_shortest_decimal_that_reads_as_it(values: list[float]) -> None:
    """As the database writes it; where only the text can tell, it is in doubt, and never another amount."""
    with duckdb.connect(config={"threads": 1}) as connection:
        asked = "SELECT CAST(v AS VARCHAR) FROM (SELECT unnest(?::DOUBLE[]) AS v)"
        texts = [text for (text,) in connection.execute(asked, [values]).fetchall()]
    read = np.array(values, np.float64)

    for found, alone, most in (
        (columns.prices_of_floats(read), packed_price, 1e6),
        (columns.sizes_of_floats(read), packed_size, 1e9),
    ):
        for value, amount, text in zip(values, found.tolist(), texts, strict=True):
            assert amount == alone(text) or (amount == BAD and value >= most)


def test_no_number_is_a_missing_side() -> None:
    """As data frames write it."""
    assert columns.prices_of_floats(np.array([np.nan])).tolist() == [MISSING]
    assert columns.sizes_of_floats(np.array([np.nan])).tolist() == [MISSING]


@pytest.mark.parametrize("others", [[], ["1700000000000000000"]])
@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("5", 5),
        ("0005", 5),
        (str(LARGEST), LARGEST),
        (str(LARGEST + 1), BAD),
        ("9" * 19, BAD),
        ("9" * 5000, BAD),
        ("", BAD),
        ("-5", BAD),
        ("5x", BAD),
    ],
)
def test_a_time_is_digits_and_fits(others: list[str], text: str, time: int) -> None:
    """Beside good ones too."""
    assert columns.times_of_texts([*others, text]).tolist()[-1] == time


def test_no_times_are_none() -> None:
    """A part of a file may have no readable row."""
    assert columns.times_of_texts([]).tolist() == []


def test_an_unknown_state_is_bad() -> None:
    """No word is a normal market."""
    assert columns.states_of_texts(["", "normal", "halted", "closed ", "closed"]).tolist() == [0, 0, 1, BAD, 2]
