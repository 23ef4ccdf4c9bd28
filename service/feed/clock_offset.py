"""How far the clock here is from a session's SendingTime (52): the lower envelope of received − sent. Pure.

The least of some messages is the offset of the two clocks and the shortest way between them, for no message arrives
before it was sent. Blocks of messages give one least value each; the median of the last blocks is the estimate, so that
neither a stall of half a minute nor a wild stamp moves it, and what does move it has lasted. Above zero the vendor's
clock is behind ours, or the way is slow: from one end these two cannot be told apart. Below zero its clock is ahead.
"""

from __future__ import annotations

import msgspec

from rules.facts import SECOND, Nanos

BLOCK_MESSAGES = 8
BLOCK_LASTS = Nanos(30 * SECOND)
BLOCKS = 8
_NONE_YET = 2**62


class Estimate(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Our clock less theirs: at least `low`, at most `high` (apart when 52 has whole seconds), and how it scatters."""

    low: Nanos
    high: Nanos
    spread: Nanos
    blocks: int

    @property
    def middle(self) -> Nanos:
        """Return the one number to show."""
        return Nanos((self.low + self.high) // 2)

    def within(self, tolerance: int) -> bool:
        """Return whether the offset may lie within the tolerance, either way."""
        return self.low <= tolerance and self.high >= -tolerance


class ClockOffset(msgspec.Struct, gc=False, kw_only=True):
    """The last blocks of one session, (least received − sent, in whole seconds only), and whether it was said."""

    began: Nanos | None = None
    messages: int = 0
    least: int = _NONE_YET
    fine: bool = False
    blocks: list[tuple[int, bool]] = []
    said: bool = False

    def hear(self, received_at: Nanos, sent_at: Nanos) -> bool:
        """Take in a message that is no copy; return whether a block has ended with it."""
        offset = received_at - sent_at
        self.least = min(self.least, offset)
        self.messages += 1
        if sent_at % SECOND:
            self.fine = True
        if self.began is None:
            self.began = received_at
        if self.messages < BLOCK_MESSAGES or received_at - self.began < BLOCK_LASTS:
            return False
        self.blocks = [*self.blocks[1 - BLOCKS :], (self.least, not self.fine)]
        self.began, self.messages, self.least, self.fine = None, 0, _NONE_YET, False
        return True

    def estimate(self) -> Estimate | None:
        """Return the estimate as of the last block, None before the first."""
        if not self.blocks:
            return None
        leasts = sorted(least for least, _ in self.blocks)
        coarse = 2 * sum(whole for _, whole in self.blocks) >= len(leasts)
        high = leasts[(len(leasts) - 1) // 2]
        outer = len(leasts) >= BLOCKS  # one wild block at either end is left out of the spread
        return Estimate(
            low=Nanos(high - SECOND if coarse else high),
            high=Nanos(high),
            spread=Nanos(leasts[-1 - outer] - leasts[outer]),
            blocks=len(leasts),
        )

    def judge(self, tolerance: Nanos) -> Estimate | None:
        """Return the estimate when what is said of it changes: it has left the tolerance, or is well within again."""
        estimate = self.estimate()
        if not tolerance or estimate is None or estimate.blocks < BLOCKS:
            return None
        # what is said ends at four fifths, so that an offset at the very limit is not said over and over
        if estimate.within(tolerance * 4 // 5 if self.said else tolerance) is not self.said:
            return None
        self.said = not self.said
        return estimate
