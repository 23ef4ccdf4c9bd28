"""What Grafana reads at its start: of the documented shape, whole, and silent while the market is closed."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from deploy import closed_days
from deploy.grafana.sheets import KEPT
from rules.facts import SECOND
from service.cases.wanted import Wrong, wanted
from service.market.calendar import NEW_YORK, TradingCalendar
from tests import grafana_files as files

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "SORWATCH_QUEUE_URL": "https://watch.example",
    "SORWATCH_RUNBOOK_URL": "https://docs.example/runbook.md",
    "SORWATCH_PROMETHEUS_URL": "http://prometheus:9090",
    "SORWATCH_DESK_WEBHOOK": "https://desk.example/hook",
    "SORWATCH_ON_CALL_MAIL": "on-call@desk.example",
}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RULES = [pytest.param(rule, id=rule.title) for rule in files.rules()]
SHAPES = {
    "datasources/prometheus.yaml": files.Sources,
    "dashboards/sorwatch.yaml": files.Providers,
    "alerting/rules.yaml": files.Groups,
    "alerting/contact_points.yaml": files.Points,
    "alerting/policies.yaml": files.Policies,
    "alerting/mute_timings.yaml": files.MuteTimings,
}


def test_every_file_has_a_documented_shape() -> None:
    """No file that is not known here, none with a key that Grafana does not document."""
    found = {str(path.relative_to(files.PROVISIONING)) for path in files.PROVISIONING.rglob("*.yaml")}

    for name, shape in SHAPES.items():
        files.read(name, shape)

    assert found == set(SHAPES)


def test_compose_gives_grafana_every_name_that_its_files_ask_for() -> None:
    """A name that is missing is read as nothing, and Grafana does not start on a contact point without an address."""
    asked = {name for path in SHAPES for name in files.names_in(path)}
    grafana = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))["services"]["grafana"]

    assert asked == set(ENVIRONMENT)
    assert asked <= set(grafana["environment"])


def test_the_dashboards_ask_the_provisioned_source_and_lie_where_the_provider_looks() -> None:
    """Data source and folder are the same in all three places."""
    source = files.read("datasources/prometheus.yaml", files.Sources).datasources[0]
    provider = files.read("dashboards/sorwatch.yaml", files.Providers).providers[0]
    grafana = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))["services"]["grafana"]

    for path in KEPT.glob("*.json"):
        first = json.loads(path.read_text("utf-8"))["templating"]["list"][0]
        assert (first["query"], first["current"]["value"]) == ("prometheus", source.uid)
    assert f"./grafana/dashboards:{provider.options['path']}:ro" in grafana["volumes"]
    assert all(mount.endswith(":ro") for mount in grafana["volumes"] if mount.startswith("."))


@pytest.mark.parametrize("rule", RULES)
def test_an_alert_rule_compares_what_it_asks_for(rule: files.Rule) -> None:
    """The condition is the last step, it compares the one before, and that asks the provisioned source."""
    query, comparison = rule.data

    assert rule.condition == comparison.refId == comparison.model["refId"]
    assert comparison.model["expression"] == query.refId == query.model["refId"]
    assert (query.datasourceUid, comparison.datasourceUid) == ("sorwatch-prometheus", "__expr__")
    assert comparison.model["type"] == "threshold"
    assert [one["evaluator"]["type"] in {"gt", "lt"} for one in comparison.model["conditions"]] == [True]


@pytest.mark.parametrize("rule", RULES)
def test_an_alert_leads_to_the_queue_and_to_its_panel(rule: files.Rule) -> None:
    """Whoever is woken comes to the exceptions, to the runbook and to the picture with one click each."""
    told = {name: files.interpolated(text, ENVIRONMENT) for name, text in rule.annotations.items()}
    queue = urlsplit(told["queue"])
    dashboard = json.loads((KEPT / f"{told['__dashboardUid__'].removeprefix('sorwatch-')}.json").read_text("utf-8"))
    panel = next(panel for panel in dashboard["panels"] if panel["id"] == int(told["__panelId__"]))

    assert told["queue"].startswith("https://watch.example/")
    assert not isinstance(wanted(queue.query), Wrong)
    assert told["runbook_url"] == f"https://docs.example/runbook.md#{rule.title.lower()}"
    assert f"## {rule.title}\n" in (ROOT / "deploy/runbook.md").read_text("utf-8")
    assert _metrics(panel["targets"][0]["expr"]) & _metrics(rule.data[0].model["expr"])


@pytest.mark.parametrize("rule", RULES)
def test_the_words_of_an_alert_use_the_labels_that_its_query_leaves(rule: files.Rule) -> None:
    """A label that the query has summed away would be an empty word at three in the morning."""
    told = files.interpolated(" ".join(rule.annotations.values()), ENVIRONMENT)
    grouped = re.match(r"max by \(([^)]*)\)", rule.data[0].model["expr"])
    left = {name.strip() for name in grouped[1].split(",")} if grouped else set()

    assert set(re.findall(r"\$labels\.(\w+)", told)) <= left | set(rule.labels)


def test_every_route_leads_to_a_contact_point_and_every_timing_exists() -> None:
    """Grafana refuses the whole file otherwise."""
    points = {point.name for point in files.read("alerting/contact_points.yaml", files.Points).points}
    timings = {timing.name for timing in files.read("alerting/mute_timings.yaml", files.MuteTimings).timings}
    (policy,) = files.read("alerting/policies.yaml", files.Policies).policies

    assert {policy.receiver, *(route.receiver for route in policy.routes)} == points
    assert {name for route in policy.routes for name in route.mute_time_intervals} == timings


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("severity", ["critical", "high"])
def test_who_hears_of_a_rule_when(rule: files.Rule, severity: str) -> None:
    """What is about the market is silent while it is closed; that the watch fails is said at any hour, and by mail."""
    labels = {"severity": severity, **rule.labels}
    route = _taken(labels)

    assert bool(route.mute_time_intervals) == (labels["hours"] == "market")
    assert route.receiver == ("on call" if labels["hours"] == "always" or labels["severity"] == "critical" else "desk")


@pytest.mark.parametrize("hour", ["08:59", "09:00", "12:00", "13:59", "14:00", "16:59", "17:00", "23:59"])
def test_the_desk_is_silent_while_the_market_is_closed(hour: str) -> None:
    """By the clock of New York, from the margins of the shipped queue.yaml, at weekends, and on every holiday."""
    (timing,) = files.read("alerting/mute_timings.yaml", files.MuteTimings).timings
    span = closed_days.named_in(closed_days.MUTED)
    market = span.read()
    days = (date(span.first, 1, 1) + timedelta(days=day) for day in range(366 * (span.last - span.first)))
    moments = [datetime.combine(day, time.fromisoformat(hour), NEW_YORK) for day in days]

    silent = [moment for moment in moments if any(_covers(interval, moment) for interval in timing.time_intervals)]

    assert silent == [moment for moment in moments if not _staffed(market, moment)]


def _staffed(market: TradingCalendar, moment: datetime) -> bool:
    """Tell whether somebody is at the desk: from half an hour before the open to an hour after the close."""
    hours = market.hours(moment.date().isoformat())
    at = int(moment.timestamp()) * SECOND
    return hours is not None and hours[0] - 1800 * SECOND <= at < hours[1] + 3600 * SECOND


def _taken(labels: dict[str, str]) -> files.Route:
    """Return the first route whose matchers all hold, as Grafana takes it; every operator in use is `=`."""
    (policy,) = files.read("alerting/policies.yaml", files.Policies).policies
    assert {sign for route in policy.routes for _, sign, _ in route.object_matchers} == {"="}
    fitting = (r for r in policy.routes if all(labels.get(name) == value for name, _, value in r.object_matchers))
    return next(fitting)


def _covers(interval: files.Interval, there: datetime) -> bool:
    assert interval.location == NEW_YORK.key
    today = (
        not interval.weekdays or any(_within(DAYS[there.weekday()], days) for days in interval.weekdays),
        not interval.years or str(there.year) in interval.years,
        not interval.months or str(there.month) in interval.months,
        not interval.days_of_month or str(there.day) in interval.days_of_month,
    )
    minutes = there.hour * 60 + there.minute
    spans = [(_minutes(span.start_time), _minutes(span.end_time)) for span in interval.times] or [
        (0, _minutes("24:00"))
    ]
    return all(today) and any(start <= minutes < end for start, end in spans)


def _within(day: str, days: str) -> bool:
    first, _, last = days.partition(":")
    return DAYS.index(first) <= DAYS.index(day) <= DAYS.index(last or first)


def _minutes(text: str) -> int:
    if text == "24:00":
        return 24 * 60
    of_day = time.fromisoformat(text)
    return of_day.hour * 60 + of_day.minute


def _metrics(expression: str) -> set[str]:
    return set(re.findall(r"sorwatch_\w+", expression))
