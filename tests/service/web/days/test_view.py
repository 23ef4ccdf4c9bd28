"""Days as the pages show them: words, marks, and lists of bounded length."""

from __future__ import annotations

from rules.facts import FeedEventKind
from service.statements.against import Comparison, Difference
from service.statements.chain import GENESIS, Kind, Statement, linked, packed, signature
from service.statements.completeness import Certificate, certificate
from service.statements.day import Orders, OwnOrders, Unread
from service.statements.numbers import SegmentRun
from service.web.days.view import SHOWN, certificate_page, day_line, day_name, session_state, step
from tests.factories_statements import DAY, EVENING, WHOSE, a_day, a_draft, certified, gap, run, told

KEY = (WHOSE.counterparty, WHOSE.session)


def a_statement(one: Certificate) -> Statement:
    """Return a certificate as it is stored."""
    return linked(a_draft(state=one.state.value, body=packed(one)), 1, GENESIS)


def test_a_session_has_words_and_a_sign_of_its_own_for_every_state() -> None:
    """Colour alone says nothing."""
    told_of = [session_state("demo", "S", state) for state in ("red", "complete_not_reconciled", "reconciled", None)]

    assert [one.mark for one in told_of] == ["critical", "medium", "low", "high"]
    assert told_of[3].words == "no certificate yet"


def test_a_day_of_the_list_names_its_sessions_and_who_signed_its_close() -> None:
    """A signature under something else is not one under the close."""
    close = linked(a_draft(kind=Kind.CLOSE_OF_DAY), 2, GENESIS)
    signed = linked(signature(close, "pat", "", EVENING), 3, close.hash)
    other = linked(signature(linked(a_draft(kind=Kind.READINESS), 2, GENESIS), "sam", "", EVENING), 3, GENESIS)

    line = day_line(DAY, {KEY: a_statement(certified())}, [signed, other])

    assert (line.name, line.signed) == ("Friday, November 20, 2026", "by pat")
    assert [session.words for session in line.sessions] == ["session complete and reconciled with our own orders"]
    assert day_line(DAY, {}, [other]).signed == "not signed"
    assert day_name("2026-01-05") == "Monday, January 5, 2026"


def test_a_certificate_is_shown_with_all_that_is_behind_it() -> None:
    """Sum, numbers, gaps, resets, lists and the file."""
    reset = told(FeedEventKind.EPOCH_CHANGED, 90, epoch="e2", lost="9-9")
    day = a_day(
        runs=(run(1, 8), run(10, 10, offset=21), run(1, 2, offset=91, epoch="e2")),
        told=(gap(21, 9, 9), reset, told(FeedEventKind.CUMULATIVE_BREAK, 30, "O9")),
        unread=(Unread(offset=4, sequence=4, reason="?", mended=False),),
        orders=Orders(open_day=("O1",), open_longer=tuple(f"G{n}" for n in range(SHOWN + 1))),
        own=OwnOrders(sources=("oms",), count=1, unreported=("A",), unanswered=("B",), unknown=("C",)),
    )
    file = Comparison(
        name="eod.csv",
        sha256="ab",
        same=0,
        not_here=1,
        not_there=0,
        unlike=0,
        listed=(Difference(exec_id="E9", kind="not_here", words="is not here"),),
    )

    page = certificate_page(a_statement(certificate(day, file)))

    assert page.state.words == "not complete"
    assert page.sum == (("received", "11"), ("from a file", "0"), ("processed", "11"), ("outcomes", "11"))
    assert page.holds
    assert [(counted.epoch, counted.received, counted.holes) for counted in page.countings] == [
        ("e1", "1-8, 10", "9"),
        ("e2", "1-2", ""),
    ]
    assert [(gap_row.numbers, gap_row.how, gap_row.missing) for gap_row in page.gaps] == [
        ("9-9", "lost with a reset", "9")
    ]
    assert [words for _, words in page.resets] == ["the engine's store began anew; lost 9-9"]
    assert [name for name, _ in page.lists] == [
        "could not be read",
        "cumulative breaks",
        "own orders not in the copy",
        "own orders never answered",
        "orders in the copy not ours",
        "open for several days",
        "for the day, without an end",
    ]
    assert dict(page.lists)["open for several days"].endswith(", G19 …")
    assert page.against == ("E9: is not here",)


def test_a_day_of_many_gaps_says_how_many_more_there_are() -> None:
    """And a reset that lost nothing says nothing of a loss."""
    gaps = tuple(gap(1_000 + n, 2 * n + 2, 2 * n + 2) for n in range(SHOWN + 5))
    runs = tuple(run(2 * n + 1, 2 * n + 1, offset=1_000 + n) for n in range(SHOWN + 6))
    reset = told(FeedEventKind.EPOCH_CHANGED, 9_000, epoch="e2", reason="a Logon")

    page = certificate_page(a_statement(certified(runs=runs, told=(*gaps, reset))))

    assert (len(page.gaps), page.more_gaps) == (SHOWN, 5)
    assert page.countings[0].holes.endswith(" …")
    assert [words for _, words in page.resets] == ["a Logon"]


def test_segments_are_lines_of_their_own() -> None:
    """Bounded like everything else, with how many more there are."""
    runs = tuple(
        SegmentRun(offset=n, epoch="", segment="" if n == 0 else f"S{n:02}", first=2 * n + 1, last=2 * n + 2)
        for n in range(SHOWN + 3)
    )
    late = SegmentRun(offset=90, epoch="", segment="S01", first=9, last=9)

    page = certificate_page(a_statement(certified(segment_runs=(*runs, late))))

    assert [(one.name, one.epoch, one.received, one.holes) for one in page.segments[:2]] == [
        ("–", "–", "1-2", ""),
        ("S01", "–", "3-4, 9", "5-8"),
    ]
    assert (len(page.segments), page.more_segments) == (SHOWN, 3)


def test_every_statement_of_a_day_is_a_line() -> None:
    """Who, what, and what was signed."""
    certificate_ = a_statement(certified())
    close = linked(a_draft(kind=Kind.CLOSE_OF_DAY, state="with_reservations", actor="pat"), 2, certificate_.hash)
    signed = linked(signature(close, "pat", "known", EVENING), 3, close.hash)
    silent = linked(signature(close, "pat", "", EVENING), 4, signed.hash)

    lines = [step(one) for one in (certificate_, close, signed, silent)]

    assert [(line.seq, line.actor, line.kind) for line in lines] == [
        (1, "sorwatch", "completeness"),
        (2, "pat", "close of day"),
        (3, "pat", "signature"),
        (4, "pat", "signature"),
    ]
    assert lines[0].what == f"demo {WHOSE.session}: session complete and reconciled with our own orders"
    assert lines[1].what == "with reservations"
    assert lines[2].what == f"close of day 2, {close.hash.hex()[:12]}: known"
    assert lines[3].what == f"close of day 2, {close.hash.hex()[:12]}"
