"""What the relay needs of the world: an outbox to drain and a publisher to hand alerts to."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that has not been sent: `body` is its wire form, `acknowledged`: somebody has its case in hand.

    What is about no case has its `topic`, in one word.
    """

    outbox_id: int
    case_id: int | None
    rule: str
    severity: str
    reason: str
    body: bytes
    attempts: int
    acknowledged: bool
    topic: str | None = None


class Outbox(Protocol):
    """Keeps alerts until they are settled; nothing leaves it unsettled, nothing settled comes back."""

    def waiting(self, channel: str, limit: int, now: int) -> list[Waiting]:
        """Return alerts that may go out now: the oldest unsettled one of each case, oldest first."""
        ...

    def settle(self, settled: list[tuple[int, str, str]], now: int) -> None:
        """Mark (outbox id, verdict, reason) as done at `now`, all in one transaction."""
        ...

    def failed(self, failed: list[tuple[int, str, int]]) -> None:
        """Keep (outbox id, error, not before), count the attempts, hold each and its case's later ones until then."""
        ...


class Publisher(Protocol):
    """Hands one alert to the other side; returning means that the other side has it."""

    @property
    def connected(self) -> bool:
        """Return whether it is worth trying at all."""
        ...

    async def publish(self, topic: str, body: bytes) -> None:
        """Deliver, or raise PublishError."""
        ...


class PublishError(Exception):
    """The other side did not take the alert; it stays in the outbox."""
