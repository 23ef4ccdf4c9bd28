"""The access log is a chain: any change to any entry is found, and so is an entry that is missing in the middle."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.access.trail import Deed, Draft, Entry, first_broken, linked
from service.cases.case import GENESIS


def a_trail(count: int) -> list[Entry]:
    """Return a chain of entries."""
    entries: list[Entry] = []
    for n in range(1, count + 1):
        draft = Draft(at=Nanos(n), actor="pat", deed=Deed.READ, subject="pat", place="127.0.0.1", words=f"/days/{n}")
        entries.append(linked(draft, n, entries[-1].hash if entries else GENESIS))
    return entries


def test_a_chain_that_nobody_touched_is_whole() -> None:
    """Also an empty one."""
    assert first_broken([]) is first_broken(a_trail(5)) is None


@pytest.mark.parametrize("field", ["at", "actor", "deed", "subject", "place", "words", "seq", "prev_hash", "hash"])
@given(place=st.integers(0, 4))
def test_any_change_to_any_entry_is_found_at_its_place(field: str, place: int) -> None:
    """Every field is covered."""
    trail = a_trail(5)
    was = getattr(trail[place], field)
    now = Deed.LOCKED if isinstance(was, Deed) else was + 1 if isinstance(was, int) else was + was[:1]
    trail[place] = msgspec.structs.replace(trail[place], **{field: now})

    assert first_broken(trail) == place + 1


@given(st.integers(0, 3))
def test_an_entry_that_is_missing_is_found(place: int) -> None:
    """Except the last ones: a cut tail is for the daily seal to find."""
    trail = a_trail(5)
    del trail[place]

    assert first_broken(trail) == place + 1
