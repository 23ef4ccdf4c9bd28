"""Clocks of exceptions with a real daemon that is killed: what runs out is seen at once, and written exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.finding import Severity
from service.cases.chain import first_broken
from service.cases.states import Action
from service.processed import Processed
from service.store.queue import SqlQueue
from service.store.record import SqlStore
from tests.factories_cases import a_finding, a_queue, in_force
from tests.live_daemon import LiveDaemon
from tests.simulations import run_sorwatch

pytestmark = pytest.mark.journey

SETTINGS = """
firm = "clocks"
calendar = "always"
[quotes]
source = "none"
[http]
port = {ports.http}
[web]
port = {ports.web}
login = "none"
actor = "pat"
"""
QUEUE = """
severities:
  high: {acknowledge_within: 1 s, escalate_to: compliance}
  medium: {acknowledge_within: 15 s, escalate_to: head of desk}
"""


def steps(queue: SqlQueue, case_id: int) -> list[Action]:
    """Return what was done to an exception so far."""
    return [event.action for event in queue.history(case_id)]


def test_what_runs_out_while_the_daemon_is_dead_is_seen_and_written_once_when_it_lives(tmp_path: Path) -> None:
    """Killed after the first escalation, started again after the second was due."""
    with LiveDaemon(tmp_path / "firm", settings=SETTINGS) as daemon:
        daemon.start_store()
        (daemon.folder / "queue.yaml").write_text(QUEUE, encoding="utf-8")
        queue = a_queue(daemon.database)
        found = [a_finding(1, severity=Severity.HIGH), a_finding(2, cause="venue XOTH")]
        SqlStore(daemon.database).record(Processed(upto=in_force(daemon.database, ""), findings=found))
        daemon.start()
        daemon.wait(lambda: steps(queue, 1) == [Action.OPEN, Action.ESCALATE_OVERDUE], "the first is escalated", 60)
        daemon.kill_core()
        before = steps(queue, 2)

        daemon.until(lambda: "escalated" in shown(daemon, 2), "the second is seen to be escalated", 60)
        unwritten = steps(queue, 2)
        daemon.start()
        daemon.wait(lambda: len(steps(queue, 2)) > 1, "the second is written", 60)
        daemon.stop()

        assert (before, unwritten) == ([Action.OPEN], [Action.OPEN])
        assert [steps(queue, number) for number in (1, 2)] == [[Action.OPEN, Action.ESCALATE_OVERDUE]] * 2
        assert [first_broken(queue.history(number)) for number in (1, 2)] == [None, None]
        case = queue.case(2)
        assert case is not None
        assert case.escalated_to == "head of desk"


def shown(daemon: LiveDaemon, case_id: int) -> str:
    """Return the line of an exception as the command line shows it now."""
    lines = run_sorwatch("exceptions", "list", "--folder", str(daemon.folder)).stdout.decode().splitlines()
    return next(line for line in lines if line.split()[0] == str(case_id))
