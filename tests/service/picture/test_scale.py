"""Where prices and instants stand: nothing leaves the picture, near prices widen it, far ones do not flatten it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND, Price
from service.picture.scale import TimeScale, price_scale, price_words
from tests.factories import price
from tests.factories_picture import seconds

TIMES = TimeScale(begin=seconds(-5), end=seconds(5), left=100, right=200)


def test_an_instant_stands_between_the_edges_and_never_beyond() -> None:
    """What is outside is held at the edge."""
    assert [TIMES.x(seconds(at)) for at in (-9, -5, 0, 5, 9)] == [100, 100, 150, 200, 200]
    assert [TIMES.shows(seconds(at)) for at in (-9, 0, 9)] == [False, True, False]


def test_the_seconds_are_marked_from_the_middle() -> None:
    """A long picture has larger steps, a very short one its edges."""
    long = TimeScale(begin=seconds(-600), end=seconds(600), left=0, right=1)
    endless = TimeScale(begin=seconds(-86_400), end=seconds(86_400), left=0, right=1)
    instant = TimeScale(begin=seconds(0), end=seconds(0), left=0, right=1)

    assert [(at - seconds(0)) // SECOND for at in TIMES.seconds] == list(range(-5, 6))
    assert [(at - seconds(0)) // SECOND for at in long.seconds] == [-600, -300, 0, 300, 600]
    assert len(endless.seconds) == 3
    assert instant.seconds == [seconds(0)]
    assert instant.x(seconds(0)) == 0


def test_a_fill_near_the_quotes_widens_the_picture() -> None:
    """So does a limit; the quotes are never left out for them."""
    scale = price_scale([price("42.11"), price("42.13")], (price("42.18"), None), 0, 100)

    assert scale.beyond(price("42.18")) == 0
    assert scale.y(price("42.18")) < scale.y(price("42.13")) < scale.y(price("42.11"))


def test_a_fill_far_from_the_quotes_is_beyond_the_picture() -> None:
    """It is drawn at the edge, and which one is known."""
    scale = price_scale([price("42.11"), price("42.13")], (price("60"), price("3")), 0, 100)

    assert (scale.beyond(price("60")), scale.beyond(price("3"))) == (1, -1)
    assert (scale.y(price("60")), scale.y(price("3"))) == (0, 100)


def test_a_stub_quote_does_not_flatten_the_others() -> None:
    """It lies beyond the edge."""
    scale = price_scale([price("0.01"), price("42.11"), price("42.13"), price("199999")], (), 0, 100)

    assert (scale.beyond(price("0.01")), scale.beyond(price("199999"))) == (-1, 1)
    assert scale.high - scale.low < price("1")


def test_a_market_without_spread_has_a_height_of_its_own() -> None:
    """A cent, under a dollar a hundredth of one; with nothing known there is a scale all the same."""
    above, below = price_scale([price("42.11")], (), 0, 100), price_scale([price("0.5")], (), 0, 100)
    nothing, fill = price_scale([], (), 0, 100), price_scale([], (price("7"),), 0, 100)

    assert above.low < price("42.11") < above.high
    assert above.high - above.low == price("0.02")
    assert below.high - below.low == price("0.0002")
    assert nothing.low < nothing.high
    assert fill.beyond(price("7")) == 0


def test_prices_of_an_axis_have_as_many_places_as_their_step() -> None:
    """At least two."""
    assert price_words(price("1234.5"), price("0.5")) == "1,234.50"
    assert price_words(price("0.1234"), price("0.0002")) == "0.1234"
    assert price_words(-price("0.05"), price("0.01")) == "−0.05"
    assert price_words(Price(3), 1) == "0.000000003"


@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=9), st.lists(st.integers(1, 10**15), max_size=2))
def test_every_price_stands_within_the_picture_and_the_ticks_are_few(quoted: list[int], others: list[int]) -> None:
    """Whatever the prices are, and higher prices are never lower in it."""
    scale = price_scale([Price(one) for one in quoted], [Price(one) for one in others], 10, 90)

    places = [scale.y(one) for one in sorted([*quoted, *others])]

    assert all(10 <= place <= 90 for place in places)
    assert places == sorted(places, reverse=True)
    assert 1 < len(scale.ticks) <= 11
