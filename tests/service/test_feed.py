"""The feed says what the watch could not see: gaps, epochs, silence, rejects, unreadable messages, dead sources."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service.feed.feeds import Feeds
from service.feed.silence import DAY, Quiet
from service.feed.state import RECENT, FeedLimits, FeedsState, SessionState
from service.fix.events import Decoded, Header
from service.journal import Record, RecordKind
from tests.factories import NOON, TRADE_DATE, length
from tests.factories_orders import (
    SESSION,
    Message,
    a_record,
    a_status,
    an_admin,
    an_undecodable,
    seconds,
)

KIND = FeedEventKind
LIMITS = FeedLimits(silence_after=length("60 s"), gap_overdue_after=length("30 s"))


class Line:
    """A feed and a journal that grows by one record at a time."""

    def __init__(self, feeds: Feeds | None = None) -> None:
        self.feeds = feeds or Feeds(LIMITS)
        self.offset = 0

    def take(self, record: Record, decoded: Decoded | None = None) -> list[FeedEvent]:
        """Let the record's time come, then observe it."""
        assert record.received_at is not None
        passed = self.feeds.tick(record.received_at, record.offset)
        return [*passed, *self.feeds.observe(record, decoded)]

    def hear(self, *numbers: int, at: Nanos = NOON, epoch: str = "e1", **named: bool) -> list[FeedEvent]:
        """Hear application messages with these numbers."""
        events = []
        for number in numbers:
            events += self.message(a_status(number, **named), at=at, epoch=epoch)
        return events

    def message(self, decoded: Decoded, at: Nanos = NOON, epoch: str = "e1", body: bytes = b"x") -> list[FeedEvent]:
        """Hear one message."""
        self.offset += 1
        return self.take(a_record(offset=self.offset, at=at, epoch=epoch, body=body), decoded)

    def control(self, kind: RecordKind, *, at: Nanos = NOON, **words: object) -> list[FeedEvent]:
        """Read a control record with these words."""
        self.offset += 1
        return self.take(a_record(kind, offset=self.offset, at=at, **words))


def kinds(events: list[FeedEvent]) -> list[FeedEventKind]:
    """Return what happened."""
    return [event.kind for event in events]


def test_numbers_in_order_say_nothing() -> None:
    """The usual case."""
    assert Line().hear(1, 2, 3) == []


def test_a_jump_is_a_gap_with_its_range() -> None:
    """It names what is missing and the message that showed it."""
    line = Line()

    (gap,) = line.hear(1, 4, at=seconds(2))

    assert (gap.kind, gap.subject, gap.session, gap.related) == (KIND.GAP_OPENED, "2-3", SESSION, (2,))
    assert (gap.at, gap.trade_date, gap.detail["missing"]) == (seconds(2), TRADE_DATE, "2-3")


def test_a_gap_closes_when_all_that_was_missing_came() -> None:
    """Resent messages fill it."""
    line = Line()
    line.hear(1, 4)

    events = line.hear(2, 3, poss_dup=True)

    assert [(event.kind, event.subject, event.detail["arrived_count"]) for event in events] == [
        (KIND.GAP_CLOSED, "2-3", 2)
    ]


def test_a_gap_fill_closes_a_gap_and_counts_apart() -> None:
    """SequenceReset with GapFillFlag."""
    line = Line()
    line.hear(1, 4)

    (closed,) = line.message(an_admin("4", 2, new_sequence=4, gap_fill=True))

    assert (closed.kind, closed.detail["filled_count"]) == (KIND.GAP_CLOSED, 2)


def test_a_sequence_reset_covers_what_is_missing() -> None:
    """SequenceReset without GapFillFlag goes on at its new number."""
    line = Line()
    line.hear(1, 4)

    events = line.message(an_admin("4", 5, new_sequence=10)) + line.hear(10)

    assert kinds(events) == [KIND.GAP_CLOSED]


def test_repeats_open_no_gap() -> None:
    """With PossDup or without, a number seen twice is no gap."""
    line = Line()
    line.hear(1, 2, 3)

    assert line.hear(2, poss_dup=True) + line.hear(3) == []


def test_a_message_without_a_number_moves_nothing() -> None:
    """It is read all the same."""
    line = Line()
    line.hear(1)

    assert line.message(a_status(None)) + line.hear(2) == []


def test_sessions_with_numbers_missing_can_be_listed() -> None:
    """For the page and the metrics."""
    line = Line()
    before = line.feeds.open_gaps()
    line.hear(1, 4)

    assert before == set()
    assert line.feeds.open_gaps() == {("demo", SESSION)}


def test_a_gap_is_overdue_once() -> None:
    """After its limit, at the instant when the limit was reached."""
    line = Line()
    line.hear(1, 4)

    (overdue,) = line.hear(5, at=seconds(31))
    later = line.hear(6, at=seconds(32))

    assert (overdue.kind, overdue.subject, overdue.at) == (KIND.GAP_OVERDUE, "2-3", seconds(30))
    assert later == []


def test_a_new_epoch_says_what_the_old_one_had_open() -> None:
    """What was missing then will not come any more."""
    line = Line()
    line.control(RecordKind.EPOCH, epoch="e1", previous="")
    line.hear(1, 4, 7)

    (changed,) = line.control(RecordKind.EPOCH, epoch="e2", previous="e1")

    assert (changed.kind, changed.detail["lost"], changed.detail["lost_count"]) == (
        KIND.EPOCH_CHANGED,
        "2-3, 5-6",
        4,
    )
    assert (changed.detail["epoch"], changed.detail["previous"]) == ("e2", "e1")


def test_the_first_epoch_is_no_change_and_begins_at_one() -> None:
    """What a new store has not seen yet is missing."""
    line = Line()

    first = line.control(RecordKind.EPOCH, epoch="e1")
    again = line.control(RecordKind.EPOCH, epoch="e1")
    (gap,) = line.hear(3)

    assert first + again == []
    assert gap.subject == "1-2"


def test_a_message_of_another_epoch_changes_it_too() -> None:
    """Should its announcement be missing."""
    line = Line()
    line.hear(1, 2)

    events = line.hear(1, epoch="e2")

    assert kinds(events) == [KIND.EPOCH_CHANGED]
    assert "lost" not in events[0].detail


def test_a_logon_that_resets_the_numbers_begins_them_anew_once() -> None:
    """141=Y under the old epoch's name; the epoch that is announced after it does not begin them again."""
    line = Line()
    line.hear(1, 2, 5)

    events = line.message(an_admin("A", 1), body=b"35=A\x01141=Y\x01")
    announced = line.control(RecordKind.EPOCH, epoch="e2", previous="e1")
    then = line.hear(2, 3, epoch="e2")
    next_change = line.control(RecordKind.EPOCH, epoch="e3", previous="e2")

    assert [(event.kind, event.detail["lost"]) for event in events] == [(KIND.EPOCH_CHANGED, "3-4")]
    assert announced + then == []
    assert kinds(next_change) == [KIND.EPOCH_CHANGED]


def test_a_low_logon_resets_a_log_that_knows_no_epochs() -> None:
    """A replayed file of two days."""
    line = Line()
    line.hear(1, 2, epoch="")

    events = line.message(an_admin("A", 1), epoch="") + line.hear(2, epoch="")

    assert kinds(events) == [KIND.EPOCH_CHANGED]


def test_a_low_logon_without_a_reset_is_only_a_repeat() -> None:
    """The engine will refuse it; the numbers go on."""
    line = Line()
    line.hear(1, 2)

    events = line.message(an_admin("A", 1)) + line.message(an_admin("A", 1, poss_dup=True)) + line.hear(3)

    assert events == []


def test_a_session_goes_up_and_down_once_each() -> None:
    """Logouts without a logon before them, and words of the engine, say nothing."""
    line = Line()
    words = ("logout", "logon", "logon", "engine", "logout", "logout")

    events = [event for word in words for event in line.control(RecordKind.SESSION, event=word, text="why")]

    assert kinds(events) == [KIND.SESSION_UP, KIND.SESSION_DOWN]
    assert events[1].detail == {"text": "why"}


def test_our_own_reject_names_the_message_that_was_refused() -> None:
    """By its number, and by its offset while that is remembered."""
    line = Line()
    line.hear(1, 2, 3)
    line.offset += 1
    body = b"35=3\x0145=2\x01372=8\x01371=150\x01373=5\x0158=Value is incorrect\x01"

    (rejected,) = line.take(a_record(RecordKind.OWN_REJECT, offset=line.offset, body=body))

    assert (rejected.kind, rejected.subject, rejected.related) == (KIND.REJECTED_BY_SESSION, "message 2", (2, 4))
    assert (rejected.detail["reason"], rejected.detail["tag"]) == ("Value is incorrect", 150)


def test_a_reject_of_something_unknown_is_said_too() -> None:
    """Without a number, or with one that is long gone."""
    line = Line()

    (nameless,) = line.take(a_record(RecordKind.OWN_REJECT, offset=7, body=b"35=3\x01"))
    (long_gone,) = line.take(a_record(RecordKind.OWN_REJECT, offset=8, body=b"35=3\x0145=2\x01"))

    assert (nameless.subject, nameless.related) == ("reject 7", (7,))
    assert (long_gone.subject, long_gone.related) == ("message 2", (8,))


def test_only_the_last_messages_are_remembered_by_number() -> None:
    """Memory is bounded."""
    state = SessionState(counterparty="demo", session=SESSION, quiet=Quiet(since=NOON))

    for number in range(RECENT + 2):
        state.remember(number, number)

    assert (len(state.recent), min(state.recent)) == (RECENT, 2)


def test_an_undecodable_message_is_said_once_for_all_its_copies() -> None:
    """The resent copy is the same message."""
    line = Line()
    line.hear(1)

    first = line.message(an_undecodable(2, sent_at=seconds(-1)))
    copy = line.message(an_undecodable(2, poss_dup=True))

    assert [(event.kind, event.subject, event.at) for event in first] == [(KIND.UNDECODABLE, "message 2", seconds(-1))]
    assert (first[0].detail["reason"], first[0].detail["tag"]) == ("32 is no number", 32)
    assert copy == []


def test_an_undecodable_message_without_a_number_is_named_by_its_bytes() -> None:
    """Its id is a function of what it is."""
    line = Line()

    (one,) = line.message(an_undecodable(None), body=b"a")
    (other,) = line.message(an_undecodable(None), body=b"b")

    assert one.subject != other.subject
    assert one.at == NOON


def test_silence_is_raised_at_its_instant_and_ends_when_the_session_is_heard() -> None:
    """Any inbound message counts, heartbeats too."""
    line = Line()
    line.hear(1)
    line.message(an_admin("0", 2), at=seconds(30))

    events = line.message(an_admin("0", 3), at=seconds(200))

    assert [(event.kind, event.subject, event.at) for event in events] == [
        (KIND.SILENT, SESSION, seconds(90)),
        (KIND.HEARD, SESSION, seconds(200)),
    ]
    assert events[0].detail["last_heard_ns"] == seconds(30)


def test_a_session_that_is_down_falls_silent_too() -> None:
    """In hours, whatever the reason; and one that was never heard does."""
    line = Line()
    line.control(RecordKind.SESSION, event="logon")
    line.control(RecordKind.SESSION, event="logout")

    (silent,) = line.feeds.tick(seconds(60), 9)

    assert (silent.kind, silent.offset, silent.detail["session"]) == (KIND.SILENT, 9, "down")
    assert silent.detail["last_heard_ns"] is None


def test_a_tick_tells_the_same_as_the_next_record_would() -> None:
    """A dead line is found out by the tick that the shell wrote at the deadline."""
    with_ticks, without = Line(), Line()
    with_ticks.hear(1, 4)
    without.hear(1, 4)

    told = []
    while (deadline := with_ticks.feeds.deadline()) is not None and deadline < NOON + 2 * DAY:
        told += with_ticks.feeds.tick(deadline, 9)
    at_once = without.feeds.tick(Nanos(NOON + 2 * DAY), 9)

    assert [(event.kind, event.at) for event in told] == [(event.kind, event.at) for event in at_once]
    assert kinds(told) == [KIND.GAP_OVERDUE, KIND.SILENT, KIND.SILENT]


def test_the_clock_never_runs_back() -> None:
    """A record with an older stamp is observed at the largest clock so far."""
    line = Line()
    line.hear(1, at=seconds(10))

    (gap,) = line.hear(3, at=seconds(5))

    assert (gap.at, gap.clock, gap.received_at) == (seconds(10), seconds(10), seconds(5))


def test_a_feed_that_need_not_be_heard_has_no_deadline() -> None:
    """The calendar is over."""
    line = Line(Feeds(LIMITS, hours=lambda at: None))
    line.hear(1)

    assert line.feeds.deadline() is None
    assert line.feeds.tick(seconds(9999), 2) == []


def test_other_limits_hold_from_when_they_are_set() -> None:
    """A version of the limits may come in the middle of a day."""
    line = Line()
    line.hear(1)

    line.feeds.limit(FeedLimits(silence_after=length("1 s")))

    assert kinds(line.feeds.tick(seconds(2), 2)) == [KIND.SILENT]


def test_a_gateway_that_died_takes_its_sessions_down() -> None:
    """Only its own."""
    line = Line()
    line.control(RecordKind.SESSION, event="logon")
    line.control(RecordKind.SESSION, event="logon", counterparty="other")

    events = line.control(RecordKind.GATEWAY, session="", event="killed", reason="engine wedged")

    assert [(event.kind, event.subject) for event in events] == [
        (KIND.SESSION_DOWN, SESSION),
        (KIND.GATEWAY_RESTARTED, "demo"),
    ]
    assert events[1].detail == {"event": "killed", "reason": "engine wedged"}


def test_a_gateway_that_starts_or_stops_as_it_should_says_nothing() -> None:
    """Unless a session was still up, which is down now."""
    line = Line()
    started = line.control(RecordKind.GATEWAY, session="", event="started", reason=None)
    line.control(RecordKind.SESSION, event="logon")

    stopped = line.control(RecordKind.GATEWAY, session="", event="stopped", reason="stopped")

    assert started == []
    assert kinds(stopped) == [KIND.SESSION_DOWN]


def test_a_gateway_that_starts_while_its_session_is_up_ended_unseen() -> None:
    """The whole daemon was killed: nobody was there to write it down."""
    line = Line()
    line.control(RecordKind.SESSION, event="logon")

    events = line.control(RecordKind.GATEWAY, session="", event="started")

    assert kinds(events) == [KIND.SESSION_DOWN, KIND.GATEWAY_RESTARTED]


def test_a_clock_that_leaps_by_years_is_told_of_for_a_week_at_most() -> None:
    """A stamp may be nonsense; the watch does not drown in it."""
    line = Line()
    line.hear(1)

    events = line.feeds.tick(Nanos(NOON + 4000 * DAY), 2)

    assert kinds(events) == [KIND.SILENT] * 7


def test_a_quote_source_goes_down_and_up_once_each() -> None:
    """A source that lives from the beginning is no news; lagging is not live."""
    line = Line()
    states = ("live", "lagging", "dead", "live")

    events = [
        event
        for state in states
        for event in line.control(RecordKind.QUOTE_SOURCE, counterparty="", session="", source="mqtt", state=state)
    ]

    assert [(event.kind, event.subject) for event in events] == [
        (KIND.QUOTES_DOWN, "mqtt"),
        (KIND.QUOTES_UP, "mqtt"),
    ]
    assert events[0].detail == {"state": "lagging", "before": "live"}


def test_other_records_say_nothing() -> None:
    """Versions and ticks are for others; a message that nobody decoded is not guessed at."""
    line = Line()

    assert line.control(RecordKind.TICK) + line.control(RecordKind.VERSION) == []
    assert line.take(a_record()) == []


MESSAGES = st.one_of(
    st.integers(1, 12).map(a_status),
    st.integers(1, 12).map(an_undecodable),
    st.tuples(st.integers(1, 12), st.integers(1, 14), st.booleans()).map(
        lambda drawn: an_admin("4", drawn[0], new_sequence=drawn[1], gap_fill=drawn[2])
    ),
)
STREAMS = st.lists(st.tuples(MESSAGES, st.integers(0, 90), st.sampled_from(["e1", "e1", "e1", "e2"])), max_size=25)


def stream_of(drawn: list[tuple[Decoded, int, str]]) -> list[Message]:
    """Return the drawn messages as journal records, with their waits added up."""
    clock, records = 0, []
    for offset, (decoded, wait, epoch) in enumerate(drawn, start=1):
        clock += wait
        records.append((a_record(offset=offset, at=seconds(clock), epoch=epoch, body=b"x"), decoded))
    return records


@given(STREAMS, st.integers(0, 25))
def test_writing_the_state_down_in_the_middle_changes_nothing(drawn: list[tuple[Decoded, int, str]], cut: int) -> None:
    """A restart is not seen in what the feed says."""
    whole, parted = Line(), Line()
    messages = stream_of(drawn)

    expected = [event for record, decoded in messages for event in whole.take(record, decoded)]
    before = [event for record, decoded in messages[:cut] for event in parted.take(record, decoded)]
    written = msgspec.msgpack.encode(parted.feeds.snapshot())
    again = Line()
    again.feeds.restore(msgspec.msgpack.decode(written, type=FeedsState))
    after = [event for record, decoded in messages[cut:] for event in again.take(record, decoded)]

    assert before + after == expected
    assert again.feeds.snapshot() == whole.feeds.snapshot()


@given(st.lists(st.integers(1, 12), max_size=20), st.data())
def test_repeating_a_part_of_the_stream_opens_no_gap(numbers: list[int], data: st.DataObject) -> None:
    """What was heard may be heard again: nothing new is said, nothing is missing that was not."""
    line = Line()
    line.control(RecordKind.EPOCH, epoch="e1")
    line.hear(*numbers)
    again = data.draw(st.lists(st.sampled_from(numbers or [1]), max_size=10)) if numbers else []

    assert line.hear(*again) == []


def counted_apart(segment: str, number: int, sequence: int | None, sent: Nanos | None = NOON) -> Decoded:
    """Return a message whose number is counted by segment; without `sequence` it is MsgSeqNum itself."""
    own = number if sequence is None else sequence
    header = Header(
        msg_type="B", sequence=own, sent_at=sent, scope=segment, number=None if sequence is None else number
    )
    return msgspec.structs.replace(a_status(own), header=header)


def test_a_segment_has_gaps_of_its_own_which_name_it() -> None:
    """No MsgSeqNum is missing; a new epoch loses what is still open, with its segment."""
    line = Line()
    for sequence, (segment, number) in enumerate([("A", 7), ("B", 1), ("B", 4), ("A", 8), ("B", 2)], start=1):
        line.message(counted_apart(segment, number, sequence))
    assert line.feeds.open_gaps() == {("demo", SESSION)}
    (closed,) = line.message(counted_apart("B", 3, 6))
    line.message(counted_apart("A", 11, 7))
    (lost,) = line.message(a_status(1), epoch="e2")

    assert (closed.kind, closed.subject) == (KIND.GAP_CLOSED, "B 2-3")
    assert (lost.kind, lost.detail["lost"], lost.detail["lost_count"]) == (KIND.EPOCH_CHANGED, "A 9-10", 2)


def test_msg_seq_num_may_be_counted_by_segment_alone() -> None:
    """The same number twice is no copy, and a hole of one segment is none of the session."""
    line = Line()
    events = [line.message(counted_apart(*one, None)) for one in (("A", 1), ("B", 1), ("A", 2), ("B", 3))]

    assert [event.subject for told in events for event in told] == ["B 2"]
    assert not line.feeds.jumps(a_record(epoch="e1"), counted_apart("B", 9, None))
    unnumbered = msgspec.structs.replace(a_status(1), header=Header(msg_type="B", scope="B"))
    assert line.message(unnumbered) == []


def test_a_file_fills_the_gap_of_its_segment_alone() -> None:
    """By the segment's number; a message without a stamp or of another segment fills nothing."""
    line = Line()
    for sequence, number in enumerate((1, 3), start=1):
        line.message(counted_apart("B", number, sequence))
    told = []
    for decoded in (
        counted_apart("A", 2, 9),
        counted_apart("B", 2, 9, None),
        counted_apart("B", 2, 9, Nanos(NOON + 3_600_000_000_000)),
        counted_apart("B", 2, 9),
    ):
        line.offset += 1
        told += line.take(a_record(RecordKind.BACKFILL, offset=line.offset, at=NOON, epoch="e1"), decoded)
    alone = Line()
    alone.message(counted_apart("B", 1, None))
    alone.message(counted_apart("B", 3, None))
    filled = alone.take(a_record(RecordKind.BACKFILL, offset=9, at=NOON), counted_apart("B", 2, None))

    assert [(event.kind, event.subject) for event in (*told, *filled)] == [(KIND.GAP_CLOSED, "B 2")] * 2
