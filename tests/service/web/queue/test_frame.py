"""What stands around the rows."""

from __future__ import annotations

from collections import Counter

from rules.finding import Severity
from service.cases.rules import MINUTE
from service.cases.states import State
from service.cases.tally import Tally, group_of
from service.cases.wanted import NOBODY, STATES, Order, Wanted, wanted
from service.web.queue.frame import around
from tests.factories_cases import a_case, a_finding
from tests.factories_work import in_state

TALLY = Tally(
    Counter(
        map(
            group_of,
            [a_case(a_finding(severity=Severity.HIGH)), a_case(), in_state(State.ACKNOWLEDGED)],
        )
    )
)
TITLES = {"slow_fill": "Slow fill"}


def test_the_tabs_count_what_stands_where_and_keep_the_other_filters() -> None:
    """Nobody counts the closed ones."""
    told = around(Wanted(venues=("XTST",)), TALLY, lambda rule: TITLES[rule])

    assert [(tab.words, tab.count) for tab in told.tabs] == [
        ("To look at", "2"),
        ("In hand", "1"),
        ("Closing proposed", "0"),
        ("Shelved", "0"),
        ("All open", "3"),
        ("Closed", ""),
    ]
    assert [tab.here for tab in told.tabs] == [True, *[False] * 5]
    assert wanted(told.tabs[1].query) == Wanted(venues=("XTST",), states=STATES["in_hand"])
    assert (told.waiting, told.is_filtered) == (2, True)


def test_each_filter_is_a_chip_but_for_the_states() -> None:
    """They are the tabs."""
    told = around(Wanted(assignee=NOBODY, states=STATES["open"], text="x"), TALLY, str)

    assert [chip.words for chip in told.chips] == ["with “x”", "nobody has them"]
    assert not around(Wanted(states=STATES["open"]), TALLY, str).chips


def test_the_marks_of_severity_add_and_take_away() -> None:
    """Each with how many of what is shown have it."""
    told = around(Wanted(severities=(Severity.HIGH,)), TALLY, str)

    assert [(name, count, here) for name, count, _, here in told.severities] == [
        ("critical", 0, False),
        ("high", 1, True),
        ("medium", 1, False),
        ("low", 0, False),
    ]
    assert wanted(told.severities[0][2]) == Wanted(severities=(Severity.CRITICAL, Severity.HIGH))
    assert wanted(told.severities[1][2]) == Wanted()


def test_the_form_offers_what_is_there_and_keeps_what_it_has_no_field_for() -> None:
    """A value that is not there any more stays chosen; so do a second one, and a length that is not on offer."""
    asked = Wanted(
        venues=("XOLD", "XTST"),
        rules=("slow_fill",),
        assignee="kim",
        due_within=7 * MINUTE,
        severities=(Severity.HIGH,),
        day="2026-11-20",
        order=Order.AGE,
    )

    told = around(asked, TALLY, lambda rule: TITLES.get(rule, rule))

    by_name = {choice.name: choice for choice in told.choices}
    assert by_name["venue"].options == (("XTST", "XTST"), ("XOLD", "XOLD"))
    assert (by_name["venue"].chosen, by_name["venue"].more) == ("XOLD", ("XTST",))
    assert by_name["rule"].options == (("slow_fill", "Slow fill"),)
    assert [value for value, _ in by_name["assignee"].options] == ["me", "nobody", "pat", "kim"]
    assert by_name["sla"].chosen == "7 min"
    assert around(Wanted(overdue=True), TALLY, str).choices[7].chosen == "overdue"
    assert dict(told.hidden) == {"severity": "high", "day": "2026-11-20", "order": "age"}


def test_the_heads_say_by_what_the_list_is_sorted() -> None:
    """And lead to the other orders."""
    told = around(Wanted(order=Order.HARM), TALLY, str)

    assert [name for name, _, _, here in told.orders if here] == ["harm"]
    assert wanted(told.orders[3][2]) == Wanted(order=Order.DUE)
