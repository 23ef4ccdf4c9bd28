"""rule_failure: a rule raised an exception, so a fact was not judged by it."""

from __future__ import annotations

from rules.finding import Draft
from rules.rule import Failure, Limits, Observation
from rules.windows import Window


def observe(failure: Failure, limits: Limits) -> Observation:  # noqa: ARG001 - every rule has this shape
    """Count a failure under its rule, its exception's type and its place."""
    return Observation(
        key=(failure.rule, failure.error, failure.where),
        identity=failure.fact,
        at=failure.clock,
        value=1,
    )


def check(failure: Failure, limits: Limits, window: Window) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a rule that raised: the first time, then every so many; the other rules judged the fact all the same."""
    return Draft(
        subject=f"{failure.rule} {failure.error}",
        cause=f"rule {failure.rule}",
        at=window.last_at,
        values={
            "rule": failure.rule,
            "error": failure.error,
            "where": failure.where,
            "fact": failure.fact,
            "failures_count": window.count,
        },
        sentence=f"The rule {failure.rule} failed with {failure.error} at {failure.where} on {failure.fact}; "
        "it judged nothing there. The other rules went on.",
        sample_count=window.count,
    )
