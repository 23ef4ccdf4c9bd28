"""routing_drift: the flow went otherwise than the firm's routing policy says."""

from __future__ import annotations

from rules.facts import Fill
from rules.finding import Draft
from rules.mix import in_words, observe_shares, shares_by_venue
from rules.register import VenueRegister
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window
from rules.words import percent, ratio_ppm


def observe(fill: Fill, limits: Limits) -> Observation | NotEvaluated:  # noqa: ARG001 - every rule has this shape
    """Count an execution's shares under its venue."""
    return observe_shares(fill)


def check(fill: Fill, limits: Limits, window: Window, register: VenueRegister) -> Draft | NotEvaluated | None:
    """Report the venue whose share of the executed shares is furthest from the policy, when that is too far.

    The policy is the `routing_share` of each venue in the register in force on the trade date; the distance is in
    percentage points, either way.
    """
    policy = register.routing_policy(fill.trade_date)
    if not policy:
        return NotEvaluated("no routing policy")
    if window.total <= 0:
        return None
    apart = {venue: ratio_ppm(window.of_label(venue)[1], window.total) - wanted for venue, wanted in policy.items()}
    if max(map(abs, apart.values())) <= limits["tolerance"]:
        return None
    venue = max(apart, key=lambda name: (abs(apart[name]), name))
    drift = apart[venue]
    mix, share = in_words(shares_by_venue(window)), policy[venue] + drift
    return Draft(
        subject=f"venue {venue} for {fill.counterparty}",
        cause=f"routing: venue {venue}",
        at=window.last_at,
        values={
            "venue": venue,
            "share_ratio_ppm": share,
            "policy_ratio_ppm": policy[venue],
            "executed_shares": window.total,
            "executions_count": window.count,
            "first_at_ns": window.first_at,
            "mix": mix,
        },
        sentence=f"{venue} got {percent(share)} of the shares executed in the window; the routing policy says "
        f"{percent(policy[venue])}, and {percent(limits['tolerance'])} either way is allowed. The mix: {mix}.",
        sample_count=window.count,
    )
