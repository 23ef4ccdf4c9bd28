"""A decision as the forms of the queue carry it."""

from __future__ import annotations

from rules.finding import Severity
from service.cases.rules import DEFAULTS
from service.cases.states import Action
from service.web.queue.decision import ACTIONS, FIELDS, MOST_NAMED, Chosen, by_action, chosen, needed, print_of, takes
from tests.factories_cases import a_case, a_finding


def test_a_form_names_exceptions_each_once() -> None:
    """What was seen counts where there is one."""
    assert chosen([("case", "7"), ("case", "7"), ("seen", "3")]) == Chosen(numbers=(7,), seen=3)
    assert chosen([("case", "7"), ("case", "8"), ("seen", "3")]) == Chosen(numbers=(7, 8))


def test_a_form_may_be_about_all_that_match() -> None:
    """With what tells the set from others."""
    asked = chosen([("all", "1"), ("query", "venue=X"), ("print", "ab"), ("case", "7")])

    assert asked == Chosen(query="venue=X", print="ab", over_all=True)


def test_a_form_about_nothing_or_nonsense_is_refused_in_words() -> None:
    """Nothing is guessed."""
    assert chosen([]) == "No exception is selected. Select some with their boxes, or x."
    for wrong in ([("case", "x")], [("case", "7"), ("case", "9" * 19)]):
        assert str(chosen(wrong)).startswith("The form names exceptions that cannot be")
    many = [("case", str(number)) for number in range(MOST_NAMED + 1)]
    assert "Choose all that match instead" in str(chosen(many))


def test_a_set_of_exceptions_has_one_print_in_any_order() -> None:
    """Another set has another."""
    assert print_of([2, 1]) == print_of([1, 2]) != print_of([12])


def test_a_form_shows_the_fields_that_an_action_takes_its_words_last() -> None:
    """And which it does not do without."""
    assert takes(Action.CLOSE) == ("reason", "words")
    assert takes(Action.ACKNOWLEDGE) == ("words",)
    assert needed(Action.SHELVE) == ("until", "words")
    assert needed(Action.ACKNOWLEDGE) == ()
    assert all(set(needed(action)) <= set(takes(action)) <= set(FIELDS) for action in ACTIONS)


def test_a_closing_is_proposed_where_four_eyes_are_needed() -> None:
    """And done where they are not."""
    mild, grave = a_case(case_id=1), a_case(a_finding(severity=Severity.HIGH), case_id=2)

    assert by_action(Action.CLOSE, [mild, grave], DEFAULTS) == {Action.CLOSE: (1,), Action.PROPOSE_CLOSE: (2,)}
    assert by_action(Action.CLOSE, [mild], DEFAULTS) == {Action.CLOSE: (1,)}
    assert by_action(Action.NOTE, [mild, grave], DEFAULTS) == {Action.NOTE: (1, 2)}
