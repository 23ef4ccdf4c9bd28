"""What a database would refuse becomes the nearest value that it takes."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from service.store.cells import canonical, clean, clean_row, clean_text

ANY_TEXT = st.text(st.characters(codec=None))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=8,
)


def test_ordinary_values_stay_as_they_are() -> None:
    """Cleaning is a last line of defence, not a conversion."""
    row = (1, "XNYS – é", None, True, False, b"\0\xff", 2**63 - 1, -(2**63))

    assert clean_row(row) == row


def test_a_number_beyond_64_bits_is_held_to_64() -> None:
    """The nearest number that fits, on either side."""
    assert (clean(2**70), clean(-(2**70))) == (2**63 - 1, -(2**63))


@given(ANY_TEXT)
def test_every_text_becomes_one_that_can_be_stored(text: str) -> None:
    """No NUL, and it can be written as UTF-8."""
    assert b"\0" not in clean_text(text).encode("utf-8")


def test_what_was_written_out_can_still_be_seen() -> None:
    """The person who looks at it sees which byte it was."""
    assert clean_text("a\0b\udcff") == "a\\x00b\\udcff"


def test_canonical_json_sorts_keys_whatever_order_they_came_in() -> None:
    """Equal values give equal bytes."""
    assert canonical({"b": 1, "a": {"d": 2, "c": (3,)}}) == b'{"a":{"c":[3],"d":2},"b":1}'


@given(ANY_JSON)
def test_everything_has_a_canonical_json(value: object) -> None:
    """Broken characters and huge numbers too, and it reads back."""
    text = canonical(value)

    assert canonical(msgspec.json.decode(text)) == text


def test_a_huge_number_keeps_every_digit() -> None:
    """JSON knows no 64 bits."""
    assert canonical([2**70, 5]) == b"[1180591620717411303424,5]"
