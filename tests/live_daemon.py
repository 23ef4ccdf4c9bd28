"""A real daemon on a working folder of its own: started, killed, asked, and read through its store.

Everything is private: free ports, a temporary folder, processes that die with the test.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import Self

import httpx
from sqlalchemy import Table, func, select

from rules.finding import Finding, Scope
from service.journal import MESSAGE_KINDS
from service.simulator.folder import free_ports, write_folder
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.tables import case_findings, journal, message_outcomes
from service.store.tables import executions as executions_table
from service.store.tables import findings as findings_table
from service.store.upgrade import migrate
from tests.simulations import ENVIRONMENT, ROOT, SORWATCH, Reported, plain

LIMIT_S = 300.0
SETTINGS = """
firm = "proof"
calendar = "always"
[quotes]
source = "file"
file = "quotes.csv"
[http]
port = {ports.http}
[web]
port = {ports.web}
login = "none"
actor = "pat"
[gateway]
restart_min_s = 0.05
restart_max_s = 0.2
"""


class LiveDaemon:
    """One working folder and the daemon on it; killed and started at will, read through its store.

    `settings` is the sorwatch.toml, with {ports.http} and the like in it; `store` is the URL of a store that is not in
    the folder; `entry` is what is run in place of `sorwatch run --folder FOLDER`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        quotes: Path | None = None,
        settings: str = SETTINGS,
        store: str = "",
        entry: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.ports = free_ports()
        self.process: subprocess.Popen[bytes] | None = None
        self._entry = entry or (*SORWATCH, "run", "--folder", str(folder))
        write_folder(folder, self.ports)
        self.store = store or f"sqlite:///{folder / 'sorwatch.db'}"
        written = settings.format(ports=self.ports) + f'\n[store]\nurl = "{self.store}"\n'
        (folder / "sorwatch.toml").write_text(written, encoding="utf-8")
        if quotes is not None:
            (folder / "quotes.csv").symlink_to(quotes)
        self.database = Database(self.store)

    def __enter__(self) -> Self:
        """Be its own context: leaving it ends whatever still runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """End whatever still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.database.close()

    def start(self) -> None:
        """Start the daemon and wait until its tables are there and it answers, or until it has ended."""
        with (self.folder / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen([*self._entry], cwd=ROOT, env=ENVIRONMENT, stderr=log)
        self.wait(lambda: self.answers("healthz") or self.ended, "the daemon answers")

    def start_store(self) -> None:
        """Make the store before the daemon does, so that it can be asked at any time."""
        migrate(self.database)

    @property
    def pid(self) -> int:
        """Return the core's process id."""
        assert self.process is not None
        return self.process.pid

    @property
    def ended(self) -> bool:
        """Return whether the daemon's process has ended."""
        return self.process is None or self.process.poll() is not None

    @property
    def exit_code(self) -> int | None:
        """Return what the daemon ended with, None while it runs."""
        return None if self.process is None else self.process.returncode

    def stop(self) -> int:
        """Ask the daemon to end; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)

    def kill_core(self) -> None:
        """SIGKILL the core and wait until it and its gateway are gone."""
        gateway = self.gateway_pid()
        os.kill(self.pid, signal.SIGKILL)
        self.bury(gateway)

    def bury(self, gateway: int | None = None) -> None:
        """Wait until a dying core is gone, and its gateway with it."""
        assert self.process is not None
        self.process.wait(60)
        store = self.folder / "fix_store"
        self.until(lambda: not (gateway and is_running(gateway)) and not _held(store), "the gateway has gone too")

    def lose_fix_store(self) -> None:
        """Remove our side's FIX store while the daemon is down."""
        rmtree(self.folder / "fix_store")

    def gateway_pid(self) -> int | None:
        """Return the process id of the daemon's gateway, None while there is none."""
        try:
            children = [
                int(child)
                for task in Path(f"/proc/{self.pid}/task").iterdir()
                for child in (task / "children").read_text(encoding="ascii").split()
            ]
        except OSError:
            return None
        return next((pid for pid in children if b"service.fix.gateway" in _command(pid)), None)

    def wait(self, done: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
        """Wait until something is so; raise with the daemon's last words when it never is, or the daemon ends."""

        def done_or_ended() -> bool:
            if done():
                return True
            if self.ended:
                msg = f"the daemon ended with {self.exit_code} before {what}: {self.last_words()}"
                raise AssertionError(msg)
            return False

        self.until(done_or_ended, what, limit_s)

    def until(self, done: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
        """Wait until something is so, whether the daemon lives or not; raise when it never is."""
        end = time.monotonic() + limit_s
        while not done():
            if time.monotonic() > end:
                msg = f"after {limit_s:g} s still not so: {what}; {self.last_words()}"
                raise AssertionError(msg)
            time.sleep(0.005)

    def last_words(self) -> str:
        """Return the end of the daemon's log."""
        return (self.folder / "daemon.log").read_text(encoding="utf-8")[-2_000:]

    def answers(self, path: str) -> bool:
        """Return whether the daemon's endpoint answers a path with success."""
        with suppress(httpx.HTTPError):
            return self.ask(path).is_success
        return False

    def ask(self, path: str) -> httpx.Response:
        """Return what the daemon's endpoint answers."""
        return httpx.get(f"http://127.0.0.1:{self.ports.http}/{path}", timeout=5)

    def metric(self, name: str) -> float:
        """Return the value of a metric, the sum over its labels."""
        lines = [line for line in self.ask("metrics").text.splitlines() if re.match(rf"{name}[ {{]", line)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def journal_offset(self) -> int:
        """Return how long the journal is."""
        return SqlJournal(self.database).last_offset()

    def processed(self) -> int:
        """Return up to which journal offset the results are recorded."""
        return SqlStore(self.database).processed_offset()

    def caught_up(self, executions: int) -> bool:
        """Return whether so many executions are recorded and nothing is left to process."""
        return self.processed() == self.journal_offset() and self.count(executions_table) >= executions

    def executions(self) -> dict[str, Reported]:
        """Return the recorded executions as they now stand, by ExecID; raise when one is there twice."""
        found: dict[str, Reported] = {}
        for row in SqlRecords(self.database).rows("executions", None):
            exec_id = str(row["exec_id"])
            assert exec_id not in found, f"{exec_id} is recorded twice"
            found[exec_id] = (plain(str(row["quantity"])), plain(str(row["price"])), str(row["state"]))
        return found

    def unaccounted(self) -> int:
        """Return how many journalled messages have no outcome."""
        kinds = [kind.value for kind in MESSAGE_KINDS]
        messages = select(func.count()).select_from(journal).where(journal.c.kind.in_(kinds))
        with self.database.reading() as connection:
            return int(connection.execute(messages).scalar_one()) - self.count(message_outcomes)

    def findings(self, scope: Scope | None = None) -> list[Finding]:
        """Return all findings, of one scope if it is named."""
        with self.database.reading() as connection:
            days = connection.execute(select(findings_table.c.trade_date).distinct()).scalars().all()
        return [finding for day in sorted(days) for finding in SqlStore(self.database).findings(day, scope)]

    def every_finding_has_its_case(self) -> bool:
        """Return whether the caseworker has put every finding into a case."""
        return self.count(case_findings) == self.count(findings_table)

    def count(self, table: Table) -> int:
        """Return how many rows a table has."""
        with self.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def is_running(pid: int) -> bool:
    """Return whether the process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def rss_kib(pid: int) -> int:
    """Return the resident memory of a process, 0 when it is gone."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
    return 0


def _held(store: Path) -> bool:
    """Return whether a gateway still holds a lock on a FIX store below the folder."""
    for lock in store.glob("*/gateway.lock"):
        with lock.open("r", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
    return False


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
