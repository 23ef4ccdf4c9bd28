"""The rules of Prometheus, by its own tools: each alert fires, and is quiet, where it should."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.facts import SECOND
from service.market.calendar import ALWAYS, TradingCalendar
from service.market.exchange_calendar import calendar_named
from tests.prometheus import tool

FOLDER = Path(__file__).resolve().parents[2] / "deploy/prometheus"
RUNBOOK = (FOLDER.parent / "runbook.md").read_text(encoding="utf-8")
README = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
HOUR = 3600 * SECOND
ALWAYS_FIRES = "SorwatchWatchdog"
FIRES, QUIET = "fires", "is quiet"


def read(name: str) -> Any:
    """Return a file of the folder."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


RULES: list[dict[str, Any]] = [rule for group in read("alerting.yml")["groups"] for rule in group["rules"]]


@pytest.mark.journey
def test_the_configuration_and_the_rules_are_sound() -> None:
    """By promtool and amtool."""
    assert "SUCCESS" in tool("promtool", "check", "config", "prometheus.yml", folder=FOLDER)
    assert "SUCCESS" in tool("amtool", "check-config", FOLDER / "alertmanager.yml")


@pytest.mark.journey
def test_every_alert_fires_and_is_quiet_where_it_should() -> None:
    """The cases are in deploy/prometheus/tests."""
    assert "SUCCESS" in tool("promtool", "test", "rules", "alerting.yml", folder=FOLDER / "tests")


ROUTED = {
    "SorwatchWatchdog": "dead_mans_switch",
    "SorwatchAbsent": "on_call",
    "SorwatchGapOpen": "on_call",
    "SorwatchExceptionOpen": "desk",
    "SorwatchSlaBreached": "operations",
}


@pytest.mark.journey
@pytest.mark.parametrize("name", ROUTED)
def test_an_alert_goes_to_who_should_hear_it(name: str) -> None:
    """By amtool, over the labels that the alert has."""
    rule = next(rule for rule in RULES if rule["alert"] == name)
    labels = {"alertname": name, **rule["labels"], "exception": "7"}

    receiver = tool(
        "amtool",
        "config",
        "routes",
        "test",
        f"--config.file={FOLDER / 'alertmanager.yml'}",
        *(f"{label}={value}" for label, value in labels.items()),
    )

    assert receiver.splitlines()[0] == ROUTED[name]


@pytest.fixture(scope="module")
def market() -> TradingCalendar:
    """Give the hours of New York over fixed years, in which each kind of long weekend comes."""
    return calendar_named("XNYS", first=date(2026, 1, 2), last=date(2036, 12, 31))


@pytest.mark.parametrize(("name", "midnight"), [("SorwatchSealLate", False), ("SorwatchCertificateLate", True)])
def test_no_long_weekend_makes_the_evidence_late(market: TradingCalendar, name: str, midnight: bool) -> None:  # noqa: FBT001 - an expectation
    """A seal is made after each close, certificates also after midnight; two hours are for what is made late."""
    (expression,) = (rule["expr"] for rule in RULES if rule["alert"] == name)
    limit = int(expression.partition("> ")[2].partition(" *")[0]) * 24 * HOUR
    ends = [ALWAYS.hours(day.trade_date)[1] if midnight else day.closes for day in market.sessions]  # type: ignore[index] # it never closes

    pauses = [after.closes - end for end, after in zip(ends, market.sessions[1:], strict=False)]

    assert 3 * 24 * HOUR < max(pauses) < limit - 2 * HOUR


def test_every_alert_has_a_case_of_each_kind() -> None:
    """Nobody adds one that was never seen to fire, nor one that was never seen to be quiet."""
    cases = {case["name"] for case in read("tests/alerting.yml")["tests"]}
    wanted = {f"{rule['alert']} {kind}" for rule in RULES for kind in (FIRES, QUIET)}

    assert wanted - cases == {f"{ALWAYS_FIRES} {QUIET}"}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_says_what_it_means_and_leads_to_what_to_do(rule: dict[str, Any]) -> None:
    """A severity, words, the queue, and a part of the runbook that is there."""
    said = rule["annotations"]
    anchors = {title.lower() for title in re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)}

    assert rule["labels"].keys() & {"severity", "kind"}
    assert said["summary"]
    assert said["description"].endswith(".")
    assert said["queue"].startswith("{{ $externalLabels.queue }}/")
    assert said["runbook_url"].partition("#")[2] in anchors


def test_the_runbook_speaks_of_no_alert_that_is_not_there() -> None:
    """What was renamed is renamed in both."""
    assert set(re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)) == {rule["alert"] for rule in RULES}


def test_the_readme_names_every_alert_and_every_recorded_series() -> None:
    """In its own section, and none that is not there."""
    section = README.partition("\n## Watching the watch\n")[2].partition("\n## ")[0]
    recorded = {rule["record"] for group in read("recording.yml")["groups"] for rule in group["rules"]}

    assert set(re.findall(r"`(Sorwatch\w+)`", section)) == {rule["alert"] for rule in RULES}
    assert set(re.findall(r"`(sorwatch:\S+)`", section)) == recorded


def test_every_kind_of_alert_is_routed_to_somebody() -> None:
    """And the dead-man's switch to its own receiver, often."""
    tree = read("alertmanager.yml")["route"]
    switch, *routes = tree["routes"]
    routed = {matcher for route in routes for matcher in route["matchers"]}

    assert switch["matchers"] == [f'alertname = "{ALWAYS_FIRES}"']
    assert switch["repeat_interval"] == "1m"
    labels = [label for rule in RULES for label in rule["labels"].items() if label[0] != "exception"]
    kinds = {f'{key} = "{value}"' for key, value in labels if value != "none"}
    assert kinds == routed
