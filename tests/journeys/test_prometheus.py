"""One fault of the router on all its ways: broker, webhook, Prometheus and Alertmanager tell the same."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from tests.http_endpoint import Endpoint, running_endpoint
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.prometheus import until
from tests.servers import Mosquitto, running_mosquitto
from tests.simulations import ENVIRONMENT, ROOT, SORWATCH
from tests.watched import Watch, watching

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

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


def by_webhook(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Return the alerts that came to the webhook."""
    return [alert for one in list(endpoint.posted) for alert in json.loads(one.body)["alerts"]]


def of_prometheus(watch: Watch) -> list[dict[str, Any]]:
    """Return what Alertmanager told the desk of exceptions of the rule."""
    return [alert for alert in watch.heard("desk", "SorwatchExceptionOpen") if alert["labels"]["rule"] == RULE]


def of_rule(alerts: list[dict[str, Any]]) -> set[int]:
    """Return the numbers of the exceptions of the rule among alerts."""
    return {alert["exception"] for alert in alerts if alert["rule"] == RULE}


def test_one_fault_arrives_by_every_way_under_the_same_number(tmp_path: Path) -> None:
    """A venue that nobody approved: the broker, the signed webhook and Alertmanager name one exception."""
    with (
        running_mosquitto(tmp_path / "mosquitto") as broker,
        running_endpoint() as desk,
        heard(broker) as by_broker,
        watched(tmp_path, broker, desk) as daemon,
        watching(tmp_path / "watch", daemon.ports.http, daemon.ports.web) as watch,
    ):
        by_prometheus = until(lambda: of_prometheus(watch), "Alertmanager tells the desk of it", LIMIT_S)
        by_hook = until(lambda: of_rule(by_webhook(desk)), "the webhook tells of it", LIMIT_S)
        by_mqtt = until(lambda: of_rule(by_broker), "the broker tells of it", LIMIT_S)
        firing = [labels.get("rule") for labels in watch.prometheus.firing()]

    (number,) = by_mqtt
    assert by_hook == {number}
    assert {alert["annotations"]["exception"] for alert in by_prometheus} == {str(number)}
    assert by_prometheus[0]["annotations"]["queue"].endswith(f":{daemon.ports.web}/exceptions/{number}")
    assert RULE in firing
