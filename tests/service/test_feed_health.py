"""A session whose line lives while its flow has stopped or its clock is off is said, whatever cuts the journal."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import MILLISECOND, SECOND, FeedEvent, FeedEventKind, Nanos
from service.feed.clock_offset import BLOCK_MESSAGES, BLOCKS
from service.feed.feeds import Feeds
from service.feed.flow import FLOW_FLOOR, FlowLimits
from service.feed.silence import DAY
from service.feed.state import FeedLimits, FeedsState
from service.fix.events import Admin, Decoded
from service.fix.habits import RecoveryHabits, RecoveryMethod
from service.journal import RecordKind
from tests.factories import length
from tests.factories_orders import SESSION, a_record, a_status, an_admin, an_undecodable, seconds

KIND = FeedEventKind
LIMITS = FeedLimits(
    silence_after=length("60 s"),
    gap_overdue_after=length("30 s"),
    flow=FlowLimits(10, FLOW_FLOOR, 50),
    clock_tolerance=length("100 ms"),
)
FULL = BLOCKS * BLOCK_MESSAGES
OPENS, CLOSES = seconds(0), seconds(6 * 3600)


def two_days(at: Nanos) -> Nanos | None:
    """Be open twice, a day apart."""
    return Nanos(max(at, OPENS + DAY)) if at >= CLOSES else max(at, OPENS)


class Line:
    """A session that is heard message by message, and asked by ticks."""

    def __init__(self, limits: FeedLimits = LIMITS, *, reborn: bool = False) -> None:
        self.feeds = Feeds(limits, two_days)
        self.at = 0.0
        self.number = 0
        self.said: list[FeedEvent] = []
        self._reborn = reborn

    def take(self, decoded: Decoded | None, kind: RecordKind = RecordKind.MESSAGE, **named: Any) -> None:
        """Let one record come now."""
        if self._reborn:  # at every record: a state that was written down and read again
            state = msgspec.json.decode(msgspec.json.encode(self.feeds.snapshot()), type=FeedsState)
            self.feeds = Feeds(LIMITS, two_days)
            self.feeds.restore(state)
            self.feeds.deadline()
        self.number += 1
        record = a_record(kind, offset=self.number, at=seconds(self.at), **named)
        self.said += self.feeds.tick(seconds(self.at), self.number) + self.feeds.observe(record, decoded)

    def hear(self, count: int, every: float = 20.0, *, behind: int = 0, **header: Any) -> None:
        """Hear so many application messages, whose clock is behind ours by so many ns."""
        for _ in range(count):
            self.at += every
            sent = Nanos(seconds(self.at) - behind - 1_234_567)
            self.take(a_status(self.number + 1, sent_at=sent, **header))

    def beat(self, until: float, every: float = 30.0) -> None:
        """Hear heartbeats until that second."""
        while self.at + every <= until:
            self.at += every
            self.take(an_admin("0", self.number + 1))

    def told(self) -> list[FeedEventKind]:
        """Return what was said of flow and clock."""
        return [event.kind for event in self.said if event.kind in OURS]


OURS = (KIND.FLOW_STOPPED, KIND.FLOW_RESUMED, KIND.CLOCK_OFFSET, KIND.CLOCK_STEADY)


@pytest.mark.parametrize("reborn", [False, True])
def test_a_flow_that_stops_behind_a_line_that_lives_is_said_once_and_ends(reborn: bool) -> None:  # noqa: FBT001 - a table
    """Heartbeats go on for an hour; the next message ends it. A restart at every record changes nothing."""
    line = Line(reborn=reborn)
    line.hear(180)
    stopped_at = line.at
    line.beat(stopped_at + 3600)
    line.hear(3)

    stopped, resumed = line.said
    assert (stopped.kind, resumed.kind) == (KIND.FLOW_STOPPED, KIND.FLOW_RESUMED)
    assert stopped.at == seconds(stopped_at) + FLOW_FLOOR
    assert (stopped.subject, stopped.session) == (SESSION, SESSION)
    assert stopped.detail["last_message_at_ns"] == seconds(stopped_at)
    assert (stopped.detail["usual_gap_ns"], stopped.detail["wait_ns"]) == (length("20 s"), FLOW_FLOOR)
    assert stopped.detail["session"] == "unknown"
    assert resumed.at == seconds(stopped_at + 3620)
    assert resumed.detail["stopped_at_ns"] == stopped.at


def test_a_dead_line_is_said_by_the_tick_that_the_deadline_asks_for() -> None:
    """Nothing comes any more but our own ticks: silence first, then the flow."""
    line = Line()
    line.hear(180)
    for _ in range(2):
        deadline = line.feeds.deadline()
        assert deadline is not None
        line.at = (deadline - seconds(0)) / SECOND
        line.take(None, RecordKind.TICK)

    assert [event.kind for event in line.said] == [KIND.SILENT, KIND.FLOW_STOPPED]


def test_a_flow_that_stops_at_the_close_is_none() -> None:
    """Nobody trades at night."""
    line = Line()
    line.hear(6 * 180 - 1)
    line.beat(23 * 3600)

    assert line.said == []


def test_a_flow_that_was_said_is_said_again_a_day_later() -> None:
    """As silence is."""
    line = Line()
    line.hear(180)
    line.beat(24 * 3600 + 4200)

    assert line.told() == [KIND.FLOW_STOPPED, KIND.FLOW_STOPPED]


def test_a_session_that_is_down_has_no_flow_to_miss_and_gets_time_when_it_is_up() -> None:
    """`session_down` has said it; after the logon the flow is waited for anew."""
    line = Line()
    line.hear(180)
    line.take(None, RecordKind.SESSION, event="logon")
    line.take(None, RecordKind.SESSION, event="logout", text="the line broke")
    line.at += 3000
    line.take(None, RecordKind.SESSION, event="logon")
    up_at = line.at
    line.beat(up_at + 290)
    before = line.told()
    line.beat(up_at + 400)

    assert before == []
    assert line.told() == [KIND.FLOW_STOPPED]
    assert line.said[-1].at == seconds(up_at) + FLOW_FLOOR
    assert line.said[-1].detail["session"] == "up"


def test_a_factor_of_nothing_switches_it_off() -> None:
    """Limits that an old journal put in force know of none of this."""
    line = Line(FeedLimits())
    line.hear(180, behind=length("10 s"))
    line.beat(4 * 3600)

    assert line.told() == []


def test_new_limits_count_from_what_was_seen() -> None:
    """A larger floor moves what is due."""
    line = Line()
    line.hear(180)
    line.feeds.limit(msgspec.structs.replace(LIMITS, flow=FlowLimits(10, length("20 min"), 50)))
    line.beat(line.at + 1170)
    before = line.told()
    line.beat(line.at + 90)

    assert before == []
    assert line.told() == [KIND.FLOW_STOPPED]


@pytest.mark.parametrize(("behind", "why"), [(300, "behind ours, or the way"), (-300, "ahead of ours")])
def test_a_clock_that_is_off_is_said_and_said_to_be_steady_again(behind: int, why: str) -> None:
    """By the message that ends the block which proved it, with the distance."""
    line = Line()
    line.hear(FULL, behind=behind * MILLISECOND)
    line.hear(2 * FULL)

    off, steady = line.said
    assert (off.kind, steady.kind) == (KIND.CLOCK_OFFSET, KIND.CLOCK_STEADY)
    assert off.detail["offset_ns"] == behind * MILLISECOND + 1_234_567
    assert why in str(off.detail["reason"])
    assert off.detail["tolerance_ns"] == length("100 ms")
    assert line.feeds.clock_offsets() == {("demo", SESSION): 1_234_567}


@pytest.mark.parametrize("copy", [{"poss_dup": True}, {"poss_resend": True}])
def test_a_copy_says_nothing_of_the_clock(copy: dict[str, bool]) -> None:
    """It was sent long ago, or again."""
    line = Line()
    line.hear(2 * FULL, behind=length("300 ms"), **copy)

    assert line.told() == []
    assert line.feeds.clock_offsets() == {}


def test_what_comes_during_a_recovery_says_nothing_of_the_clock() -> None:
    """It may have been sent long ago, and not be marked; once the recovery is over the clock is looked at."""
    habits = RecoveryHabits(method=RecoveryMethod.REDELIVERY, quiet_after=length("50 min"), limit=length("1 h"))
    line = Line()
    line.feeds = Feeds(LIMITS, two_days, lambda _: habits)
    line.take(None, RecordKind.SESSION, event="logon")
    line.hear(FULL + 8, behind=length("300 ms"))
    before = line.told()
    line.at += 3600
    line.hear(FULL + 8, behind=length("300 ms"))

    assert before == []
    assert KIND.CLOCK_OFFSET in line.told()


def test_messages_without_a_stamp_say_nothing_of_the_clock() -> None:
    """No SendingTime, or no receipt: a log without receive stamps."""
    line = Line()
    for _ in range(FULL):
        line.at += 5
        line.take(an_undecodable(None))
    feeds = Feeds(LIMITS)
    record = msgspec.structs.replace(a_record(), received_at=None)
    feeds.tick(seconds(0), 1)

    assert feeds.observe(record, a_status(1, sent_at=seconds(0))) == []
    assert line.feeds.clock_offsets() == feeds.clock_offsets() == {}


def test_heartbeats_tell_the_time_too() -> None:
    """A quiet session has a clock all the same."""
    line = Line()
    for number in range(1, FULL + 1):
        line.at += 30
        sent = Nanos(seconds(line.at) - length("2 s"))
        line.take(Admin(header=msgspec.structs.replace(an_admin("0", number).header, sent_at=sent)))

    assert line.told() == [KIND.CLOCK_OFFSET]
