"""What somebody wants to see: read from an address, written back to it, and said in words."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND
from rules.finding import Severity
from service.cases.rules import HOUR, MINUTE
from service.cases.states import WAITING, State
from service.cases.wanted import (
    FILTERS,
    LARGEST,
    LAST,
    LONGEST,
    ME,
    NOBODY,
    PLACES,
    STATES,
    Order,
    Wanted,
    Wrong,
    place_of,
    spelled,
    wanted,
    written,
)
from service.cases.wanted_words import in_words, parts, without
from tests.factories_cases import NOON, a_case, a_finding

_values = st.text(min_size=1, max_size=12).map(str.strip).filter(lambda text: text and text.isprintable())
_lists = st.lists(_values, max_size=3, unique=True).map(tuple)
_lengths = st.none() | st.integers(1, LONGEST)
_numbers = st.none() | st.integers(0, 10**17)


@st.composite
def anything_wanted(draw: st.DrawFn) -> Wanted:
    """Draw any question that can be asked."""
    order = draw(st.sampled_from(Order))
    place = st.tuples(*(st.integers(-LARGEST, LARGEST) for _ in PLACES[order]))
    states = draw(st.sets(st.sampled_from(State), min_size=1))
    severities = draw(st.lists(st.sampled_from(Severity), unique=True))
    names = ("rules", "venues", "symbols", "desks", "accounts", "counterparties")
    lists: dict[str, Any] = {name: draw(_lists) for name in names}
    over: dict[str, Any] = draw(st.sampled_from([{}, {"overdue": True}, {"due_within": 30 * MINUTE}]))
    return Wanted(
        states=tuple(state for state in State if state in states),
        severities=tuple(severities),
        **lists,
        assignee=draw(st.none() | st.sampled_from([ME, NOBODY]) | _values),
        older=draw(_lengths),
        younger=draw(_lengths),
        incident=draw(_numbers),
        shelving=draw(_numbers),
        day=draw(st.none() | st.dates().map(lambda day: day.isoformat())),
        text=draw(st.just("") | _values),
        order=order,
        after=draw(st.none() | place),
        **over,
    )


@given(anything_wanted())
def test_what_is_written_into_an_address_is_read_out_of_it_again(asked: Wanted) -> None:
    """A saved view, a link and a next page ask for the same as the page that they stand on."""
    assert wanted(written(asked)) == asked


@given(anything_wanted())
def test_every_filter_can_be_said_and_taken_away(asked: Wanted) -> None:
    """Each chip leads to the same without it; without any of them everything is asked for."""
    chips = parts(asked)
    for chip in chips:
        asked_less = wanted(chip.without)
        assert isinstance(asked_less, Wanted)
        assert [one.field for one in parts(asked_less)] == [one.field for one in chips if one.field != chip.field]
    bare = asked
    for chip in chips:
        bare = without(bare, chip.field)
    assert msgspec.structs.replace(bare, order=Order.GRAVITY, after=None) == Wanted()
    assert in_words(asked)


@given(st.text(max_size=60))
def test_any_query_means_something_or_is_refused_in_words(text: str) -> None:
    """And what means something can be written and read again."""
    found = wanted(text)

    assert found.problems if isinstance(found, Wrong) else wanted(written(found)) == found


@given(st.lists(st.tuples(st.sampled_from(FILTERS), st.text(max_size=12)), max_size=4))
def test_any_value_of_a_filter_means_something_or_is_refused(pairs: list[tuple[str, str]]) -> None:
    """Nothing raises."""
    found = wanted("&".join(f"{name}={value}" for name, value in pairs))

    assert isinstance(found, Wanted) or all(found.problems)


def test_without_a_filter_what_waits_is_wanted_the_gravest_first() -> None:
    """Blank fields of a form ask for nothing."""
    assert wanted("") == wanted("severity=&text=&assignee=+") == Wanted()
    assert written(Wanted()) == ""
    assert Wanted().states == WAITING
    assert in_words(Wanted()) == "all"


def test_a_question_is_said_as_a_supervisor_would() -> None:
    """In one sentence, rules by their titles."""
    asked = Wanted(
        severities=(Severity.HIGH, Severity.CRITICAL),
        rules=("slow_fill",),
        venues=("XTOX", "XBOS"),
        assignee=NOBODY,
        states=STATES["open"],
        older=2 * HOUR,
        overdue=True,
    )

    assert in_words(asked, {"slow_fill": "slow fills"}.__getitem__) == (
        "high and critical of slow fills at venue XTOX or XBOS older than 2 h, open, nobody has them, overdue"
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Wanted(assignee=ME), "all, mine"),
        (Wanted(assignee="sam", states=(State.CLOSED,)), "all, closed, sam has them"),
        (Wanted(states=(State.NEW, State.CLOSED)), "all, new or closed"),
        (Wanted(due_within=30 * MINUTE, younger=HOUR), "all younger than 1 h, due within 30 min"),
        (Wanted(incident=3, shelving=2, day="2026-11-20"), "all of incident 3 hidden by shelving 2 of 2026-11-20"),
        (Wanted(text="SOR-1", accounts=("A1",), desks=("D",), counterparties=("alpha",), symbols=("ACME",)),
         "all in ACME of desk D of account A1 from alpha with “SOR-1”"),
    ],
)  # fmt: skip
def test_every_filter_has_words(asked: Wanted, words: str) -> None:
    """One after the other."""
    assert in_words(asked) == words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour=red", "colour is no filter; there are severity, state"),
        ("severity=grave", "severity grave is not there; there are low, medium, high, critical"),
        ("state=lost", "state lost is not there; there are new, acknowledged"),
        ("order=luck", "order luck is not there"),
        ("older=2", 'older "2" is no length of time'),
        ("younger=0+s", 'younger "0 s" is no length of time'),
        ("sla=soon", 'sla "soon" is no length of time'),
        ("incident=x", "incident x is no number"),
        ("day=yesterday", "day yesterday is no trade date"),
        ("after=1", "after 1 is no place in a list"),
        ("after=1.2", "after: this is no place in the order by gravity"),
        ("text=a&text=b", "text is given 2 times; once is enough"),
        (f"text={'a' * 201}", "text may have 20 values at most, each of 200 characters"),
        ("text=a%00b", "text may have 20 values at most, each of 200 characters that can be printed"),
        ("&".join(f"venue=V{n}" for n in range(21)), "venue may have 20 values at most"),
    ],
)
def test_what_means_nothing_is_refused_in_words(query: str, words: str) -> None:
    """With what there is instead."""
    found = wanted(query)

    assert isinstance(found, Wrong)
    assert len(found.problems) == 1
    assert found.problems[0].startswith(words)


def test_every_problem_is_told_at_once() -> None:
    """Nobody corrects an address five times."""
    found = wanted("severity=grave&older=2&colour=red")

    assert isinstance(found, Wrong)
    assert len(found.problems) == 3


def test_a_place_that_no_store_can_hold_is_the_farthest_that_it_can() -> None:
    """A cursor that somebody made up is no error of the program."""
    found = wanted("order=age&after=9999999999999999999.-9999999999999999999")

    assert isinstance(found, Wanted)
    assert found.after == (LARGEST, -LARGEST)


def test_lengths_are_spelled_in_the_unit_in_which_they_are_whole() -> None:
    """They are read again to the nanosecond."""
    assert [spelled(n) for n in (2 * HOUR, 90 * MINUTE, 45 * SECOND, 1)] == ["2 h", "90 min", "45 s", "1 ns"]


def test_the_place_of_an_exception_goes_by_the_order() -> None:
    """What has no clock or no harm comes last."""
    case = a_case(a_finding(severity=Severity.HIGH))

    assert place_of(case, Order.GRAVITY, None) == (2, case.last_at, 7)
    assert place_of(case, Order.HARM, None) == (-LAST, 7)
    assert place_of(msgspec.structs.replace(case, dollar_harm=5), Order.HARM, None) == (5, 7)
    assert place_of(case, Order.AGE, None) == (NOON, 7)
    assert place_of(case, Order.NEWEST, None) == (case.last_at, 7)
    assert (place_of(case, Order.DUE, None), place_of(case, Order.DUE, 9)) == ((LAST, 7), (9, 7))
    assert [order for order in Order if not order.falls] == [Order.AGE, Order.DUE]


def test_states_that_have_a_name_together_are_written_by_it() -> None:
    """Addresses stay short."""
    assert parse_qsl(written(Wanted(states=STATES["open"]))) == [("state", "open")]
    assert parse_qsl(written(Wanted(states=(State.NEW, State.CLOSED)))) == [("state", "new"), ("state", "closed")]
