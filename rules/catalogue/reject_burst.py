"""reject_burst: a venue, or the vendor, refuses orders in numbers."""

from __future__ import annotations

from rules.facts import OrderChanged, OrderEventKind
from rules.finding import Draft
from rules.instruments import TEST
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window, wilson
from rules.words import percent, ratio_ppm

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_REJECTED, _PENDING_NEW = OrderEventKind.REJECTED, OrderEventKind.PENDING_NEW
_UNKNOWN = "venue_unknown"
_NO_REASON = "no reason given"
_MOST_WORDS = 60


def observe(change: OrderChanged, limits: Limits) -> Observation | NotEvaluated | None:  # noqa: ARG001 - one shape
    """Count the first answer to each order under its venue: refused (1), by the reason given, or taken (0)."""
    answer, refused = change.answer, change.kind is _REJECTED
    if answer is None or answer.asked is not _PENDING_NEW:
        return None
    if change.order.receipt.note == TEST:
        return NotEvaluated(TEST)
    return Observation(
        key=(change.counterparty, change.venue),
        identity=change.order.order_key,
        at=change.at,
        value=1 if refused else 0,
        label=(change.reason or _NO_REASON)[:_MOST_WORDS] if refused else "",
    )


def check(change: OrderChanged, limits: Limits, window: Window) -> Draft | None:
    """Report refusals that are many, and of whose share Wilson's interval lies wholly above what is allowed.

    Both must hold: a few refusals among few orders are chance, and some among very many are daily life. The commonest
    reason is named.
    """
    refused, answered = window.total, window.count
    if refused < limits["at_least"] or ratio_ppm(refused, answered) <= limits["share_at_most"]:
        return None  # the interval's lower end lies below the share itself
    lower, upper = wilson(refused, answered, limits["confidence"])
    if lower <= limits["share_at_most"]:
        return None
    named = change.venue != _UNKNOWN
    where = f"at {change.venue}" if named else f"by {change.counterparty}"
    reasons = {label: count for label, (count, _, _) in window.by_label.items()}
    commonest = max(reasons, key=lambda label: (reasons[label], label))
    share = ratio_ppm(refused, answered)
    return Draft(
        subject=f"orders refused {where}",
        cause=f"rejects: {f'venue {change.venue}' if named else f'counterparty {change.counterparty}'}",
        at=window.last_at,
        values={
            "refused_count": refused,
            "orders_count": answered,
            "refused_ratio_ppm": share,
            "lower_ratio_ppm": lower,
            "upper_ratio_ppm": upper,
            "reason": commonest,
            "of_this_reason_count": reasons[commonest],
            "first_at_ns": window.first_at,
            "venue": change.venue,
        },
        sentence=f"Of the last {answered} orders answered {where}, {refused} were refused: {percent(share)} (between "
        f"{percent(lower)} and {percent(upper)}); at most {percent(limits['share_at_most'])} is allowed. The commonest "
        f"reason: {commonest} ({reasons[commonest]}).",
        sample_count=answered,
    )
