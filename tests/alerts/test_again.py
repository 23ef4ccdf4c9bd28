"""What nobody acknowledged is told again under a key of its own."""

from __future__ import annotations

import msgspec

from alerts.again import again
from alerts.alert import Alert
from tests.fakes_alerts import an_alert, waits

NOON = 1_764_000_000_000_000_007


def test_the_same_figures_come_with_a_new_key_reason_and_time() -> None:
    """A subscriber that drops what it knows by key hears it."""
    letter = again(an_alert(2, 7), waits(2, 7), 1, NOON)

    told = msgspec.json.decode(letter.body, type=Alert)
    assert (letter.key, letter.reason, letter.case_id, letter.n) == ("demo/7/2/again/1", "still_waiting", 7, 2)
    assert told == an_alert(
        2, 7, key="demo/7/2/again/1", reason="still_waiting", committed_at="2025-11-24T16:00:00.000000007Z"
    )


def test_every_telling_has_its_own_number() -> None:
    """Whatever became of those before: it is the count of them, not the last that was sent."""
    before = "demo/7/2/again/2"

    letter = again(an_alert(2, 7, key=before), waits(2, 7, key=before), 5, NOON)

    assert letter.key == "demo/7/2/again/5"
