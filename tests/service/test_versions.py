"""What is in force, as journal records."""

from __future__ import annotations

import msgspec
import pytest

from service.versions import Version, VersionKind, changes, version_of
from tests.factories import NOON


def a_version(text: str = "a: 1", kind: VersionKind = VersionKind.RULEBOOK, name: str = "rulebook") -> Version:
    """Return a rulebook's version."""
    return Version(kind=kind, name=name, text=text)


def test_a_version_comes_back_from_its_record() -> None:
    """Text and hash and all, at the instant given."""
    entry = a_version().entry(NOON)

    assert version_of(entry.body) == a_version()
    assert entry.received_at == NOON


def test_only_what_changed_is_put_in_force() -> None:
    """An unchanged file writes nothing into the journal."""
    same, new, unknown = (
        a_version(text, VersionKind.DIALECT, name)
        for text, name in (("a: 1", "one"), ("b: 2", "one"), ("a: 1", "other"))
    )

    wanted = changes([same, new, unknown], {same.key: same.hash})

    assert wanted == [new, unknown]


@pytest.mark.parametrize(
    ("kind", "compared"),
    [(VersionKind.REGISTER, VersionKind.VENUES_FILE), (VersionKind.RULEBOOK, VersionKind.RULEBOOK_FILE)],
)
def test_a_file_seeds_once_and_is_compared_afterwards(kind: VersionKind, compared: VersionKind) -> None:
    """What is in force wins; a difference is journalled once, as often as it is another one."""
    first, edited = a_version("a: 1", kind, "demo"), a_version("b: 2", kind, "demo")
    in_force = {first.key: first.hash}

    seeded, kept, drifted = changes([first], {}), changes([first], in_force), changes([edited], in_force)
    in_force = {**in_force, drifted[0].key: drifted[0].hash}
    again, back = changes([edited], in_force), changes([first], in_force)
    moved_on = changes([edited], {**in_force, first.key: "what was approved meanwhile"})

    assert [(version.kind, version.text, version.actor) for version in seeded] == [(kind, "a: 1", "seed")]
    assert (kept, again) == ([], [])
    assert [(version.kind, version.text, version.actor) for version in drifted] == [(compared, "b: 2", "")]
    assert [(version.kind, version.text) for version in back] == [(compared, "a: 1")]
    assert [(version.kind, version.against) for version in moved_on] == [(compared, "what was approved meanwhile")]


def test_a_version_carries_who_proposed_and_approved_it() -> None:
    """And from when it was to be in force."""
    version = msgspec.structs.replace(
        a_version(), actor="sam", proposer="pat", approver="sam", proposal=3, effective=NOON, why="agreed"
    )

    assert version_of(version.entry(NOON).body) == version
