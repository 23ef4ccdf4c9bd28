"""A file may fill what is missing, only of the same counting, and it says nothing else of the session."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service.feed.backfill import TOLERANCE
from service.feed.feeds import Feeds
from service.feed.state import MOST_LOST, FeedLimits
from service.fix.events import Decoded
from service.journal import RecordKind
from tests.factories import length
from tests.factories_orders import a_record, a_status, an_admin, an_undecodable, seconds

KIND = FeedEventKind
LATER = seconds(3600)


class Line:
    """A session on which each number is sent so many seconds after noon, and files that are read an hour later."""

    def __init__(self) -> None:
        self.feeds = Feeds(FeedLimits(silence_after=length("100 min"), gap_overdue_after=length("90 min")))
        self.offset = 0

    def hear(self, *numbers: int, epoch: str = "e1", at: float | None = None, poss_dup: bool = False) -> None:
        """Hear application messages by the line."""
        for number in numbers:
            when = seconds(number if at is None else at)
            self.offset += 1
            record = a_record(offset=self.offset, at=when, epoch=epoch, body=b"x")
            self.feeds.tick(when, self.offset)
            self.feeds.observe(record, a_status(number, sent_at=when, poss_dup=poss_dup))

    def read(self, *numbers: int, at: float | None = None, poss_dup: bool = False) -> list[FeedEvent]:
        """Read application messages from a file."""
        events = []
        for number in numbers:
            when = seconds(number if at is None else at)
            events += self.take(a_status(number, sent_at=when, poss_dup=poss_dup))
        return events

    def take(self, decoded: Decoded) -> list[FeedEvent]:
        """Read one message from a file."""
        self.offset += 1
        record = a_record(RecordKind.BACKFILL, offset=self.offset, at=LATER, epoch="", body=b"y")
        return [*self.feeds.tick(LATER, self.offset), *self.feeds.observe(record, decoded)]

    @property
    def missing(self) -> list[str]:
        """Return the gaps that are open, and those lost with an epoch."""
        states = self.feeds.snapshot().sessions
        current = [gap.subject for state in states for gap in state.sequence.gaps]
        return [*current, *(f"{lost.epoch} {lost.gap.subject}" for state in states for lost in state.lost)]


def a_gap() -> Line:
    """Return a line on which 3 and 4 are missing."""
    line = Line()
    line.hear(1, 2, 5)
    return line


def test_a_gap_closes_when_the_file_has_all_that_was_missing() -> None:
    """And says that a file did it."""
    line = a_gap()

    first, (closed,) = line.read(3), line.read(4)

    assert (first, closed.kind, closed.subject) == ([], KIND.GAP_CLOSED, "3-4")
    assert (closed.detail["how"], closed.detail["epoch"], closed.detail["arrived_count"]) == ("backfill", "e1", 0)
    assert closed.detail["backfilled_count"] == 2
    assert line.missing == []


def test_what_the_file_has_besides_opens_no_gap_and_moves_no_number() -> None:
    """Numbers far ahead, numbers known, a Logon, a reset: all of them are only copies."""
    line = a_gap()

    reset = fill_at(an_admin("4", 30, new_sequence=90), seconds(5))
    events = line.read(1, 2, 5, 40) + line.take(reset)
    line.hear(6)

    assert (events, line.missing) == ([], ["3-4"])


@pytest.mark.parametrize(
    ("at", "fits"), [(1.9, True), (0.0, True), (-0.1, False), (7.0, True), (7.1, False), (-86_400, False)]
)
def test_only_what_was_sent_between_the_neighbours_fits(at: float, *, fits: bool) -> None:
    """A file of another day or epoch has the same numbers; two seconds are granted."""
    assert length("2 s") == TOLERANCE
    line = Line()
    line.hear(1, 2)
    line.hear(4, at=5)

    line.read(3, at=at)

    assert (line.missing == []) is fits


def test_a_resend_in_the_file_may_be_sent_later_but_not_earlier() -> None:
    """It was sent when it was asked for."""
    late, early = a_gap(), a_gap()

    late.read(3, 4, at=900, poss_dup=True)
    early.read(3, 4, at=-900, poss_dup=True)

    assert (late.missing, early.missing) == ([], ["3-4"])


def test_copies_by_the_line_do_not_narrow_what_fits() -> None:
    """A resend before the gap was sent late: the messages behind it were sent before that."""
    line = Line()
    line.hear(1)
    line.hear(2, at=50, poss_dup=True)
    line.hear(5, at=51, poss_dup=True)

    line.read(3, 4)

    assert line.missing == []


def test_without_a_message_before_the_gap_the_day_must_be_the_same() -> None:
    """Our side lost its files, and the numbers go on: where the counting began is not known."""
    line, other = Line(), Line()
    line.hear(3)
    other.hear(3)

    line.read(1, 2, at=-3600)
    other.read(1, 2, at=-86_400)

    assert (line.missing, other.missing) == ([], ["1-2"])


def test_a_gap_fill_in_the_file_counts_as_one() -> None:
    """It declares numbers to be nothing worth sending."""
    line = a_gap()
    fill = an_admin("4", 3, new_sequence=5, gap_fill=True)

    (closed,) = line.take(fill_at(fill, seconds(3)))

    assert (closed.kind, closed.detail["filled_count"], closed.detail["arrived_count"]) == (KIND.GAP_CLOSED, 2, 0)


def fill_at(decoded: Decoded, at: Nanos) -> Decoded:
    """Return the same message sent then."""
    return msgspec.structs.replace(decoded, header=msgspec.structs.replace(decoded.header, sent_at=at))


def test_what_an_epoch_lost_is_said_when_a_file_brings_it() -> None:
    """The old epoch is named: a certificate of that day can tell that nothing is missing any more."""
    line = a_gap()
    line.hear(1, epoch="e2", at=100)
    lost = line.missing

    partly = line.read(3)
    (closed,) = line.read(4)

    assert (lost, partly) == (["e1 3-4"], [])
    assert (closed.kind, closed.subject, closed.detail["epoch"], closed.detail["how"]) == (
        KIND.GAP_CLOSED,
        "3-4",
        "e1",
        "backfill",
    )
    assert line.missing == []


def test_a_file_of_the_old_epoch_leaves_the_gap_of_the_new_one_open() -> None:
    """The numbers are the same; the times are not. And the other way round."""
    line, other = a_gap(), a_gap()
    line.hear(1, 2, 5, epoch="e2", at=100)
    other.hear(1, 2, 5, epoch="e2", at=100)

    line.read(3, 4)
    other.read(3, 4, at=100)

    assert (line.missing, other.missing) == (["3-4"], ["e1 3-4"])


def test_not_more_lost_gaps_are_kept_than_can_be_held() -> None:
    """The oldest go."""
    line = Line()
    for number in range(MOST_LOST + 2):
        line.hear(1, 3, epoch=f"e{number}")

    assert len([name for name in line.missing if " " in name]) == MOST_LOST
    assert line.missing[1] == "e1 2"


def in_segment(number: int, segment: str, at: float, *, apart: int | None = None) -> Decoded:
    """Return a message that counts in a segment: by MsgSeqNum, or by a number of its own."""
    return a_status(number, sent_at=seconds(at), scope=segment, number=apart)


@pytest.mark.parametrize("apart", [None, 3])
def test_a_number_that_is_counted_by_segment_fills_only_its_segment(apart: int | None) -> None:
    """By 34 itself, or by a number of its own beside it."""
    line = Line()
    for number, segment, at in ((1, "A", 1), (2, "A", 2), (4, "A", 4), (1, "B", 5)):
        line.offset += 1
        own = None if apart is None else number
        record = a_record(offset=line.offset, at=seconds(at), epoch="e1", body=b"x")
        line.feeds.tick(seconds(at), line.offset)
        line.feeds.observe(record, in_segment(line.offset if own else number, segment, at, apart=own))

    other = line.take(in_segment(3, "B", 3, apart=apart)) + line.take(in_segment(3, "A", 90, apart=apart))
    (closed,) = line.take(in_segment(3, "A", 3, apart=apart))
    unknown = line.take(in_segment(3, "C", 3, apart=apart))

    assert (other, unknown, closed.kind, closed.subject) == ([], [], KIND.GAP_CLOSED, "A 3")


def test_a_session_that_was_never_heard_is_not_made_up() -> None:
    """A file alone starts no timer: nobody listens for that session."""
    line = Line()

    assert line.read(1, 5) == []
    assert line.missing == []
    assert line.feeds.deadline() is None


def test_a_file_is_no_sign_of_life() -> None:
    """The line is as silent as before."""
    line = a_gap()
    before = line.feeds.deadline()

    line.read(3)

    assert line.feeds.deadline() == before


def test_a_message_without_number_or_time_fills_nothing() -> None:
    """Which one it is cannot be told."""
    line = a_gap()

    assert line.take(a_status(3)) + line.take(a_status(None, sent_at=seconds(3))) == []
    assert line.missing == ["3-4"]


def test_what_cannot_be_read_is_said_under_a_name_of_its_content() -> None:
    """So that reading the file again finds nothing new; its number counts all the same."""
    line = a_gap()

    (first,) = line.take(an_undecodable(3, sent_at=seconds(3)))
    (second,) = line.take(an_undecodable(None))

    assert (first.kind, first.subject, first.at) == (KIND.UNDECODABLE, second.subject, seconds(3))
    assert (second.at, second.detail["how"]) == (LATER, "backfill")
    assert [event.kind for event in line.read(4)] == [KIND.GAP_CLOSED]
