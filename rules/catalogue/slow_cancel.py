"""slow_cancel: a cancel waited long for its answer, while the order could still be executed."""

from __future__ import annotations

from rules.facts import OrderChanged, OrderEventKind
from rules.finding import Draft, Severity
from rules.rule import Limits, NotEvaluated
from rules.waiting import Late, late, who
from rules.words import shares

_CLOCKS = ("the firm's own sending of the cancel (firm)", "cancel or cancel reject (vendor)")
_SAID = {OrderEventKind.CANCELED: "done", OrderEventKind.CANCEL_REJECTED: "refused"}


def check(change: OrderChanged, limits: Limits) -> Draft | NotEvaluated | None:
    """Report a cancel that was done or refused later than allowed, with the shares that were executed meanwhile.

    By the vendor's clock alone, from Pending Cancel to Canceled or the cancel reject (35=9). Where the firm's own
    cancel is known, also from its sending, between two clocks. Shares executed meanwhile make it one severity graver.
    """
    answer = change.answer
    if answer is None or answer.asked is not OrderEventKind.PENDING_CANCEL:
        return None
    found = late(change, answer, limits)
    if not isinstance(found, Late):
        return found
    meanwhile = f" {shares(answer.executed)} shares were executed meanwhile." if answer.executed > 0 else ""
    order = change.order
    return Draft(
        subject=order.order_key,
        cause=f"cancels: {who(change)}",
        at=change.at,
        values={
            "answer": change.kind.value,
            "waited_ns": answer.waited,
            "firm_waited_ns": answer.firm_waited,
            "executed_shares": answer.executed,
            "venue": change.venue,
        },
        severity=Severity.HIGH if meanwhile else None,
        clocks=_CLOCKS if found.two_clocks else None,
        sentence=f"The cancel of the order {order.order_key} in {order.symbol} was {_SAID[change.kind]} after "
        f"{found.words}.{meanwhile}",
    )
