"""What an open page says of what happened since it was loaded."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from service.cases.case import CaseEvent
from service.cases.gathering import add_findings
from service.cases.states import PERSONAL, Action
from service.web.exception.news import news
from tests.factories_cases import NOON, SAM, a_case, a_finding, an_opening
from tests.factories_work import done


def an_event(action: Action, actor: str = "sam", n: int = 2) -> CaseEvent:
    """Return a link of a history at noon."""
    return CaseEvent(case_id=7, n=n, at=NOON, actor=actor, action=action, body=b"{}", previous=b"", hash=b"")


def test_nothing_new_is_not_said() -> None:
    """The page stays as it is."""
    assert news([]) == ""


def test_what_a_person_did_is_said_before_what_the_program_did() -> None:
    """With how much more there is."""
    taken = done(a_case(), Action.ACKNOWLEDGE, SAM)
    grown = add_findings(taken.case, [a_finding(2)], Nanos(NOON + 1))

    assert news([taken.event]) == "sam acknowledged this at 04:53:20"
    assert news([taken.event, grown.event]) == (
        "sam acknowledged this at 04:53:20, and 1 more step since this page was loaded"
    )
    assert news([grown.event, grown.event, taken.event]).endswith(", and 2 more steps since this page was loaded")


def test_what_the_program_did_alone_is_said_of_the_exception() -> None:
    """It has no name that anybody knows."""
    assert news([an_opening().event]) == "It was opened at 04:53:20"


@pytest.mark.parametrize("action", Action)
def test_every_action_has_its_words(action: Action) -> None:
    """None is met by an error."""
    told = news([an_event(action)])

    assert told.startswith("sam ") is (action in PERSONAL)
    assert told.endswith(" at 04:53:20")
