"""What was in force at each offset, as the journal's own records say."""

from __future__ import annotations

import pytest

from rules.reading import ReadingError
from rules.rulebook import parse_rulebook
from service.backtest.timeline import Timeline, named
from service.versions import Version, VersionKind

MILD, OFF = "rules: {slow_fill: {severity: low}}", "rules: {slow_fill: {enabled: no}}"


def a_version(kind: VersionKind, text: str, name: str = "rulebook") -> Version:
    """Return a version of that text."""
    return Version(kind=kind, name=name, text=text)


VERSIONS = [
    (1, a_version(VersionKind.LIMITS, "{}", "feed")),
    (2, a_version(VersionKind.RULEBOOK, MILD)),
    (3, a_version(VersionKind.REGISTER, "- {venue: XNYS, name: NYSE, approved_from: 2000-01-01}", "demo")),
    (9, a_version(VersionKind.RULEBOOK, OFF)),
]


def test_a_fact_goes_by_what_was_put_in_force_before_it() -> None:
    """Its own offset not included; before all of it, by the catalogue alone."""
    timeline = Timeline.of(VERSIONS)

    hashes = [timeline.before(offset).rulebook.hash for offset in (1, 2, 3, 9, 10)]

    catalogue, mild, off = (parse_rulebook(text).hash for text in ("", MILD, OFF))
    assert hashes == [catalogue, catalogue, mild, mild, off]
    assert [sorted(timeline.before(offset).registers) for offset in (3, 4)] == [[], ["demo"]]


def test_the_rulebooks_of_a_stretch_are_that_before_it_and_those_within() -> None:
    """A register is none of them."""
    timeline = Timeline.of(VERSIONS)

    found = [[book.hash for book in timeline.rulebooks(*span)] for span in ((3, 9), (3, 10), (10, 12))]

    mild, off = (parse_rulebook(text).hash for text in (MILD, OFF))
    assert found == [[mild], [mild, off], [off]]


def test_a_version_is_named_by_the_start_of_either_hash() -> None:
    """That of its text, or that of what can change a finding; one that came twice is one."""
    twice = [*VERSIONS, (12, a_version(VersionKind.RULEBOOK, MILD))]
    text, judged = VERSIONS[1][1].hash, parse_rulebook(MILD).hash

    assert [book.hash for book in named(twice, text[:8])] == [judged]
    assert [book.hash for book in named(twice, judged[:8])] == [judged]
    assert len(named(twice, "")) == 2
    assert named(twice, "no hash") == []


def test_a_version_that_cannot_be_read_is_refused() -> None:
    """Another version of this program wrote it."""
    with pytest.raises(ReadingError):
        Timeline.of([(1, a_version(VersionKind.RULEBOOK, "rules: {no_such_rule: {}}"))])
