"""An approval as somebody fills it in."""

from __future__ import annotations

from rules.facts import OrderType
from rules.register import Approval
from rules.session_of_day import SessionOfDay
from service.change.approval_form import FilledApproval, approval_of, filled_approval
from service.change.proposals import Refused

FULL = Approval(
    venue="MEMX",
    name="MEMX",
    approved_from="2026-12-01",
    approved_until="2026-12-31",
    order_types=(OrderType.LIMIT,),
    sessions=(SessionOfDay.REGULAR,),
    desks=("retail", "algo"),
    document="annex B",
    approver="committee",
    fees="schedule 3",
    routing_share="40 %",
    pays_for_order_flow=True,
)


def test_an_approval_comes_back_as_it_was_filled_in() -> None:
    """With every field, and with none but the needed ones."""
    bare = Approval(venue="XNYS", name="NYSE", approved_from="2026-12-01")

    assert approval_of(filled_approval(FULL)) == FULL
    assert approval_of(filled_approval(bare)) == bare


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """In words."""
    filled = FilledApproval(
        approved_from="soon",
        approved_until="2026-1-1",
        order_types=("odd",),
        sessions=("night",),
        routing_share="much",
    )

    told = approval_of(filled)

    assert isinstance(told, Refused)
    assert [problem.split(";")[0] for problem in told.problems] == [
        "no venue is named",
        'the first day is "soon"',
        'the last day is "2026-1-1"',
        'there is no order type "odd"',
        'there is no session "night"',
        'the routing share is "much"',
    ]


def test_names_are_parted_by_commas_and_each_is_taken_once() -> None:
    """Blanks around them are nothing."""
    told = approval_of(FilledApproval(venue="V", name="V", approved_from="2026-12-01", accounts=" A1,, A2 ,A1"))

    assert isinstance(told, Approval)
    assert told.accounts == ("A1", "A2")
