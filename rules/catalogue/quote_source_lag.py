"""quote_source_lag: executions had to be judged although the quotes had not come as far as they."""

from __future__ import annotations

from rules.facts import Fill, Nanos
from rules.finding import Draft
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window
from rules.words import duration


def observe(fill: Fill, limits: Limits) -> Observation | NotEvaluated | None:
    """Count an execution that was further ahead of its quotes than allowed, by source and the journal's own clock."""
    behind = fill.quotes_behind
    if behind is None:
        return NotEvaluated("no live source")
    if fill.clock_suspect is not None:
        return NotEvaluated("clock suspect")
    if behind <= limits["at_most"]:
        return None
    key = (fill.counterparty, fill.quote_source or "")
    return Observation(key=key, identity=fill.trade_id, at=fill.clock, value=behind)


def check(fill: Fill, limits: Limits, window: Window) -> Draft | None:
    """Report that a quote source lags, once executions have been ahead of it for long enough.

    What an execution waits for its quotes (quotes.bound_ms) had passed each time: the source was later than that by
    what is told here. It is taken from the decision that is recorded with the execution, never from a clock.
    """
    lasted = Nanos(window.last_at - window.first_at)
    if lasted < limits["lasting"]:
        return None
    source = fill.quote_source or "the quote source"
    half, worst = Nanos(window.quantile(500_000)), Nanos(window.quantile(1_000_000))
    return Draft(
        subject=f"quotes of {source} for {fill.counterparty}",
        cause=f"quote source {source}",
        at=window.last_at,
        values={
            "source": fill.quote_source,
            "median_ns": half,
            "longest_ns": worst,
            "lasted_ns": lasted,
            "executions_count": window.count,
            "execution_id": fill.execution_id,
        },
        sentence=f"The quotes of {source} were behind {window.count} execution(s) when these had to be judged: by "
        f"{duration(half)} in the middle and {duration(worst)} at the most, for {duration(lasted)}; "
        f"{duration(limits['at_most'])} is allowed.",
        sample_count=window.count,
    )
