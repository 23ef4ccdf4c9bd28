"""What is understood as a time to come."""

from __future__ import annotations

import pytest

from service.cases.rules import HOUR
from service.cases.until import NoTimeError, until_of
from tests.factories_cases import NOON


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2 h", NOON + 2 * HOUR),
        ("2025-10-09T05:53:20", NOON + HOUR),
        ("2025-10-09 09:53:20+00:00", NOON + HOUR),
    ],
)
def test_a_time_is_a_length_from_now_or_a_moment_in_new_york(text: str, at: int) -> None:
    """As people write it."""
    assert until_of(text, NOON) == at


@pytest.mark.parametrize("text", ["", "soon", "2 fortnights", "25:00"])
def test_what_is_no_time_is_said_with_what_was_expected(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(NoTimeError, match="is no time; expected a length of time with its unit"):
        until_of(text, NOON)
