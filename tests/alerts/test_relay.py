"""The relay: at least once, in order per case, decided at send time."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from alerts.ports import PublishError, Waiting
from alerts.relay import SECOND, Relay, backoff_ns


class FakeOutbox:
    """An outbox in memory with the promise of the port: the oldest unsettled alert of each case."""

    def __init__(self, *items: Waiting) -> None:
        self.items = list(items)
        self.settled: list[tuple[int, str, str]] = []
        self.errors: list[str] = []
        self.held: dict[int, int] = {}

    def waiting(self, channel: str, limit: int, now: int) -> list[Waiting]:
        """Return the head of each case, unless it is held."""
        done = {key for key, _, _ in self.settled}
        heads: dict[int | None, Waiting] = {}
        for item in self.items:
            if item.outbox_id not in done:
                heads.setdefault(item.case_id, item)
        return [item for item in heads.values() if self.held.get(item.outbox_id, 0) <= now][:limit]

    def settle(self, settled: list[tuple[int, str, str]], now: int) -> None:
        """Remember what is done."""
        self.settled += settled

    def failed(self, failed: list[tuple[int, str, int]]) -> None:
        """Hold the alerts."""
        self.errors += [error for _, error, _ in failed]
        self.held |= {outbox_id: not_before for outbox_id, _, not_before in failed}


class FakePublisher:
    """A publisher that remembers, and refuses as often as told."""

    def __init__(self, refusals: int = 0, *, connected: bool = True) -> None:
        self.connected = connected
        self.sent: list[tuple[str, bytes]] = []
        self.refusals = refusals

    async def publish(self, topic: str, body: bytes) -> None:
        """Deliver or refuse."""
        if self.refusals:
            self.refusals -= 1
            msg = "broker gone"
            raise PublishError(msg)
        self.sent.append((topic, body))


def an_alert(number: int, case_id: int = 1, *, reason: str = "opened", acknowledged: bool = False) -> Waiting:
    """Return a waiting alert whose body is its number."""
    return Waiting(
        outbox_id=number,
        case_id=case_id,
        rule="slow_fill",
        severity="high",
        reason=reason,
        body=str(number).encode(),
        attempts=0,
        acknowledged=acknowledged,
    )


def a_relay(outbox: FakeOutbox, publisher: FakePublisher, now: int = 0) -> Relay:
    """Return a relay whose clock stands still."""
    return Relay(firm="demo", channel="mqtt", outbox=outbox, publisher=publisher, clock=lambda: now)


async def test_one_round_sends_one_alert_of_each_case() -> None:
    """Two alerts of one case never fly together."""
    outbox, publisher = FakeOutbox(an_alert(1), an_alert(2), an_alert(3, case_id=9)), FakePublisher()

    settled = await a_relay(outbox, publisher).turn()

    assert settled == 2
    assert [body for _, body in publisher.sent] == [b"1", b"3"]


async def test_what_is_about_no_case_goes_to_its_own_topic_one_at_a_time() -> None:
    """Seals follow each other, beside the alerts."""
    seals = [msgspec.structs.replace(an_alert(number), case_id=None, topic="seals") for number in (1, 2)]
    outbox, publisher = FakeOutbox(*seals, an_alert(3)), FakePublisher()

    await a_relay(outbox, publisher).turn()

    assert publisher.sent == [("sorwatch/demo/seals", b"1"), ("sorwatch/demo/exceptions/high/slow_fill", b"3")]


async def test_the_order_of_a_case_holds_over_rounds() -> None:
    """First the first, then the second."""
    outbox, publisher = FakeOutbox(an_alert(1), an_alert(2)), FakePublisher()
    relay = a_relay(outbox, publisher)

    await relay.turn()
    await relay.turn()

    assert [body for _, body in publisher.sent] == [b"1", b"2"]
    assert await relay.turn() == 0


async def test_a_refused_alert_stays_with_its_error_and_is_sent_later() -> None:
    """Nothing is lost when the broker is away, and later alerts of the case wait behind it."""
    outbox, publisher = FakeOutbox(an_alert(1), an_alert(2)), FakePublisher(refusals=1)

    assert await a_relay(outbox, publisher).turn() == 0
    await a_relay(outbox, publisher, now=10 * SECOND).turn()

    assert outbox.errors == ["broker gone"]
    assert [body for _, body in publisher.sent] == [b"1"]


async def test_an_alert_about_an_acknowledged_exception_is_settled_unsent() -> None:
    """The decision is made at send time, and its reason kept."""
    outbox, publisher = FakeOutbox(an_alert(1, acknowledged=True)), FakePublisher()

    await a_relay(outbox, publisher).turn()

    assert outbox.settled == [(1, "withheld", "acknowledged before it was sent")]
    assert publisher.sent == []


def test_the_wait_doubles_up_to_a_minute() -> None:
    """Backoff is bounded and never zero."""
    waits = [backoff_ns(attempts, jitter=lambda: 1.0) / SECOND for attempts in (0, 1, 2, 20)]

    assert waits == [0.25, 0.5, 1.0, 60.0]
    assert backoff_ns(0, jitter=lambda: 0.0) == SECOND // 8


async def test_without_a_connection_nothing_is_tried_and_no_attempt_is_counted() -> None:
    """A broker that is away for an hour must not push the alerts into long waits."""
    outbox, publisher = FakeOutbox(an_alert(1)), FakePublisher(connected=False)
    relay = a_relay(outbox, publisher)

    assert await relay.turn() == 0
    publisher.connected = True
    await relay.turn()

    assert outbox.errors == []
    assert [body for _, body in publisher.sent] == [b"1"]


async def test_a_store_that_fails_for_a_moment_does_not_end_the_relay() -> None:
    """The next round sends what the failed one could not read."""
    outbox, publisher = BrokenOnce(an_alert(1)), FakePublisher()
    rounds = 0

    async def wake() -> None:
        nonlocal rounds
        rounds += 1
        if publisher.sent:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await a_relay(outbox, publisher).run(wake)

    assert [body for _, body in publisher.sent] == [b"1"]
    assert rounds == 2


class BrokenOnce(FakeOutbox):
    """An outbox whose first read fails."""

    broken = True

    def waiting(self, channel: str, limit: int, now: int) -> list[Waiting]:
        """Fail, then behave."""
        if self.broken:
            self.broken = False
            msg = "database is locked"
            raise OSError(msg)
        return super().waiting(channel, limit, now)
