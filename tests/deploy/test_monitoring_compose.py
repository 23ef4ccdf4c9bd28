"""Prometheus and Alertmanager of deploy/compose.yaml: the shipped files, started as written, on loopback only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from service.settings import read_settings
from tests.prometheus import Prometheus, running_alertmanager, running_prometheus, until

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
ADDRESSES = {"daemon:9464": "127.0.0.1:9464", "alertmanager:9093": "127.0.0.1:9093"}
WATCHERS = ("prometheus", "alertmanager")
PRIVATE = ("--config.file", "--storage.tsdb.path", "--storage.path", "--cluster.listen-address")
"""Options that a test sets for a server of its own."""


def by_default(words: str) -> str:
    """Return what compose reads where the environment says nothing."""
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", words)


def mounted(service: str) -> dict[str, tuple[Path, str]]:
    """Return the files that a service is given: where it finds them, what they are here, and how it may use them."""
    volumes = [by_default(volume).split(":") for volume in SERVICES[service]["volumes"]]
    return {at: (DEPLOY / source, "".join(use)) for source, at, *use in volumes if source.startswith(".")}


def command(service: str) -> dict[str, str]:
    """Return the options of a service's command."""
    return dict(word.split("=", 1) for word in SERVICES[service]["command"])


def options(service: str) -> list[str]:
    """Return those of its options that a test can start a server with."""
    return [f"{name}={value}" for name, value in command(service).items() if name not in PRIVATE]


def configuration() -> str:
    """Return the text of Prometheus's configuration in the compose network."""
    return (DEPLOY / "container/prometheus.yml").read_text(encoding="utf-8")


def test_prometheus_has_the_shipped_configuration_but_for_addresses() -> None:
    """What is changed in one is changed in the other."""
    shipped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
    text = configuration()
    for name, address in ADDRESSES.items():
        text = text.replace(name, address)
    ours = yaml.safe_load(text)
    labels = ours["global"].pop("external_labels")

    assert labels.keys() == shipped["global"].pop("external_labels").keys()
    assert ours == shipped


def test_every_address_is_that_of_a_service(tmp_path: Path) -> None:
    """The daemon's endpoint, and the port at which the other listens."""
    (tmp_path / "sorwatch.toml").write_bytes((DEPLOY / "container/sorwatch.toml").read_bytes())
    grafana = urlsplit(by_default(SERVICES["grafana"]["environment"]["SORWATCH_PROMETHEUS_URL"]))
    listening = {name: urlsplit(command(name)["--web.external-url"]) for name in WATCHERS}

    assert {*ADDRESSES} == {
        f"daemon:{read_settings(tmp_path).http.port}",
        f"alertmanager:{listening['alertmanager'].port}",
    }
    # Grafana is on the host's network
    assert grafana.netloc == listening["prometheus"].netloc
    assert all(address in configuration() for address in ADDRESSES)


@pytest.mark.parametrize("service", WATCHERS)
def test_every_file_is_here_and_lies_where_it_is_looked_for(service: str) -> None:
    """A missing one would be mounted as an empty folder; none can be written to."""
    files = mounted(service)
    config = command(service)["--config.file"]
    rules = yaml.safe_load(files[config][0].read_text(encoding="utf-8")).get("rule_files", [])

    assert files.keys() == {config, *(str(Path(config).with_name(rule)) for rule in rules)}
    assert all(file.is_file() for file, _ in files.values())
    assert {use for _, use in files.values()} == {"ro"}


@pytest.mark.parametrize("service", WATCHERS)
def test_nobody_outside_reaches_it_and_it_waits_for_nobody(service: str) -> None:
    """Neither asks for a password; and each must be there when the daemon is not."""
    ports = SERVICES[service]["ports"]
    address = urlsplit(command(service)["--web.external-url"])

    assert ports == [f"{address.netloc}:{address.port}"]
    assert address.hostname == "127.0.0.1"
    assert "depends_on" not in SERVICES[service]


@pytest.mark.journey
def test_both_start_as_written_and_alerts_lead_to_the_page_of_the_firm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the options of the compose file; the addresses of page and runbook come from the environment."""
    monkeypatch.setenv("SORWATCH_QUEUE_URL", "https://watch.example")
    monkeypatch.setenv("SORWATCH_RUNBOOK_URL", "https://docs.example/runbook.md")
    assert set(re.findall(r"\$\{(\w+)\}", configuration())) <= set(SERVICES["prometheus"]["environment"])
    for name in ("recording.yml", "alerting.yml"):
        (tmp_path / name).write_bytes((DEPLOY / "prometheus" / name).read_bytes())
    routes = (DEPLOY / "prometheus/alertmanager.yml").read_text(encoding="utf-8")

    with running_alertmanager(tmp_path / "alertmanager", routes, options=options("alertmanager")) as alertmanager:
        text = configuration().replace("alertmanager:9093", urlsplit(alertmanager.url).netloc)
        text = text.replace("evaluation_interval: 15s", "evaluation_interval: 1s")
        with running_prometheus(tmp_path, text, options=options("prometheus")) as prometheus:
            told = until(lambda: watchdog(prometheus), "the watchdog fires")
            until(lambda: alertmanager.get("/api/v2/alerts"), "Alertmanager hears of it")

    assert told["queue"] == "https://watch.example/"
    assert told["runbook_url"] == "https://docs.example/runbook.md#sorwatchwatchdog"


def watchdog(prometheus: Prometheus) -> dict[str, str]:
    """Return the words of the dead-man's switch, empty until it fires."""
    alerts = prometheus.get("/api/v1/alerts")["data"]["alerts"]
    found = [alert["annotations"] for alert in alerts if alert["labels"]["alertname"] == "SorwatchWatchdog"]
    return found[0] if found else {}
