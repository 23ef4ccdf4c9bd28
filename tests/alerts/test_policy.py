"""Who hears of it: every decision has its reason."""

from __future__ import annotations

import pytest

from alerts.policy import Decision, Verdict, decide


@pytest.mark.parametrize("reason", ["opened", "grew", "severity_rose"])
def test_an_unacknowledged_exception_is_always_told(reason: str) -> None:
    """Nothing is withheld before somebody has seen it."""
    assert decide(reason, acknowledged=False) == Decision(Verdict.SENT, reason)


@pytest.mark.parametrize("reason", ["opened", "grew"])
def test_after_an_acknowledgement_the_alert_is_withheld_with_the_reason_kept(reason: str) -> None:
    """Nobody is paged about what somebody already looks at."""
    assert decide(reason, acknowledged=True) == Decision(Verdict.WITHHELD, "acknowledged before it was sent")


def test_a_rise_in_severity_breaks_through_an_acknowledgement() -> None:
    """One of the named reasons."""
    assert decide("severity_rose", acknowledged=True).verdict is Verdict.SENT
