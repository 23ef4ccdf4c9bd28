"""Faults: read from text, on at their time, and every one of them seen in the truth and in the messages."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rules.facts import SECOND
from service.simulator.events import DropCopy, Event, Gap, Silence
from service.simulator.faults import CYCLE, ROGUE, Fault, FaultName, Plan, demo_faults, fault, parse
from service.simulator.messages import SOH
from service.simulator.truth import Truth
from tests.factories_simulator import START, a_run, copies, fields_of


def the_truth(events: Iterable[Event], name: FaultName, event: str = "hit") -> list[Truth]:
    """Return the truth's lines about one fault."""
    return [line for line in events if isinstance(line, Truth) and line.fault == name and line.event == event]


def by_exec_id(events: Iterable[Event]) -> dict[str, dict[str, str]]:
    """Return the fields of every report by its ExecID."""
    return {tags["17"]: tags for _, tags in copies(events)}


@pytest.mark.parametrize("name", list(FaultName))
def test_every_fault_begins_and_ends_in_the_truth(name: FaultName) -> None:
    """The truth frames each fault with its begin and its end."""
    events = a_run(faults=(fault(name, 2, 3),))

    assert [line.at for line in the_truth(events, name, "begin")] == [START + 2 * SECOND]
    assert [line.at for line in the_truth(events, name, "end")] == [START + 5 * SECOND]


def test_without_faults_there_is_no_truth_to_tell() -> None:
    """A clean run says nothing of faults, uses no rogue venue and loses nothing."""
    events = a_run(seconds=30)

    assert not [event for event in events if isinstance(event, (Truth, Gap, Silence))]
    assert ROGUE not in {tags.get("30") for _, tags in copies(events)}


def test_a_slow_venue_answers_seconds_late() -> None:
    """Each admitted child is answered at least a second and a half after it came in."""
    events = a_run(seconds=20, faults=(fault(FaultName.SLOW_VENUE, 2, 8, "EDGX"),))

    late = {line.cl_ord_id for line in the_truth(events, FaultName.SLOW_VENUE)}
    answers = [(copy, tags) for copy, tags in copies(events) if tags["11"] in late and tags["150"] in {"F", "4"}]

    assert len(late) > 10
    assert len(answers) >= len(late)
    arrivals = {tags["11"]: copy.at for copy, tags in copies(events) if tags["150"] == "0"}
    assert all(copy.at - arrivals[tags["11"]] > 1.4 * SECOND for copy, tags in answers)
    assert {tags["30"] for _, tags in answers} == {"EDGX"}


def test_a_rogue_venue_executes_where_nobody_approved_it() -> None:
    """The admitted executions, and only they, are at the rogue venue."""
    events = a_run(faults=(fault(FaultName.ROGUE_VENUE, 1, 5),))

    admitted = {line.exec_id for line in the_truth(events, FaultName.ROGUE_VENUE)}
    children = [tags for _, tags in copies(events) if tags["150"] == "F" and "526" in tags]

    assert admitted
    assert {tags["17"] for tags in children if tags["30"] == ROGUE} == admitted


def test_a_collapsed_venue_fills_hardly_anything() -> None:
    """Immediate orders at the venue end unfilled, the others go on as before."""
    events = a_run(seconds=20, faults=(fault(FaultName.FILL_RATE_COLLAPSE, 0, 20, "BATS"),))

    ends = [tags for _, tags in copies(events) if "526" in tags and tags["59"] == "3" and tags["39"] in {"2", "4"}]
    at_venue = [int(tags["14"]) > 0 for tags in ends if tags["30"] == "BATS"]
    elsewhere = [int(tags["14"]) > 0 for tags in ends if tags["30"] != "BATS"]

    assert len(at_venue) > 30
    assert sum(at_venue) / len(at_venue) < 0.2
    assert sum(elsewhere) / len(elsewhere) > 0.7


def test_executions_outside_the_nbbo_are_admitted_one_by_one() -> None:
    """The admitted executions are dearer than the rest of their order's price would allow: beyond the touch."""
    clean = by_exec_id(a_run())
    events = a_run(faults=(fault(FaultName.OUTSIDE_NBBO, 1, 8),))

    admitted = [line.exec_id for line in the_truth(events, FaultName.OUTSIDE_NBBO)]

    assert len(admitted) > 20
    assert all(exec_id in by_exec_id(events) for exec_id in admitted)
    assert clean != by_exec_id(events)


def test_a_silent_feed_says_nothing_and_then_everything() -> None:
    """No report is told during the silence, and none is missing after it."""
    events = a_run(seconds=12, faults=(fault(FaultName.SILENT_FEED, 2, 4),))

    begin, end = START + 2 * SECOND, START + 6 * SECOND

    assert [event for event in events if isinstance(event, Silence)] == [Silence(begin, end)]
    assert not [event for event in events if isinstance(event, DropCopy) and begin <= event.at < end]
    assert set(by_exec_id(a_run(seconds=11))) <= set(by_exec_id(events))


def test_a_sequence_gap_loses_numbers() -> None:
    """One gap a second, each admitted."""
    events = a_run(faults=(fault(FaultName.SEQUENCE_GAP, 3, 2),))

    assert [event.count for event in events if isinstance(event, Gap)] == [3, 3]
    assert len(the_truth(events, FaultName.SEQUENCE_GAP)) == 2


def test_duplicates_repeat_a_report_to_the_letter() -> None:
    """Each admitted duplicate has the body of an earlier report; marked and unmarked ones take turns."""
    events = a_run(faults=(fault(FaultName.DUPLICATES, 4, 1),))

    bodies = [event.body for event in events if isinstance(event, DropCopy)]
    admitted = the_truth(events, FaultName.DUPLICATES)

    assert len(bodies) - len(set(bodies)) == len(admitted) == 4
    assert [line.detail for line in admitted] == ["marked 97=Y", "unmarked"] * 2
    assert sum(event.resend for event in events if isinstance(event, DropCopy)) == 2


def test_a_late_bust_names_an_old_execution() -> None:
    """The bust refers to the execution that the truth names, and its parent's roll-up goes with it."""
    events = a_run(seconds=20, faults=(fault(FaultName.LATE_BUST, 15),))

    (line,) = the_truth(events, FaultName.LATE_BUST)
    busts = [tags for _, tags in copies(events) if tags["150"] == "H"]

    assert line.exec_id in {tags["19"] for tags in busts}
    assert line.detail is not None
    assert line.at - int(line.detail.split()[-1]) > 10 * SECOND


def test_an_unreadable_message_is_admitted_with_its_defect() -> None:
    """Each way of being unreadable is used in turn."""
    events = a_run(faults=(fault(FaultName.UNDECODABLE_MESSAGE, 2, 4),))

    admitted = the_truth(events, FaultName.UNDECODABLE_MESSAGE)
    found = by_exec_id(events)

    assert len({line.detail for line in admitted}) == 4
    kinds = [found[line.exec_id or ""] for line in admitted]
    assert kinds[0]["150"] == "Z"
    assert "31" not in kinds[1]
    assert kinds[2]["20"] == "1"
    assert "19" not in kinds[2]
    assert kinds[3]["32"] == "100.0000001"


def test_a_skewed_clock_executes_before_the_order_came_in() -> None:
    """The executions of immediate orders carry a time before the order's own receipt, and the truth says so."""
    events = a_run(faults=(fault(FaultName.CLOCK_SKEW, 2, 6, "ARCX"),))

    seen = {line.exec_id: line.detail for line in the_truth(events, FaultName.CLOCK_SKEW)}
    bodies = [event.body for event in events if isinstance(event, DropCopy)]
    skewed = [body for body in bodies if fields_of(body)["17"] in seen]

    assert skewed
    for body in skewed:
        stamps = [part[4:] for part in body.split(SOH) if part.startswith("769=")]
        assert (stamps[0] < stamps[1]) == (seen[fields_of(body)["17"]] == "before its receipt")
        assert stamps[0] < stamps[1] or fields_of(body)["59"] != "3"


def test_instant_faults_wait_until_there_is_something_to_spoil() -> None:
    """At the very start there is no execution to bust and no report to garble, so nothing is admitted."""
    faults = (fault(FaultName.LATE_BUST, 0, 0.001), fault(FaultName.UNDECODABLE_MESSAGE, 0, 0.001))

    events = a_run(seconds=2, faults=faults)

    assert not [line for line in events if isinstance(line, Truth) and line.event == "hit"]


def test_a_fault_is_read_from_text() -> None:
    """Name, begin, length and venue; the length is a second and the venue the usual one when they are not given."""
    assert parse("slow_venue@20+30:XNYS") == Fault(
        name=FaultName.SLOW_VENUE, at=20 * SECOND, length=30 * SECOND, subject="XNYS"
    )
    assert parse("rogue_venue@1.5") == Fault(
        name=FaultName.ROGUE_VENUE, at=3 * SECOND // 2, length=SECOND, subject=ROGUE
    )
    assert parse("silent_feed@5+1") == fault(FaultName.SILENT_FEED, 5, 1, "feed")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fire@1", "unknown fault 'fire'; expected one of slow_venue"),
        ("late_bust@soon", "expected for example late_bust@20+30"),
        ("late_bust", "expected for example late_bust@20+30"),
        ("late_bust@-1", "out of range"),
        ("late_bust@1+0.0", "out of range"),
        ("late_bust@1+inf", "out of range"),
        ("late_bust@nan", "out of range"),
    ],
)
def test_a_fault_that_cannot_be_read_is_refused_in_words(text: str, words: str) -> None:
    """The refusal says what was expected."""
    assert words in str(parse(text))


def test_two_faults_of_one_name_strike_two_venues() -> None:
    """Both are on, each for its own subject, and neither for a third."""
    plan = Plan([fault(FaultName.SLOW_VENUE, 1, 5, "XNYS"), fault(FaultName.SLOW_VENUE, 2, 5, "BATS")], START)

    struck = [mic for mic in ("XNYS", "BATS", "XNAS") if plan.strikes(FaultName.SLOW_VENUE, START + 3 * SECOND, mic)]

    assert struck == ["XNYS", "BATS"]


def test_a_fault_that_is_long_past_is_forgotten() -> None:
    """A long programme costs no more in its tenth hour than in its first."""
    plan = Plan([fault(FaultName.OUTSIDE_NBBO, n * 100, 10) for n in range(5)], START)

    on = [plan.active(FaultName.OUTSIDE_NBBO, START + at * SECOND) is not None for at in (5, 15, 105, 405, 415, 900)]

    assert on == [True, False, True, True, False, False]


def test_the_demo_shows_the_three_great_faults_in_two_minutes() -> None:
    """Rogue venue, slow venue and fill-rate collapse begin and end within 120 seconds; ten faults within a cycle."""
    programme = demo_faults(CYCLE)

    early = {one.name for one in programme if one.end <= 120 * SECOND}

    assert {FaultName.ROGUE_VENUE, FaultName.SLOW_VENUE, FaultName.FILL_RATE_COLLAPSE} <= early
    assert len({one.name for one in programme}) == 10
    assert programme[0].at <= 2 * SECOND


def test_the_demos_programme_begins_again() -> None:
    """Whoever looks later sees it too."""
    assert len(demo_faults(3 * CYCLE)) == 3 * len(demo_faults(CYCLE))
    assert demo_faults(0) == ()
