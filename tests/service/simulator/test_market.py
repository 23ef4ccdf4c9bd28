"""The market and the venues over a long run: alive, sane, repeatable."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from service.simulator.dice import Dice
from service.simulator.market import DAY, DOLLAR_FLOOR, LISTINGS, TICK, Listing, Market, QuoteMoved, activity
from service.simulator.venues import VENUES, Venue, VenueChoice, found, improved
from tests.factories_simulator import START


def test_a_long_walk_never_locks_and_stays_near_its_price() -> None:
    """After 100,000 moves every offer is above its bid, no spread is too wide, no price has run away."""
    market = Market(Dice(3, "market"))
    market.opening(START)

    quotes = [market.step(START + step) for step in range(100_000)]

    widest = {listing.symbol: listing.widest * TICK for listing in LISTINGS}
    opened = {listing.symbol: listing.bid * TICK for listing in LISTINGS}
    assert all(0 < quote.offer - quote.bid <= widest[quote.symbol] for quote in quotes)
    assert all(quote.bid_size % 100 == quote.offer_size % 100 == 0 < quote.bid_size for quote in quotes)
    assert all(abs(quote.bid - opened[quote.symbol]) < 0.5 * opened[quote.symbol] for quote in quotes)


def test_a_price_has_a_floor() -> None:
    """A symbol at a dollar does not walk below it."""
    market = Market(Dice(1, "market"), (Listing("PENY", DOLLAR_FLOOR, 1, 10),))
    market.opening(START)

    lowest = min(market.step(START + step).bid for step in range(5_000))

    assert lowest == DOLLAR_FLOOR * TICK


def test_the_day_is_busiest_at_its_ends() -> None:
    """The shape is one on average, high at open and close, low at noon, and begins again."""
    steps = [activity(DAY * step // 1_000) for step in range(1_000)]

    assert sum(steps) / len(steps) == pytest.approx(1.0, abs=0.01)
    assert activity(0) == activity(DAY) == max(steps)
    assert min(steps) == activity(DAY // 2)


def test_a_quote_knows_its_two_sides() -> None:
    """A buyer takes the offer and joins the bid, a seller the other way round."""
    quote = QuoteMoved(START, "ALFA", 10, 100, 11, 100)

    assert (quote.touch(1), quote.near(1), quote.touch(-1), quote.near(-1)) == (11, 10, 10, 11)


@pytest.mark.parametrize("sign", [1, -1])
def test_an_improved_price_is_between_touch_and_middle(sign: int) -> None:
    """Improvement is never negative and never past the middle, even in the tightest market."""
    dice = Dice(5, "prices")
    quote = QuoteMoved(START, "ALFA", 100 * TICK, 100, 101 * TICK, 100)
    middle = (quote.bid + quote.offer) // 2

    prices = {improved(venue, quote, sign, dice) for venue in VENUES for _ in range(300)}

    assert all(0 <= sign * (quote.touch(sign) - price) <= sign * (quote.touch(sign) - middle) for price in prices)
    assert len(prices) > 5


def test_a_venue_fills_as_often_as_it_says() -> None:
    """Nothing, a part or all, in the venue's own proportions, always whole shares."""
    venue = Venue(mic="TEST", share=1, latency=1, whole=0.5)
    dice = Dice(5, "fills")

    shares = [found(venue, 100, 0.8, dice) for _ in range(5_000)]

    assert all(0 <= share <= 100 for share in shares)
    assert sum(share > 0 for share in shares) / 5_000 == pytest.approx(0.8, abs=0.03)
    assert sum(share == 100 for share in shares) / 5_000 == pytest.approx(0.4, abs=0.03)


def test_routing_follows_the_shares_and_a_favoured_venue_gets_more() -> None:
    """A venue in trouble is tried more often, so that the trouble shows; dark venues are not posted to."""
    choice = VenueChoice(VENUES)
    dice = Dice(5, "routes")

    usual = Counter(choice.draw(dice, resting=False, favoured=None).mic for _ in range(5_000))
    favoured = Counter(choice.draw(dice, resting=False, favoured="IEXG").mic for _ in range(5_000))
    posted = Counter(choice.draw(dice, resting=True, favoured=None).mic for _ in range(5_000))

    assert usual["XNAS"] / 5_000 == pytest.approx(0.2, abs=0.03)
    assert favoured["IEXG"] > 2 * usual["IEXG"]
    assert "NASD" in usual
    assert "NASD" not in posted


def test_dice_are_fair_and_bounded() -> None:
    """Whole numbers reach both ends, waits are positive, lengths keep their median."""
    dice = Dice(11, "fairness")
    faces: dict[int, int] = defaultdict(int)
    for _ in range(6_000):
        faces[dice.between(1, 6)] += 1

    waits = [dice.pause(1_000) for _ in range(5_000)]
    lengths = sorted(dice.around(1_000, 0.5) for _ in range(5_001))

    assert set(faces) == {1, 2, 3, 4, 5, 6}
    assert min(waits) >= 1
    assert sum(waits) / 5_000 == pytest.approx(1_000, rel=0.1)
    assert lengths[2_500] == pytest.approx(1_000, rel=0.1)
    assert lengths[-1] < 6_000
