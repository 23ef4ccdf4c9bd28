"""Starts the real servers of the tests: private, on free ports, with data folders of their own, ended with the test.

It refuses to look for a server that already runs: what a test meets is what it started.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

PROGRAMS = Path(__file__).resolve().parents[1] / ".tools/programs.json"
SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
PATIENCE = 20.0
"""Seconds that a server may take to answer, or to end when asked to."""

CHROMIUM_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Program(NamedTuple):
    """A server's program and what its environment needs beyond ours."""

    path: str
    environment: dict[str, str]


def program(name: str) -> Program:
    """Find what deploy/bootstrap.py brought, else what the machine has; the error says how to bring it."""
    brought = json.loads(PROGRAMS.read_text(encoding="utf-8")) if PROGRAMS.exists() else {}
    if name in brought:
        return Program(brought[name]["path"], brought[name]["environment"])
    if path := shutil.which(name, path=SEARCH_PATH):
        return Program(path, {})
    msg = f"{name} is neither in .tools nor on this machine; `python3 deploy/bootstrap.py test` brings it"
    raise FileNotFoundError(msg)


def free_port() -> int:
    """Name a TCP port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_answering(port: int) -> bool:
    """Tell whether something on the loopback accepts connections at this port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Mosquitto:
    """A real MQTT broker that a test can stop, start again on the same port, freeze and thaw."""

    def __init__(self, folder: Path, *, options: Sequence[str] = ("allow_anonymous true",)) -> None:
        """Prepare a broker; `options` are further lines of its configuration, in Mosquitto's own words."""
        self.host = "127.0.0.1"
        self.port = free_port()
        self.folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the broker and return when it accepts connections."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        found = program("mosquitto")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [found.path, "-c", str(self.folder / "mosquitto.conf")],
                env={**os.environ, **found.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + PATIENCE
        while not is_answering(self.port):
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                msg = f"mosquitto did not come up on port {self.port}:\n{self.log()}"
                raise RuntimeError(msg)
            time.sleep(0.02)

    @property
    def is_running(self) -> bool:
        """Tell whether the broker is there."""
        return self._process is not None

    def stop(self) -> None:
        """End the broker with SIGTERM, or by force when it does not listen to that."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=PATIENCE)

    def kill(self) -> None:
        """End the broker as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=PATIENCE)
            self._process = None

    def freeze(self) -> None:
        """Let the broker hold its connections and answer nothing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen broker go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        """Give what the broker said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    @property
    def _log(self) -> Path:
        return self.folder / "mosquitto.log"

    def _write_configuration(self) -> None:
        # as root the broker would drop to a user that a private copy does not have
        user = ["user root"] if os.geteuid() == 0 else []
        lines = [f"listener {self.port} {self.host}", *user, *self._options]
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")


@contextlib.contextmanager
def running_mosquitto(folder: Path, *, options: Sequence[str] = ("allow_anonymous true",)) -> Iterator[Mosquitto]:
    """Run a broker for the length of a block."""
    broker = Mosquitto(folder, options=options)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def hash_passwords(users: Path) -> None:
    """Turn a file of names and passwords into the broker's own form."""
    found = program("mosquitto")
    beside = Path(found.path).parents[1] / "bin/mosquitto_passwd"
    tool = str(beside) if beside.exists() else program("mosquitto_passwd").path
    environment = {**os.environ, **found.environment}
    subprocess.run([tool, "-U", str(users)], check=True, timeout=PATIENCE, env=environment)


def chromium_flags() -> list[str]:
    """Give the flags that keep Chromium silent on the network, and running where we are root."""
    return [*CHROMIUM_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
