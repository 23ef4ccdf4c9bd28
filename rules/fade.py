"""How the market moved away between a parent's first child and a later one (quote fade), in exact integers. Pure.

Far side: what the order would take, the offer for a buy. Above zero is away from it: a far touch that became worse, a
size displayed there that became less. The baseline is the same symbol's move over as long a time before the first
child, when none of the parent's orders was in the market.
"""

from __future__ import annotations

import msgspec

from rules.amounts import Nanos, Price, Quantity
from rules.fact import Fact
from rules.order import Side
from rules.quote import Quote, unusable


class Moved(msgspec.Struct, frozen=True, gc=False):
    """How far touch and size moved away, in 1e-9 dollars and 1e-6 shares; `why` there is no number, None when there is.

    `size` is None too where one of the quotes tells no size.
    """

    touch: Price | None = None
    size: Quantity | None = None
    why: str | None = None


class Fade(Fact, frozen=True, gc=False, kw_only=True):
    """The move of the far side from a parent's first child to a later one, each at its receipt; and the baseline.

    `symbol` and `side` are the children's. `baseline_at` is as long before the first child's receipt as the later
    child's is after it. `source_mark` and `released` tell of the decision on the baseline's quote, None where it was
    not asked for: the move itself could not be measured.
    """

    parent_id: str
    symbol: str
    side: Side
    first_key: str
    first_at: Nanos
    first: Quote
    later_key: str
    later_at: Nanos
    later: Quote
    baseline_at: Nanos
    baseline: Quote
    source_mark: Nanos | None = None
    released: str | None = None

    @property
    def moved(self) -> Moved:
        """Return the move between the two children."""
        return moved(self.side, ("first child", self.first), ("later child", self.later))

    @property
    def moved_before(self) -> Moved:
        """Return the move over as long a time before the first child."""
        return moved(self.side, ("baseline", self.baseline), ("first child", self.first))


def moved(side: Side, before: tuple[str, Quote], after: tuple[str, Quote]) -> Moved:
    """Return the move of the far side from one quote to the other; each comes with the name it goes by."""
    for name, quote in (before, after):
        why = unusable(name, quote)
        if why is not None:
            return Moved(why=why)
    (touch_before, size_before), (touch_after, size_after) = far_side(side, before[1]), far_side(side, after[1])
    assert touch_before is not None
    assert touch_after is not None
    shrunk = None if size_before is None or size_after is None else Quantity(size_before - size_after)
    return Moved(Price(side.sign * (touch_after - touch_before)), shrunk)


def far_side(side: Side, quote: Quote) -> tuple[Price | None, Quantity | None]:
    """Return price and displayed size of the side that an order would take."""
    return (quote.offer, quote.offer_size) if side is Side.BUY else (quote.bid, quote.bid_size)
