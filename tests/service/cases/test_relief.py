"""Which events end which conditions: as the cards say."""

from __future__ import annotations

from rules.cards import catalogue
from rules.facts import FeedEventKind
from service.cases.relief import relieved_by, relieving


def test_what_ends_a_condition_is_what_the_cards_say() -> None:
    """Both ways round."""
    assert relieving()[FeedEventKind.SESSION_UP] == ("session_down",)
    assert set(relieved_by("sequence_gap")) == {FeedEventKind.GAP_CLOSED, FeedEventKind.NUMBERS_WENT_ON}
    assert {name for rules in relieving().values() for name in rules} == {
        name for name, rule in catalogue().items() if rule.card.relieved_by
    }


def test_most_conditions_end_with_no_event() -> None:
    """Nor does one of a rule that is not known here."""
    assert relieved_by("slow_fill") == ()
    assert relieved_by("of_another_version") == ()
