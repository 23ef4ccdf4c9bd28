"""One rule's own lines changed in the text of a rulebook; all else stays as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cards import catalogue
from rules.rulebook import parse_rulebook
from rules.rulebook_changes import rulebook_changes
from service.change.one_rule import SHARED, Filled, changed_text, changes_only, filled_of
from service.change.proposals import Refused

WRITTEN = """\
version: review 7  # the desk's own name
rules:
  # slower since the move
  slow_fill:
    severity: high  # agreed
    scopes:
      - when: {venue: XBOS}
        parameters: {at_most: 4 s}
  poor_fill: {enabled: no}
"""
SLOWER = Filled(parameters={"at_most": "3 s"})


def words_of(before: str, after: str) -> list[str]:
    """Return how two texts differ in meaning."""
    return [change.words for change in rulebook_changes(parse_rulebook(before), parse_rulebook(after))]


def changed(text: str, filled: Filled, rule: str = "slow_fill") -> str:
    """Return the changed text; it must be possible."""
    made = changed_text(text, rule, filled)
    assert isinstance(made, str), made
    return made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet",
        "rules:\n",
        "rules: {}\n",
        "version: x\n",
        "{version: x}\n",
        "rules:\n  slow_fill:\n",
        WRITTEN,
    ],
)
def test_a_limit_is_set_whatever_is_written_already(text: str) -> None:
    """An empty text, a comment alone, blocks and braces."""
    made = changed(text, SLOWER)

    assert words_of(text, made) == ["slow_fill.at_most: 1 s → 3 s"]


def test_every_other_line_stays_with_its_comments() -> None:
    """Only the words that are changed are written anew."""
    made = changed(WRITTEN, Filled(enabled="false", severity="low", level="parent"))

    assert made.replace("    level: parent\n    enabled: false\n", "").replace("low  #", "high  #") == WRITTEN


def test_what_was_written_is_written_anew() -> None:
    """In its own place."""
    assert changed("rules: {slow_fill: {parameters: {at_most: 2 s}}}\n", SLOWER) == (
        "rules: {slow_fill: {parameters: {at_most: 3 s}}}\n"
    )


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """Each under its own name."""
    wrong = Filled(enabled="perhaps", severity="grave", level="uncle", parameters={"at_most": "soon", "most": "1"})

    made = changed_text(WRITTEN, "slow_fill", wrong)

    assert isinstance(made, Refused)
    assert [problem.split(":")[0] for problem in made.problems] == ["enabled", "severity", "level", "at_most", "most"]


def test_a_level_is_refused_where_the_rule_counts_none() -> None:
    """The card says which rules do."""
    made = changed_text("", "sequence_gap", Filled(level="child"))

    assert isinstance(made, Refused)


def test_what_means_the_same_is_no_change() -> None:
    """Written otherwise or left empty."""
    same = Filled(enabled="yes", severity="high", level="child", parameters={"at_most": "1000 ms"})

    assert changed_text(WRITTEN, "slow_fill", same) == Refused(("nothing of slow_fill would change",))
    assert changed_text(WRITTEN, "slow_fill", Filled(parameters={"at_most": ""})) == Refused(
        ("nothing of slow_fill would change",)
    )


@pytest.mark.parametrize(
    "text",
    [
        "rules:\n  slow_fill: &one {severity: high}\n  poor_fill: *one\n",
        "rules:\n  slow_fill: &one\n    severity: high\n  poor_fill: *one\n",
        "rules:\n  poor_fill: &one {severity: high}\n  slow_fill: *one\n",
    ],
)
def test_lines_that_two_rules_share_are_not_torn_apart(text: str) -> None:
    """The whole text can still be proposed."""
    wanted = Filled(enabled="false", severity="low", parameters={"at_most": "3 s"})

    made = changed_text(text, "slow_fill", wanted)

    assert made == Refused((SHARED,))


@given(rule=st.sampled_from(sorted(catalogue())), enabled=st.sampled_from(["true", "false"]))
def test_any_rule_of_the_catalogue_can_be_filled_in_as_it_is_and_switched(rule: str, enabled: str) -> None:
    """What the form shows means what is in force; switching it changes that and nothing else."""
    card, settings = catalogue()[rule].card, parse_rulebook(WRITTEN).settings(rule)
    as_it_is = filled_of(card, settings)
    switched = Filled(enabled=enabled, parameters=as_it_is.parameters)

    made = changed_text(WRITTEN, rule, switched)

    assert changed_text(WRITTEN, rule, as_it_is) == Refused((f"nothing of {rule} would change",))
    assert isinstance(made, Refused) == (settings.enabled == (enabled == "true"))
    if isinstance(made, str):
        assert {change.split(".")[0] for change in words_of(WRITTEN, made)} == {rule}


def test_a_text_that_is_no_rulebook_any_more_is_never_taken_for_the_change() -> None:
    """Whatever the edit of the lines came to."""
    before = parse_rulebook(WRITTEN)

    assert not changes_only("slow_fill", before, "rules: [slow_fill]\n", [(("enabled",), "no")])
    assert not changes_only("slow_fill", before, WRITTEN, [(("enabled",), "no")])
