"""cumulative_break: the vendor claims another cumulative quantity than its executions add up to."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits
from rules.words import shares


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report an order whose claimed total (14) differs from its executions for longer than reports are on the way."""
    order = event.detail.get("order_key") or event.subject
    return of_event(
        event,
        cause=f"broken totals at {event.counterparty}",
        sentence=f"The executions of order {order} do not add up to what {event.counterparty} claims{_sums(event)}.",
    )


def _sums(event: FeedEvent) -> str:
    claimed, executed = event.detail.get("claimed_shares"), event.detail.get("executed_shares")
    if not isinstance(claimed, int) or not isinstance(executed, int):
        return ""
    what = "missing here" if claimed > executed else "counted twice, or not claimed"
    return f": {shares(claimed)} against {shares(executed)}; {shares(abs(claimed - executed))} are {what}"
