"""A real daemon on a working folder of its own, with a vendor that serves a written simulation: started, killed, read.

Everything is private: free ports, a temporary folder, processes that die with the test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from shutil import rmtree

import msgspec
from sqlalchemy import func, select

from rules.digest import digest
from rules.finding import Finding, Scope
from service.simulator.folder import at_port, free_ports, write_folder
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.tables import executions as executions_table

SORWATCH = (sys.executable, "-P", "-c", "from service.cli import main; main()")
ROOT = Path(__file__).resolve().parents[1]
LIMIT_S = 300.0
SETTINGS = """
firm = "proof"
calendar = "always"
[quotes]
source = "file"
file = "quotes.csv"
[http]
port = {http}
[gateway]
restart_min_s = 0.05
restart_max_s = 0.2
"""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation on disk: its folder, and the executions that it holds by ExecID as (shares, price) text."""

    folder: Path
    messages: int
    executions: dict[str, tuple[str, str]]


def write_simulation(folder: Path, messages: int, seed: int, *words: str) -> Written:
    """Write a simulation and read its executions by a plain split, independent of the decoder."""
    run_sorwatch("simulate", "--write", str(folder), "--messages", str(messages), "--seed", str(seed), *words)
    executions: dict[str, tuple[str, str]] = {}
    for line in (folder / "messages.fix").read_bytes().splitlines():
        fields = dict(part.split(b"=", 1) for part in line.split(b" : ", 1)[1].strip(b"\x01").split(b"\x01"))
        if fields.get(b"150") == b"F":
            executions[fields[b"17"].decode()] = (_plain(fields[b"32"].decode()), _plain(fields[b"31"].decode()))
    return Written(folder=folder, messages=messages, executions=executions)


def run_sorwatch(*words: str) -> None:
    """Run one command to its end; raise when it fails."""
    subprocess.run([*SORWATCH, *words], check=True, cwd=ROOT, capture_output=True, timeout=LIMIT_S)


@contextmanager
def vendor(written: Written, port: int, store: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the simulation behind a FIX acceptor, with a store from which it resends."""
    command = ["simulate", "--serve", str(written.folder / "messages.fix"), "--port", str(port), "--keep", str(store)]
    process = subprocess.Popen([*SORWATCH, *command, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class LiveDaemon:
    """One working folder and the daemon on it; killed and started at will, read through its store."""

    def __init__(self, folder: Path, written: Written, *, settings: str = SETTINGS) -> None:
        self.folder = folder
        self.ports = free_ports()
        write_folder(folder, self.ports)
        (folder / "sorwatch.toml").write_text(settings.format(http=self.ports.http), encoding="utf-8")
        (folder / "quotes.csv").symlink_to(written.folder / "quotes.csv")
        cfg = folder / "fix_configs" / "demo" / "session.cfg"
        cfg.write_text(at_port(cfg.read_text(encoding="utf-8"), self.ports.fix), encoding="utf-8")
        self.database = Database(f"sqlite:///{folder / 'sorwatch.db'}")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the daemon and wait until its tables are there and it answers."""
        log = (self.folder / "daemon.log").open("ab")
        self.process = subprocess.Popen([*SORWATCH, "run", "--folder", str(self.folder)], cwd=ROOT, stderr=log)
        log.close()
        self.wait(self._alive, "the daemon answers")

    def stop(self) -> int:
        """Ask the daemon to end; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)

    def kill_core(self) -> None:
        """SIGKILL the core and wait until it and its gateway are gone."""
        assert self.process is not None
        gateway = self.gateway_pid()
        self.process.kill()
        self.process.wait()
        self.wait(lambda: gateway is None or not _exists(gateway), "the gateway ends with its parent")

    def kill_gateway(self) -> None:
        """SIGKILL the gateway, if one runs at this moment."""
        gateway = self.gateway_pid()
        if gateway is not None:
            os.kill(gateway, signal.SIGKILL)

    def lose_fix_store(self) -> None:
        """Remove our side's FIX store while the daemon is down."""
        rmtree(self.folder / "fix_store")

    def gateway_pid(self) -> int | None:
        """Return the process id of the daemon's gateway, None while there is none."""
        assert self.process is not None
        try:
            every = [
                child
                for task in Path(f"/proc/{self.process.pid}/task").iterdir()
                for child in (task / "children").read_text(encoding="ascii").split()
            ]
        except OSError:
            return None
        gateways = [int(pid) for pid in every if b"service.fix.gateway" in _command(int(pid))]
        return gateways[0] if gateways else None

    def wait(self, done: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
        """Wait until something is so; raise with the daemon's last words when it never is."""
        until = time.monotonic() + limit_s
        while not done():
            if self.process is not None and self.process.poll() is not None and what != "the gateway ends":
                raise AssertionError(f"the daemon ended with {self.process.returncode}: {self.last_words()}")
            if time.monotonic() > until:
                raise AssertionError(f"after {limit_s:g} s still not so: {what}; {self.last_words()}")
            time.sleep(0.005)

    def last_words(self) -> str:
        """Return the end of the daemon's log."""
        return (self.folder / "daemon.log").read_text(encoding="utf-8")[-2_000:]

    def journal_offset(self) -> int:
        """Return how long the journal is."""
        return SqlJournal(self.database).last_offset()

    def caught_up(self, executions: int) -> bool:
        """Return whether so many executions are recorded and nothing is left to process."""
        store = SqlStore(self.database)
        return store.processed_offset() == self.journal_offset() and self._count() >= executions

    def executions(self) -> dict[str, tuple[str, str]]:
        """Return the recorded executions by ExecID; raise when one is there twice."""
        rows = [(r["exec_id"], (_plain(str(r["quantity"])), _plain(str(r["price"])))) for r in SqlRecords(self.database).rows("executions", None)]
        twice = [key for key, count in Counter(str(key) for key, _ in rows).items() if count > 1]
        assert not twice, f"recorded twice: {twice[:5]}"
        return {str(key): value for key, value in rows}

    def findings(self) -> list[Finding]:
        """Return all findings."""
        store = SqlStore(self.database)
        days = {str(row["trade_date"]) for row in SqlRecords(self.database).rows("executions", None)}
        return [finding for day in sorted(days) for finding in store.findings(day)]

    def market_digest(self) -> str:
        """Return the digest of the market's findings."""
        return digest(self.findings(), Scope.MARKET)

    def close(self) -> None:
        """End whatever still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.database.close()

    def _count(self) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(executions_table)).scalar_one())

    def _alive(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports.http}/healthz", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False


def _plain(number: str) -> str:
    return str(Decimal(number).normalize())


def _exists(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
