"""What is said of acts on dead letters: which alerts they were about, and who was first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from service.feed.sequence import spans
from service.statements.numbers import merged
from service.telling.delivered import Fate
from service.telling.words import moment


class Numbered(Protocol):
    """An alert of a channel."""

    @property
    def outbox_id(self) -> int:
        """Return its number."""
        ...

    @property
    def channel(self) -> str:
        """Return the channel."""
        ...


def numbers(alerts: Iterable[Numbered], why: str) -> str:
    """Return in words which alerts an act was about, by channel, and why it was done where that was said."""
    found: dict[str, list[int]] = {}
    for one in alerts:
        found.setdefault(one.channel, []).append(one.outbox_id)
    told = "; ".join(f"{channel}: alerts {_spans(which)}" for channel, which in sorted(found.items()))
    return f"{told}: {why}" if why else told


def _spans(which: Iterable[int]) -> str:
    return spans(merged((number, number) for number in which))


def why_not(decision: str | None, by: str | None, settled_at: int | None) -> str:
    """Return what stands against an act on an alert that is no dead letter: who was first, and what became of it."""
    if decision == Fate.SET_ASIDE and settled_at is not None:
        return f"{by} set it aside, {moment(settled_at)}"
    now = "it waits" if settled_at is None else f"it is {decision}, {moment(settled_at)}"
    return f"it is not dead: {now}" if by is None else f"{by} sent it again before you; {now}"
