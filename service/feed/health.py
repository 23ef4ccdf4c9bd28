"""What a session's messages say of its flow and its clock, as feed events. Pure; the state is changed in place."""

from __future__ import annotations

from collections.abc import Iterator

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service.feed.clock_offset import Estimate
from service.feed.page import Page
from service.feed.silence import Hours
from service.feed.state import FeedLimits, SessionState
from service.fix.events import Admin, Decoded, Header

_SESSION = {None: "unknown", True: "up", False: "down"}


def heard(
    state: SessionState, decoded: Decoded, page: Page, limits: FeedLimits, hours: Hours
) -> list[FeedEvent] | None:
    """Take note of a message; None when nothing has changed that time alone could bring about."""
    events = _timed(state, decoded.header, page, limits)
    if type(decoded) is Admin or not limits.flow.factor:
        return events or None
    if not state.flow.hear(page.clock, limits.flow, hours):
        return events or None
    raised = state.flow.resume()
    if raised is not None:
        events.append(_stated(FeedEventKind.FLOW_RESUMED, state, page, page.clock, {"stopped_at_ns": raised}))
    return events


def flow_due(state: SessionState, limits: FeedLimits, hours: Hours) -> Nanos | None:
    """Return when the session's flow will have stopped, None when that cannot be told; never while it is down."""
    return None if state.up is False else state.flow.due(limits.flow, hours)


def passed(state: SessionState, page: Page, limits: FeedLimits, hours: Hours) -> Iterator[FeedEvent]:
    """Yield the stops that have come due by the page's clock."""
    while (due := flow_due(state, limits, hours)) is not None and due <= page.clock:
        flow = state.flow
        detail = {
            "last_message_at_ns": flow.since,
            "wait_ns": flow.wait(limits.flow),
            "usual_gap_ns": flow.usual,
            "messages_count": flow.messages,
            "factor": limits.flow.factor,
            "session": _SESSION[state.up],
        }
        flow.say(due, page.clock)
        yield _stated(FeedEventKind.FLOW_STOPPED, state, page, due, detail)


def _timed(state: SessionState, header: Header, page: Page, limits: FeedLimits) -> list[FeedEvent]:
    """Return what a message says of its session's clock; a copy says nothing, nor what comes during a recovery."""
    received_at, sent_at, clock, missed = page.received_at, header.sent_at, state.clock, state.missed
    if received_at is None or sent_at is None or header.poss_dup or header.poss_resend:
        return []
    if missed is not None and missed.since is not None and not missed.overdue:
        return []
    estimate = clock.judge(limits.clock_tolerance) if clock.hear(received_at, sent_at) else None
    if estimate is None:
        return []
    kind = FeedEventKind.CLOCK_OFFSET if clock.said else FeedEventKind.CLOCK_STEADY
    return [_stated(kind, state, page, page.clock, _clock(estimate, limits.clock_tolerance))]


def _clock(estimate: Estimate, tolerance: Nanos) -> dict[str, str | int | None]:
    ahead = estimate.high < 0
    return {
        "offset_ns": estimate.middle,
        "at_least_ns": estimate.low,
        "at_most_ns": estimate.high,
        "spread_ns": estimate.spread,
        "tolerance_ns": tolerance,
        "reason": "its clock is ahead of ours" if ahead else "its clock is behind ours, or the way here is slow",
    }


def _stated(
    kind: FeedEventKind, state: SessionState, page: Page, at: Nanos, detail: dict[str, str | int | None]
) -> FeedEvent:
    return page.state(kind, (state.counterparty, state.session), subject=state.session, at=at, detail=detail)
