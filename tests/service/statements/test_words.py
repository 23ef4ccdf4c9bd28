"""Certificates as text for a terminal."""

from __future__ import annotations

from rules.facts import FeedEventKind
from service.statements.against import Comparison, Difference
from service.statements.completeness import certificate
from service.statements.day import Messages, OwnOrders
from service.statements.numbers import Declared, SegmentRun
from service.statements.words import certificate_lines
from tests.factories_statements import a_day, certified, gap, run, told


def test_a_bad_day_is_told_from_the_state_down_to_the_numbers() -> None:
    """The state first, in capitals; what makes it so is marked."""
    reset = told(FeedEventKind.EPOCH_CHANGED, 90, epoch="e2", lost="9-9")
    day = a_day(
        runs=(run(1, 4), run(8, 8, offset=20), run(10, 10, offset=21), run(1, 2, offset=91, epoch="e2")),
        declared=(Declared(offset=11, first=5, last=7),),
        told=(gap(21, 9, 9), reset),
        own=OwnOrders(),
        messages=Messages(journalled=8, backfilled=1, outcomes={"execution": 8}),
    )
    file = Comparison(
        name="eod.csv",
        sha256="ab",
        same=1,
        not_here=1,
        not_there=0,
        unlike=0,
        listed=(Difference(exec_id="E9", kind="not_here", words="line 2: buy 1 X at 1 is not here"),),
    )

    assert list(certificate_lines(certificate(day, file))) == [
        "2026-11-20 demo FIX.4.4:FIRM->SOR: NOT COMPLETE",
        "  ! 9 messages in the journal, but outcomes of 8: 1 unaccounted for",
        "  ! 1 number never came (lost with a reset): 9",
        "  ! eod.csv: 1 execution not here, 0 not in the file, 0 with other contents",
        "  ? no source of our own orders is in force for demo",
        "    the numbers began anew 1 time",
        "    1 message came from a file",
        "    journal 8 received + 1 from a file ≠ 9 processed ≠ 8 outcomes",
        "    execution 8",
        "    numbers of epoch e1: 1-4, 8, 10; declared empty 5-7",
        "    numbers of epoch e2: 1-2",
        "    gap 9-9: lost with a reset, missing 9",
        "    reset at 2026-11-20T14:31:30.000000000Z: the engine's store began anew; lost 9-9",
        "    E9: line 2: buy 1 X at 1 is not here",
    ]


def test_segments_are_lines_of_their_own() -> None:
    """With what did not come."""
    runs = tuple(SegmentRun(offset=n, epoch="e1", segment="A", first=n, last=n) for n in (1, 3))
    bare = SegmentRun(offset=9, epoch="e1", segment="", first=1, last=2)

    lines = list(certificate_lines(certified(segment_runs=(*runs, bare))))

    assert lines[-2:] == ["    numbers of segment –: 1-2", "    numbers of segment A: 1, 3; not received 2"]


def test_a_good_day_is_short() -> None:
    """No line for what did not happen."""
    assert list(certificate_lines(certified())) == [
        "2026-11-20 demo FIX.4.4:FIRM->SOR: SESSION COMPLETE AND RECONCILED WITH OUR OWN ORDERS",
        "    journal 100 received = 100 processed = 100 outcomes",
        "    execution 100",
        "    numbers of epoch e1: 1-100",
    ]


def test_a_reset_of_which_nothing_came_and_nothing_was_lost_is_told_too() -> None:
    """And a day without a message has no outcomes to name."""
    reset = told(FeedEventKind.EPOCH_CHANGED, 90, epoch="e2")

    one = certified(runs=(), told=(reset, gap(10, 5, 6)), scoped=False, mended=((5, 6),))

    assert list(certificate_lines(one))[-4:] == [
        "    numbers of epoch –: none",
        "    numbers of epoch –: none",
        "    gap 5-6: lost with a reset, missing 5-6",
        "    reset at 2026-11-20T14:31:30.000000000Z: the engine's store began anew",
    ]
