"""The simulated market: a bid and an offer for each symbol that walk at random, busier at the open and the close.

Refuses real time: the day's shape runs from the start of the simulation, so that it looks the same at any hour.
"""

from __future__ import annotations

import math

import msgspec

from rules.facts import SECOND
from service.simulator.dice import Dice

TICK = 10_000_000
"""One cent in 1e-9 dollars: the walk's step."""
LOT = 100
DAY = 23_400 * SECOND
"""Regular hours, 09:30 to 16:00."""
UP, DOWN, WIDER = 0.35, 0.70, 0.85
"""Where the chances of the moves end; what is left narrows the spread."""
DOLLAR_FLOOR = 100
"""No bid falls below this many ticks."""


class Listing(msgspec.Struct, frozen=True, gc=False):
    """A symbol at the start: its bid in ticks, the widest spread it shows in ticks, its usual size in lots."""

    symbol: str
    bid: int
    widest: int
    lots: int


LISTINGS = (
    Listing("ALFA", 19_412, 2, 12),
    Listing("BRVO", 8_735, 2, 20),
    Listing("CHRL", 42_180, 4, 6),
    Listing("DLTA", 6_127, 2, 30),
    Listing("ECHO", 3_344, 1, 50),
    Listing("FXTR", 11_968, 3, 10),
    Listing("GOLF", 27_651, 3, 8),
    Listing("HTEL", 5_210, 2, 25),
    Listing("INDA", 15_077, 3, 10),
    Listing("JLET", 2_289, 1, 60),
    Listing("KILO", 9_984, 2, 18),
    Listing("LIMA", 34_503, 4, 5),
    Listing("MIKE", 7_466, 2, 22),
    Listing("NOVR", 12_890, 3, 9),
    Listing("OSCR", 1_875, 1, 80),
    Listing("PAPA", 22_316, 3, 8),
    Listing("QBEC", 4_641, 1, 40),
    Listing("ROMO", 18_204, 3, 9),
    Listing("SIRA", 6_953, 2, 24),
    Listing("TNGO", 10_538, 2, 15),
)


class QuoteMoved(msgspec.Struct, frozen=True, gc=False):
    """The best bid and offer from this instant on: prices in 1e-9 dollars, sizes in shares, `at` in UTC ns."""

    at: int
    symbol: str
    bid: int
    bid_size: int
    offer: int
    offer_size: int

    def touch(self, sign: int) -> int:
        """Return the price that a marketable order of that side takes."""
        return self.offer if sign > 0 else self.bid

    def near(self, sign: int) -> int:
        """Return the price at which an order of that side joins the queue."""
        return self.bid if sign > 0 else self.offer


def activity(elapsed: int) -> float:
    """Return how busy the day is (1 on average) that long after its start: high at the open and at the close."""
    phase = (elapsed % DAY) / DAY
    return 0.8 + 0.6 * (2.0 * phase - 1.0) ** 2


class Market:
    """Holds every symbol's present quote and moves one of them at a time."""

    def __init__(self, dice: Dice, listings: tuple[Listing, ...] = LISTINGS) -> None:
        self._dice = dice
        self._listings = listings
        self._bids = [listing.bid for listing in listings]
        self._spreads = [1 + listing.widest // 2 for listing in listings]
        self.quotes: dict[str, QuoteMoved] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the symbols, in their order."""
        return tuple(listing.symbol for listing in self._listings)

    def opening(self, at: int) -> list[QuoteMoved]:
        """Return the first quote of every symbol."""
        return [self._show(index, at) for index in range(len(self._listings))]

    def step(self, at: int) -> QuoteMoved:
        """Move one symbol by a tick: its bid up or down, or its spread wider or narrower."""
        index = self._dice.between(0, len(self._listings) - 1)
        listing = self._listings[index]
        move = self._dice.roll()
        pull = (listing.bid - self._bids[index]) / listing.bid
        if move < UP + pull:  # drawn back to where it opened, so that a long run stays near its price
            self._bids[index] += 1
        elif move < DOWN:
            self._bids[index] = max(DOLLAR_FLOOR, self._bids[index] - 1)
        elif move < WIDER:
            self._spreads[index] = min(listing.widest, self._spreads[index] + 1)
        else:
            self._spreads[index] = max(1, self._spreads[index] - 1)
        return self._show(index, at)

    def push(self, symbol: str, ticks: int, at: int) -> QuoteMoved:
        """Move a symbol's bid and offer together, sizes as they are: what a fault does to it. No dice are thrown."""
        index = self.symbols.index(symbol)
        before, bid = self.quotes[symbol], max(DOLLAR_FLOOR, self._bids[index] + ticks)
        self._bids[index] = bid
        offer = (bid + self._spreads[index]) * TICK
        quote = QuoteMoved(at, symbol, bid * TICK, before.bid_size, offer, before.offer_size)
        self.quotes[symbol] = quote
        return quote

    def _show(self, index: int, at: int) -> QuoteMoved:
        listing = self._listings[index]
        bid = self._bids[index]
        quote = QuoteMoved(
            at,
            listing.symbol,
            bid * TICK,
            self._size(listing.lots),
            (bid + self._spreads[index]) * TICK,
            self._size(listing.lots),
        )
        self.quotes[listing.symbol] = quote
        return quote

    def _size(self, lots: int) -> int:
        return LOT * math.ceil(lots * (0.25 + 1.5 * self._dice.roll()))
