"""The shipped configuration of Prometheus and Alertmanager on free ports and in a hurry: nothing else is changed."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.http_endpoint import Endpoint, running_endpoint
from tests.prometheus import Prometheus, Served, running_alertmanager, running_prometheus

SHIPPED = Path(__file__).resolve().parents[1] / "deploy/prometheus"
INTERVALS = r"(?m)(\b(?:scrape_interval|evaluation_interval|interval|group_wait|group_interval): )\d+\w+"
HOLDS = r"(?m)^( +for: )\d+[smh]$"


class Watch(NamedTuple):
    """A Prometheus that scrapes a daemon, its Alertmanager, and who is told by webhook."""

    prometheus: Prometheus
    alertmanager: Served
    told: Endpoint

    def heard(self, receiver: str, alert: str, status: str = "firing") -> list[dict[str, Any]]:
        """Return what the receiver's path was told of an alert, oldest first."""
        bodies = [json.loads(posted.body) for posted in self.told.posted if posted.path == f"/{receiver}"]
        alerts = [one for body in bodies for one in body["alerts"]]
        return [one for one in alerts if one["labels"]["alertname"] == alert and one["status"] == status]

    def names(self) -> set[str]:
        """Return the names of the alerts that fire at Prometheus."""
        return {labels["alertname"] for labels in self.prometheus.firing()}


@contextlib.contextmanager
def watching(folder: Path, daemon: int, page: int) -> Iterator[Watch]:
    """Watch the daemon whose metrics are at this port; its page is at the other one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("recording.yml", "alerting.yml"):
        (folder / name).write_text(shipped(name), encoding="utf-8")
    with running_endpoint() as told:
        routing = at_ports(shipped("alertmanager.yml"), {9099: told.port})
        with running_alertmanager(folder / "alertmanager", routing) as alertmanager:
            there = int(alertmanager.url.rpartition(":")[2])
            watch = at_ports(shipped("prometheus.yml"), {9464: daemon, 8080: page, 9093: there})
            with running_prometheus(folder, watch) as prometheus:
                yield Watch(prometheus, alertmanager, told)


def shipped(name: str) -> str:
    """Return a file of deploy/prometheus that looks and tells more often, and waits for less."""
    text = (SHIPPED / name).read_text(encoding="utf-8")
    return re.sub(HOLDS, r"\g<1>1s", re.sub(INTERVALS, r"\g<1>200ms", text))


def at_ports(text: str, ports: dict[int, int]) -> str:
    """Put other ports in; raise AssertionError when a port is not there."""
    for shipped_port, port in ports.items():
        assert f":{shipped_port}" in text, f"nothing is at port {shipped_port}"
        text = text.replace(f"127.0.0.1:{shipped_port}", f"127.0.0.1:{port}")
    return text
