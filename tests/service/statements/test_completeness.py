"""Certificates of hand-made days: three states, each with its reasons, and what is shown without being red."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND, FeedEventKind, Nanos
from service.statements.against import Comparison
from service.statements.chain import packed
from service.statements.completeness import LISTED, Certificate, State, certificate
from service.statements.day import Copy, Hours, Messages, Orders, OwnOrders, Told, Unread
from service.statements.numbers import Declared, SegmentRun
from service.statements.reasons import Weight
from tests.factories_statements import CLOSES, DAY, EVENING, OPENS, OWN, a_day, certified, closed, gap, run, told

KINDS = FeedEventKind


def names(one: Certificate, weight: Weight) -> list[str]:
    """Return the names of its reasons of one weight."""
    return [reason.name for reason in one.reasons if reason.weight is weight]


def missing(one: Certificate) -> list[str]:
    """Return why it is red, and check that it is red exactly when there is a reason."""
    found = names(one, Weight.MISSING)
    assert (one.state is State.RED) == bool(found)
    return found


def words(one: Certificate, name: str) -> str:
    """Return the words of one reason."""
    return next(reason.words for reason in one.reasons if reason.name == name)


def test_a_clean_day_that_our_own_orders_vouch_for_is_reconciled() -> None:
    """Nothing to say but the numbers."""
    one = certified()

    assert (one.state, one.reasons) == (State.RECONCILED, ())
    assert one.sum.holds
    assert one.countings[0].received == ((1, 100),)
    assert (one.whose, one.state.words) == (a_day().whose, "session complete and reconciled with our own orders")


def test_without_own_orders_a_day_is_complete_and_not_reconciled() -> None:
    """The second state."""
    one = certified(own=OwnOrders())

    assert one.state is State.COMPLETE_NOT_RECONCILED
    assert one.state.words == "session complete but not reconciled with our own orders"
    assert words(one, "no_own_orders") == "no source of our own orders is in force for demo"


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ({"arrived_count": 3}, "3 arrived"),
        ({"filled_count": 3}, "3 gap-filled"),
        ({"arrived_count": 1, "filled_count": 1, "backfilled_count": 1}, "1 arrived, 1 gap-filled, 1 back-filled"),
        ({"arrived_count": 3, "how": "backfill"}, "3 arrived, closed by backfill"),
        ({}, "made good"),
    ],
)
def test_a_gap_that_was_filled_later_is_shown_and_not_red(how: dict[str, int], shown: str) -> None:
    """Resent, declared empty, or from a file."""
    opened = gap(10, 5, 7)

    one = certified(
        runs=(run(1, 4), run(8, 20, offset=8), run(5, 7, offset=40)), told=(opened, closed(opened, 40, **how))
    )

    assert missing(one) == []
    assert names(one, Weight.SHOWN) == ["gaps_filled"]
    assert [(line.how, line.missing) for line in one.gaps] == [(shown, ())]


def test_an_open_gap_is_red_with_the_numbers_that_never_came() -> None:
    """Those of its run that came all the same are not among them."""
    opened = gap(10, 5, 9)
    overdue = msgspec.structs.replace(told(KINDS.GAP_OVERDUE, 20, "5-9"), detail={**opened.detail})

    one = certified(runs=(run(1, 4), run(10, 20, offset=10), run(6, 7, offset=40)), told=(opened, overdue))

    assert missing(one) == ["gap_open"]
    assert words(one, "gap_open") == "3 numbers never came (open): 5, 8-9"
    assert (one.gaps[0].missing, one.gaps[0].gap.overdue) == (((5, 5), (8, 9)), True)


def test_a_gap_that_the_messages_show_to_be_filled_is_not_red() -> None:
    """What came counts, not what was told."""
    one = certified(runs=(run(1, 4), run(8, 20, offset=10), run(5, 7, offset=40)), told=(gap(10, 5, 7),))

    assert missing(one) == []
    assert one.gaps[0].how == "made good"


def test_a_gap_that_was_open_at_a_reset_is_lost() -> None:
    """Nobody will ever send it again."""
    reset = told(KINDS.EPOCH_CHANGED, 30, epoch="e2", lost="5-7", lost_count=3)

    one = certified(
        runs=(run(1, 4), run(8, 20, offset=10), run(1, 9, offset=30, epoch="e2")), told=(gap(10, 5, 7), reset)
    )

    assert missing(one) == ["lost_with_reset"]
    assert words(one, "lost_with_reset") == "3 numbers never came (lost with a reset): 5-7"
    assert [(one_reset.lost, one_reset.lost_count) for one_reset in one.resets] == [("5-7", 3)]


OURS = told(KINDS.EPOCH_CHANGED, 30, epoch="e2", previous="e1", lost="5-7", lost_count=3)
WENT_ON = told(KINDS.NUMBERS_WENT_ON, 60, epoch="e2", previous="e1")
BEFORE = (run(1, 4), run(8, 20, offset=10))


def test_what_only_our_side_lost_and_the_counterparty_resent_is_not_missing() -> None:
    """Its numbers went on: 5 and 6 came in the next epoch, 7 it declared empty there."""
    runs = (*BEFORE, run(21, 21, offset=31, epoch="e2"), run(1, 6, offset=32, epoch="e2"))
    rest = run(8, 20, offset=50, epoch="e2")

    one = certified(
        runs=(*runs, rest), declared=(Declared(offset=40, first=7, last=7),), told=(gap(10, 5, 7), OURS, WENT_ON)
    )

    assert missing(one) == []
    assert [line.how for line in one.gaps] == ["made good"]
    words_of_reset = "the engine's store began anew; the counterparty's numbers went on, missing then 5-7"
    assert [reset.words for reset in one.resets] == [words_of_reset]


def test_what_the_counterparty_did_not_resend_either_is_missing_once() -> None:
    """Number 6 came; 5 is missing in both countings, and 7 was given up by a reset that says nothing of it."""
    runs = (*BEFORE, run(21, 21, offset=31, epoch="e2"), run(1, 4, offset=32, epoch="e2"))
    more = (run(6, 6, offset=41, epoch="e2"), run(8, 20, offset=42, epoch="e2"))
    given_up = Declared(offset=55, first=7, last=7, gap_fill=False)
    again = told(KINDS.GAP_OPENED, 31, "1-20", epoch="e2", first=1, last=20, missing="1-20")

    one = certified(runs=(*runs, *more), declared=(given_up,), told=(gap(10, 5, 7), OURS, again, WENT_ON))

    assert missing(one) == ["gap_open"]
    assert words(one, "gap_open") == "2 numbers never came (open): 5, 7"
    assert {line.gap.subject: (line.how, line.missing) for line in one.gaps} == {
        "5-7": ("not resent when our side began anew", ((5, 5), (7, 7))),
        "1-20": ("open", ((5, 5),)),
    }


def test_without_a_word_that_the_numbers_went_on_the_same_numbers_prove_nothing() -> None:
    """A counterparty that began anew uses 5 to 7 again for something else."""
    one = certified(runs=(*BEFORE, run(1, 20, offset=31, epoch="e2")), told=(gap(10, 5, 7), OURS))

    assert missing(one) == ["lost_with_reset"]


def test_a_reset_that_loses_nothing_is_only_shown() -> None:
    """With the reason that the feed gave."""
    reset = told(KINDS.EPOCH_CHANGED, 30, epoch="e2", reason="the numbers were reset by a Logon (35=A)")

    one = certified(runs=(run(1, 20), run(1, 9, offset=30, epoch="e2")), told=(reset,))

    assert missing(one) == []
    assert names(one, Weight.SHOWN) == ["resets"]
    assert one.resets[0].why == "the numbers were reset by a Logon (35=A)"


def test_a_counterparty_that_counts_anew_without_a_word_is_red_until_an_epoch_begins_or_its_file_agrees() -> None:
    """What it sent under numbers used before would never be asked for."""
    low = {"by": "us", "reason": "MsgSeqNum too low, expecting 21 but received 1"}
    refused = (told(KINDS.LOGON_REFUSED, 30, **low), told(KINDS.LOGON_REFUSED, 40, **low))
    anew = (*refused, told(KINDS.EPOCH_CHANGED, 50, epoch="e2"))
    agrees = Comparison(name="vendor.csv", sha256="0", same=3, not_here=0, not_there=0, unlike=0)

    one = certified(told=refused)

    assert missing(one) == ["numbers_behind"]
    assert "at 2026-" in words(one, "numbers_behind")
    assert missing(certified(told=anew)) == []
    assert missing(certificate(a_day(told=refused), agrees)) == []


@pytest.mark.parametrize(
    "said",
    [
        {"by": "counterparty", "reason": "MsgSeqNum too low, expecting 21 but received 1"},
        {"by": "us", "reason": "SendingTime accuracy problem"},
        {"by": "us", "reason": "MsgSeqNum too low, expecting 21 but received 1", "trade_date": "2026-01-02"},
    ],
)
def test_another_refusal_of_a_logon_or_of_another_day_leaves_the_numbers_proven(said: dict[str, str]) -> None:
    """Nothing was sent under numbers used before."""
    assert missing(certified(told=(told(KINDS.LOGON_REFUSED, 30, **said),))) == []


def test_numbers_that_nobody_told_of_are_red_all_the_same() -> None:
    """The messages are counted again; what the feed said is not repeated on trust."""
    one = certified(runs=(run(1, 4), run(8, 20, offset=10)))

    assert missing(one) == ["unstated"]
    assert words(one, "unstated") == "3 numbers never came and no gap was told: 5-7"


def test_numbers_that_were_declared_empty_or_came_from_a_file_are_not_missed() -> None:
    """By a GapFill of the counterparty, or by a file of the day."""
    declared = (Declared(offset=9, first=5, last=6),)

    one = certified(runs=(run(1, 4), run(8, 20, offset=10)), declared=declared, mended=((7, 7),))

    assert missing(one) == []


def test_numbers_counted_by_segment_are_left_to_the_feed() -> None:
    """Where 34 repeats in every segment, ranges of it prove nothing; gaps do."""
    one = certified(runs=(run(1, 4), run(8, 20, offset=10)), scoped=True, told=(gap(10, 5, 7),))

    assert missing(one) == ["gap_open"]
    assert (one.countings, one.scoped) == ((), True)


def test_a_gap_of_numbers_counted_apart_is_not_filled_by_the_sessions_own() -> None:
    """Message 5 of the line is not number 5 of a segment."""
    one = certified(segment_runs=(seg("", 1, 4, 1),), told=(gap(10, 5, 7),))

    assert missing(one) == ["gap_open"]
    assert one.gaps[0].missing == ((5, 7),)


def in_segment(offset: int, segment: str, first: int, last: int) -> Told:
    """Return that numbers of a segment were jumped over."""
    opened = gap(offset, first, last)
    return msgspec.structs.replace(
        opened, subject=f"{segment} {opened.subject}", detail={**opened.detail, "segment": segment}
    )


def seg(segment: str, first: int, last: int, offset: int, epoch: str = "e1") -> SegmentRun:
    """Return messages of one segment in a row."""
    return SegmentRun(offset=offset, epoch=epoch, segment=segment, first=first, last=last)


def test_each_segment_shows_its_ranges_and_its_gaps_are_its_own() -> None:
    """Number 5 of A is missing, number 5 of B came; what came late is no gap; a reset begins each anew."""
    runs = (seg("A", 3, 4, 1), seg("B", 5, 9, 2), seg("A", 6, 8, 10), seg("A", 7, 7, 20), seg("A", 1, 2, 40, "e2"))
    reset = told(KINDS.EPOCH_CHANGED, 30, epoch="e2")

    one = certified(segment_runs=runs, told=(in_segment(10, "A", 5, 5), in_segment(2, "B", 5, 5), reset))

    assert missing(one) == ["lost_with_reset"]
    assert words(one, "lost_with_reset") == "1 number never came (lost with a reset): A 5"
    assert [(segment.name, segment.epoch, segment.received, segment.holes) for segment in one.segments] == [
        ("A", "e1", ((3, 4), (6, 8)), ((5, 5),)),
        ("B", "e1", ((5, 9),), ()),
        ("A", "e2", ((1, 2),), ()),
    ]
    assert {line.gap.subject: line.how for line in one.gaps} == {"A 5-5": "lost with a reset", "B 5-5": "made good"}


def test_a_hole_of_a_segment_that_nobody_told_of_is_red_with_its_name() -> None:
    """A number below the first that came may be another day's."""
    runs = (seg("A", 3, 4, 1), seg("A", 7, 8, 2), seg("A", 1, 1, 3), seg("B", 1, 1, 4), seg("B", 3, 3, 5))

    one = certified(segment_runs=runs)

    assert missing(one) == ["unstated"]
    assert words(one, "unstated") == "3 numbers never came and no gap was told: A 5-6, B 2"


def test_a_number_of_a_segment_that_only_our_side_lost_is_not_missing_once_it_is_resent() -> None:
    """Number 5 came in the next epoch, number 6 never did."""
    runs = (seg("A", 3, 4, 1), seg("A", 7, 8, 10), seg("A", 3, 5, 40, "e2"), seg("A", 7, 8, 50, "e2"))
    again = in_segment(50, "A", 6, 6)

    one = certified(segment_runs=runs, told=(in_segment(10, "A", 5, 6), OURS, again, WENT_ON))

    assert missing(one) == ["gap_open"]
    assert words(one, "gap_open") == "1 number never came (open): A 6"
    assert [line.missing for line in one.gaps] == [((6, 6),), ((6, 6),)]


def test_a_gap_that_an_earlier_version_told_of_names_its_segment_in_its_subject() -> None:
    """The detail had no room for it."""
    old = in_segment(10, "A/X", 5, 5)
    old = msgspec.structs.replace(old, detail={name: old.detail[name] for name in old.detail if name != "segment"})

    one = certified(segment_runs=(seg("A/X", 5, 5, 20),), told=(old,))

    assert [(line.gap.segment, line.how) for line in one.gaps] == [("A/X", "made good")]


def test_a_copy_of_fills_only_is_shown_and_not_red() -> None:
    """The reason says what it means."""
    fills = certified(copy=Copy(executions=100, shows_orders=False, own_orders=True))
    silent = certified(copy=Copy(executions=0, shows_orders=False))

    assert (missing(fills), names(fills, Weight.SHOWN)) == ([], ["fills_only"])
    assert words(fills, "fills_only").endswith("what was not filled is known from our own orders alone")
    assert silent.reasons == ()


def test_a_certificate_of_an_earlier_version_can_be_read() -> None:
    """What it did not know of is empty."""
    body = msgspec.json.decode(packed(certified(told=(OURS,))))
    for later in ("segments", "copy"):
        del body[later]
    del body["resets"][0]["went_on"]

    old = msgspec.json.decode(packed({**body, "schema": 1}), type=Certificate)

    assert (old.schema, old.segments, old.copy, old.resets[0].went_on) == (1, (), Copy(), False)


def test_a_gap_of_another_day_belongs_to_that_day() -> None:
    """It is red there, until it closes."""
    later = gap(90_000, 5, 7)

    one = certified(told=(msgspec.structs.replace(later, trade_date="2026-11-21"),))

    assert (one.state, one.gaps) == (State.RECONCILED, ())


def test_a_session_that_was_not_heard_on_a_trading_day_is_red() -> None:
    """Silence is no proof of a quiet day."""
    assert missing(certified(runs=())) == ["nothing_heard"]


def test_a_session_that_was_not_heard_on_a_holiday_is_not_red() -> None:
    """Nothing was expected."""
    one = certified(runs=(), hours=None)

    assert missing(one) == []
    assert names(one, Weight.SHOWN) == ["no_trading"]


def test_messages_that_are_not_processed_yet_are_said() -> None:
    """The sum cannot be made before they are."""
    one = certified(messages=Messages(journalled=100, waiting=2, outcomes={"execution": 98}))

    assert missing(one) == ["unprocessed"]
    assert words(one, "unprocessed") == "2 messages in the journal not processed yet"


def test_a_message_without_an_outcome_is_red_with_both_numbers() -> None:
    """Journal = processed = sum of outcomes: checked, not asserted."""
    one = certified(messages=Messages(journalled=100, outcomes={"execution": 99}))

    assert missing(one) == ["unaccounted"]
    assert words(one, "unaccounted") == "100 messages in the journal, but outcomes of 99: 1 unaccounted for"
    assert not one.sum.holds


def test_messages_from_a_file_are_part_of_the_sum() -> None:
    """A day that came from a file alone was heard."""
    one = certified(runs=(), messages=Messages(backfilled=7, outcomes={"execution": 7}))

    assert missing(one) == []
    assert words(one, "backfilled") == "7 messages came from a file"


def test_what_could_not_be_read_is_red_until_it_comes_again() -> None:
    """What it said is missing; a readable copy of the same number mends it."""
    lost = Unread(offset=9, sequence=9, reason="LastPx (31) is dear", mended=False)
    again = Unread(offset=12, sequence=12, reason="no 37", mended=True)

    one = certified(unread=(again, lost))

    assert missing(one) == ["undecodable"]
    assert words(one, "undecodable") == "1 message could not be read, the first at journal 9: LastPx (31) is dear"
    assert names(one, Weight.SHOWN) == ["undecodable_mended"]
    assert one.unread == (lost, again)


def test_what_our_engine_refused_is_red_unless_it_stands_in_the_journal() -> None:
    """Found by its offset or by its number."""
    by_offset = told(KINDS.REJECTED_BY_SESSION, 9, "message 9", refused_offset=8, refused_sequence=9)
    by_number = told(KINDS.REJECTED_BY_SESSION, 10, "message 10", refused_offset=None, refused_sequence=10)
    unseen = told(KINDS.REJECTED_BY_SESSION, 11, "message 11", refused_offset=None, refused_sequence=11)

    red, shown = certified(told=(by_offset, by_number, unseen), refused_seen=(10,)), certified(told=(by_offset,))

    assert missing(red) == ["rejected"]
    assert words(red, "rejected") == "1 message refused by our engine and not in the journal: message 11"
    assert names(red, Weight.SHOWN) == names(shown, Weight.SHOWN) == ["rejected_seen"]
    assert missing(shown) == []


def test_a_cumulative_quantity_that_does_not_add_up_is_red_until_it_is_mended() -> None:
    """Even when the mending comes on a later day."""
    broken, other = told(KINDS.CUMULATIVE_BREAK, 9, "O1"), told(KINDS.CUMULATIVE_BREAK, 10, "O2")
    mended = told(KINDS.CUMULATIVE_MENDED, 50, "O2", trade_date="2026-11-21")

    one = certified(told=(broken, other, mended))

    assert missing(one) == ["cumulative_break"]
    assert words(one, "cumulative_break") == "1 order whose cumulative quantity does not add up: O1"
    assert names(one, Weight.SHOWN) == ["cumulative_mended"]
    assert [(found.subject, found.mended) for found in one.breaks] == [("O1", False), ("O2", True)]


def test_a_recovery_that_did_not_end_is_red() -> None:
    """What it would have brought is not known."""
    began, other = told(KINDS.RECOVERY_STARTED, 9, "S"), told(KINDS.RECOVERY_STARTED, 20, "S2")
    ended, unasked = told(KINDS.RECOVERY_ENDED, 12, "S"), told(KINDS.RECOVERY_ENDED, 13, "S3")

    one = certified(told=(began, ended, unasked, other))

    assert missing(one) == ["recovering"]
    assert words(one, "recovering") == "1 recovery did not end"
    assert [recovery.ended_at is None for recovery in one.recoveries] == [False, True]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((KINDS.SESSION_UP, KINDS.SESSION_DOWN), ["down_at_close"]),
        ((KINDS.SESSION_DOWN, KINDS.SESSION_UP), []),
        ((KINDS.SESSION_UP,), []),
        ((), []),
    ],
)
def test_a_session_that_went_down_before_the_close_and_stayed_down_is_red(
    events: tuple[FeedEventKind, ...], expected: list[str]
) -> None:
    """What was sent meanwhile is not known; once it is back, a gap would tell."""
    assert missing(certified(told=tuple(told(kind, n) for n, kind in enumerate(events, start=10)))) == expected


def test_a_session_may_go_down_after_the_close_or_where_nothing_ever_closes() -> None:
    """And before the close nobody can tell yet."""
    late = told(KINDS.SESSION_DOWN, 10, at=Nanos(CLOSES + SECOND))
    early = told(KINDS.SESSION_DOWN, 10)
    always = Hours(opens=OPENS, closes=CLOSES, round_the_clock=True)

    assert missing(certified(told=(late,))) == []
    assert missing(certified(told=(early,), hours=always)) == []
    assert missing(certified(told=(early,), as_of=Nanos(CLOSES - SECOND))) == []
    assert missing(certified(told=(early,), hours=None)) == []


@pytest.mark.parametrize(
    ("own", "name", "said"),
    [
        ({"count": 0, "reported": 3}, "own_orders_silent", "our own orders (oms) said nothing; the copy has 3 orders"),
        ({"unreported": ("A",)}, "unreported", "1 order of our own not in the copy, or without an end there: A"),
        ({"unanswered": ("A", "B")}, "unanswered", "2 orders of our own never answered: A, B"),
        ({"unknown": tuple("ABCDEF")}, "unknown", "6 orders in the copy that we know nothing of: A, B, C, D, E …"),
        ({"incomplete": ("S",)}, "own_incomplete", "1 session of our own orders not complete: S"),
    ],
)
def test_what_does_not_match_our_own_orders_is_not_reconciled(own: dict[str, Any], name: str, said: str) -> None:
    """The session is complete; the other side does not vouch for it."""
    one = certified(own=msgspec.structs.replace(OWN, **own))

    assert one.state is State.COMPLETE_NOT_RECONCILED
    assert names(one, Weight.UNRECONCILED) == [name]
    assert words(one, name) == said


def test_before_the_day_is_over_nothing_is_reconciled() -> None:
    """What matches nothing is told some time after the close."""
    one = certified(as_of=CLOSES)

    assert names(one, Weight.UNRECONCILED) == ["not_over"]


def test_a_session_of_own_orders_is_reconciled_when_all_of_them_are_in_the_copies() -> None:
    """It needs no source beside itself."""
    own = OwnOrders(is_source=True, count=4)

    assert certified(own=own).state is State.RECONCILED
    assert certified(own=msgspec.structs.replace(own, unreported=("A",))).state is State.COMPLETE_NOT_RECONCILED


def test_a_vendors_file_that_agrees_is_shown_and_one_that_does_not_is_red() -> None:
    """With the numbers of both directions."""
    same = Comparison(name="eod.csv", sha256="ab", same=12, not_here=0, not_there=0, unlike=0)
    other = msgspec.structs.replace(same, not_here=1, not_there=2, unlike=3)

    good, bad = certificate(a_day(), same), certificate(a_day(), other)

    assert (missing(good), words(good, "against")) == ([], "eod.csv: all 12 executions agree")
    assert missing(bad) == ["against"]
    assert words(bad, "against") == "eod.csv: 1 execution not here, 2 not in the file, 3 with other contents"


def test_what_is_neither_missing_nor_in_order_is_shown() -> None:
    """Duplicates, conflicts, orphans, orders without a report of their end, and kinds that nothing here knows."""
    events = (
        told(KINDS.DUPLICATE_CONFLICT, 3, "K"),
        told(KINDS.ORPHAN_BUST, 4, "E1"),
        told(KINDS.RECOVERY_STARTED, 5, "S"),
        told(KINDS.RECOVERY_ENDED, 6, "S"),
        msgspec.structs.replace(told(KINDS.SILENT, 7), kind="something_new"),
    )
    orders = Orders(ended=5, synthesised=2, open_day=("O1",), open_longer=("O2", "O3"))

    one = certified(
        told=events, orders=orders, messages=Messages(journalled=100, outcomes={"execution": 98, "duplicate": 2})
    )

    assert missing(one) == []
    assert names(one, Weight.SHOWN) == [
        "recoveries",
        "duplicates",
        "conflicts",
        "orphan_busts",
        "synthesised",
        "open_day",
        "open_longer",
    ]
    assert one.others == {"duplicate_conflict": 1, "orphan_bust": 1, "something_new": 1}


def test_a_certificate_lists_so_many_and_counts_all() -> None:
    """A bad day does not make a statement without end."""
    gaps = tuple(gap(1_000 + n, 2 * n + 2, 2 * n + 2) for n in range(LISTED + 50))
    runs = tuple(run(2 * n + 1, 2 * n + 1, offset=1_000 + n) for n in range(LISTED + 51))

    one = certified(runs=runs, told=gaps)

    assert len(one.gaps) == len(one.countings[0].holes) == LISTED
    assert next(reason.count for reason in one.reasons if reason.name == "gap_open") == LISTED + 50


def test_reasons_that_make_it_red_come_first() -> None:
    """Whoever reads one line reads the gravest."""
    one = certified(told=(gap(10, 5, 7),), runs=(run(1, 4), run(8, 20)), own=OwnOrders(), orders=Orders(synthesised=1))

    assert [reason.weight for reason in one.reasons] == [Weight.MISSING, Weight.UNRECONCILED, Weight.SHOWN]


def test_a_certificate_comes_back_from_its_statement_as_it_was() -> None:
    """Its body is canonical JSON."""
    one = certified(told=(gap(10, 5, 7),), runs=(run(1, 4), run(8, 20)))

    assert msgspec.json.decode(packed(one), type=Certificate) == one


Fault = Callable[[], tuple[dict[str, Any], tuple[Told, ...]]]
REPAIRED = gap(10, 5, 7)
HARMLESS: tuple[Fault, ...] = (
    lambda: ({"own": OwnOrders()}, ()),
    lambda: ({"orders": Orders(synthesised=3, open_day=("O1",))}, ()),
    lambda: ({}, (told(KINDS.SESSION_DOWN, 20), told(KINDS.SESSION_UP, 21))),
    lambda: ({}, (told(KINDS.RECOVERY_STARTED, 22), told(KINDS.RECOVERY_ENDED, 23))),
    lambda: ({}, (told(KINDS.CUMULATIVE_BREAK, 24, "O9"), told(KINDS.CUMULATIVE_MENDED, 25, "O9"))),
    lambda: ({}, (REPAIRED, closed(REPAIRED, 26, arrived_count=3))),
    lambda: ({"refused_seen": (7,)}, (told(KINDS.REJECTED_BY_SESSION, 27, "message 7", refused_sequence=7),)),
)
HARMFUL: tuple[Fault, ...] = (
    lambda: ({"runs": (run(1, 50), run(53, 100))}, (gap(60, 51, 52),)),
    lambda: ({"runs": (run(1, 50), run(53, 100))}, ()),
    lambda: ({"messages": Messages(journalled=100, outcomes={"execution": 97})}, ()),
    lambda: ({"messages": Messages(journalled=100, waiting=1, outcomes={"execution": 99})}, ()),
    lambda: ({"unread": (Unread(offset=3, sequence=3, reason="?", mended=False),)}, ()),
    lambda: ({}, (told(KINDS.REJECTED_BY_SESSION, 30, "message 999", refused_sequence=999),)),
    lambda: ({}, (told(KINDS.CUMULATIVE_BREAK, 31, "O1"),)),
    lambda: ({}, (told(KINDS.RECOVERY_STARTED, 32, "S"),)),
    lambda: ({}, (told(KINDS.SESSION_DOWN, 33),)),
)


@given(st.lists(st.sampled_from(HARMLESS), unique=True), st.lists(st.sampled_from(HARMFUL), unique=True, max_size=3))
def test_a_certificate_is_red_exactly_when_the_day_misses_something(
    harmless: list[Fault], harmful: list[Fault]
) -> None:
    """Whatever else happened on it."""
    named: dict[str, Any] = {}
    events: list[Told] = []
    for fault in (*harmless, *harmful):
        changes, added = fault()
        named |= changes
        events += added

    one = certified(**named, told=tuple(sorted(events, key=lambda event: event.offset)))

    assert (one.state is State.RED) == bool(harmful)
    assert one.trade_date == DAY
    assert one.as_of == EVENING
