"""unanswered_order: the vendor says nothing of an order that the firm sent, or leaves a request pending."""

from __future__ import annotations

from rules.drafts import in_symbol, of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits

_WHAT = {"pending_new": "pending ", "pending_replace": "replace of the ", "pending_cancel": "cancel of the "}


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report an own order of which the vendor's copy has said nothing, and a request that it left pending, in time.

    Pending are an order that was never acknowledged after Pending New, and a replace or cancel that was neither done
    nor refused.
    """
    what = _WHAT.get(str(event.detail.get("asked")), "")
    return of_event(
        event,
        cause=f"unanswered orders at {event.counterparty}",
        sentence=f"{event.counterparty} has not answered the {what}order {event.subject}{in_symbol(event)} "
        "within the time allowed.",
    )
