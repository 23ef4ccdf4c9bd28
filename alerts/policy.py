"""Who hears of it: a pure decision at send time, always with its reason.

Routes look at what an alert is and at when it was made; quiet hours and storms at when it is to be sent.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from alerts.alert import Alert
from alerts.plan import SECOND, Between, ChannelSpec, Plan, Quiet, Route, Storm, When
from rules.finding import Severity

STILL_WAITING = "still_waiting"
"""The reason of an alert that tells again what nobody has acknowledged."""
AFTER_ACKNOWLEDGEMENT = ("severity_rose", "acknowledgement_expired", "condition_resolved")
"""What still speaks once somebody has acknowledged the exception."""
UNSAID = "storm: "
"""How the reason of an alert begins that a storm left unsaid."""
_DAY = 24 * 60


class Verdict(StrEnum):
    """What becomes of a waiting alert."""

    SENT = "sent"
    WITHHELD = "withheld"
    HELD = "held"


class Moment(msgspec.Struct, frozen=True):
    """An instant in UTC nanoseconds, and whether the market is open at it."""

    at: int
    market_open: bool


class Decision(msgspec.Struct, frozen=True):
    """The verdict and why, in words that are kept with the alert.

    `until` is set where it is held (UTC ns), `storm` says that a storm leaves it unsaid.
    """

    verdict: Verdict
    reason: str
    route: str | None = None
    until: int | None = None
    storm: bool = False


def decide(
    alert: Alert,
    plan: Plan,
    channel: ChannelSpec,
    *,
    made: Moment,
    now: Moment,
    acknowledged: bool,
    recent: int = 0,
    urged: Severity | None = None,
) -> Decision:
    """Decide what becomes of an alert on a channel now.

    `made` is when the alert was made; `acknowledged` says whether an acknowledgement stands at this moment; `recent` is
    how many alerts this channel has sent, or withheld because of a storm, within the span that its storm looks at.
    `urged` is the severity of a later alert of the same exception that may go and waits for this one: it is no quieter.
    """
    if acknowledged and alert.reason not in AFTER_ACKNOWLEDGEMENT:
        return Decision(Verdict.WITHHELD, "acknowledged before it was sent")
    route = governing(alert, plan, channel.name, made)
    if route is None and plan.routes:
        return Decision(Verdict.WITHHELD, f"no route leads from it to {channel.name}")
    name = None if route is None else route.name
    if channel.storm is not None and storming(channel, recent) and alert.severity.rank < channel.storm.floor.rank:
        return Decision(Verdict.WITHHELD, storm_words(channel.storm), name, storm=True)
    quiet = _quiet_of(route, channel)
    rank = alert.severity.rank if urged is None else max(alert.severity.rank, urged.rank)
    if quiet is not None and rank < quiet.below.rank and holds(quiet.between, now.at, plan.time_zone):
        until = ends(quiet.between, now.at, plan.time_zone)
        return Decision(Verdict.HELD, f"quiet until {clock(quiet.between.end)}", name, until)
    return Decision(Verdict.SENT, alert.reason, name)


def governing(alert: Alert, plan: Plan, channel: str, made: Moment) -> Route | None:
    """Return the first route that names the channel and that the alert matches, None when there is none."""
    for route in plan.routes:
        if channel in route.to and matches(route.when, alert, made, plan.time_zone):
            return route
    return None


def matches(when: When, alert: Alert, made: Moment, zone: str) -> bool:
    """Return whether an alert is what a route wants: everything that it sets, and of each list one."""
    return (
        _among(when.severity, alert.severity)
        and _among(when.rule, alert.rule)
        and _among(when.counterparty, alert.counterparty)
        and _among(when.venue, alert.venue)
        and _among(when.symbol, alert.symbol)
        and _among(when.session, alert.session)
        and _among(when.reason, alert.reason)
        and when.incident in (None, alert.incident is not None)
        and when.open_hours in (None, made.market_open)
        and (when.between is None or holds(when.between, made.at, zone))
    )


def due_again(plan: Plan, channel: str, alert: Alert, last_sent: int, *, now: Moment) -> bool:
    """Return whether an exception that nobody has acknowledged is to be told again.

    The route that the reminder would go by now says after how long; where none leads to the channel now, it waits.
    """
    route = governing(msgspec.structs.replace(alert, reason=STILL_WAITING), plan, channel, now)
    return route is not None and route.repeat is not None and last_sent + route.repeat <= now.at


def shortest_repeat(plan: Plan, channel: str) -> int | None:
    """Return after how long at the earliest something is told again on a channel, None where nothing ever is."""
    return min((route.repeat for route in plan.routes if channel in route.to and route.repeat), default=None)


def storming(channel: ChannelSpec, recent: int) -> bool:
    """Return whether the channel has said so much of late that only what is grave goes one by one."""
    return channel.storm is not None and recent >= channel.storm.more_than


def storm_words(storm: Storm) -> str:
    """Return what a storm means on a channel, in words."""
    return f"{UNSAID}more than {storm.more_than} within {storm.within // SECOND} s, only {storm.floor.value} and above"


def holds(between: Between, at: int, zone: str) -> bool:
    """Return whether an instant lies in a time of day; one that ends where it begins is the whole day."""
    local = _local(at, zone)
    minute = local.hour * 60 + local.minute
    return (minute - between.start) % _DAY < ((between.end - between.start) % _DAY or _DAY)


def ends(between: Between, at: int, zone: str) -> int:
    """Return the next instant after `at` at which the clock of the zone shows the end."""
    local = _local(at, zone)
    today = local.replace(hour=between.end // 60 % 24, minute=between.end % 60, second=0, microsecond=0)
    # an hour that the clocks show twice ends twice
    found = (_nanos(day.replace(fold=fold)) for day in (today, today + timedelta(days=1)) for fold in (0, 1))
    return min(end for end in found if end > at)


def clock(minute: int) -> str:
    """Return a minute of the day as people write it."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _quiet_of(route: Route | None, channel: ChannelSpec) -> Quiet | None:
    return channel.quiet if route is None or route.quiet is None else route.quiet


def _among(wanted: frozenset[str], value: str | None) -> bool:
    return not wanted or value in wanted


def _local(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(zone))


def _nanos(local: datetime) -> int:
    return int(local.timestamp()) * SECOND
