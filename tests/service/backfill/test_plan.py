"""Every message of a file finds its session, or the file is refused with the lines that do not."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos
from service.backfill.plan import PROBLEMS_AT_MOST, FileNote, Line, SessionName, Whose
from service.fix.message import Message, split
from service.journal import RecordKind
from tests.factories_messages import execution_report, fix_message

NAME = "FIX.4.4:FIRM->SOR"
BACKUP = "FIX.4.4:FIRM->DR"


def a_session(begin: str = "FIX.4.4", target: str = "SOR", qualifier: str = "") -> SessionName:
    """Return a session of ours."""
    name = f"{begin}:FIRM->{target}{qualifier}"
    return SessionName(name=name, begin_string=begin, sender="FIRM", target=target)


def lines(*bodies: bytes) -> list[Line]:
    """Return the messages of a file."""
    return [Line(number, body) for number, body in enumerate(bodies, start=1)]


def test_a_message_belongs_to_the_session_that_its_companies_name() -> None:
    """49 is the counterparty there, 56 is us."""
    whose = Whose([a_session(), a_session(target="DR")], None)

    plan = whose.plan(lines(execution_report(), execution_report(_49="DR"), execution_report()))

    assert (plan.messages, plan.ours, plan.problems, plan.total) == ({NAME: 2, BACKUP: 1}, 0, [], 3)


def test_what_our_own_side_sent_is_left_out_whatever_session_is_named() -> None:
    """An engine's log holds both directions."""
    heartbeat = fix_message(_35="0", _34=1, _49="FIRM", _56="SOR")
    whose = Whose([a_session()], NAME)

    plan = whose.plan(lines(execution_report(), heartbeat))

    assert (plan.messages, plan.ours) == ({NAME: 1}, 1)
    assert whose.entry(Line(2, heartbeat), "demo", Nanos(5)) is None


def test_what_names_no_session_is_a_problem_with_its_line_unless_one_is_named() -> None:
    """The words say what the message says and what would be right."""
    strange = lines(execution_report(_49="OTHER"))

    (problem,) = Whose([a_session()], None).plan(strange).problems
    named = Whose([a_session()], NAME).plan(strange)

    assert problem.startswith("line 1: SenderCompID (49) 'OTHER' and TargetCompID (56) 'FIRM' name no session")
    assert NAME in problem
    assert named.messages == {NAME: 1}


def test_a_session_that_is_not_ours_cannot_be_named() -> None:
    """With those that can."""
    (problem,) = Whose([a_session()], "FIX.4.4:X->Y").problems

    assert problem == f"--session FIX.4.4:X->Y is not in session.cfg; expected one of {NAME}"


def test_two_sessions_of_the_same_companies_are_told_by_begin_string_or_must_be_named() -> None:
    """A qualifier is on no message."""
    by_version = Whose([a_session(), a_session("FIX.4.2")], None)
    twins = [a_session(qualifier=":A"), a_session(qualifier=":B")]

    (problem,) = Whose(twins, None).plan(lines(execution_report())).problems

    assert by_version.session(Line(1, execution_report("FIX.4.2")))[0] == "FIX.4.2:FIRM->SOR"
    assert problem == f"line 1: it may be of {NAME}:A, {NAME}:B; name one with --session"
    assert Whose(twins, f"{NAME}:B").session(Line(1, execution_report()))[0] == f"{NAME}:B"


def test_a_line_that_nobody_can_read_goes_to_the_only_session() -> None:
    """It is undecodable there, and counted; with two sessions it must be said."""
    broken = Line(7, b"8=FIX.4.4\x0135=8\x01broken")

    assert Whose([a_session()], None).session(broken) == (NAME, "")
    assert Whose([a_session(), a_session(target="DR")], None).session(broken)[0] is None


def test_a_record_is_back_filled_masked_and_without_an_epoch() -> None:
    """Secrets are never kept."""
    body = fix_message(_35="A", _34=1, _49="SOR", _56="FIRM", _554="secret")

    entry = Whose([a_session()], None).entry(Line(1, body), "demo", Nanos(5))

    assert entry is not None
    assert (entry.kind, entry.session, entry.epoch, entry.received_at) == (RecordKind.BACKFILL, NAME, "", 5)
    read = split(entry.body)
    assert isinstance(read, Message)
    assert read.fields["554"] == "******"


@pytest.mark.parametrize(("count", "last"), [(PROBLEMS_AT_MOST, "line 20"), (PROBLEMS_AT_MOST + 3, "and 3 more")])
def test_a_bad_file_lists_its_first_problems_and_counts_the_rest(count: int, last: str) -> None:
    """Nobody reads a million lines."""
    plan = Whose([a_session()], None).plan(lines(*[execution_report(_49="OTHER")] * count))

    assert plan.first_problems[-1].startswith(last)


def test_the_note_says_which_file_who_and_why() -> None:
    """It stands before the messages, and holds nothing of them."""
    note = FileNote(file="a.log", sha256="ab", size=9, form="FIX log", messages=2, actor="pat", reason="a gap")

    entry = note.entry("demo", Nanos(5))

    assert (entry.kind, entry.counterparty, entry.session) == (RecordKind.FILE, "demo", "")
    assert msgspec.json.decode(entry.body, type=FileNote) == note
