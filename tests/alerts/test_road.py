"""The whole road under whatever comes: nothing is lost or told under two keys, order holds, all ends with a reason.

A plan, its policy, an outbox and a real relay; the other side fails, the store fails, the watch dies at any point, the
clock jumps, people acknowledge meanwhile.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.plan import SECOND, Between, ChannelKind, ChannelSpec, Grouping, Plan, Quiet, Route, Storm
from alerts.policy import AFTER_ACKNOWLEDGEMENT, UNSAID
from alerts.storm import TOPIC, StormReport
from rules.finding import Severity
from tests.alerts.road import AWAY, DIES_AFTER, DIES_BEFORE, REFUSES, TAKES, TAKES_AND_FAILS, Road, first_seen, told

BEGIN = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()) * SECOND
EVENING = Between(7 * 60, 7 * 60 + 10)
"""Ten minutes from the moment at which the clock of these tests begins, as New York's shows it."""
EXCEPTIONS = (1, 2, 3)

SPECS = st.builds(
    ChannelSpec,
    name=st.just("desk"),
    kind=st.just(ChannelKind.WEBHOOK),
    give_up=st.sampled_from([None, 1 * SECOND, 600 * SECOND]),
    quiet=st.none() | st.builds(Quiet, st.just(EVENING), st.sampled_from(Severity)),
    storm=st.none() | st.builds(Storm, st.integers(1, 4), st.just(60 * SECOND), st.sampled_from(Severity)),
    group=st.none() | st.builds(Grouping, st.sampled_from([("rule",), ("severity",)]), st.just(30 * SECOND)),
)
ROUTES = st.sampled_from([(), (Route(name="all", to=("desk",), repeat=120 * SECOND),)])
STEP = st.tuples(
    st.just("step"),
    st.tuples(
        st.sampled_from(EXCEPTIONS),
        st.sampled_from(Severity),
        st.sampled_from(["grew", "severity_rose", "acknowledgement_expired"]),
    ),
)
MOOD = st.tuples(
    st.just("mood"), st.sampled_from([TAKES, AWAY, AWAY, REFUSES, TAKES_AND_FAILS, DIES_BEFORE, DIES_AFTER])
)
FAILURE = st.tuples(st.just("failure"), st.sampled_from(["", "before", "after"]))
TIME = st.tuples(st.just("time"), st.sampled_from([0, 1, 7, 31, 61, 400, 4_000, -5, -3_600]))
ACKNOWLEDGE = st.tuples(st.just("acknowledge"), st.sampled_from(EXCEPTIONS))
OTHER = st.tuples(st.sampled_from(["kill", "lost", "go"]), st.none())
SCRIPTS = st.lists(st.one_of(STEP, STEP, STEP, MOOD, FAILURE, TIME, ACKNOWLEDGE, OTHER), min_size=1, max_size=40)


async def played(road: Road, script: list[tuple[str, object]]) -> None:
    """Do what the script says, the relay at work after every step of it, until everything has ended."""
    for deed, what in script:
        await done(road, deed, what)
        if deed not in ("mood", "failure"):
            before, heard = set(road.outbox.acknowledged), len(road.way.taken)
            await road.go()
            if road.way.lost_at is None:
                late = told(road.way.taken[heard:], before.__contains__)
                assert {reason for _, _, reason in late} <= set(AFTER_ACKNOWLEDGEMENT)
    await road.to_the_end()


async def done(road: Road, deed: str, what: object) -> None:
    """Do one thing to the road."""
    match deed, what:
        case "step", (exception, severity, reason):
            road.outbox.step(exception, severity, reason, road.clock())
        case "mood", mood:
            road.way.moods.append(str(mood))
        case "failure", failure:
            road.outbox.failures.append(str(failure))
        case "time", int(seconds):
            road.clock.now += seconds * SECOND
        case "acknowledge", int(exception):
            road.outbox.acknowledged.add(exception)
        case "lost", _:
            road.way.lost_at = road.clock()
        case "kill", _:
            await road.kill()


@settings(max_examples=150)
@given(spec=SPECS, routes=ROUTES, script=SCRIPTS)
async def test_whatever_comes_nothing_is_lost_doubled_or_out_of_order(
    spec: ChannelSpec, routes: tuple[Route, ...], script: list[tuple[str, object]]
) -> None:
    """The promises of the road, of every alert and of every storm."""
    road = Road(Plan(channels=(spec,), routes=routes), spec, BEGIN)

    await played(road, script)

    deeds = {deed for deed, _ in script}
    each_ends_once_and_says_why(road)
    no_two_keys_say_the_same(road)
    what_is_sent_has_arrived(road)
    each_exception_is_told_in_its_order(road, again="lost" in deeds)
    each_storm_is_told_whole(road, counted=not any(deed == "time" and what in (-5, -3_600) for deed, what in script))


def each_ends_once_and_says_why(road: Road) -> None:
    """Check that every alert is done or dead, not both, with its reason."""
    ended = Counter(road.outbox.ended)
    assert sorted(ended) == [item.outbox_id for item in road.outbox.items]
    assert set(ended.values()) <= {1}
    assert all(one.reason for one in road.outbox.done)
    assert all(one.why for one in road.outbox.dead)


def no_two_keys_say_the_same(road: Road) -> None:
    """Check that a key stands for one body, and a body for one key."""
    pieces = [zip(one.alerts, one.bodies, strict=True) for one in road.way.taken if one.alerts]
    bodies = {(alert.key, body) for piece in pieces for alert, body in piece}
    assert len({key for key, _ in bodies}) == len({body for _, body in bodies}) == len(bodies)
    keys = [item.key for item in road.outbox.items]
    assert len(keys) == len(set(keys))


def what_is_sent_has_arrived(road: Road) -> None:
    """Check that no alert counts as sent that the other side did not take."""
    sent = {one.outbox_id for one in road.outbox.done if one.verdict == "sent"}
    wanted = {item.key for item in road.outbox.items if item.outbox_id in sent and item.topic is None}
    assert wanted <= {key for key, _, _ in told(road.way.taken)}


def each_exception_is_told_in_its_order(road: Road, *, again: bool) -> None:
    """Check that steps arrive in their order; what went before a broker died may come again after what followed it."""
    place = {item.key: item.outbox_id for item in road.outbox.items}
    for exception in EXCEPTIONS:
        keys = [key for key, _, _ in told(road.way.taken, exception.__eq__)]
        places = [place[key] for key in (first_seen(keys) if again else keys)]
        assert places == sorted(places)


def each_storm_is_told_whole(road: Road, *, counted: bool) -> None:
    """Check that begins and ends take turns, the last is an end, and the ends count all that was left unsaid."""
    letters = [item for item in road.outbox.items if item.topic == TOPIC]
    names = [item.key.rpartition("/")[2] for item in letters]
    assert names == ["began", "ended"] * (len(names) // 2)
    reports = [msgspec.json.decode(item.body, type=StormReport) for item in letters if item.key.endswith("ended")]
    unsaid = sum(one.reason.startswith(UNSAID) for one in road.outbox.done)
    assert not counted or sum(sum(one.withheld.values()) for one in reports) == unsaid
