"""When something is to come into force: New York's clock or UTC, never an hour that is there twice."""

from __future__ import annotations

import pytest

from service.change.effective import EffectiveError, read_effective, shown_instant


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-12-01T09:30", "2026-12-01 09:30:00 New York (14:30:00 UTC)"),
        ("2026-12-01T14:30Z", "2026-12-01 09:30:00 New York (14:30:00 UTC)"),
        ("2026-07-01 09:30:15", "2026-07-01 09:30:15 New York (13:30:15 UTC)"),
        ("2026-12-01T15:30+01:00", "2026-12-01 09:30:00 New York (14:30:00 UTC)"),
        ("2026-12-01", "2026-12-01 00:00:00 New York (05:00:00 UTC)"),
        ("2026-11-01T01:30-05:00", "2026-11-01 01:30:00 New York (06:30:00 UTC)"),
    ],
)
def test_a_time_without_an_offset_is_new_york_s(text: str, shown: str) -> None:
    """Both clocks are shown back, so that nobody is off by five hours."""
    assert shown_instant(read_effective(text)) == shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", '"soon" is no time; expected a time in New York such as 2026-12-01T09:30'),
        ("2026-11-01T01:30", "New York's clocks show 2026-11-01T01:30 twice; expected"),
        ("2026-03-08T02:30", "New York's clocks show 2026-03-08T02:30 never; expected"),
    ],
)
def test_a_time_that_is_none_or_two_is_refused(text: str, words: str) -> None:
    """The words say what would be one."""
    with pytest.raises(EffectiveError, match=words):
        read_effective(text)
