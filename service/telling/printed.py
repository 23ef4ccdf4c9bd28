"""Channels, dead letters and acts on them as lines of a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from alerts.plan import ChannelSpec
from alerts.policy import Decision, Verdict
from service.cases.clocks import span
from service.telling.delivered import Delivered, Standing
from service.telling.words import about, counted, moment, stands


def channel_line(one: Standing, now: int, *, connected: bool | None) -> str:
    """Return how a channel stands in a line."""
    return f"{one.channel}: {'; '.join(_parts(one, now, connected=connected))}"


def _parts(one: Standing, now: int, *, connected: bool | None) -> Iterator[str]:
    yield stands(one, now, connected=connected)[0]
    if one.oldest is None:
        yield "nothing waits"
    else:
        held = f" ({one.held:,} held until later)" if one.held else ""
        yield f"{counted(one.waiting)} waiting{held}, the oldest for {span(max(0, now - one.oldest))}"
    yield "nothing sent yet" if one.last_sent is None else f"last sent {moment(one.last_sent)}"
    if one.last_error:
        yield f"last error: {one.last_error}"
    if one.dead:
        since = "" if one.dead_since is None else f", the first since {moment(one.dead_since)}"
        yield f"{one.dead:,} dead{since}"


def dead_line(one: Delivered) -> str:
    """Return a dead letter in a line."""
    what = one.rule if one.exception is None else f"exception {one.exception} {one.rule} {one.severity}"
    since = "" if one.dead_at is None else f" since {moment(one.dead_at)}"
    tried = f"tried {one.attempts:,} time{'' if one.attempts == 1 else 's'}"
    return f"{one.alert} {one.channel}: {what} ({about(one)}), dead{since}, {tried}: {one.error or 'no error'}"


def dealt_lines(alerts: Sequence[int], refused: Iterable[tuple[int, str]], problem: str, became: str) -> Iterator[str]:
    """Yield what came of an act."""
    if problem:
        yield f"nothing was done: {problem}"
    elif alerts:
        yield f"{counted(len(alerts))} {became}"
    yield from (f"alert {alert}: {words}" for alert, words in refused)


def decision_line(spec: ChannelSpec, decision: Decision) -> str:
    """Return what would become of an alert on a channel, by which route and why."""
    route = "" if decision.route is None else f" by the route {decision.route}"
    if decision.verdict is Verdict.SENT:
        group = "" if spec.group is None else f", with others of its group after {span(spec.group.wait)}"
        return f"{spec.name}: sent{route}{group}"
    until = "" if decision.until is None else f" ({moment(decision.until)}), then decided again"
    return f"{spec.name}: {decision.verdict.value}{route}: {decision.reason}{until}"
