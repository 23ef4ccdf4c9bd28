"""What a session missed comes back in its counterparty's way, and the watch says when that is over or late."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service import recovery
from service.feed.feeds import Feeds
from service.feed.recovery import REQUESTED
from service.feed.state import FeedLimits, FeedsState
from service.fix.events import Decoded, Header
from service.fix.habits import RecoveryHabits, RecoveryMethod
from service.journal import RecordKind
from service.recovery import Last, Missed
from tests.factories import NOON, length
from tests.factories_orders import a_record, a_status, an_admin, an_execution, seconds

KIND = FeedEventKind
LIMITS = FeedLimits(silence_after=length("1 h"), gap_overdue_after=length("30 s"))
MARK = (("35", frozenset({"B"})),)
OURS = (KIND.RECOVERY_STARTED, KIND.RECOVERY_ENDED, KIND.RECOVERY_OVERDUE)


def habits(method: RecoveryMethod = RecoveryMethod.REDELIVERY, **named: Any) -> RecoveryHabits:
    """Return habits by which a recovery ends after 5 s of silence and is late after 60 s."""
    return RecoveryHabits(method=method, limit=length("60 s"), **named)


ASKED = habits(
    RecoveryMethod.REQUEST,
    ask="BW",
    allow=frozenset({"BW"}),
    fields=(("17", "{last_exec_id}"), ("60", "{since}"), ("52", "at {now}")),
)


class Line:
    """A session that logs on, reports and goes down; `reborn` writes its state down and reads it at every record."""

    def __init__(self, how: RecoveryHabits, *, reborn: bool = False) -> None:
        self.how = how
        self.feeds = self._feeds()
        self.number = 0
        self.said: list[FeedEvent] = []
        self._reborn = reborn

    def _feeds(self) -> Feeds:
        return Feeds(LIMITS, recovery=lambda _: self.how)

    def take(self, at: float, decoded: Decoded | None = None, outcome: str = "", **named: Any) -> None:
        """Let one record come at that second."""
        if self._reborn:
            state = msgspec.json.decode(msgspec.json.encode(self.feeds.snapshot()), type=FeedsState)
            self.feeds = self._feeds()
            self.feeds.restore(state)
            self.feeds.deadline()
        self.number += 1
        kind = named.pop("kind", RecordKind.MESSAGE)
        record = a_record(kind, offset=self.number, at=seconds(at), **named)
        self.said += self.feeds.tick(seconds(at), self.number) + self.feeds.observe(record, decoded, outcome)

    def session(self, at: float, event: str) -> None:
        """Let a session event come."""
        self.take(at, kind=RecordKind.SESSION, event=event)

    def report(self, at: float, exec_id: str, outcome: str = "execution", **named: Any) -> None:
        """Let an execution come."""
        self.take(at, an_execution(exec_id, **({"transacted_at": seconds(at)} | named)), outcome)

    def told(self) -> list[FeedEventKind]:
        """Return what was said of recoveries."""
        return [event.kind for event in self.said if event.kind in OURS]

    def last(self) -> dict[str, Any]:
        """Return the detail of what was last said of a recovery."""
        return dict([event for event in self.said if event.kind in OURS][-1].detail)

    def recovers(self, at: float) -> bool:
        """Return whether what comes then may have been missed before."""
        return self.feeds.recovering("demo", seconds(at))


@pytest.mark.parametrize("reborn", [False, True])
def test_a_redelivery_ends_when_nothing_more_comes(reborn: bool) -> None:  # noqa: FBT001 - a table
    """Marked copies and what tells of a time before the logon are redelivered; what is live is not."""
    line = Line(habits(), reborn=reborn)
    line.session(0, "logon")
    line.report(1, "E1", poss_resend=True)
    line.report(2, "E2", "duplicate", poss_dup=True)
    line.report(3, "E3", transacted_at=seconds(-5))
    line.report(4, "E4")
    during, after = line.recovers(7.9), line.recovers(8)
    line.take(9, a_status(9))

    assert line.told() == [KIND.RECOVERY_STARTED, KIND.RECOVERY_ENDED]
    assert [event.at for event in line.said if event.kind is KIND.RECOVERY_ENDED] == [seconds(8)]
    told = line.last()
    assert (told["redelivered_count"], told["new_count"], told["duplicate_count"]) == (3, 2, 1)
    assert told["how"] == "nothing more came"
    assert (during, after, line.feeds.recoveries()) == (True, False, {})


def test_a_marker_ends_it_and_silence_does_not() -> None:
    """By the message's type, or by another tag on it; what cannot be read marks nothing."""
    line = Line(habits(ended_by=(*MARK, ("148", frozenset({"done"})))))
    line.session(0, "logon")
    line.take(20, an_admin("0", 2), body=b"no message")
    told = msgspec.structs.replace(a_status(3), header=Header(msg_type="h", sequence=3))
    line.take(21, told, body=b"8=FIX.4.4\x019=5\x0135=8\x01148=more\x0110=000\x01")
    assert line.told() == [KIND.RECOVERY_STARTED]
    line.take(22, msgspec.structs.replace(told, header=Header(msg_type="B", sequence=4)))

    assert line.told() == [KIND.RECOVERY_STARTED, KIND.RECOVERY_ENDED]
    assert line.last()["how"] == "the counterparty said so"


def test_a_recovery_that_does_not_end_is_late_once_and_waited_for_no_longer() -> None:
    """The marker still ends it, whenever it comes."""
    line = Line(habits(ended_by=MARK))
    line.session(0, "logon")
    line.take(61, an_admin("0", 2))
    line.take(200, an_admin("0", 3))
    late = line.recovers(201)
    line.take(300, msgspec.structs.replace(a_status(4), header=Header(msg_type="B", sequence=4)))

    assert line.told() == [KIND.RECOVERY_STARTED, KIND.RECOVERY_OVERDUE, KIND.RECOVERY_ENDED]
    assert not late


@pytest.mark.parametrize("reborn", [False, True])
def test_a_question_is_asked_once_a_logon_from_where_all_was_whole(reborn: bool) -> None:  # noqa: FBT001 - a table
    """A line that breaks within the answer is asked from the same place again; without an answer it is late."""
    line = Line(ASKED, reborn=reborn)
    line.session(0, "logon")
    (first,) = line.feeds.questions(NOON)
    line.session(1, REQUESTED)
    asked = line.feeds.questions(NOON)
    line.report(2, "E1")
    line.take(10, a_status(9))
    line.session(20, "logout")
    down = line.feeds.questions(NOON)
    line.session(30, "logon")
    line.report(31, "E9")
    line.session(32, "logout")
    line.session(40, "logon")
    (again,) = line.feeds.questions(NOON)
    line.take(100, a_status(10))

    assert first.fields == ((52, f"at {recovery.utc(NOON)}"),)
    assert (asked, down) == ([], [])
    assert again.fields[:2] == ((17, "E1"), (60, recovery.utc(seconds(2))))
    assert line.told() == [
        KIND.RECOVERY_STARTED,
        KIND.RECOVERY_ENDED,
        KIND.RECOVERY_STARTED,
        KIND.RECOVERY_OVERDUE,
    ]
    assert line.last()["asked"] == "no"


def test_a_dead_gateway_breaks_a_recovery_off() -> None:
    """Its end is an end of the line: silence then proves nothing."""
    line = Line(habits())
    line.session(0, "logon")
    line.take(1, kind=RecordKind.GATEWAY, event="died")
    line.take(30, a_status(2))

    assert line.told() == [KIND.RECOVERY_STARTED]


@pytest.mark.parametrize("method", [RecoveryMethod.RESEND, RecoveryMethod.NONE])
def test_other_ways_begin_nothing(method: RecoveryMethod) -> None:
    """Gaps show what is missing; where nothing comes again, a gap says so."""
    line = Line(habits(method))
    line.session(0, "logon")
    line.session(0, REQUESTED)
    line.report(1, "E1", sequence=1)
    whole = line.feeds.counts()
    line.report(2, "E2", sequence=5)

    gap = next(event for event in line.said if event.kind is KIND.GAP_OPENED)
    hopeless = method is RecoveryMethod.NONE
    assert line.told() == []
    assert gap.detail.get("recovery") == ("none" if hopeless else None)
    assert [one.next for one in whole] == [2]
    assert [(one.next, one.lost) for one in line.feeds.counts()] == ([(6, True)] if hopeless else [])
    assert not line.recovers(3)


def test_what_is_not_known_is_not_counted_as_newest() -> None:
    """A report without ExecID or time leaves what was known."""
    missed = Missed(newest=Last("E1", NOON))
    interrupted = Missed(since=Nanos(1))
    recovery.hear(interrupted, an_execution("E2", poss_dup=True), "duplicate", NOON)
    recovery.hear(missed, an_execution(None, transacted_at=None), "execution", Nanos(1))

    assert missed.newest == Last("E1", NOON)
    assert (interrupted.duplicates, interrupted.quiet_since) == (1, None)
    assert recovery.redelivered(None) == recovery.redelivered(missed) == 0
    assert not recovery.ends(MARK, "8", b"garbage")
    assert not recovery.ends((("148", frozenset({"x"})),), "8", b"garbage")
