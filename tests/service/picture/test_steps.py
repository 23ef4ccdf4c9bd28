"""The lines of the market: thinned to the pixels, and yet no extreme and no last value is lost."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND, Nanos
from service.market.around import Told
from service.picture.market import Span, spans
from service.picture.scale import TimeScale, price_scale
from service.picture.steps import band_path, step_path
from tests.factories import NOON, price, shares
from tests.factories_picture import SPAN, seconds, told

TIMES = TimeScale(begin=seconds(-5), end=seconds(5), left=0, right=100)


def heights(path: str) -> list[float]:
    """Return every height that a path of steps goes to."""
    return [float(one or other) for one, other in re.findall(r"M[\d.]+ ([\d.]+)|V([\d.]+)", path)]


def offers(of: list[Span]) -> str:
    """Return the path of the offers on a scale of 0 to 100 dollars in 1,000 pixels."""
    scale = price_scale([price("1"), price("1.02")], (), 0, 1000)
    return step_path(of, lambda span: span.offer, TIMES, scale)


def test_a_side_that_is_missing_breaks_the_line() -> None:
    """And the band is there only where both sides are."""
    found = spans([told(-5, "1", "1.02"), told(0, None, "1.02"), told(2, "1", None)], seconds(-5), seconds(5))
    scale = price_scale([price("1"), price("1.02")], (), 0, 100)

    bids = step_path(found, lambda span: span.bid, TIMES, scale)

    assert re.fullmatch(r"M0 [\d.]+H50M70 [\d.]+H100", bids)
    assert band_path(found, TIMES, scale).count("M") == 1
    assert offers(found).count("M") == 1


def test_steps_within_a_pixel_are_one_that_goes_to_both_extremes() -> None:
    """The last value goes on from there."""
    close = [Told(Nanos(NOON + n), None, None, price(o), shares("1")) for n, o in enumerate(("1.02", "1", "1.01"))]
    found = spans(close, seconds(-5), seconds(5))

    path = offers(found)

    scale = price_scale([price("1"), price("1.02")], (), 0, 1000)
    assert heights(path)[-1] == scale.y(price("1.01"))
    assert set(heights(path)) == {scale.y(price(one)) for one in ("1", "1.01", "1.02")}


def test_nothing_is_drawn_of_no_quotes() -> None:
    """Neither a side nor a band."""
    found = spans([], seconds(-5), seconds(5))

    assert offers(found) == ""
    assert band_path(found, TIMES, price_scale([], (), 0, 1)) == ""


@given(st.lists(st.tuples(st.integers(-5000, 5000), st.integers(100, 102)), min_size=1, max_size=300))
def test_thinning_keeps_the_extremes_and_what_comes_last(walk: list[tuple[int, int]]) -> None:
    """Of however many quotes; the path stays as short as the picture is wide."""
    quotes = [Told(Nanos(NOON + ms * SECOND // 1000), None, None, price(f"{p / 100}"), None) for ms, p in sorted(walk)]
    found = spans(quotes, Nanos(NOON - SPAN), Nanos(NOON + SPAN))

    drawn = heights(offers(found))

    scale = price_scale([price("1"), price("1.02")], (), 0, 1000)
    expected = [round(scale.y(span.offer), 1) for span in found if span.offer is not None]
    assert (min(drawn), max(drawn), drawn[-1]) == (min(expected), max(expected), expected[-1])
    assert len(drawn) <= 4 * 201
