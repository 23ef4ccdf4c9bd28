"""overfill: more was executed than was ordered."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits
from rules.words import shares


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report an order whose live executions add up to more than its quantity."""
    order = event.detail.get("order_key") or event.subject
    return of_event(
        event,
        cause=f"overfills of {event.counterparty}",
        sentence=f"The order {order} has more executed than was ordered{_sums(event)}.",
    )


def _sums(event: FeedEvent) -> str:
    ordered, executed = event.detail.get("ordered_shares"), event.detail.get("executed_shares")
    if not isinstance(ordered, int) or not isinstance(executed, int):
        return ""
    return f": {shares(executed)} of {shares(ordered)}"
