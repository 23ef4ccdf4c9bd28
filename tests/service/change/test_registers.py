"""What is done to a register short of writing all of it, and how two of them differ in words."""

from __future__ import annotations

import pytest

from rules.facts import Nanos, OrderType
from rules.register import Approval, VenueRegister, parse_register
from rules.session_of_day import SessionOfDay
from service.change.differences import differences
from service.change.proposals import Refused
from service.change.registers import (
    Approved,
    approval_words,
    approved_on,
    approved_words,
    approving,
    ending,
    history_words,
)
from service.register_changes import Change, RegisterChange
from service.versions import VersionKind
from tests.factories import NOON

TEXT = """
- {venue: XBOS, name: Boston, approved_from: 2020-01-01, approved_until: 2021-12-31}
- {venue: XBOS, name: Boston, approved_from: 2023-01-01}
- {venue: XNYS, name: NYSE, approved_from: 2020-01-01}
"""
REGISTER = parse_register(TEXT)


def an_approval(venue: str = "XBOS", first: str = "2026-12-01", last: str | None = None, name: str = "") -> Approval:
    """Return an approval as a command makes it."""
    return Approval(venue=venue, name=name, approved_from=first, approved_until=last)


def dates(register: VenueRegister | Refused, venue: str = "XBOS") -> list[tuple[str, str | None]]:
    """Return from when until when a venue is approved."""
    assert isinstance(register, VenueRegister), register
    return [(one.approved_from, one.approved_until) for one in register.by_venue.get(venue, ())]


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (an_approval(), [("2020-01-01", "2021-12-31"), ("2023-01-01", "2026-11-30"), ("2026-12-01", None)]),
        (
            an_approval(first="2022-03-01", last="2022-06-30"),
            [("2020-01-01", "2021-12-31"), ("2022-03-01", "2022-06-30"), ("2023-01-01", None)],
        ),
        (an_approval(first="2022-03-01"), [("2020-01-01", "2021-12-31"), ("2022-03-01", None)]),
        (an_approval(first="2019-01-01"), [("2019-01-01", None)]),
    ],
)
def test_a_new_approval_ends_the_one_it_overlaps_the_day_before(
    new: Approval, expected: list[tuple[str, str | None]]
) -> None:
    """One that would begin later gives way; what is apart stays; the name is the one that is known."""
    made = approving(new)(REGISTER)

    assert dates(made) == expected
    assert isinstance(made, VenueRegister)
    assert {one.name for one in made.by_venue["XBOS"]} == {"Boston"}
    assert dates(made, "XNYS") == [("2020-01-01", None)]


def test_an_approval_without_a_name_or_with_dates_the_wrong_way_round_is_refused() -> None:
    """The words say what is missing."""
    nameless = approving(an_approval("MEMX"))(REGISTER)
    named = approving(an_approval("MEMX", name="MEMX"))(REGISTER)
    reversed_dates = approving(an_approval(last="2026-11-01"))(REGISTER)

    assert nameless == Refused(("MEMX is not in the register yet: say its name, too",))
    assert dates(named, "MEMX") == [("2026-12-01", None)]
    assert reversed_dates == Refused(("the approval of XBOS would end before it begins",))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-11-30", [("2020-01-01", "2021-12-31"), ("2023-01-01", "2026-11-30")]),
        ("2022-06-30", [("2020-01-01", "2021-12-31")]),
        ("2020-06-30", [("2020-01-01", "2020-06-30")]),
    ],
)
def test_a_venue_ends_on_a_day(on: str, expected: list[tuple[str, str | None]]) -> None:
    """What would begin later is gone."""
    assert dates(ending("XBOS", on)(REGISTER)) == expected


def test_a_venue_that_is_not_approved_cannot_end() -> None:
    """Nor end on a day on which it has ended already."""
    assert ending("XTOX", "2026-11-30")(REGISTER) == Refused(
        ("XTOX is not approved after 2026-11-30; nothing would change",)
    )


def test_the_venues_of_a_day_are_those_whose_dates_hold_it() -> None:
    """Both ends are inside."""
    assert [one.venue for one in approved_on(REGISTER, "2022-06-30")] == ["XNYS"]
    assert [one.venue for one in approved_on(REGISTER, "2021-12-31")] == ["XBOS", "XNYS"]


def test_an_approval_is_told_with_all_that_was_written_of_it() -> None:
    """And nothing that was not."""
    full = Approval(
        venue="XBOS",
        name="Boston",
        approved_from="2020-01-01",
        approved_until="2021-12-31",
        order_types=(OrderType.LIMIT, OrderType.MARKET),
        sessions=(SessionOfDay.OPENING,),
        document="minutes 7",
        approver="committee",
        pays_for_order_flow=True,
        fees="2026",
    )

    assert approval_words(full) == (
        "from 2020-01-01 until 2021-12-31; order types limit, market; sessions opening; pays for order flow; "
        "document minutes 7; approver committee; fees 2026"
    )
    assert approval_words(an_approval()) == "from 2026-12-01"


def test_two_registers_differ_venue_by_venue() -> None:
    """Added, changed, gone."""
    new = """
- {venue: XNYS, name: NYSE, approved_from: 2020-01-01, approved_until: 2026-11-30}
- {venue: MEMX, name: MEMX, approved_from: 2026-12-01}
"""

    assert differences(VersionKind.REGISTER, TEXT, new) == [
        "MEMX: approved from 2026-12-01",
        "XBOS: no longer approved (was: from 2020-01-01 until 2021-12-31 and from 2023-01-01)",
        "XNYS: from 2020-01-01 → from 2020-01-01 until 2026-11-30",
    ]
    assert differences(VersionKind.RULEBOOK, "", "rules: {slow_fill: {enabled: false}}") == [
        "slow_fill.enabled: true → false"
    ]


def test_a_change_says_who_and_why_and_where_it_is_journalled() -> None:
    """One that a start made has no two people; one from a log without stamps has the road's time."""
    seeded = RegisterChange(
        offset=5,
        counterparty="demo",
        session="",
        trade_date="2026-11-20",
        received_at=None,
        clock=NOON,
        venue="MEMX",
        change=Change.ADDED,
        before=(),
        after=(an_approval("MEMX", name="MEMX"),),
        proposer="",
        approver="",
        why="",
        proposal=None,
        effective=None,
    )
    approved = {"proposal": 3, "proposer": "pat", "approver": "sam", "why": "lit", "received_at": Nanos(NOON)}
    people = RegisterChange(**{name: getattr(seeded, name) for name in seeded.__struct_fields__} | approved)

    by_start, by_people = history_words(seeded), history_words(people)

    assert by_start.endswith("demo MEMX approved from 2026-12-01 (by the start, journal 5)")
    assert by_people == by_start.replace("by the start", "proposal 3 of pat, approved by sam") + ": lit"
    assert approved_words(Approved(counterparty="demo", approval=people.after[0], change=people)) == (
        "demo MEMX MEMX: from 2026-12-01 (proposal 3 of pat, approved by sam, journal 5)"
    )
    assert approved_words(Approved(counterparty="demo", approval=people.after[0], change=None)) == (
        "demo MEMX MEMX: from 2026-12-01"
    )
