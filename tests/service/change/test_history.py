"""Every version and proposal in a line, and which one somebody means by a hash."""

from __future__ import annotations

import pytest

from rules.rulebook import parse_rulebook
from service.change.history import Held, find_proposal, find_text, in_force_at, meaning, rows
from service.change.proposal_events import State, Wanted
from service.change.proposals import Refused, activated
from service.versions import Version, VersionKind
from tests.factories import NOON
from tests.factories_proposals import SLOWER, SLOWEST, Desk, sha, wanted

BOOK = VersionKind.RULEBOOK


def held(text: str = "", offset: int = 3, name: str = "rulebook", **people: object) -> Held:
    """Return a version that the journal holds."""
    version = Version(kind=BOOK, name=name, text=text, **people)  # type: ignore[arg-type]
    return Held(offset=offset, since=NOON, version=version)


def test_versions_and_proposals_are_told_with_the_hash_on_findings_and_who_approved() -> None:
    """What is in force, what was, what waits and what never came to it."""
    desk = Desk()
    done = desk.approve(desk.propose())
    desk.put(activated(done, 9, NOON))
    desk.in_force = {done.wanted.key: done.wanted.hash}
    waits = desk.propose(wanted(SLOWEST, hours=1))
    refused = desk.propose(wanted("version: a"))
    desk.do(State.REFUSED, refused, why="no")
    desk.approve(waits)
    journal = [held(actor="seed"), held(SLOWER, 9, proposer="pat", approver="sam", proposal=1, why="agreed")]

    told = rows(journal, desk.standing.proposals)

    assert [(row.state, row.proposer, row.approver, row.offset) for row in told] == [
        ("earlier", "", "seed", 3),
        ("in force", "pat", "sam", 9),
        ("approved", "pat", "sam", None),
        ("refused", "pat", "", None),
    ]
    assert told[1].meaning == parse_rulebook(SLOWER).hash
    assert told[0].words.startswith(
        f"earlier   {sha('')[:12]}, means {parse_rulebook('').hash[:12]}, by seed, since 20"
    )
    assert "proposal 1 of pat, approved by sam, since 2" in told[1].words
    assert told[1].words.endswith(", journal 9, agreed")
    assert ", effective 2" in told[2].words
    assert told[3].words.endswith("proposal 5 of pat, agreed with the desk; no")


def test_a_register_is_told_with_its_counterparty_and_an_unreadable_text_means_nothing() -> None:
    """One that another version of the program wrote is shown all the same."""
    version = Version(kind=VersionKind.REGISTER, name="demo", text="- {}")
    (row,) = rows([Held(offset=1, since=None, version=version)], [])

    assert row.words == f"in force  {version.hash[:12]} demo, means ?, by the start, journal 1"
    assert meaning(VersionKind.REGISTER, "[]\n") != ""


def test_a_proposal_is_meant_by_the_beginning_of_its_hash_or_by_its_number() -> None:
    """The one that can still be decided goes before others with the same text."""
    desk = Desk()
    first = desk.propose()
    desk.do(State.WITHDRAWN, first, "pat")
    second = desk.propose()

    def found(handle: str) -> object:
        return find_proposal(desk.standing.proposals, BOOK, handle, State.APPROVED)

    assert found(sha(SLOWER)[:6].upper()) == desk.proposal(second.number)
    assert found(f"#{first.number}") == desk.proposal(first.number)
    assert found("#99") == Refused(('there is no proposal "#99"; `list` shows them with their hashes',))
    assert found(sha(SLOWER)[:3]) == Refused(
        (f'there is no proposal "{sha(SLOWER)[:3]}"; `list` shows them with their hashes',)
    )


def test_one_text_for_two_counterparties_must_be_told_apart() -> None:
    """By the number."""
    desk = Desk()
    for name in ("acme", "demo"):
        key = (VersionKind.REGISTER.value, name)
        desk.in_force[key] = "x"
        what = Wanted(kind=VersionKind.REGISTER, name=name, text="[]\n", why="none is allowed")
        desk.propose(what)

    said = find_proposal(desk.standing.proposals, VersionKind.REGISTER, sha("[]\n")[:8], State.APPROVED)

    assert said == Refused(
        (f'"{sha("[]" + chr(10))[:8]}" can mean several proposals: say one of #1 (acme), #2 (demo)',)
    )


@pytest.mark.parametrize(
    ("handle", "text"),
    [
        ("in-force", SLOWER),
        (sha("")[:8], ""),
        ("#1", SLOWEST),
        (sha(SLOWEST)[:8], SLOWEST),
        (parse_rulebook(SLOWER).hash[:12], SLOWER),
    ],
)
def test_a_version_is_meant_by_its_hash_or_by_that_on_a_finding(handle: str, text: str) -> None:
    """A proposal can be looked at like a version."""
    desk = Desk()
    desk.approve(desk.propose(wanted(SLOWEST)))

    found = find_text([held(), held(SLOWER, 9)], desk.standing.proposals, BOOK, handle)

    assert isinstance(found, Version)
    assert found.text == text


def test_a_proposal_shown_as_a_version_names_its_people() -> None:
    """Nobody approved it yet, or somebody has."""
    desk = Desk()
    open_one = desk.propose()

    waiting = find_text([], desk.standing.proposals, BOOK, "#1")
    desk.approve(open_one)
    approved = find_text([], desk.standing.proposals, BOOK, "#1")

    assert isinstance(waiting, Version)
    assert isinstance(approved, Version)
    assert (waiting.proposer, waiting.approver, approved.approver) == ("pat", "", "sam")


def test_what_is_not_there_or_could_be_several_is_refused() -> None:
    """More of the hash is asked for."""
    two = [held("version: 1", 1, "acme"), held("version: 2", 2, "demo")]

    assert find_text([], [], BOOK, "in-force") == Refused(
        ('there is no version "in-force"; `list` shows them with their hashes',)
    )
    said = find_text(two, [], BOOK, "in-force")
    assert isinstance(said, Refused)
    assert said.problems[0].startswith('"in-force" can mean several versions: say more of one of ')


@pytest.mark.parametrize(("offset", "text"), [(4, ""), (9, ""), (10, SLOWER)])
def test_a_record_was_judged_by_the_newest_version_before_it(offset: int, text: str) -> None:
    """Whatever its hash would be today."""
    said = in_force_at([held(), held(SLOWER, 9)], offset)

    assert isinstance(said, Version)
    assert said.text == text


def test_before_the_first_version_nothing_was_in_force() -> None:
    """The words name the offset."""
    assert in_force_at([held()], 3) == Refused(("nothing was in force yet at journal 3",))
