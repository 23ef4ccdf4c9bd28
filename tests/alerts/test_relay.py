"""The relay: at least once, in order per case, decided at send time."""

from __future__ import annotations

import asyncio

import pytest

from alerts.ports import PublishError, Settled, Waiting
from alerts.relay import SECOND, Relay, backoff_ns
from tests.fakes_alerts import FakeChannel, FakeOutbox, seal, waits


def a_relay(outbox: FakeOutbox, way: FakeChannel, now: int = 0) -> Relay:
    """Return a relay whose clock stands still."""
    return Relay(firm="demo", channel="mqtt", outbox=outbox, way=way, clock=lambda: now)


async def test_one_round_sends_one_alert_of_each_case() -> None:
    """Two alerts of one case never fly together."""
    outbox, way = FakeOutbox(waits(1), waits(2), waits(3, exception=9)), FakeChannel()

    settled = await a_relay(outbox, way).turn()

    assert settled == 2
    assert way.keys == ["demo/1/1", "demo/9/3"]


async def test_what_is_about_no_case_goes_to_its_own_topic_one_at_a_time() -> None:
    """Seals follow each other, beside the alerts."""
    seals = [seal(number) for number in (1, 2)]
    outbox, way = FakeOutbox(*seals, waits(3)), FakeChannel()

    await a_relay(outbox, way).turn()

    assert [(one.topic, one.key) for one in way.taken] == [("seals", "seals/1"), (None, "demo/1/3")]


async def test_the_order_of_a_case_holds_over_rounds() -> None:
    """First the first, then the second."""
    outbox, way = FakeOutbox(waits(1), waits(2)), FakeChannel()
    relay = a_relay(outbox, way)

    await relay.turn()
    await relay.turn()

    assert way.keys == ["demo/1/1", "demo/1/2"]
    assert await relay.turn() == 0


async def test_a_refused_alert_stays_with_its_error_and_is_sent_later() -> None:
    """Nothing is lost when the broker is away, and later alerts of the case wait behind it."""
    outbox, way = FakeOutbox(waits(1), waits(2)), FakeChannel(PublishError("broker gone"))

    assert await a_relay(outbox, way).turn() == 0
    await a_relay(outbox, way, now=10 * SECOND).turn()

    assert outbox.errors == ["broker gone"]
    assert way.keys == ["demo/1/1"]


async def test_an_alert_about_an_acknowledged_exception_is_settled_unsent() -> None:
    """The decision is made at send time, and its reason kept."""
    outbox, way = FakeOutbox(waits(1, acknowledged=True)), FakeChannel()

    await a_relay(outbox, way).turn()

    assert outbox.done == [Settled(1, "withheld", "acknowledged before it was sent")]
    assert way.taken == []


def test_the_wait_doubles_up_to_a_minute() -> None:
    """Backoff is bounded and never zero."""
    waits = [backoff_ns(attempts, jitter=lambda: 1.0) / SECOND for attempts in (0, 1, 2, 20)]

    assert waits == [0.25, 0.5, 1.0, 60.0]
    assert backoff_ns(0, jitter=lambda: 0.0) == SECOND // 8


async def test_without_a_connection_nothing_is_tried_and_no_attempt_is_counted() -> None:
    """A broker that is away for an hour must not push the alerts into long waits."""
    outbox, way = FakeOutbox(waits(1)), FakeChannel(connected=False)
    relay = a_relay(outbox, way)

    assert await relay.turn() == 0
    way.connected = True
    await relay.turn()

    assert outbox.errors == []
    assert way.keys == ["demo/1/1"]


async def test_a_store_that_fails_for_a_moment_does_not_end_the_relay() -> None:
    """The next round sends what the failed one could not read."""
    outbox, way = BrokenOnce(waits(1)), FakeChannel()
    rounds = 0

    async def wake() -> None:
        nonlocal rounds
        rounds += 1
        if way.taken:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await a_relay(outbox, way).run(wake)

    assert way.keys == ["demo/1/1"]
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
