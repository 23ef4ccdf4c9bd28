"""Integers become words and texts become integers, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.limit_words import limit_words
from rules.rule import Kind, Parameter
from rules.units import number, setting
from rules.words import dollars, duration, percent, ratio_ppm, shares


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (dollars(10_050_000_000), "10.05"),
        (dollars(10_000_000_000), "10.00"),
        (dollars(1_500_000), "0.0015"),
        (dollars(-166_666_667), "-0.166666667"),
        (shares(100_000_000), "100"),
        (shares(500_000), "0.5"),
        (duration(3_000_000_000), "3 s"),
        (duration(12_500_000), "12.5 ms"),
        (duration(800), "800 ns"),
        (duration(-1_500_000_000), "-1.5 s"),
        (percent(925_000), "92.5 %"),
        (percent(1_000_000), "100 %"),
    ],
)
def test_an_integer_is_said_in_words(written: str, meant: str) -> None:
    """Each unit is said as people write it, with nothing lost."""
    assert written == meant


@given(st.integers(min_value=-(10**20), max_value=10**20))
def test_a_price_said_in_words_is_the_same_price(value: int) -> None:
    """No digit is lost between an integer and its text."""
    assert Decimal(dollars(value)).scaleb(9) == value


def test_a_ratio_of_nothing_is_nothing() -> None:
    """0 of 0 is 0, and ratios are rounded down."""
    assert ratio_ppm(0, 0) == 0
    assert ratio_ppm(2, 3) == 666_666


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        (Kind.DURATION, "250 ms", 250_000_000),
        (Kind.DURATION, "1.5 s", 1_500_000_000),
        (Kind.DURATION, "5 min", 300_000_000_000),
        (Kind.DURATION, "250", None),
        (Kind.DURATION, "250 fortnights", None),
        (Kind.DURATION, "0.5 ns", None),
        (Kind.DURATION, "soon", None),
        (Kind.RATIO, "92.5 %", 925_000),
        (Kind.RATIO, "0.925", 925_000),
        (Kind.RATIO, "101 %", None),
        (Kind.RATIO, "most", None),
        (Kind.MULTIPLE, "120 %", 1_200_000),
        (Kind.MULTIPLE, "1.2", 1_200_000),
        (Kind.MULTIPLE, "much", None),
        (Kind.PRICE, "0.01", 10_000_000),
        (Kind.PRICE, "0.0000000001", None),
        (Kind.PRICE, "-0.01", None),
        (Kind.PRICE, "NaN", None),
        (Kind.PRICE, "Infinity", None),
        (Kind.PRICE, "1e99", None),
        (Kind.COUNT, "20", 20),
        (Kind.COUNT, "20.5", None),
        (Kind.FLAG, "Yes", True),
        (Kind.FLAG, "off", False),
        (Kind.FLAG, "perhaps", None),
    ],
)
def test_a_text_means_an_integer_or_nothing(kind: Kind, text: str, meant: int | None) -> None:
    """Units are read exactly; what is not exact, not finite or not there means nothing."""
    assert number(kind, text) == meant


PARAMETER = Parameter(kind=Kind.COUNT, default="20", meaning="", minimum="2", maximum="100")
CHOICE = Parameter(kind=Kind.RATIO, default="99 %", meaning="", choices=("95 %", "99 %"))


@pytest.mark.parametrize(
    ("parameter", "text", "said"),
    [
        (PARAMETER, "2", 2),
        (PARAMETER, "100", 100),
        (PARAMETER, "1", '"1" is too small; the least is 2'),
        (PARAMETER, "101", '"101" is too large; the most is 100'),
        (PARAMETER, "many", '"many" is not usable; expected a whole number'),
        (CHOICE, "0.95", 950_000),
        (CHOICE, "97 %", '"97 %" is not one of the choices; expected 95 %, 99 %'),
    ],
)
def test_a_parameter_takes_a_text_or_says_what_it_expects(parameter: Parameter, text: str, said: int | str) -> None:
    """Bounds are inclusive; a refusal says what would be right."""
    assert setting(parameter, text) == said


@given(st.sampled_from([kind for kind in Kind if kind is not Kind.FLAG]), st.integers(0, 1_000_000))
def test_a_limit_in_words_is_read_as_the_same_limit(kind: Kind, value: int) -> None:
    """Whatever its kind, so that what is shown can be written into a rulebook."""
    assert number(kind, limit_words(kind, value)) == value
    assert [number(Kind.FLAG, limit_words(Kind.FLAG, flag)) for flag in (False, True)] == [False, True]
