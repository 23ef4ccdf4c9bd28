"""unexpected_venue: an execution somewhere that the firm has not approved, or nobody can say where."""

from __future__ import annotations

from rules.facts import Fill
from rules.finding import Draft, Severity
from rules.register import Approval, VenueRegister
from rules.rule import Limits, NotEvaluated
from rules.words import dollars, shares

_UNKNOWN = "venue_unknown"


def check(fill: Fill, limits: Limits, register: VenueRegister) -> Draft | NotEvaluated | None:  # noqa: ARG001 - one shape
    """Report an execution at a venue that is not approved for it, and one whose venue is unknown.

    Not approved: not in the register, expired, not approved yet or between two approvals on the trade date, not for
    this order type, not in this session of the day, not for this desk, client, account or symbol (scope). A dark
    segment may stand under its lit book's approval where the dialect's table joins the two. Orders that the customer
    directed to a venue are the customer's choice, not the router's.
    """
    if fill.order.directed:
        return NotEvaluated("directed by the customer")
    if not register.approvals:
        return NotEvaluated("no venue register")
    if fill.venue == _UNKNOWN:
        return _draft(fill, "venue_unknown", "at a venue that the message does not name", Severity.MEDIUM)
    approval = register.approval(fill.venue, fill.book, fill.trade_date, fill.order, fill.session_of_day)
    if isinstance(approval, Approval):
        return None
    return _draft(fill, approval.reason, f"at {fill.venue}, which {approval.words}", None)


def _draft(fill: Fill, reason: str, where: str, severity: Severity | None) -> Draft:
    return Draft(
        subject=fill.execution_id,
        cause=f"venue {fill.venue}",
        at=fill.executed_at,
        values={
            "venue": fill.venue,
            "book": fill.book,
            "venue_raw": fill.venue_raw,
            "reason": reason,
            "order_type": fill.order.order_type.value,
            "session_of_day": fill.session_of_day,
            "executed_shares": fill.quantity,
        },
        severity=severity,
        sentence=f"{shares(fill.quantity)} {fill.symbol} were executed at {dollars(fill.price)} {where}.",
    )
