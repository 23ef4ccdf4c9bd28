"""Reads the plan of alerts of a working folder, and says which channels the outbox writes to."""

from __future__ import annotations

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
        return parse_plan(text, _known(settings))
    except PlanError as error:
        raise ConfigurationError([f"{PLAN}: {problem}" for problem in error.problems]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{PLAN}: cannot be read: {error}"]) from None


def configured_channels(plan: Plan) -> tuple[str, ...]:
    """Return the channels that the firm has named, its broker's among them."""
    return tuple(channel.name for channel in plan.channels)


def channel_names(plan: Plan) -> tuple[str, ...]:
    """Return the channels that every alert is written for; without any they wait as those of a broker to come."""
    return configured_channels(plan) or WAITING_ROOM


def seal_channels(plan: Plan) -> tuple[str, ...]:
    """Return the channels that carry the seals out of the house: the broker's where there is one."""
    names = channel_names(plan)
    return (MQTT,) if MQTT in names else names


def _known(settings: Settings) -> Known:
    rules = frozenset(rule.name for rule in parse_rulebook("").rules)
    return Known(rules=rules, broker=settings.mqtt is not None)
