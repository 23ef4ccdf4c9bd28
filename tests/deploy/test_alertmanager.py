"""What a real Alertmanager with the shipped routing passes over: the parts of what is known to be gone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import httpx
import pytest

from tests.http_endpoint import Endpoint, running_endpoint
from tests.prometheus import Served, running_alertmanager, until
from tests.servers import PATIENCE
from tests.watched import at_ports, shipped

pytestmark = pytest.mark.journey

S = {"counterparty": "sor", "session": "FIX.4.4:FIRM->SOR"}
OTHER = {"counterparty": "sor", "session": "FIX.4.4:FIRM->SOR2"}
NO_MORE: Mapping[str, str] = MappingProxyType({})
ABSENT, DOWN, NOT_READY = "SorwatchAbsent", "SorwatchSessionDown", "SorwatchNotReady"


class Case(NamedTuple):
    """While the first alert stands, is the second passed over? With the labels of each beside its name."""

    first: str
    second: str
    inhibited: bool
    of_first: Mapping[str, str] = NO_MORE
    of_second: Mapping[str, str] = NO_MORE
    same_firm: bool = True


CASES = [
    Case(ABSENT, DOWN, inhibited=True, of_second=S),
    Case(ABSENT, "SorwatchExceptionOpen", inhibited=True),
    Case(ABSENT, "SorwatchWatchdog", inhibited=False),
    Case(ABSENT, DOWN, inhibited=False, of_second=S, same_firm=False),
    Case(DOWN, "SorwatchGapOpen", inhibited=True, of_first=S, of_second=S),
    Case(DOWN, "SorwatchFeedSilent", inhibited=True, of_first=S, of_second=S),
    Case(DOWN, "SorwatchGapOpen", inhibited=False, of_first=S, of_second=OTHER),
    Case(DOWN, "SorwatchGapOpen", inhibited=False, of_first=S, of_second=S, same_firm=False),
    Case(DOWN, "SorwatchQuotesDead", inhibited=False, of_first=S),
    Case(NOT_READY, "SorwatchBacklog", inhibited=True),
    Case(NOT_READY, "SorwatchNumbersMissing", inhibited=True),
    Case(NOT_READY, "SorwatchBacklog", inhibited=False, same_firm=False),
    Case(NOT_READY, "SorwatchDiskLow", inhibited=False),
]


@pytest.fixture(scope="module")
def told() -> Iterator[Endpoint]:
    """Give the endpoint of all receivers."""
    with running_endpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory, told: Endpoint) -> Iterator[Served]:
    """Run an Alertmanager with the shipped routing, in a hurry."""
    routing = at_ports(shipped("alertmanager.yml"), {9099: told.port})
    with running_alertmanager(tmp_path_factory.mktemp("alertmanager"), routing) as server:
        yield server


def fire(server: Served, *alerts: dict[str, str]) -> None:
    """Let alerts fire, as Prometheus does."""
    said = [{"labels": labels} for labels in alerts]
    httpx.post(f"{server.url}/api/v2/alerts", json=said, timeout=PATIENCE).raise_for_status()


def heard(told: Endpoint, receiver: str) -> list[tuple[str, str]]:
    """Return name and firm of what a receiver was told of, oldest first."""
    bodies = [json.loads(posted.body) for posted in list(told.posted) if posted.path == f"/{receiver}"]
    return [(one["labels"]["alertname"], one["labels"]["firm"]) for body in bodies for one in body["alerts"]]


@pytest.mark.parametrize("case", CASES, ids=[f"{one.first}, {one.second}, {place}" for place, one in enumerate(CASES)])
def test_an_alert_that_says_it_all_stands_for_its_parts_and_for_nothing_else(alertmanager: Served, case: Case) -> None:
    """Of the same firm, counterparty and session: one Alertmanager may serve several."""
    place = str(CASES.index(case))
    firms = (place, place if case.same_firm else f"not {place}")
    first = {"alertname": case.first, "firm": firms[0], "severity": "critical", **case.of_first}
    second = {"alertname": case.second, "firm": firms[1], "severity": "critical", "case": place, **case.of_second}

    fire(alertmanager, first, second)
    (found,) = until(lambda: alertmanager.get("/api/v2/alerts", filter=f'case="{place}"'), "it has the alert")

    assert bool(found["status"]["inhibitedBy"]) == case.inhibited


def test_who_is_on_call_hears_that_the_daemon_is_gone_and_nothing_of_its_parts(
    alertmanager: Served, told: Endpoint
) -> None:
    """Whoever is woken reads one message; what another firm's daemon says of its parts is told."""
    absent = {"alertname": ABSENT, "firm": "gone", "severity": "critical"}
    down = {"alertname": DOWN, "severity": "critical", **S}
    fire(alertmanager, absent)
    until(lambda: (ABSENT, "gone") in heard(told, "on-call"), "on call hears of the daemon")

    fire(alertmanager, {**down, "firm": "gone"})
    fire(alertmanager, {**down, "firm": "there"})
    until(lambda: (DOWN, "there") in heard(told, "on-call"), "on call hears of the other firm's session")

    assert [alert for alert, firm in heard(told, "on-call") if firm == "gone"] == [ABSENT]
