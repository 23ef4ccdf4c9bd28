"""The alert that is no alert: a real payload that says of itself that it is a test. Pure."""

from __future__ import annotations

from alerts.alert import Alert
from rules.finding import Severity
from service.exact_text import iso_utc

TEST = "test"
"""The topic of it, and its reason."""


def test_alert(firm: str, at: int) -> Alert:
    """Return the test of an instant: about exception 0, which there never is, under a key of its own."""
    now = iso_utc(at)
    return Alert(
        key=f"{firm}/{TEST}/{at}",
        firm=firm,
        exception=0,
        sequence=0,
        reason=TEST,
        rule=TEST,
        severity=Severity.LOW,
        state="new",
        sentence="This is a test of the channel. Nothing was found.",
        cause=TEST,
        counterparty=None,
        session="",
        trade_date=now[:10],
        symbol=None,
        venue=None,
        findings=0,
        dollar_harm=None,
        first_at=now,
        last_at=now,
        committed_at=now,
    )
