"""quotes_disagree: two quote sources said different things of the same instant."""

from __future__ import annotations

from rules.facts import Fill
from rules.finding import Draft
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window
from rules.words import dollars


def observe(fill: Fill, limits: Limits) -> Observation | NotEvaluated | None:
    """Count an execution at whose instant the two sources were further apart than allowed, by pair of sources."""
    apart = fill.quotes_apart
    if apart is None:
        return None
    widest = apart.widest
    if widest is None:
        return NotEvaluated("nothing to compare")
    if widest <= limits["tolerance"]:
        return None
    return Observation(
        key=(fill.quote_source or "", apart.source),
        identity=fill.trade_id,
        at=fill.executed_at,
        value=widest,
    )


def check(fill: Fill, limits: Limits, window: Window) -> Draft:
    """Report that two sources disagree: which of them is wrong, nobody can tell from here.

    The executions were judged by the first of them; a finding on one of these rests on a quote that is in doubt.
    """
    apart = fill.quotes_apart
    assert apart is not None
    pair = f"{fill.quote_source} and {apart.source}"
    half, worst = window.quantile(500_000), window.quantile(1_000_000)
    return Draft(
        subject=f"{pair} of {fill.counterparty}",
        cause=f"quotes of {pair}",
        at=window.last_at,
        values={
            "taken_from": fill.quote_source,
            "compared_with": apart.source,
            "bid_apart_price": apart.bid,
            "offer_apart_price": apart.offer,
            "lag_ns": apart.lag,
            "median_apart_price": half,
            "widest_apart_price": worst,
            "apart_count": window.count,
            "execution_id": fill.execution_id,
        },
        sentence=f"{pair} disagreed on the quote at {window.count} execution(s) in the window: by {dollars(half)} in "
        f"the middle and {dollars(worst)} at the most; {dollars(limits['tolerance'])} is allowed.",
        sample_count=window.count,
    )
