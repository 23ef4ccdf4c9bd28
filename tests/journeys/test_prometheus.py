"""One fault of the router on all its ways: broker, webhook, Prometheus and Alertmanager tell the same."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from tests.http_endpoint import Endpoint, running_endpoint
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.prometheus import Prometheus, running_alertmanager, running_prometheus, until
from tests.servers import Mosquitto, running_mosquitto
from tests.simulations import ENVIRONMENT, ROOT, SORWATCH

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

DEPLOY = ROOT / "deploy/prometheus"
RULE = "unexpected_venue"
ROGUE = "rogue_venue@2+120:ROGX"
LIVE = SETTINGS.replace('source = "file"\nfile = "quotes.csv"', 'source = "mqtt"') + "[mqtt]\nport = {broker}\n"
PLAN = """
channels:
  desk: {{kind: webhook, url: "{url}", secret_file: desk.secret}}
"""
LIMIT_S = 90.0


@contextlib.contextmanager
def watched(folder: Path, broker: Mosquitto, endpoint: Endpoint) -> Iterator[LiveDaemon]:
    """Run simulator and daemon; alerts go to the broker and to the endpoint."""
    settings = LIVE.replace("{broker}", str(broker.port))
    with LiveDaemon(folder / "daemon", settings=settings) as daemon:
        (daemon.folder / "alerts.yaml").write_text(PLAN.format(url=endpoint.url), encoding="utf-8")
        secret = daemon.folder / "desk.secret"
        secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", encoding="utf-8")
        secret.chmod(0o600)
        words = ("--port", str(daemon.ports.fix), "--broker", f"127.0.0.1:{broker.port}", "--rate", "60")
        simulator = subprocess.Popen(
            [*SORWATCH, "simulate", *words, "--fault", ROGUE], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL
        )
        try:
            daemon.start()
            yield daemon
        finally:
            simulator.kill()
            simulator.wait()


@contextlib.contextmanager
def watching(folder: Path, daemon: LiveDaemon, called: Endpoint) -> Iterator[Prometheus]:
    """Run Prometheus and Alertmanager as they are shipped, but for ports, intervals and how long an alert waits."""
    rules = folder / "prometheus"
    rules.mkdir()
    for name in ("recording.yml", "alerting.yml"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        (rules / name).write_text(re.sub(r"(for|interval): \S+", r"\1: 1s", text), encoding="utf-8")
    tree = (DEPLOY / "alertmanager.yml").read_text(encoding="utf-8")
    tree = re.sub(r"http://127.0.0.1:9099/\S+?\"", f'{called.url}"', tree)
    tree = re.sub(r"group_wait: \S+", "group_wait: 0s", tree)
    with running_alertmanager(folder / "alertmanager", tree) as alertmanager:
        text = (DEPLOY / "prometheus.yml").read_text(encoding="utf-8")
        text = text.replace("9464", str(daemon.ports.http)).replace("scrape_interval: 5s", "scrape_interval: 500ms")
        text = text.replace("127.0.0.1:9093", alertmanager.url.removeprefix("http://")).replace("15s", "1s")
        with running_prometheus(rules, text) as prometheus:
            yield prometheus


@contextlib.contextmanager
def heard(broker: Mosquitto) -> Iterator[list[dict[str, Any]]]:
    """Give the alerts that a subscriber of the broker hears."""
    found: list[dict[str, Any]] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def listen() -> None:
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.subscribe("sorwatch/+/exceptions/#", qos=1)
            ready.set()
            async for message in client.messages:
                found.append(json.loads(bytes(message.payload)))  # noqa: PERF401 - there is no end to it

    task = loop.create_task(listen())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.gather(task, return_exceptions=True)))
    thread.start()
    assert ready.wait(20)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        loop.close()


def told(endpoint: Endpoint, **labels: str) -> list[dict[str, Any]]:
    """Return what Alertmanager told an endpoint of the alerts with these labels."""
    alerts = (alert for one in list(endpoint.posted) for alert in json.loads(one.body).get("alerts", ()))
    return [alert for alert in alerts if labels.items() <= alert["labels"].items()]


def of_rule(alerts: list[dict[str, Any]]) -> set[int]:
    """Return the numbers of the exceptions of the rule among alerts."""
    return {alert["exception"] for alert in alerts if alert["rule"] == RULE}


def test_one_fault_arrives_by_every_way_under_the_same_number_and_a_dead_daemon_is_missed(tmp_path: Path) -> None:
    """A venue that nobody approved: the broker, the signed webhook and Alertmanager name one exception."""
    with (
        running_mosquitto(tmp_path / "mosquitto") as broker,
        running_endpoint() as desk,
        running_endpoint() as called,
        heard(broker) as by_broker,
        watched(tmp_path, broker, desk) as daemon,
        watching(tmp_path, daemon, called) as prometheus,
    ):
        by_mail = until(lambda: told(called, rule=RULE), "Alertmanager tells of it", LIMIT_S)
        by_hook = until(
            lambda: of_rule([alert for one in list(desk.posted) for alert in json.loads(one.body)["alerts"]]),
            "the webhook tells of it",
            LIMIT_S,
        )
        by_mqtt = until(lambda: of_rule(by_broker), "the broker tells of it", LIMIT_S)
        firing = [labels["rule"] for labels in prometheus.firing() if labels["alertname"] == "SorwatchExceptionOpen"]

        daemon.kill_core()
        until(lambda: told(called, alertname="SorwatchAbsent"), "Alertmanager misses the daemon", LIMIT_S)

    (number,) = by_mqtt
    assert by_hook == {number}
    assert {alert["annotations"]["exception"] for alert in by_mail} == {str(number)}
    assert by_mail[0]["annotations"]["queue"].endswith(f"/exceptions/{number}")
    assert RULE in firing
    assert told(called, alertname="SorwatchWatchdog")
