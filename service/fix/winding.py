"""Which inbound number the engine asks for after a start: the rule of design.md §2.2, and nothing else."""

from __future__ import annotations

from service.journal import SessionPoint


def next_target(expected: int, epoch: str, point: SessionPoint | None) -> int:
    """Return the number to wind to: the lower of the engine's and the journal's, 1 when the journal's epoch differs.

    The result is never above `expected`: winding forward would skip messages that nobody has.
    """
    if point is None or point.epoch != epoch:
        return 1
    return max(1, min(expected, point.expected))
