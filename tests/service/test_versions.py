"""What is in force, as journal records."""

from __future__ import annotations

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
    same, new, unknown = a_version(), a_version("b: 2"), a_version(name="other")

    wanted = changes([same, new, unknown], {same.key: same.hash})

    assert wanted == [new, unknown]


def test_a_venue_file_seeds_the_register_once_and_is_compared_afterwards() -> None:
    """The register wins; a difference is a finding, once."""
    register = VersionKind.REGISTER
    first, edited = a_version("[]", register, "demo"), a_version("- x", register, "demo")
    in_force = {first.key: first.hash}

    seeded, kept, drifted = changes([first], {}), changes([first], in_force), changes([edited], in_force)

    assert (seeded, kept) == ([first], [])
    assert [(version.kind, version.text) for version in drifted] == [(VersionKind.VENUES_FILE, "- x")]
    assert changes([edited], {**in_force, drifted[0].key: drifted[0].hash}) == []
