"""Reads the plan of alerts of a working folder, and says which channels the outbox writes to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from alerts.plan import MQTT, Plan
from alerts.plan_text import Known, PlanError, parse_plan
from rules.rulebook import parse_rulebook
from service.settings import ConfigurationError, Settings

PLAN = "alerts.yaml"
WAITING_ROOM = (MQTT,)
"""Where alerts wait while a firm has named no channel at all."""


def read_plan(settings: Settings) -> Plan:
    """Return the plan of the settings' folder, that of an empty file when there is none.

    Raise ConfigurationError with every problem.
    """
    path = settings.folder / PLAN
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        plan = parse_plan(text, _known(settings))
    except PlanError as error:
        raise ConfigurationError([f"{PLAN}: {problem}" for problem in error.problems]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{PLAN}: cannot be read: {error}"]) from None
    if problems := list(_missing_files(plan, settings.folder)):
        raise ConfigurationError(problems)
    return plan


def channel_names(plan: Plan) -> tuple[str, ...]:
    """Return the channels that every alert is written for; without any they wait as those of a broker to come."""
    return tuple(channel.name for channel in plan.channels) or WAITING_ROOM


def seal_channels(plan: Plan) -> tuple[str, ...]:
    """Return the channels that carry the seals out of the house: the broker's where there is one."""
    names = channel_names(plan)
    return (MQTT,) if MQTT in names else names


def _known(settings: Settings) -> Known:
    rules = frozenset(rule.name for rule in parse_rulebook("").rules)
    return Known(rules=rules, broker=settings.mqtt is not None)


def _missing_files(plan: Plan, folder: Path) -> Iterator[str]:
    for channel in plan.channels:
        for key in ("secret_file", "urls_file"):
            name = getattr(channel, key)
            if name is not None and not (folder / name).is_file():
                yield f"{PLAN}: the channel {channel.name}: {key}: there is no file {folder / name}"
