"""What the relay needs of the world: an outbox to drain, a channel to hand deliveries to, and who counts."""

from __future__ import annotations

from typing import Protocol

import msgspec

from alerts.alert import Alert

LONGEST_REST = 120 * 1_000_000_000
"""No alert rests longer than that after an attempt; one that seems to began its rest before the clock was set back."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that is not settled: `body` is its wire form, `acknowledged`: somebody has its case in hand.

    What is about no case has its `topic`, in one word. `since` is when it was made, in UTC nanoseconds; `key` is its
    idempotency key. `behind` are the alerts of its case that the plan holds and that must go before it.
    """

    outbox_id: int
    key: str
    case_id: int | None
    rule: str
    severity: str
    reason: str
    body: bytes
    attempts: int
    acknowledged: bool
    topic: str | None = None
    since: int = 0
    behind: tuple[int, ...] = ()


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out in one piece: one alert, several of a group, or what is about no exception (`topic`, in one word).

    `bodies` are wire forms, oldest first; `alerts` are the same, read, and empty for what is about no exception.
    """

    firm: str
    bodies: tuple[bytes, ...]
    alerts: tuple[Alert, ...] = ()
    topic: str | None = None
    own_key: str | None = None

    @property
    def key(self) -> str:
        """Return its idempotency key: that of its one alert; of several the first one's, and how many they are."""
        if self.own_key is not None:
            return self.own_key
        first = self.alerts[0].key
        return first if len(self.alerts) == 1 else f"{first}+{len(self.alerts) - 1}"


class Outbox(Protocol):
    """Keeps alerts until they are settled or dead; nothing leaves it unsettled, nothing settled comes back."""

    def waiting(self, channel: str, limit: int, now: int) -> list[Waiting]:
        """Return alerts that may go out now: of each case the oldest that the plan does not hold, oldest first."""
        ...

    def settle(self, settled: list[Settled], now: int) -> None:
        """Mark alerts as done at `now`, all in one transaction."""
        ...

    def hold(self, held: list[Held]) -> None:
        """Keep alerts, each with why and until when; one that was tried holds its case's later ones until then."""
        ...

    def bury(self, dead: list[Dead], now: int) -> None:
        """Make dead letters of alerts at `now`: they wait for a person, and hold nothing back."""
        ...

    def sent_since(self, channel: str, since: int) -> list[Waiting]:
        """Return what was sent on a channel from `since` on, in the order of sending."""
        ...

    def sent_again(self, outbox_ids: list[int]) -> None:
        """Count one more attempt at alerts that stay settled."""
        ...

    def unanswered(self, channel: str, before: int) -> list[Sent]:
        """Return what was sent last of exceptions that nobody has acknowledged and that are quiet since an instant."""
        ...

    def paced(self, channel: str, since: int, most: int) -> Paced:
        """Return what a channel has said and left unsaid since an instant, the newest `most` times of it alone."""
        ...

    def decide_anew(self, channel: str) -> None:
        """Give what the plan holds on a channel its turn, so that the plan of now decides."""
        ...

    def tell(self, channel: str, letters: list[Letter], now: int) -> None:
        """Put letters of the relay's own into the outbox; one whose key is there already is left out."""
        ...


class Settled(msgspec.Struct, frozen=True):
    """An alert that is done: how, why in words, and by which route."""

    outbox_id: int
    verdict: str
    reason: str
    route: str | None = None


class Held(msgspec.Struct, frozen=True):
    """An alert that is tried again at `not_before`: after a failed attempt, or (`tried` False) as the plan says."""

    outbox_id: int
    why: str
    not_before: int
    tried: bool = True


class Dead(msgspec.Struct, frozen=True):
    """An alert that the other side will not take, and what it said; `tried` False: to others, or to nobody at all."""

    outbox_id: int
    why: str
    tried: bool = True


class Sent(msgspec.Struct, frozen=True):
    """The alert of an exception that was sent last; since when all is done that was to be said of it, and how often.

    `told` counts what was made for the channel about the same step, whatever became of it: no two have one key.
    """

    alert: Waiting
    at: int
    told: int = 1


class Paced(msgspec.Struct, frozen=True):
    """When a channel sent alerts or left them unsaid of late, oldest first; what the storm that stands has withheld.

    `storm` is the letter that said that it has begun, where none has said since that it is over.
    """

    said: tuple[int, ...]
    storm: bytes | None
    withheld: dict[str, int]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What the relay itself has to say: an exception told again, or (with a topic) how the channel stands."""

    key: str
    reason: str
    body: bytes
    rule: str = ""
    severity: str = ""
    case_id: int | None = None
    n: int = 0
    topic: str | None = None


class Channel(Protocol):
    """A way out: hands deliveries to the other side. `deliver` returning means that the other side has it."""

    @property
    def connected(self) -> bool:
        """Return whether it is worth trying at all."""
        ...

    @property
    def lost_at(self) -> int | None:
        """Return when the other side last went away without a goodbye (UTC ns), with what it had not handed on yet.

        None for a channel whose other side keeps what it took.
        """
        ...

    @property
    def at_once(self) -> int:
        """Return how many deliveries it has under way at one time; more are handed over as those are done."""
        ...

    @property
    def longest_s(self) -> float:
        """Return how long a delivery takes at most by the channel's own bounds, in seconds; what is longer hangs."""
        ...

    async def run(self) -> None:
        """Keep the way open until cancelled."""
        ...

    async def deliver(self, delivery: Delivery) -> None:
        """Deliver, or raise PublishError: RefusedError when this very message will never be taken."""
        ...


class Counts(Protocol):
    """Who counts what becomes of the alerts of each channel."""

    def settled(self, channel: str, verdict: str) -> None:
        """Count an alert that was sent or withheld."""
        ...

    def failed(self, channel: str) -> None:
        """Count an attempt that the other side did not take."""
        ...

    def delivered(self, channel: str, seconds: float) -> None:
        """Take the time from the commit of an alert to the other side's yes."""
        ...


class Uncounted:
    """Counts nothing."""

    def settled(self, channel: str, verdict: str) -> None:
        """Ignore it."""

    def failed(self, channel: str) -> None:
        """Ignore it."""

    def delivered(self, channel: str, seconds: float) -> None:
        """Ignore it."""


class PublishError(Exception):
    """The other side did not take the delivery now; it stays in the outbox. `retry_after_s`: when it asked to wait."""

    def __init__(self, words: str, *, retry_after_s: float | None = None) -> None:
        """Keep the words and the wait that was asked for."""
        super().__init__(words)
        self.retry_after_s = retry_after_s


class RefusedError(PublishError):
    """The other side will never take this very message."""
