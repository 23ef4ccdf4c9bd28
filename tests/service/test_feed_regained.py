"""Our own store is lost and the counterparty's numbers go on: what was missing then is judged by what comes now."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import FeedEvent, FeedEventKind
from service.feed import state as feed_state
from service.feed.regained import StillLost, same_message
from service.journal import RecordKind
from tests.factories_messages import fix_message
from tests.factories_orders import SESSION, a_status, an_admin
from tests.service.test_feed import Line, counted_apart, kinds

KIND = FeedEventKind
SENT = "20261120-15:00:00.123"


def body(number: int, **by_tag: Any) -> bytes:
    """Return a report of its own for every number."""
    return fix_message(**{"_35": "8", "_34": number, "_52": SENT, "_17": f"E{number}", **by_tag})


def hear(line: Line, *numbers: int, epoch: str = "e1") -> list[FeedEvent]:
    """Hear reports for the first time."""
    return [event for n in numbers for event in line.message(a_status(n), epoch=epoch, body=body(n))]


def resent(line: Line, *numbers: int, epoch: str = "e2", **by_tag: Any) -> list[FeedEvent]:
    """Hear reports again, as copies."""
    tags = {"_43": "Y", "_52": "20261120-16:00:00.000", "_122": SENT, **by_tag}
    return [
        event for n in numbers for event in line.message(a_status(n, poss_dup=True), epoch=epoch, body=body(n, **tags))
    ]


def a_loss() -> Line:
    """Return a session that misses 3 and 4 when our store is lost; the counterparty's next number is 9."""
    line = Line()
    hear(line, 1, 2, 5, 6)
    line.control(RecordKind.EPOCH, epoch="e2", previous="e1")
    return line


def left(line: Line, epoch: str = "e1") -> str:
    """Return what is said to be lost with an epoch."""
    return line.feeds.still_lost("demo", SESSION, epoch).numbers


def test_a_loss_is_uncertain_until_the_next_epoch_says_whose_numbers_began_anew() -> None:
    """Nothing has been heard of it: what is missing may still come."""
    line = Line()
    hear(line, 1, 2, 5, 6)

    (changed,) = line.control(RecordKind.EPOCH, epoch="e2", previous="e1")

    assert (changed.kind, changed.detail["lost"], changed.uncertain) == (KIND.EPOCH_CHANGED, "3-4", True)
    assert line.feeds.doubtful() == {("demo", SESSION)}
    assert line.feeds.open_gaps() == set()


def test_what_is_resent_under_the_old_numbers_is_lost_no_more() -> None:
    """The last report of the old epoch comes again as it was: from then on its numbers count."""
    line = a_loss()
    hear(line, 9, epoch="e2")

    before = resent(line, 1, 2, 3, 4, 5)
    told = resent(line, 6)
    after = resent(line, 7, 8)

    assert before == []
    assert [(event.kind, event.subject, event.detail["epoch"]) for event in told] == [
        (KIND.NUMBERS_WENT_ON, SESSION, "e2"),
        (KIND.GAP_CLOSED, "3-4", "e1"),
    ]
    assert (told[1].detail["arrived_count"], told[1].detail["how"]) == (2, "a resend in the next epoch")
    assert [(event.kind, event.subject, event.detail["epoch"]) for event in after] == [(KIND.GAP_CLOSED, "1-8", "e2")]
    assert (left(line), line.feeds.doubtful()) == ("", set())


def test_numbers_that_the_counterparty_declares_empty_are_lost_no_more() -> None:
    """A GapFill over them, behind the proof as well as before it."""
    line = a_loss()
    hear(line, 9, epoch="e2")

    line.message(an_admin("4", 1, new_sequence=4, gap_fill=True), epoch="e2", body=b"x")
    told = resent(line, 6)
    half = left(line)
    closed = line.message(an_admin("4", 4, new_sequence=6, gap_fill=True), epoch="e2", body=b"x")

    assert kinds(told) == [KIND.NUMBERS_WENT_ON]
    assert half == "4"
    assert [(event.subject, event.detail["filled_count"]) for event in closed] == [("3-4", 2)]


def test_an_epoch_that_begins_at_one_says_that_the_counterparty_began_anew() -> None:
    """The same numbers are other messages, whatever they look like."""
    line = a_loss()
    hear(line, 1, epoch="e2")
    doubts = line.feeds.doubtful()

    told = hear(line, 7, epoch="e2") + resent(line, 2, 3, 4, 5, 6)

    assert doubts == set()
    assert [(event.kind, event.subject) for event in told] == [(KIND.GAP_OPENED, "2-6"), (KIND.GAP_CLOSED, "2-6")]
    assert left(line) == "3-4"


@pytest.mark.parametrize(
    "changed",
    [{"_17": "F6"}, {"_122": "20261120-15:00:00.124"}],
    ids=["another report", "sent at another time"],
)
def test_a_number_that_comes_with_something_else_proves_nothing(changed: dict[str, Any]) -> None:
    """It errs to what is missing."""
    line = a_loss()
    hear(line, 9, epoch="e2")

    told = resent(line, 3, 4) + resent(line, 6, **changed)

    assert (told, left(line)) == ([], "3-4")


def test_a_repeat_that_is_not_marked_as_a_copy_proves_nothing() -> None:
    """A first message of a new counting is not marked either."""
    line = a_loss()
    hear(line, 9, epoch="e2")

    told = hear(line, 3, 4, 6, epoch="e2")

    assert (told, left(line)) == ([], "3-4")


def test_an_epoch_without_a_report_has_nothing_to_be_recognised_by() -> None:
    """Heartbeats are never resent."""
    line = Line()
    line.message(an_admin("A", 1))
    line.message(an_admin("0", 4))
    line.control(RecordKind.EPOCH, epoch="e2", previous="e1")
    hear(line, 9, epoch="e2")

    told = resent(line, 1, 2, 3, 4)

    assert (told, left(line)) == ([], "2-3")


def test_a_reset_in_the_next_epoch_gives_up_what_was_lost() -> None:
    """SequenceReset without GapFillFlag says nothing of the numbers that it passes over."""
    line = a_loss()
    hear(line, 9, epoch="e2")
    line.message(an_admin("4", 10, new_sequence=20), epoch="e2", body=b"x")

    told = resent(line, 3, 4, 6)

    assert (told, left(line)) == ([], "3-4")


def test_two_losses_in_a_row_are_both_made_good_by_one_resend() -> None:
    """Each epoch is recognised by its own last report; what came between is no proof for the one before."""
    line = a_loss()
    hear(line, 9, 12, epoch="e2")
    line.control(RecordKind.EPOCH, epoch="e3", previous="e2")
    hear(line, 20, epoch="e3")

    first = resent(line, 3, 4, 6, epoch="e3")
    second = resent(line, 10, 11, 12, epoch="e3")

    assert [(event.kind, event.detail.get("previous")) for event in first] == [
        (KIND.NUMBERS_WENT_ON, "e1"),
        (KIND.GAP_CLOSED, None),
    ]
    assert left(line, "e2") == "1-2, 5, 7-8"
    assert kinds(second) == [KIND.NUMBERS_WENT_ON, KIND.GAP_CLOSED]


def test_a_copy_brings_the_number_of_its_segment_too() -> None:
    """8 and 9 of segment A were in what was missing; only 8 comes again, and a message that is no copy says nothing."""
    line = Line()
    hear(line, 1)
    for number, sequence in ((7, 2), (10, 5)):
        line.message(counted_apart("A", number, sequence), body=body(sequence))
    (changed,) = line.control(RecordKind.EPOCH, epoch="e2", previous="e1")
    hear(line, 9, epoch="e2")
    line.message(counted_apart("A", 9, 3), epoch="e2", body=body(3))
    copy = counted_apart("A", 8, 4)
    copy = msgspec.structs.replace(copy, header=msgspec.structs.replace(copy.header, poss_dup=True))
    line.message(copy, epoch="e2", body=body(4, _43="Y"))

    told = resent(line, 5)

    assert changed.detail["lost"] == "3-4, A 8-9"
    assert [(event.kind, event.subject) for event in told] == [
        (KIND.NUMBERS_WENT_ON, SESSION),
        (KIND.GAP_CLOSED, "3-4"),
    ]
    assert line.feeds.still_lost("demo", SESSION, "e1") == StillLost("A 9", 1)


def test_losses_that_were_let_go_are_never_said_to_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room for so many gaps."""
    monkeypatch.setattr(feed_state, "MOST_LOST", 1)
    line = Line()
    hear(line, 1, 3, 5)
    line.control(RecordKind.EPOCH, epoch="e2", previous="e1")
    hear(line, 9, epoch="e2")

    told = resent(line, 2, 4, 5)

    assert [(event.kind, event.subject) for event in told] == [
        (KIND.NUMBERS_WENT_ON, SESSION),
        (KIND.GAP_CLOSED, "4"),
    ]
    assert line.feeds.still_lost("demo", SESSION, "e1") == StillLost("that are too many to name", 1)
    assert line.feeds.still_lost("demo", "unheard", "e1") == StillLost()


def test_a_copy_may_lack_the_first_stamp_or_write_it_otherwise() -> None:
    """An ExecID tells reports apart; some counterparties write another precision the second time."""
    first = body(6)

    assert same_message(first, body(6, _43="Y", _52="20261120-16:00:00"))
    assert same_message(first, body(6, _43="Y", _122="20261120-15:00:00"))
    assert not same_message(body(6, _17=None), body(6, _17=None, _43="Y"))
    assert not same_message(first, b"8=FIX")
    assert not same_message(b"8=FIX", first)
    assert not same_message(body(6, _52=None), body(6, _52=None, _43="Y", _122=SENT))
