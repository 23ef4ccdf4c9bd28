"""The venues of a register as lines of a page."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from rules.register import parse_register
from service.change.history import Held
from service.versions import Version, VersionKind
from service.web.venues.view import allowed_by, venue_lines
from tests.factories import NOON

TODAY = "2026-11-26"


def held(text: str, offset: int = 1, **told: object) -> Held:
    """Return a version of a register."""
    version = Version(kind=VersionKind.REGISTER, name="demo", text=text, **told)  # type: ignore[arg-type]
    return Held(offset=offset, since=Nanos(NOON) if offset > 1 else None, version=version)


@pytest.mark.parametrize(
    ("dates", "state", "mark"),
    [
        ("approved_from: 2020-01-02", "approved", "on"),
        ("approved_from: 2020-01-02, approved_until: 2027-11-26", "approved", "on"),
        ("approved_from: 2020-01-02, approved_until: 2026-12-26", "ends in 30 days", "soon"),
        ("approved_from: 2020-01-02, approved_until: 2026-11-27", "ends in 1 day", "soon"),
        ("approved_from: 2020-01-02, approved_until: 2026-11-26", "ends today", "soon"),
        ("approved_from: 2020-01-02, approved_until: 2026-11-25", "ended 2026-11-25", "ended"),
        ("approved_from: 2026-12-01", "from 2026-12-01", "later"),
    ],
)
def test_until_when_a_venue_is_approved_is_told_in_words(dates: str, state: str, mark: str) -> None:
    """What ends soon is marked."""
    text = f"- {{venue: MEMX, name: MEMX, {dates}}}\n"

    (line,) = venue_lines(parse_register(text), allowed_by([held(text)]), TODAY, "MEMX")

    assert (line.state, line.mark, line.wanted) == (state, mark, True)
    assert (line.by, line.at) == ("the first start, from the file", None)


def test_who_allowed_a_venue_is_the_version_that_made_its_approval_what_it_is() -> None:
    """One that cannot be read is passed over."""
    first = "- {venue: XNYS, name: NYSE, approved_from: 2000-01-01, accounts: [A1]}\n"
    second = f"{first}- {{venue: MEMX, name: MEMX, approved_from: 2026-01-01, pays_for_order_flow: yes}}\n"
    versions = [
        held(first, actor="kim"),
        held("nothing: of it", 2),
        held(second, 3, proposer="pat", approver="sam", actor="sam"),
    ]

    lines = venue_lines(parse_register(second), allowed_by(versions), TODAY)

    assert [(line.venue, line.by) for line in lines] == [("MEMX", "pat, approved by sam"), ("XNYS", "kim")]
    assert (lines[0].pays, lines[1].limits) == (True, ("accounts A1",))
    assert lines[0].at is not None
