"""Explains the plan of alerts: which channels would hear of an exception at a time, by which route, and why not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from alerts.alert import Alert
from alerts.policy import Moment, decide
from rules.facts import Nanos
from rules.finding import Severity
from rules.rulebook import parse_rulebook
from service.calendars import live_calendar
from service.configuration import Configuration, read_configuration
from service.plans import channel_names
from service.settings import ConfigurationError
from service.telling.asked import Said
from service.telling.delivered import SECOND
from service.telling.example import test_alert
from service.telling.printed import decision_line
from service.telling.words import moment

NEW_YORK = ZoneInfo("America/New_York")
FIRST_YEAR, LAST_YEAR = 2000, 2200
"""What a calendar can be made for."""


def explained(folder: Path, at: datetime | None, said: Mapping[str, Any]) -> Said:
    """Return of each channel what becomes of such an alert that is made, and may go out, at that time."""
    configuration = read_configuration(folder)
    if problems := list(_problems(configuration, at, said)):
        raise ConfigurationError(problems)
    now = time.time_ns() if at is None else _nanos(at)
    calendar = live_calendar(configuration.settings.calendar, datetime.fromtimestamp(now // SECOND, UTC).date())
    there = Moment(now, calendar.is_open(Nanos(now)))
    alert = _alert(configuration.settings.firm, now, said)
    hours = "the market is open" if there.market_open else "the market is closed"
    lines = _lines(configuration, alert, there, acknowledged=bool(said["acknowledged"]))
    return Said((f"{alert.severity.value} {alert.rule} ({alert.reason}), {moment(now)} New York, {hours}:", *lines))


def _problems(configuration: Configuration, at: datetime | None, said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what there is none of: a slip of the pen would say that nobody hears of it."""
    if said["rule"] not in {rule.name for rule in parse_rulebook(configuration.rulebook).rules}:
        yield f"--rule {said['rule']}: there is no such rule; sorwatch rules list shows them"
    there = [party.name for party in configuration.counterparties]
    if said["counterparty"] is not None and said["counterparty"] not in there:
        yield f"--counterparty {said['counterparty']}: there is no such counterparty; there are: {', '.join(there)}"
    if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
        yield f"--at: expected a time of the years {FIRST_YEAR} to {LAST_YEAR}"


def _lines(configuration: Configuration, alert: Alert, now: Moment, *, acknowledged: bool) -> Iterator[str]:
    plan = configuration.plan
    for name in channel_names(plan):
        spec = plan.channel(name)
        if spec is None:
            yield f"{name}: waits: no channel is configured"
            continue
        yield decision_line(spec, decide(alert, plan, spec, made=now, now=now, acknowledged=acknowledged))


def _alert(firm: str, now: int, said: Mapping[str, Any]) -> Alert:
    return msgspec.structs.replace(
        test_alert(firm, now),
        rule=said["rule"],
        severity=Severity(said["severity"]),
        reason=said["reason"],
        counterparty=said["counterparty"],
        venue=said["venue"],
        symbol=said["symbol"],
        session=said["session"],
        incident=1 if said["incident"] else None,
    )


def _nanos(at: datetime) -> int:
    return int(at.replace(tzinfo=NEW_YORK).timestamp()) * SECOND
