"""A register can be written out, and what was written says the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from rules.facts import OrderType
from rules.register import Approval, VenueRegister, parse_register
from rules.register_text import register_text
from rules.session_of_day import SessionOfDay

words = some.text(some.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)
days = some.dates().map(lambda day: day.isoformat())
approvals = some.builds(
    Approval,
    venue=words,
    name=words,
    approved_from=days,
    order_types=some.lists(some.sampled_from(OrderType), max_size=3).map(tuple),
    sessions=some.lists(some.sampled_from(SessionOfDay), max_size=3).map(tuple),
    document=some.none() | words,
    approver=some.none() | words,
    pays_for_order_flow=some.booleans(),
    fees=some.none() | words,
    desks=some.lists(words, max_size=2).map(tuple),
    symbols=some.lists(words, max_size=2).map(tuple),
)


@given(some.lists(approvals, max_size=3))
def test_what_is_written_out_reads_as_the_same_register(entries: list[Approval]) -> None:
    """Whatever the words are: quotes, colons, dates and flags that are names."""
    register = VenueRegister.of(tuple(entries))

    assert parse_register(register_text(register)) == register


def test_what_is_not_set_is_not_written() -> None:
    """A person reads it, and a comparison of two texts shows what was changed."""
    plain = Approval(venue="XBOS", name="Nasdaq BX", approved_from="2020-01-02", approved_until="2026-12-31")

    assert register_text(VenueRegister.of((plain,))) == (
        "- venue: XBOS\n  name: Nasdaq BX\n  approved_from: '2020-01-02'\n  approved_until: '2026-12-31'\n"
    )
    assert register_text(VenueRegister()) == "[]\n"
