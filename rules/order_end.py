"""The quote at the end of an order that was not filled: a fact of its own, for it is known only a while after. Pure."""

from __future__ import annotations

from rules.facts import Fact, Level, Nanos, Quote


class EndMark(Fact, frozen=True, gc=False, kw_only=True):
    """Where the market stood when an order ended with shares unexecuted.

    `at` is `ended_at`, of the order's outcome; for an end at or after the close it is the last instant of regular
    hours, and `past_close` says so. `source_mark` is how far the quote source had come, `released` why it was not
    waited for any longer.
    """

    order_key: str
    level: Level
    symbol: str
    ended_at: Nanos
    at: Nanos
    past_close: bool
    quote: Quote
    source_mark: Nanos
    released: str
