"""What is read from the fields of a form, and what is said of those that cannot be used."""

from __future__ import annotations

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from rules.facts import Nanos
from service.cases.asked import LONGEST, TAKES, Unclear, Wrong, action_of, asked
from service.cases.given import MOST_WORDS, NOTHING, Given
from service.cases.rules import HOUR
from service.cases.states import PERSONAL, Action
from tests.factories_cases import NOON


def test_what_is_written_goes_with_the_action() -> None:
    """Each field under its own name, without the space around it."""
    fields = {"words": " two weeks of it \r\n see the ticket ", "reason": "router_fault", "seen": "4", "bulk": "b1"}

    found = asked(Action.PROPOSE_CLOSE, fields, NOON)

    assert found == Given(words="two weeks of it \n see the ticket", reason="router_fault", seen=4, bulk="b1")


def test_a_time_is_read_as_from_now() -> None:
    """A shelving's end."""
    assert asked(Action.SHELVE, {"until": "2 h", "words": "planned"}, NOON) == Given(
        words="planned", until=Nanos(NOON + 2 * HOUR)
    )


def test_an_empty_field_is_as_if_it_were_not_there() -> None:
    """A browser sends every field of a form."""
    assert asked(Action.ACKNOWLEDGE, {"words": " ", "reason": "", "until": ""}, NOON) == NOTHING


def test_every_field_that_cannot_be_used_is_named_with_why() -> None:
    """All at once."""
    fields = {"until": "soon", "seen": "minus one", "ticket": "V-1", "words": "w" * (MOST_WORDS + 1)}

    found = asked(Action.SHELVE, fields, NOON)

    assert isinstance(found, Unclear)
    assert [one.field for one in found.wrong] == ["until", "seen", "ticket", "words"]
    assert found.wrong[2] == Wrong("ticket", "to shelve takes until, words, seen, bulk, not this")
    assert "words: it has 2,001 characters; at most 2,000 are kept" in found.words
    assert 'until: "soon" is no time; expected a length of time' in found.words


@pytest.mark.parametrize("seen", ["-1", "1.5", "9999999999999", "2147483648", "٣"])
def test_what_is_no_number_of_an_event_is_not_taken_for_one(seen: str) -> None:
    """Nothing is guessed."""
    assert asked(Action.NOTE, {"seen": seen}, NOON) == Unclear(
        (Wrong("seen", f'"{seen}" is no number of an event; expected the last one that was shown'),)
    )


@pytest.mark.parametrize("name", ["p\x00at", "p\nat", "p\ud800at", "n" * (LONGEST + 1)])
def test_a_name_that_the_store_could_not_keep_is_refused(name: str) -> None:
    """Before it comes to the store."""
    found = asked(Action.ASSIGN, {"assignee": name}, NOON)

    assert isinstance(found, Unclear)
    assert found.wrong[0].field == "assignee"


def test_words_may_have_several_lines() -> None:
    """But no other sign that is not written."""
    assert asked(Action.NOTE, {"words": "one\n\ttwo"}, NOON) == Given(words="one\n\ttwo")
    assert isinstance(asked(Action.NOTE, {"words": "one\x07"}, NOON), Unclear)


@pytest.mark.parametrize("action", PERSONAL)
def test_an_action_of_a_person_has_a_name_in_addresses_and_in_json(action: Action) -> None:
    """With a hyphen or as it is kept."""
    assert action_of(action.value) is action
    assert action_of(action.value.replace("_", "-")) is action


@pytest.mark.parametrize("name", ["", "open", "hide", "escalate_overdue", "ACKNOWLEDGE", "close\x00"])
def test_what_the_program_does_is_no_action_of_a_person(name: str) -> None:
    """A page cannot ask for it."""
    assert action_of(name) is None


def test_work_is_given_to_somebody_who_works_on_exceptions_under_the_name_of_the_account() -> None:
    """A name that nobody has would leave the exception with nobody."""
    people = ("Kim Doe", "sam")

    known = asked(Action.ASSIGN, {"assignee": "kim doe"}, NOON, people)
    unknown = asked(Action.ASSIGN, {"assignee": "lee"}, NOON, people)
    empty = asked(Action.ASSIGN, {"assignee": " "}, NOON, people)

    assert known == Given(assignee="Kim Doe")
    assert isinstance(unknown, Unclear)
    assert unknown.words == "assignee: nobody of that name works on exceptions; expected Kim Doe or sam"
    assert empty == NOTHING


@for_any(
    action=st.sampled_from(PERSONAL),
    fields=st.dictionaries(st.sampled_from(("words", "reason", "until", "seen", "bulk", "x")), st.text(max_size=30)),
)
def test_any_text_is_read_or_refused_in_words(action: Action, fields: dict[str, str]) -> None:
    """Nothing that is written raises, and what is taken belongs to the action."""
    found = asked(action, fields, NOON)

    if isinstance(found, Unclear):
        assert found.wrong
        assert found.words
    else:
        there = {name for name, text in fields.items() if text.strip()}
        assert there <= set(TAKES[action])
