"""Outages as they come: a venue that is slow and fills little, then a vendor that loses messages and falls silent."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from service.cases.chain import first_broken
from service.store.export import SqlRecords
from tests.factories_cases import a_queue
from tests.live_daemon import LiveDaemon
from tests.servers import Mosquitto
from tests.simulations import ENVIRONMENT, ROOT, SORWATCH, run_sorwatch

pytestmark = pytest.mark.journey

SETTINGS = """
firm = "incidents"
calendar = "always"
[quotes]
source = "mqtt"
topic = "sorwatch/quotes/#"
[mqtt]
port = {broker}
[http]
port = {{ports.http}}
[web]
port = {{ports.web}}
login = "none"
actor = "pat"
[feed]
silence_after_s = 4
"""
FAULTS = ("slow_venue@1+24:EDGX", "fill_rate_collapse@1+24:EDGX", "sequence_gap@26", "silent_feed@27+12")
AT_THE_VENUE = {"slow_fill", "fill_rate_drop"}
OF_THE_VENDOR = {"sequence_gap", "feed_silent"}


@contextmanager
def a_vendor(port: int, broker: int) -> Iterator[None]:
    """Let the simulated router trade, with its faults, from the logon on."""
    words = ["--port", str(port), "--broker", f"127.0.0.1:{broker}", "--rate", "120", "--seconds", "45"]
    words += [word for fault in FAULTS for word in ("--fault", fault)]
    process = subprocess.Popen([*SORWATCH, "simulate", *words], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def found(daemon: LiveDaemon) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the incidents so far, by what they are about, with their rules as a set."""
    rows: list[dict[str, Any]] = list(SqlRecords(daemon.database).rows("incidents", None))
    told = {(row["kind"], row["subject"]): {**row, "rules": set(json.loads(row["rules"]))} for row in rows}
    assert len(told) == len(rows), "an outage became two incidents"
    return told


def test_an_outage_of_a_venue_is_one_incident_and_a_silence_of_the_vendor_another(
    tmp_path: Path, private_mosquitto: Mosquitto
) -> None:
    """Each is one decision: the exceptions of several rules are linked, and no exception is in both."""
    settings = SETTINGS.format(broker=private_mosquitto.port)
    with LiveDaemon(tmp_path / "firm", settings=settings) as daemon:
        daemon.start()
        with a_vendor(daemon.ports.fix, private_mosquitto.port):
            nothing: dict[str, Any] = {"rules": set()}
            daemon.wait(
                lambda: (
                    found(daemon).get(("venue", "EDGX"), nothing)["rules"] >= AT_THE_VENUE
                    and found(daemon).get(("vendor", "demo"), nothing)["rules"] >= OF_THE_VENDOR
                ),
                "both outages are incidents",
                150,
            )
        daemon.stop()

        exported = run_sorwatch("export", "incidents", "--folder", str(daemon.folder)).stdout.splitlines()
        exceptions = {row["case_id"]: row for row in SqlRecords(daemon.database).rows("exceptions", None)}
        queue = a_queue(daemon.database)
        assert [json.loads(line)["incident_id"] for line in exported] == [*range(1, len(exported) + 1)]
        for incident in found(daemon).values():
            its_own = [exceptions[case_id] for case_id in json.loads(incident["case_ids"])]
            assert {row["rule"] for row in its_own} == incident["rules"]
            assert {row["incident_id"] for row in its_own} == {incident["incident_id"]}
        at_venue = [row for row in exceptions.values() if row["cause"] == "venue EDGX"]
        assert {row["incident_id"] for row in at_venue} == {found(daemon)["venue", "EDGX"]["incident_id"]}
        assert [first_broken(queue.history(int(str(case_id)))) for case_id in exceptions] == [None] * len(exceptions)
