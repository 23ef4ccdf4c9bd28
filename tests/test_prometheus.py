"""The servers that the tests start themselves: Prometheus finds what there is, Alertmanager takes and gives on."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.prometheus import running_alertmanager, running_prometheus, tool, until

pytestmark = pytest.mark.journey

SCRAPES_ITSELF = """
global: {scrape_interval: 200ms}
scrape_configs: [{job_name: itself, static_configs: [{targets: ["%s"]}]}]
"""
ROUTES = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


def test_a_prometheus_scrapes_and_answers(tmp_path: Path) -> None:
    """A value, none, and a refusal in its own words."""
    with running_prometheus(tmp_path, SCRAPES_ITSELF % "127.0.0.1:1") as prometheus:
        own = prometheus.url.removeprefix("http://")
        (tmp_path / "prometheus.yml").write_text(SCRAPES_ITSELF % own, encoding="utf-8")
        prometheus.reload()

        up = until(lambda: prometheus.value(f'up{{instance="{own}"}}'), "it scrapes itself")

        assert up == 1.0
        assert prometheus.value("up{job='nobody'}") is None
        assert prometheus.value("1 + 1") == 2.0
        assert prometheus.firing() == []
        with pytest.raises(ValueError, match="parse error"):
            prometheus.query("up{")


def test_an_alertmanager_takes_alerts(tmp_path: Path) -> None:
    """It needs nothing of the machine, its template neither."""
    with running_alertmanager(tmp_path, ROUTES) as alertmanager:
        alert = {"labels": {"alertname": "Here"}}
        httpx.post(f"{alertmanager.url}/api/v2/alerts", json=[alert], timeout=10).raise_for_status()

        found = until(lambda: alertmanager.get("/api/v2/alerts"), "it has the alert")

    assert [one["labels"] for one in found] == [{"alertname": "Here"}]


def test_their_tools_say_what_is_wrong(tmp_path: Path) -> None:
    """A file that is right, and one that is not."""
    right, wrong = tmp_path / "right.yml", tmp_path / "wrong.yml"
    right.write_text(ROUTES, encoding="utf-8")
    wrong.write_text("groups: [{name: a, rules: [{record: b, expr: 'up{'}]}]\n", encoding="utf-8")

    assert "SUCCESS" in tool("amtool", "check-config", right)
    with pytest.raises(AssertionError, match="could not parse expression"):
        tool("promtool", "check", "rules", wrong)
