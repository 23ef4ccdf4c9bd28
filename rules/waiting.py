"""Whether an answer of the vendor's came too late: by his own clock, else by the firm's and his. Pure."""

from __future__ import annotations

import msgspec

from rules.answer import Answer
from rules.facts import Nanos, OrderChanged
from rules.instruments import TEST
from rules.rule import Limits, NotEvaluated
from rules.words import duration

_UNKNOWN_VENUE = "venue_unknown"
_COARSE = NotEvaluated("stamp too coarse")


class Late(msgspec.Struct, frozen=True, gc=False):
    """A wait that was too long: how long it was, what was allowed, and whether it lies between two clocks."""

    waited: Nanos
    allowed: int
    two_clocks: bool

    @property
    def words(self) -> str:
        """Return it as the end of a sentence."""
        clocks = " (between two clocks)" if self.two_clocks else ""
        return f"{duration(self.waited)}{clocks}; at most {duration(self.allowed)} is allowed"


def late(change: OrderChanged, answer: Answer, limits: Limits) -> Late | NotEvaluated | None:
    """Return how an answer was too late: by `at_most` on the vendor's clock, else by `firm_at_most` from the firm's.

    A stamp too coarse to decide is not evaluated rather than guessed, and neither is a wait that no stamps tell.
    """
    if change.order.receipt.note == TEST:
        return NotEvaluated(TEST)
    waits = (
        (answer.waited, answer.grain, limits["at_most"], False),
        (answer.firm_waited, answer.firm_grain, limits["firm_at_most"], True),
    )
    beyond = [wait for wait in waits if wait[0] is not None and wait[0] > wait[2]]
    for waited, grain, allowed, two_clocks in beyond:
        assert waited is not None
        if waited - grain > allowed:
            return Late(waited, allowed, two_clocks)
    if beyond:
        return _COARSE
    return NotEvaluated(answer.unknown) if answer.unknown is not None else None


def who(change: OrderChanged) -> str:
    """Return whose answer it is, as a cause: the venue's where one is named and nobody chose it, else the vendor's."""
    if change.venue == _UNKNOWN_VENUE or change.order.directed:
        return f"counterparty {change.counterparty}"
    return f"venue {change.venue}"
