"""venue_concentration: one venue, or the venues that pay for the flow, got too much of it."""

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
    """Report a venue whose share of the executed shares is above its cap, and paying venues above theirs.

    Which venues pay for order flow is written in the venue register. A venue's share can only rise by an execution of
    its own, so each execution is asked about its own venue.
    """
    if window.total <= 0:
        return None
    share = ratio_ppm(window.of_label(fill.venue)[1], window.total)
    if share > limits["share_at_most"]:
        words = f"{fill.venue} got {percent(share)} of the shares executed"
        return _draft(fill, window, f"venue {fill.venue}", share, limits["share_at_most"], words)
    if not register.approvals:
        return NotEvaluated("no venue register")
    if not register.pays(fill.venue, fill.trade_date):
        return None
    paying = {venue: part for venue, part in shares_by_venue(window).items() if register.pays(venue, fill.trade_date)}
    share = ratio_ppm(sum(paying.values()), window.total)
    if share <= limits["paying_at_most"]:
        return None
    words = f"Venues that pay for order flow ({', '.join(paying)}) got {percent(share)} of the shares executed"
    return _draft(fill, window, "venues that pay", share, limits["paying_at_most"], words)


def _draft(fill: Fill, window: Window, what: str, share: int, allowed: int, words: str) -> Draft:
    mix = in_words(shares_by_venue(window))
    return Draft(
        subject=f"{what} for {fill.counterparty}",
        cause=f"concentration: {what}",
        at=window.last_at,
        values={
            "concentrated": what,
            "share_ratio_ppm": share,
            "allowed_ratio_ppm": allowed,
            "executed_shares": window.total,
            "executions_count": window.count,
            "first_at_ns": window.first_at,
            "mix": mix,
        },
        sentence=f"{words} in the window; at most {percent(allowed)} is allowed. The mix: {mix}.",
        sample_count=window.count,
    )
