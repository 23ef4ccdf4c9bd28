"""What an order cost against the midpoint at its receipt: by hand, and the same for either side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.arrival import NO_END, shortfall, slippage, why_no_shortfall, why_no_slippage
from rules.facts import PRICE_SCALE, QUANTITY_SCALE, Price, Quantity, Quote, QuoteState, Side
from tests.factories import a_quote, an_outcome, price, shares

QUOTE = a_quote("99.90", "100.10")


def dollars(amount: int | None) -> float | None:
    """Return a doubled amount in dollars; the amounts below are exact in binary."""
    return None if amount is None else amount / (2 * PRICE_SCALE * QUANTITY_SCALE)


@pytest.mark.parametrize(
    ("side", "fills", "bid", "offer", "cost"),
    [
        ("buy", [("40", "99.80"), ("20", "100.20")], "99.90", "100.10", -4),
        ("sell", [("40", "100.20"), ("20", "99.80")], "99.90", "100.10", -4),
        ("sell_short", [("100", "99.75")], "99.90", "100.10", 25),
        ("buy", [("3", "10.01")], "10.00", "10.01", 0.015),
        ("buy", [("0.5", "10.25")], "10.00", "10.00", 0.125),
        ("buy", [("100", "10.0085")], "10.00", "10.02", -0.15),
    ],
)
def test_the_cost_is_worked_out_by_hand(
    side: str, fills: list[tuple[str, str]], bid: str, offer: str, cost: float
) -> None:
    """The first is the hand oracle's own order: 40 × −0.20 + 20 × +0.20 = −4 dollars; locked markets count."""
    executed = Quantity(sum(shares(quantity) for quantity, _ in fills))
    notional = sum(shares(quantity) * price(paid) for quantity, paid in fills)
    state = "locked" if bid == offer else "normal"

    amount = slippage(Side(side), executed, notional, a_quote(bid, offer, state=state))

    assert dollars(amount) == cost
    assert why_no_slippage(Side(side), executed, QUOTE) is None


def test_the_average_is_never_rounded() -> None:
    """A third of a nanodollar a share is there, where an average price in nanodollars has lost it."""
    outcome = an_outcome(ordered="3", executed="3", receipt=a_quote("0", "0", state="locked"), notional=10**6)

    assert outcome.arrival_slippage == 2 * 10**6
    assert an_outcome(notional=None).arrival_slippage is None


@pytest.mark.parametrize(
    ("side", "executed", "receipt", "why"),
    [
        (Side.BUY, "0", QUOTE, "nothing executed"),
        (None, "100", QUOTE, "side unknown"),
        (Side.BUY, "100", a_quote(state="crossed"), "receipt crossed"),
        (Side.BUY, "100", a_quote(bid=None, state="one_sided"), "receipt one_sided"),
        (Side.BUY, "100", Quote(state=QuoteState.ABSENT, note="no receipt time"), "receipt absent: no receipt time"),
        (Side.BUY, "100", Quote(state=QuoteState.ABSENT), "receipt absent"),
    ],
)
def test_where_there_is_no_cost_it_says_why(side: Side | None, executed: str, receipt: Quote, why: str) -> None:
    """Never a zero in the place of what is not known."""
    assert slippage(side, shares(executed), 10**18, receipt) is None
    assert why_no_slippage(side, shares(executed), receipt) == why


@given(
    st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 10**14)), min_size=1, max_size=5),
    st.integers(0, 10**13),
    st.integers(0, 10**9),
)
def test_mirrored_sides_give_mirrored_quotes_the_same_cost(fills: list[tuple[int, int]], bid: int, spread: int) -> None:
    """A buy at P against B/A costs what a sell at −P against −A/−B does; sums too large for 64 bits included."""
    executed = Quantity(sum(quantity for quantity, _ in fills))
    notional = sum(quantity * paid for quantity, paid in fills)
    quote = Quote(state=QuoteState.NORMAL, bid=Price(bid), offer=Price(bid + spread))
    mirror = Quote(state=QuoteState.NORMAL, bid=Price(-bid - spread), offer=Price(-bid))

    assert slippage(Side.BUY, executed, notional, quote) == slippage(Side.SELL, executed, -notional, mirror)


@pytest.mark.parametrize(
    ("side", "ordered", "fills", "end", "cost"),
    [
        ("buy", "80", [("40", "99.80"), ("20", "100.20")], ("100.20", "100.30"), 1),
        ("sell", "80", [("40", "100.20"), ("20", "99.80")], ("99.70", "99.80"), 1),
        ("buy", "100", [], ("100.49", "100.51"), 50),
        ("sell_short", "100", [], ("100.49", "100.51"), -50),
        ("buy", "60", [("40", "99.80"), ("20", "100.20")], None, -4),
        ("buy", "50", [("60", "100.00")], None, 0),
    ],
)
def test_the_shortfall_is_worked_out_by_hand(
    side: str, ordered: str, fills: list[tuple[str, str]], end: tuple[str, str] | None, cost: float
) -> None:
    """Slippage of what was executed, and the market's move for what was not; nothing is left of an overfill."""
    executed = Quantity(sum(shares(quantity) for quantity, _ in fills))
    notional = sum(shares(quantity) * price(paid) for quantity, paid in fills)
    quote = None if end is None else a_quote(*end)

    amount = shortfall(Side(side), shares(ordered), executed, notional, QUOTE, quote)

    assert dollars(amount) == cost
    assert why_no_shortfall(Side(side), shares(ordered), executed, QUOTE, quote) is None


@pytest.mark.parametrize(
    ("side", "receipt", "end", "why"),
    [
        (None, QUOTE, QUOTE, "side unknown"),
        (Side.BUY, a_quote(state="halted"), QUOTE, "receipt halted"),
        (Side.BUY, QUOTE, None, NO_END),
        (Side.BUY, QUOTE, a_quote(state="closed"), "end closed"),
    ],
)
def test_where_there_is_no_shortfall_it_says_why(
    side: Side | None, receipt: Quote, end: Quote | None, why: str
) -> None:
    """Forty shares of a hundred were left."""
    left = (side, shares("100"), shares("60"))

    assert shortfall(*left, 60 * 10**17, receipt, end) is None
    assert why_no_shortfall(*left, receipt, end) == why
