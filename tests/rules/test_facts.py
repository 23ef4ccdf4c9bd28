"""The facts' few words of their own."""

from __future__ import annotations

from rules.facts import QuoteState, Side
from tests.factories import a_fill, a_quote, an_order


def test_every_kind_of_sell_has_the_sign_of_a_sell() -> None:
    """Buy is +1, everything else −1."""
    assert [side.sign for side in Side] == [1, -1, -1, -1]


def test_only_a_normal_or_locked_quote_is_usable() -> None:
    """In every other state price rules are not evaluated."""
    assert [state for state in QuoteState if state.usable] == [QuoteState.NORMAL, QuoteState.LOCKED]


def test_the_quote_at_receipt_is_the_order_s() -> None:
    """A fill keeps both quotes: its own and its order's."""
    receipt = a_quote(bid="9.90", offer="10.10")

    assert a_fill(order=an_order(receipt=receipt)).at_receipt is receipt
