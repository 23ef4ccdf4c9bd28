"""late_drop_copy: the copy of an execution was sent late, or was long on its way."""

from __future__ import annotations

from rules.facts import MILLISECOND, SECOND, Fill, Nanos
from rules.finding import Draft
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window
from rules.words import duration

PUBLISH, TRANSPORT = "publish delay", "transport delay"
_CLOCKS = {
    PUBLISH: ("execution (vendor)", "SendingTime (52, vendor)"),
    TRANSPORT: ("SendingTime (52, vendor)", "receipt here"),
}
_NANO_DIGITS = 9


def observe(fill: Fill, limits: Limits) -> Observation | NotEvaluated | None:
    """Count a copy that was late, by session and by which of its two delays was further beyond its limit."""
    excluded = _excluded(fill)
    if excluded is not None:
        return NotEvaluated(excluded)
    delays = _delays(fill)
    beyond = {which: delay - limits[_LIMIT[which]] for which, delay in delays.items()}
    which = max(beyond, key=beyond.__getitem__)
    if beyond[which] <= 0:
        return None
    if beyond[which] <= _grain(fill, which):
        return NotEvaluated("stamp too coarse")
    key = (fill.counterparty, fill.session, which)
    return Observation(key=key, identity=fill.execution_id, at=fill.clock, value=delays[which])


def check(fill: Fill, limits: Limits, window: Window) -> Draft:
    """Report that copies come late: the first few of a session, then every so many.

    A publish delay is between two stamps of the vendor; a transport delay is between two clocks and carries their
    difference. What the counterparty says it holds its copy back is taken off both.
    """
    delays = _delays(fill)
    which = max(delays, key=lambda name: delays[name] - limits[_LIMIT[name]])
    half, worst = Nanos(window.quantile(500_000)), Nanos(window.quantile(1_000_000))
    two = " (between two clocks)" if which == TRANSPORT else ""
    return Draft(
        subject=f"{which} of {fill.session}",
        cause=f"{which} of {fill.session}",
        at=window.last_at,
        values={
            "delay": which,
            "median_ns": half,
            "longest_ns": worst,
            "late_count": window.count,
            "declared_delay_ns": fill.declared_delay,
            "execution_id": fill.execution_id,
        },
        clocks=_CLOCKS[which],
        sentence=f"{window.count} copies of {fill.session} were late in the window: the {which}{two} was "
        f"{duration(half)} in the middle and {duration(worst)} at the most; "
        f"{duration(limits[_LIMIT[which]])} is allowed.",
        sample_count=window.count,
    )


_LIMIT = {PUBLISH: "publish_at_most", TRANSPORT: "transport_at_most"}


def _delays(fill: Fill) -> dict[str, int]:
    """Return the two delays, less what was declared; the second only where our clock saw it come."""
    assert fill.sent_at is not None
    delays = {PUBLISH: fill.sent_at - fill.executed_at - fill.declared_delay}
    if fill.received_at is not None:
        delays[TRANSPORT] = fill.received_at - fill.sent_at - fill.declared_delay
    return delays


def _grain(fill: Fill, which: str) -> int:
    """Return by how much the delay may be too long because its first stamp was cut short."""
    if which == PUBLISH:
        return int(SECOND // 10 ** min(fill.executed_at_digits, _NANO_DIGITS)) - 1
    assert fill.sent_at is not None
    return 0 if fill.sent_at % SECOND else SECOND - MILLISECOND


def _excluded(fill: Fill) -> str | None:
    """Return why this copy has no delay that may be judged."""
    if fill.backfilled:
        return "back-filled"
    if fill.resent:
        return "resent"
    if fill.auction:
        return "auction"
    if fill.amends is not None:
        return "correction"
    if fill.clock_suspect is not None:
        return "clock suspect"
    return "no SendingTime" if fill.sent_at is None else None
