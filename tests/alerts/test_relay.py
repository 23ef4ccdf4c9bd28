"""The relay: at least once, in order per case, decided at send time."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.plan import BROKER, Between, ChannelKind, ChannelSpec, Grouping, Plan, Quiet, Route, Storm
from alerts.ports import Dead, Delivery, Held, Letter, PublishError, RefusedError, Sent, Settled, Waiting
from alerts.relay import SECOND, Relay, backoff_ns
from rules.finding import Severity
from tests.fakes_alerts import FakeChannel, FakeOutbox, seal, waits


def a_relay(outbox: FakeOutbox, way: FakeChannel, now: int = 0) -> Relay:
    """Return a relay whose clock stands still."""
    return Relay(firm="demo", spec=BROKER, outbox=outbox, way=way, clock=lambda: now)


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


def a_webhook(**named: object) -> ChannelSpec:
    """Return the specification of a webhook."""
    return ChannelSpec(name="desk", kind=ChannelKind.WEBHOOK, **named)  # type: ignore[arg-type]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        """Return the time."""
        return self.now


def a_relay_of(
    outbox: FakeOutbox, way: FakeChannel, spec: ChannelSpec, clock: Clock | None = None, *routes: Route
) -> Relay:
    """Return a relay of a channel laid down so."""
    plan = Plan(channels=(spec,), routes=routes)
    return Relay(firm="demo", spec=spec, outbox=outbox, way=way, clock=clock or Clock(), plan=plan)


async def test_what_the_other_side_will_never_take_is_a_dead_letter_at_once() -> None:
    """It waits for a person; the next of its case goes on."""
    outbox, way = FakeOutbox(waits(1), waits(2)), FakeChannel(RefusedError("400 Bad Request"))
    relay = a_relay_of(outbox, way, a_webhook())

    await relay.turn()
    await relay.turn()

    assert outbox.dead == [Dead(1, "400 Bad Request")]
    assert way.keys == ["demo/1/2"]


async def test_what_is_not_taken_for_longer_than_is_laid_down_is_given_up() -> None:
    """And says for how long it was tried."""
    clock, outbox = Clock(), FakeOutbox(waits(1, since=0))
    way = FakeChannel(*(PublishError("502 Bad Gateway") for _ in range(2)))
    relay = a_relay_of(outbox, way, a_webhook(give_up=60 * SECOND), clock)

    await relay.turn()
    clock.now = 60 * SECOND
    await relay.turn()

    assert outbox.errors == ["502 Bad Gateway"]
    assert outbox.dead == [Dead(1, "given up after 60 s: 502 Bad Gateway")]


async def test_a_broker_is_never_given_up() -> None:
    """It may be away over a weekend."""
    clock, outbox = Clock(), FakeOutbox(waits(1))
    clock.now = 1_000_000 * SECOND

    await a_relay_of(outbox, FakeChannel(PublishError("gone")), BROKER, clock).turn()

    assert outbox.dead == []


async def test_a_channel_that_took_nothing_rests_and_then_tries_one() -> None:
    """Ten thousand alerts do not knock at a closed door ten thousand times."""
    clock, outbox = Clock(), FakeOutbox(*(waits(number, number) for number in range(1, 9)))
    way = FakeChannel(*(PublishError("refused") for _ in range(9)))
    relay = a_relay_of(outbox, way, a_webhook(), clock)

    await relay.turn()
    tried_at_once = len(outbox.errors)
    assert await relay.turn() == 0
    clock.now = 100 * SECOND
    await relay.turn()

    assert (tried_at_once, len(outbox.errors)) == (8, 9)


async def test_the_other_side_may_ask_for_a_pause() -> None:
    """Retry-After is obeyed by the whole channel."""
    clock, outbox = Clock(), FakeOutbox(waits(1), waits(2, 2))
    way = FakeChannel(PublishError("429 Too Many Requests", retry_after_s=90))
    relay = a_relay_of(outbox, way, a_webhook(), clock)

    await relay.turn()
    clock.now = 89 * SECOND
    await relay.turn()
    rested = way.keys
    clock.now = 90 * SECOND
    await relay.turn()

    assert rested == ["demo/2/2"]
    assert way.keys == ["demo/2/2", "demo/1/1"]


async def test_a_channel_that_hangs_is_left_after_its_bound() -> None:
    """The alert stays, with what happened."""
    outbox, way = FakeOutbox(waits(1)), Hanging()
    way.longest_s = 0.01 - 10.0  # the margin is ten seconds

    await a_relay_of(outbox, way, a_webhook()).turn()

    assert outbox.errors == ["no answer within 0.01 s"]


async def test_a_channel_takes_its_time_for_each_and_none_is_late_for_having_waited() -> None:
    """Mail goes one at a time, with pauses that its server wants: its bound begins when its turn has come."""
    outbox, way = FakeOutbox(*(waits(number, number) for number in range(1, 9))), Unhurried()
    way.at_once, way.longest_s = 2, 0.3 - 10.0

    settled = await a_relay_of(outbox, way, a_webhook()).turn()

    assert (settled, outbox.errors) == (8, [])
    assert way.most == 2


class Unhurried(FakeChannel):
    """A channel that takes a tenth of a second for each, and knows how many it had at one time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def deliver(self, delivery: Delivery) -> None:
        """Take it slowly."""
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.1)
        self.now -= 1
        await super().deliver(delivery)


async def test_once_a_channel_is_in_trouble_no_more_of_the_round_is_tried() -> None:
    """What was not tried has no attempt against it, and goes when the channel takes something again."""
    outbox = FakeOutbox(*(waits(number, number) for number in range(1, 9)))
    way, clock = FakeChannel(PublishError("gone")), Clock()
    way.at_once = 1
    relay = a_relay_of(outbox, way, a_webhook(), clock)

    first = await relay.turn()
    clock.now = SECOND
    await relay.turn()
    await relay.turn()

    assert (first, outbox.errors) == (0, ["gone"])
    assert len(way.taken) == 8


async def test_a_round_of_a_slow_channel_ends_by_and_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has gone is written down before the rest goes: a kill meanwhile lets little come twice."""
    monkeypatch.setattr("alerts.turns.ROUND_S", 0.05)
    outbox, way = FakeOutbox(*(waits(number, number) for number in range(1, 9))), Unhurried()
    way.at_once = 2
    relay = a_relay_of(outbox, way, a_webhook())

    rounds = [await relay.turn() for _ in range(4)]

    assert rounds == [2, 2, 2, 2]
    assert outbox.errors == []


class Hanging(FakeChannel):
    """A channel that never answers."""

    async def deliver(self, delivery: Delivery) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()


async def test_a_channel_with_a_bug_keeps_its_alerts() -> None:
    """What it raises is trouble of the way like any other."""
    outbox, way = FakeOutbox(waits(1)), Buggy()

    await a_relay_of(outbox, way, a_webhook()).turn()

    assert outbox.errors == ["the channel failed: ZeroDivisionError('integer division or modulo by zero')"]


class Buggy(FakeChannel):
    """A channel with a bug."""

    async def deliver(self, delivery: Delivery) -> None:
        """Fail in a way that nobody foresaw."""
        self.taken = [1 // 0]


async def test_an_alert_that_cannot_be_read_holds_nobody_up() -> None:
    """It is a dead letter of its own, and says what is wrong with it."""
    torn = msgspec.structs.replace(waits(1), body=b"{")
    outbox, way = FakeOutbox(torn, waits(2, 2)), FakeChannel()

    await a_relay_of(outbox, way, a_webhook()).turn()

    assert [dead.outbox_id for dead in outbox.dead] == [1]
    assert outbox.dead[0].why.startswith("it cannot be read: ")
    assert way.keys == ["demo/2/2"]


async def test_a_group_waits_and_goes_in_one_piece() -> None:
    """One mail, not three; the plan's own pause is no attempt."""
    clock, outbox = Clock(), FakeOutbox(*(waits(number, number) for number in (1, 2, 3)))
    way = FakeChannel()
    relay = a_relay_of(outbox, way, a_webhook(group=Grouping(("rule",), 30 * SECOND)), clock)

    await relay.turn()
    early = list(way.taken)
    clock.now = 30 * SECOND
    await relay.turn()

    assert early == []
    assert {held.tried for held in outbox.held.values()} == {False}
    assert [len(delivery.alerts) for delivery in way.taken] == [3]
    assert len(outbox.done) == 3


async def test_of_a_group_that_is_refused_each_is_heard_for_itself() -> None:
    """One bad alert does not bury its neighbours."""
    outbox, way = FakeOutbox(waits(1, 1), waits(2, 2)), RefusesOne(1)
    clock = Clock()
    relay = a_relay_of(outbox, way, a_webhook(group=Grouping(("rule",), SECOND)), clock)

    await relay.turn()
    clock.now = SECOND
    await relay.turn()

    assert [dead.outbox_id for dead in outbox.dead] == [1]
    assert way.keys == ["demo/2/2"]


class RefusesOne(FakeChannel):
    """A channel that will not take what tells of one exception."""

    def __init__(self, exception: int) -> None:
        super().__init__()
        self._exception = exception

    async def deliver(self, delivery: Delivery) -> None:
        """Refuse it, alone or among others."""
        if self._exception in {alert.exception for alert in delivery.alerts}:
            msg = "422 Unprocessable Content"
            raise RefusedError(msg)
        await super().deliver(delivery)


async def test_quiet_hours_hold_an_alert_without_an_attempt() -> None:
    """Until the time at which they end."""
    quiet = Quiet(Between(0, 0), Severity.CRITICAL)
    outbox, way = FakeOutbox(waits(1)), FakeChannel()

    await a_relay_of(outbox, way, a_webhook(quiet=quiet)).turn()

    held = outbox.held[1]
    assert (held.why, held.tried) == ("quiet until 00:00", False)
    assert way.taken == []


async def test_what_is_grave_does_not_wait_for_the_many_that_are_held() -> None:
    """A round that holds all of its alerts is followed by the next at once."""
    quiet = Quiet(Between(0, 1), Severity.CRITICAL)
    many = [waits(number, number) for number in range(1, 201)]
    outbox, way = FakeOutbox(*many, waits(201, 201, severity=Severity.CRITICAL)), FakeChannel()
    clock = Clock()
    clock.now = 5 * 3_600 * SECOND  # midnight in New York
    woken: list[list[str]] = []

    async def wake() -> None:
        woken.append(way.keys)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await a_relay_of(outbox, way, a_webhook(quiet=quiet), clock).run(wake)

    assert woken == [["demo/201/201"]]


async def test_what_an_earlier_plan_held_is_decided_by_that_of_now() -> None:
    """Who takes the quiet hours out and starts the watch anew does not wait until morning."""
    outbox, way = FakeOutbox(waits(1)), FakeChannel()
    await a_relay_of(outbox, way, a_webhook(quiet=Quiet(Between(0, 1), Severity.CRITICAL)), Clock()).turn()
    outbox.hold([Held(1, "quiet until 07:00", 9_999 * SECOND, tried=False)])

    await a_relay_of(outbox, way, a_webhook()).turn()

    assert way.keys == ["demo/1/1"]


async def test_a_clock_that_is_set_back_does_not_silence_a_channel() -> None:
    """Neither the channel nor the alert rests until the old time has come again."""
    clock, outbox = Clock(), FakeOutbox(waits(1))
    clock.now = 7_200 * SECOND
    way = FakeChannel(PublishError("away"))
    relay = a_relay_of(outbox, way, a_webhook(), clock)
    await relay.turn()

    clock.now = 3_600 * SECOND
    await relay.turn()

    assert way.keys == ["demo/1/1"]


async def test_what_waited_while_the_watch_was_away_is_tried_for_a_while_before_it_is_given_up() -> None:
    """One bad answer on Monday morning does not bury the weekend."""
    clock, outbox = Clock(), FakeOutbox(*(waits(number, number) for number in range(1, 61)))
    clock.now = 1_000_000 * SECOND
    way = FakeChannel(*(PublishError("503 Service Unavailable") for _ in range(22)))
    relay = a_relay_of(outbox, way, a_webhook(give_up=3_600 * SECOND), clock)

    await relay.turn()
    for _ in range(9):
        clock.now += 60 * SECOND
        await relay.turn()

    assert outbox.errors == ["503 Service Unavailable"] * 22
    assert (len(outbox.done), outbox.dead) == (60, [])


async def test_what_is_overdue_on_a_dead_channel_shares_the_fate_of_the_one_that_is_tried() -> None:
    """Ten thousand do not knock at a closed door one by one, and what is younger waits on."""
    clock, outbox = Clock(), FakeOutbox(*(waits(number, number) for number in range(1, 41)))
    way = FakeChannel(*(PublishError("refused") for _ in range(99)))
    relay = a_relay_of(outbox, way, a_webhook(give_up=3_600 * SECOND), clock)
    await relay.turn()
    outbox.items.append(waits(41, 41, since=3_000 * SECOND))

    clock.now = 3_599 * SECOND
    await relay.turn()
    early = list(outbox.dead)
    clock.now = 3_600 * SECOND + 61 * SECOND
    await relay.turn()

    assert early == []
    assert len(way.troubles) == 99 - way.at_once - 2
    assert sorted(dead.outbox_id for dead in outbox.dead) == list(range(1, 41))
    assert sum(dead.tried for dead in outbox.dead) == 1
    assert {dead.why for dead in outbox.dead} == {"given up after 3661 s: refused"}


async def test_a_graver_alert_brings_what_quiet_hours_hold_of_its_exception_along() -> None:
    """In its order, and at once; what is held of others stays held."""
    quiet = Quiet(Between(0, 0), Severity.CRITICAL)
    grave = waits(4, 1, severity=Severity.CRITICAL, reason="severity_rose")
    outbox, way = FakeOutbox(waits(1), waits(2), waits(3, 9)), FakeChannel()
    relay = a_relay_of(outbox, way, a_webhook(quiet=quiet))
    await relay.turn()
    await relay.turn()
    assert sorted(outbox.held) == [1, 2, 3]

    outbox.items.append(grave)
    for _ in range(4):
        await relay.turn()

    assert way.keys == ["demo/1/1", "demo/1/2", "demo/1/4"]
    assert [one.outbox_id for one in outbox.done] == [1, 2, 4]


async def test_what_a_graver_alert_waited_for_is_no_key_to_quiet_hours_afterwards() -> None:
    """What comes later is held as ever."""
    quiet = Quiet(Between(0, 0), Severity.CRITICAL)
    outbox, way = FakeOutbox(waits(1), waits(2, severity=Severity.CRITICAL)), FakeChannel()
    relay = a_relay_of(outbox, way, a_webhook(quiet=quiet))
    for _ in range(4):
        await relay.turn()

    outbox.items.append(waits(3))
    await relay.turn()

    assert way.keys == ["demo/1/1", "demo/1/2"]
    assert outbox.held[3].why == "quiet until 00:00"


async def test_what_could_not_be_delivered_makes_no_storm() -> None:
    """A channel that was away has said nothing: what waited is not left unsaid when it is back."""
    small = [waits(number, number, severity=Severity.LOW) for number in range(1, 4)]
    clock, outbox = Clock(), FakeOutbox(*small)
    way = FakeChannel(*(PublishError("away") for _ in range(3)))
    relay = a_relay_of(outbox, way, a_webhook(storm=Storm(3, 3_600 * SECOND, Severity.HIGH)), clock)
    await relay.turn()

    for _ in range(4):
        clock.now += 120 * SECOND
        await relay.turn()

    assert sorted(way.keys) == ["demo/1/1", "demo/2/2", "demo/3/3"]
    assert outbox.letters == []


async def test_what_goes_out_beside_others_that_do_not_arrive_is_not_left_unsaid() -> None:
    """A storm is what was said, not what was tried: of ten at a closed door none is withheld."""
    clock, outbox = Clock(), FakeOutbox(*(waits(number, number, severity=Severity.LOW) for number in range(1, 11)))
    way = FakeChannel(*(PublishError("away") for _ in range(2)))
    relay = a_relay_of(outbox, way, a_webhook(storm=Storm(2, 60 * SECOND, Severity.HIGH)), clock)

    await relay.turn()

    assert outbox.errors == ["away", "away"]
    assert (outbox.done, outbox.letters) == ([], [])


class LosesALetter(FakeOutbox):
    """An outbox that cannot take a letter once."""

    broken = True

    def tell(self, channel: str, letters: list[Letter], now: int) -> None:
        """Fail, then behave."""
        if self.broken:
            self.broken = False
            msg = "database is locked"
            raise OSError(msg)
        super().tell(channel, letters, now)


async def test_a_storm_is_told_though_the_store_failed_at_its_begin() -> None:
    """It is news until it is told, and nobody is counted twice."""
    clock, outbox = Clock(), LosesALetter(*(waits(number, number, severity=Severity.LOW) for number in range(1, 6)))
    relay = a_relay_of(outbox, FakeChannel(), a_webhook(storm=Storm(2, 60 * SECOND, Severity.HIGH)), clock)
    await relay.turn()

    with pytest.raises(OSError, match="locked"):
        await relay.turn()
    await relay.turn()
    clock.now = 61 * SECOND
    await relay.turn()

    assert [letter.reason for letter in outbox.letters] == ["storm began", "storm ended"]
    assert b'"withheld":{"slow_fill":3}' in outbox.letters[-1].body


async def test_a_storm_stands_over_a_restart() -> None:
    """What it withheld before is in what its end says, and its begin is not told twice."""
    clock, outbox = Clock(), FakeOutbox(*(waits(number, number, severity=Severity.LOW) for number in range(1, 7)))
    spec = a_webhook(storm=Storm(2, 60 * SECOND, Severity.HIGH))
    before = a_relay_of(outbox, FakeChannel(), spec, clock)
    for _ in range(2):
        await before.turn()
    outbox.items += [waits(7, 7, severity=Severity.LOW)]

    after = a_relay_of(outbox, FakeChannel(), spec, clock)
    await after.turn()
    clock.now = 61 * SECOND
    await after.turn()

    assert outbox.done[-1].reason == "storm: more than 2 within 60 s, only high and above"
    assert [letter.reason for letter in outbox.letters] == ["storm began", "storm ended"]
    assert b'"withheld":{"slow_fill":5}' in outbox.letters[-1].body


async def test_a_storm_is_told_and_leaves_the_small_ones_unsaid() -> None:
    """Each has its reason, and the letters say begin and end."""
    clock = Clock()
    small = [waits(number, number, severity=Severity.LOW) for number in range(1, 6)]
    outbox, way = FakeOutbox(*small, waits(6, 6, severity=Severity.CRITICAL)), FakeChannel()
    relay = a_relay_of(outbox, way, a_webhook(storm=Storm(2, 60 * SECOND, Severity.HIGH)), clock)

    await relay.turn()
    await relay.turn()
    clock.now = 61 * SECOND
    await relay.turn()

    assert way.keys[:3] == ["demo/1/1", "demo/2/2", "demo/6/6"]
    assert [one.verdict for one in outbox.done].count("withheld") == 3
    assert [letter.reason for letter in outbox.letters] == ["storm began", "storm ended"]


async def test_what_no_route_leads_to_a_channel_is_settled_there_with_its_reason() -> None:
    """Who asks why nobody was told finds it written."""
    outbox, way = FakeOutbox(waits(1)), FakeChannel()
    route = Route(name="mail", to=("mail",))

    await a_relay_of(outbox, way, a_webhook(), None, route).turn()

    assert outbox.done == [Settled(1, "withheld", "no route leads from it to desk")]


async def test_the_route_that_governs_is_kept_with_the_alert() -> None:
    """By name."""
    outbox, way = FakeOutbox(waits(1)), FakeChannel()

    await a_relay_of(outbox, way, a_webhook(), None, Route(name="all", to=("desk",))).turn()

    assert outbox.done == [Settled(1, "sent", "opened", "all")]


async def test_what_nobody_acknowledged_is_put_in_again() -> None:
    """Once its route's time is over, with the figures of the last alert."""
    clock, outbox, way = Clock(), FakeOutbox(), FakeChannel()
    outbox.unacknowledged = [Sent(waits(1), 0)]
    relay = a_relay_of(outbox, way, a_webhook(), clock, Route(name="all", to=("desk",), repeat=60 * SECOND))

    await relay.turn()
    clock.now = 60 * SECOND
    await relay.turn()
    await relay.turn()

    assert [(letter.key, letter.reason) for letter in outbox.letters] == [("demo/1/1/again/1", "still_waiting")]


async def test_what_a_dead_broker_had_taken_last_is_sent_again_before_anything_new() -> None:
    """Its yes is worth nothing if it died with it; the keys are the same."""
    outbox, way = FakeOutbox(waits(1), waits(2, 2)), FakeChannel()
    relay = a_relay_of(outbox, way, BROKER)
    await relay.turn()
    outbox.items.append(waits(3, 3))

    way.lost_at = SECOND
    await relay.turn()
    await relay.turn()

    assert way.keys == ["demo/1/1", "demo/2/2", "demo/1/1", "demo/2/2", "demo/3/3"]
    assert outbox.again == [1, 2]


async def test_what_cannot_be_sent_again_now_is_sent_again_later() -> None:
    """And nothing new goes before it."""
    clock, outbox, way = Clock(), FakeOutbox(waits(1)), FakeChannel()
    relay = a_relay_of(outbox, way, BROKER, clock)
    await relay.turn()
    way.lost_at, way.troubles = SECOND, [PublishError("gone again")]
    outbox.items.append(waits(2, 2))

    assert await relay.turn() == 0
    clock.now = SECOND
    await relay.turn()

    assert way.keys == ["demo/1/1", "demo/1/1", "demo/2/2"]


async def test_what_becomes_of_alerts_is_counted_by_channel() -> None:
    """For the metrics: settled by verdict, attempts that failed, and how long the way took."""
    counts, clock = Counted(), Clock()
    outbox = FakeOutbox(waits(1), waits(2, 2, acknowledged=True), waits(3, 3))
    way = FakeChannel(PublishError("gone"))
    clock.now = 3 * SECOND

    spec = a_webhook()
    await Relay(firm="demo", spec=spec, outbox=outbox, way=way, clock=clock, counts=counts).turn()

    assert sorted(counts.told) == [
        ("delivered", "3.0"),
        ("failed", ""),
        ("settled", "sent"),
        ("settled", "withheld"),
    ]


class Counted:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def settled(self, channel: str, verdict: str) -> None:
        """Remember it."""
        self.told.append(("settled", verdict))

    def failed(self, channel: str) -> None:
        """Remember it."""
        self.told.append(("failed", ""))

    def delivered(self, channel: str, seconds: float) -> None:
        """Remember it."""
        self.told.append(("delivered", str(seconds)))


THE_FIRST_MINUTES = Between(19 * 60, 19 * 60 + 10)
"""Ten minutes from the moment at which a clock of these tests begins, as New York's shows it."""


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(Severity), st.integers(0, 90)), min_size=1, max_size=14
    ),
    troubles=st.lists(st.sampled_from([PublishError("away"), RefusedError("no"), None]), max_size=8),
    quiet=st.none() | st.builds(Quiet, st.just(THE_FIRST_MINUTES), st.sampled_from(Severity)),
    storm=st.none() | st.builds(Storm, st.integers(1, 3), st.just(60 * SECOND), st.sampled_from(Severity)),
    group=st.none() | st.builds(Grouping, st.sampled_from([("rule",), ("severity",)]), st.just(30 * SECOND)),
)
async def test_whatever_comes_each_alert_ends_once_and_each_exception_is_told_in_order(
    steps: list[tuple[int, Severity, int]],
    troubles: list[PublishError | None],
    quiet: Quiet | None,
    storm: Storm | None,
    group: Grouping | None,
) -> None:
    """Sent, withheld with a reason, or dead; nothing stays behind however the other side fails meanwhile."""
    clock, outbox, way = Clock(), FakeOutbox(), Moody(troubles)
    relay = a_relay_of(outbox, way, a_webhook(quiet=quiet, storm=storm, group=group), clock)

    for number, (exception, severity, pause) in enumerate(steps, start=1):
        clock.now += pause * SECOND
        outbox.items.append(waits(number, exception, severity=severity, since=clock.now))
        await relay.turn()
    for _ in range(400):
        if len(outbox.done) + len(outbox.dead) == len(steps):
            break
        clock.now += 61 * SECOND
        await relay.turn()

    ended = [one.outbox_id for one in outbox.done] + [one.outbox_id for one in outbox.dead]
    assert sorted(ended) == list(range(1, len(steps) + 1))
    assert all(one.reason for one in outbox.done)
    for exception in (1, 2, 3):
        told = [alert.sequence for one in way.taken for alert in one.alerts if alert.exception == exception]
        assert told == sorted(set(told))


class Moody(FakeChannel):
    """A channel that takes some and not others."""

    def __init__(self, moods: list[PublishError | None]) -> None:
        super().__init__()
        self._moods = list(moods)

    async def deliver(self, delivery: Delivery) -> None:
        """Take it, or raise what its mood says."""
        if self._moods and (trouble := self._moods.pop(0)) is not None:
            raise trouble
        await super().deliver(delivery)
