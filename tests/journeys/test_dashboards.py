"""Every PromQL of dashboards and rules, asked of a real Prometheus that has scraped a running demo.

What returns nothing is listed here with the reason; anything else that returns nothing is a panel that stays empty or
an alert that can never fire.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import promql
from tests.journeys.test_demo import Demo, a_demo
from tests.prometheus import Prometheus, running_prometheus, until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240.0
"""So long the scripted faults of the demo, the work on them and their alerts may take to show in every number."""
NO_DAY = "no day of the demo is over, so that none is certified"

MAY_BE_SILENT: dict[str, str] = {
    "feeds: Newest certified day A": NO_DAY,
    "feeds: Not evaluated, by reason A": "it shows only reasons that had a case; all may have been judged",
    "alerting.yml: SorwatchCertificateRed: sorwatch_certificate": NO_DAY,
}
"""What has no data in a demo of a minute or two, and why."""


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Prometheus]]:
    """Run a demo and a Prometheus that scrapes it each second, with the recording rules that we ship."""
    folder = tmp_path_factory.mktemp("scraped")
    rules = folder / "recording.yml"
    text = (promql.PROMETHEUS / "recording.yml").read_text(encoding="utf-8")
    rules.write_text(text.replace("interval: 15s", "interval: 1s"), encoding="utf-8")
    with a_demo(folder / "demo") as demo:
        demo.wait_for(r"up; the simulator begins to trade")
        told = "\n".join(demo.lines)
        daemon = re.search(r"daemon +http://([\w.:]+)/metrics", told)
        assert daemon is not None, told
        settings = f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs: [{{job_name: sorwatch, static_configs: [{{targets: ["{daemon[1]}"]}}]}}]
"""
        with running_prometheus(folder / "prometheus", settings) as prometheus:
            yield demo, prometheus


def worked_on(demo: Demo) -> bool:
    """Acknowledge one exception and close it, as a person at the command line; return whether one could be.

    One that a new finding has raised meanwhile needs a second person: then another is taken.
    """
    listed = map(json.loads, _sorwatch(demo, "list", "--format", "json").stdout.splitlines())
    numbers = [str(case["case_id"]) for case in listed if case["severity"] in {"low", "medium"}]
    by, why = ("--actor", "pat", "--role", "supervisor"), ("--reason", "justified", "--words", "the venue was tested")
    return any(
        _sorwatch(demo, "act", "acknowledge", number, *by, "--words", "seen").returncode == 0
        and _sorwatch(demo, "act", "close", number, *by, *why).returncode == 0
        for number in numbers
    )


def everything() -> list[tuple[str, str]]:
    """Return every query with where it stands: panels and recording rules whole, alerts by the series they look at.

    An alert's condition holds only while something is wrong; that its series are there is what lets it ever hold.
    """
    whole = [*promql.of_dashboards(), *(asked for _, asked in promql.of_prometheus_rules("recording.yml"))]
    looked_at = ((one.where, series) for one in conditions() for series in sorted(promql.selectors(one.expression)))
    return [
        *((asked.where, promql.substituted(asked.expression)) for asked in whole),
        *((f"{where}: {series.partition('{')[0]}", series) for where, series in looked_at),
    ]


def conditions() -> list[promql.Asked]:
    """Return what every alert asks, Grafana's own and those of Prometheus."""
    return [*promql.of_grafana_rules(), *(asked for _, asked in promql.of_prometheus_rules("alerting.yml"))]


def answers(samples: list[dict[str, Any]]) -> bool:
    """Tell whether an answer holds at least one number."""
    return any(not math.isnan(float(sample["value"][1])) for sample in samples)


def test_every_query_of_dashboards_and_rules_returns_data(scraped: tuple[Demo, Prometheus]) -> None:
    """A demo with faults, worked on by a person and scraped, fills every panel but those with a reason not to be."""
    demo, prometheus = scraped
    demo.wait_for(r"EXCEPTION +(MEDIUM|LOW)")
    until(lambda: worked_on(demo), "somebody closes an exception", PATIENCE_S)
    silent: set[str] = set()

    def filled() -> bool:
        silent.clear()
        silent.update(where for where, query in everything() if not answers(prometheus.query(query)))
        return silent <= set(MAY_BE_SILENT)

    try:
        until(filled, "every panel and rule has data", PATIENCE_S)
    finally:
        print(f"without data: {sorted(silent)}")

    # of whatever severity it is by now: a new finding may have brought it back and raised it
    assert prometheus.value("sum(sorwatch_exception_close_seconds_count)") == 1


def test_prometheus_refuses_the_condition_of_no_alert(scraped: tuple[Demo, Prometheus]) -> None:
    """Each may hold or not; the sides of its comparisons match, which a parser alone cannot tell."""
    _, prometheus = scraped
    refused = {}

    for asked in conditions():
        try:
            prometheus.query(asked.expression)
        except ValueError as refusal:
            refused[asked.where] = str(refusal)

    assert refused == {}


def test_the_choices_at_the_top_of_a_dashboard_are_not_empty(scraped: tuple[Demo, Prometheus]) -> None:
    """Counterparties, venues and rules, as Grafana reads them; and one venue picked leaves that venue alone."""
    _, prometheus = scraped
    until(
        lambda: prometheus.value('sorwatch_executed_shares_total{venue="XNYS"} > 0'), "an execution at XNYS", PATIENCE_S
    )
    asked = {one.where: one.expression for one in promql.of_dashboards()}
    picked = promql.substituted(asked["venues: Venue by venue, in the time shown A"], {"venue": "(XNYS)"})

    offered = {
        where: {sample["metric"][label] for sample in prometheus.query(promql.substituted(selector))}
        for where, selector, label in promql.of_variables()
    }
    left = until(lambda: prometheus.query(picked), "shares grow")

    assert all(offered.values())
    assert {sample["metric"]["venue"] for sample in left} == {"XNYS"}


def _sorwatch(demo: Demo, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the demo's exceptions; it may be refused with its reason, and nothing else may go wrong."""
    command = [sys.executable, "-c", "from service.cli import main; main()", "exceptions", *words]
    ended = subprocess.run(
        [*command, "--folder", str(demo.folder)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode in {0, 1}, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended
