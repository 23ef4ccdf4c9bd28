"""quote_fade: after a parent's first child the market moves away before the next one, more than it did before."""

from __future__ import annotations

from rules.facts import Fade, Quote
from rules.fade import Moved, far_side
from rules.finding import Draft
from rules.rule import Limits, NotEvaluated, Observation
from rules.wilson import wilson
from rules.window import Window
from rules.words import dollars, percent, ratio_ppm

_WHOLE = 1_000_000
_HALF = 500_000
_FADED, _BEFORE = "faded", "before"
_NONE = (0, 0, 0)


def observe(fade: Fade, limits: Limits) -> Observation | NotEvaluated:
    """Count a later child: 1 when the market moved away from it and not before, −1 the other way round, else 0."""
    moved, before = fade.moved, fade.moved_before
    if moved.touch is None or before.touch is None:
        return NotEvaluated(moved.why or before.why or "no quotes")
    if fade.later_at - fade.first_at > limits["within"]:
        return NotEvaluated("too long after the first child")
    faded, anyway = _away(fade, moved, fade.first, limits), _away(fade, before, fade.baseline, limits)
    return Observation(
        key=(fade.counterparty,),
        identity=f"{fade.parent_id}\x1f{fade.later_key}",
        at=fade.later_at,
        value=faded - anyway,
        other=moved.touch - before.touch,
        label="" if faded is anyway else _FADED if faded else _BEFORE,
    )


def check(fade: Fade, limits: Limits, window: Window) -> Draft | None:
    """Report that more of a router's later children met a faded quote than allowed, beyond what the market does anyway.

    The baseline is the same symbol's move over as long a time before the first child, when none of the parent's orders
    was in the market. Children for which both or neither moved say nothing. Of the others, surely more than half must
    have faded: the lower end of Wilson's interval lies above 50 %, so that a restless market does not fire.
    """
    faded, anyway = (window.by_label.get(which, _NONE)[0] for which in (_FADED, _BEFORE))
    net = max(0, faded - anyway)
    if net * _WHOLE <= limits["at_most"] * window.count:
        return None
    lower, upper = wilson(faded, faded + anyway, limits["confidence"])
    if lower <= _HALF:
        return None
    share, average = ratio_ppm(net, window.count), window.total_other // window.count
    return Draft(
        subject=f"children of {fade.counterparty}",
        cause="quotes fade",
        at=window.last_at,
        values={
            "faded_count": faded,
            "moved_before_count": anyway,
            "children_count": window.count,
            "net_ratio_ppm": share,
            "lower_ratio_ppm": lower,
            "upper_ratio_ppm": upper,
            "average_touch_price": average,
            "parent_id": fade.parent_id,
            "order_key": fade.later_key,
            "first_at_ns": window.first_at,
        },
        sentence=f"Of the last {window.count} later children {faded} met a quote that had faded, {anyway} one that had "
        f"moved so before the first: {percent(share)} more, and {dollars(average)} a share on average; "
        f"{percent(limits['at_most'])} is allowed.",
        sample_count=window.count,
    )


def _away(fade: Fade, moved: Moved, begun: Quote, limits: Limits) -> bool:
    """Return whether the touch became worse by more than allowed, or lost too much of its size and was no better."""
    assert moved.touch is not None
    if moved.touch > limits["touch_at_most"]:
        return True
    _, displayed = far_side(fade.side, begun)
    if moved.touch < 0 or moved.size is None or displayed is None:
        return False
    return moved.size * _WHOLE > limits["size_at_most"] * displayed
