"""Who hears of it: a pure decision at send time, always with its reason."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What becomes of a waiting alert."""

    SENT = "sent"
    WITHHELD = "withheld"


class Decision(msgspec.Struct, frozen=True):
    """The verdict and why, in words that are kept with the alert."""

    verdict: Verdict
    reason: str


AFTER_ACKNOWLEDGEMENT = ("severity_rose", "acknowledgement_expired", "condition_resolved")
"""What still speaks once somebody has acknowledged the exception."""


def decide(reason: str, *, acknowledged: bool) -> Decision:
    """Decide whether an alert goes out now; `acknowledged` says whether an acknowledgement stands at this moment."""
    if acknowledged and reason not in AFTER_ACKNOWLEDGEMENT:
        return Decision(Verdict.WITHHELD, "acknowledged before it was sent")
    return Decision(Verdict.SENT, reason)
