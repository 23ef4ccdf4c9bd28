"""The market as a quote source tells it: batches with numbers, a heartbeat where there is nothing, faults on request.

Pure. Dead: nothing is told and what happened meanwhile is lost. Lagging: everything comes late. Lost: every other batch
never comes. Halted: some symbols are said to be halted. Apart: a second source tells each price some ticks higher.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from rules.facts import QUANTITY_SCALE, SECOND, Nanos, Price, Quantity
from service.market.quote_json import QuoteMessage
from service.market.update import MarketState, QuoteUpdate
from service.simulator.faults import FaultName, Plan
from service.simulator.market import TICK, QuoteMoved

_DEAD, _LAG, _LOST = FaultName.QUOTES_DEAD, FaultName.QUOTES_LAG, FaultName.QUOTES_LOST


class ToldQuotes:
    """Collects the market's moves until a beat; `apart` for the second of two sources."""

    def __init__(self, plan: Plan, *, apart: bool = False) -> None:
        self._plan = plan
        self._apart = apart
        self._moves: list[QuoteMoved] = []
        self._numbers = 0
        self._on_the_way: deque[tuple[int, QuoteMessage]] = deque()

    def take(self, move: QuoteMoved) -> None:
        """Take a move for the next batch."""
        self._moves.append(move)

    def beat(self, at: int) -> None:
        """Send what was taken, or a heartbeat."""
        moves, self._moves = self._moves, []
        dead = not self._apart and self._plan.active(_DEAD, at) is not None
        if moves:
            self._numbers += 1
        if dead or (moves and self._loses(at)):
            return
        number = self._numbers if moves else None
        told = QuoteMessage(quotes=tuple(map(self._update, moves)), mark=Nanos(at), sequence=number)
        lag = None if self._apart else self._plan.active(_LAG, at)
        self._on_the_way.append((at + int((lag.strength or 0.0) * SECOND) if lag else at, told))

    def arrived(self, at: int) -> Iterator[QuoteMessage]:
        """Yield what has arrived by now, in order; nothing overtakes."""
        while self._on_the_way and self._on_the_way[0][0] <= at:
            yield self._on_the_way.popleft()[1]

    def _loses(self, at: int) -> bool:
        fault = None if self._apart else self._plan.active(_LOST, at)
        return fault is not None and self._numbers % max(1, round(1 / (fault.strength or 1.0))) == 0

    def _update(self, move: QuoteMoved) -> QuoteUpdate:
        shift = self._shift(move.at)
        return QuoteUpdate(
            move.symbol,
            Nanos(move.at),
            Price(move.bid + shift),
            Quantity(move.bid_size * QUANTITY_SCALE),
            Price(move.offer + shift),
            Quantity(move.offer_size * QUANTITY_SCALE),
            MarketState.HALTED if self._halted(move) else MarketState.NORMAL,
        )

    def _shift(self, at: int) -> int:
        fault = self._plan.active(FaultName.QUOTES_APART, at) if self._apart else None
        return 0 if fault is None else int((fault.strength or 0.0) * TICK)

    def _halted(self, move: QuoteMoved) -> bool:
        """Say so of a part of the symbols, by their names."""
        fault = self._plan.active(FaultName.HALTED_MARKET, move.at)
        return fault is not None and sum(move.symbol.encode()) % 100 < (fault.strength or 0.0) * 100
