"""slow_ack: the vendor took long to acknowledge an order, or to refuse it."""

from __future__ import annotations

from rules.facts import OrderChanged, OrderEventKind
from rules.finding import Draft
from rules.rule import Limits, NotEvaluated
from rules.waiting import Late, late, who

_CLOCKS = ("the firm's own sending of the order (firm)", "acknowledgement or refusal (vendor)")


def check(change: OrderChanged, limits: Limits) -> Draft | NotEvaluated | None:
    """Report an order whose first acknowledgement (New) or refusal (Rejected) came later than allowed.

    By the vendor's clock alone, from the order's receipt (its time in, else Pending New), or from the open when that is
    later. Where the firm's own order is known, also from its sending, between two clocks. Where only New comes and it
    has no time in, the vendor's clock cannot tell, which is counted.
    """
    answer = change.answer
    if answer is None or answer.asked is not OrderEventKind.PENDING_NEW:
        return None
    found = late(change, answer, limits)
    if not isinstance(found, Late):
        return found
    said = "refused" if change.kind is OrderEventKind.REJECTED else "acknowledged"
    return Draft(
        subject=change.order.order_key,
        cause=f"acknowledgements: {who(change)}",
        at=change.at,
        values={
            "answer": change.kind.value,
            "waited_ns": answer.waited,
            "firm_waited_ns": answer.firm_waited,
            "venue": change.venue,
        },
        clocks=_CLOCKS if found.two_clocks else None,
        sentence=f"The order {change.order.order_key} in {change.order.symbol} was {said} after {found.words}.",
    )
