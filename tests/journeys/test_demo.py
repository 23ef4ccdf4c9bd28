"""The demo as a user meets it: it comes up, shows exceptions within ten seconds, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


class Demo:
    """A running `sorwatch demo`; its lines are read as they come."""

    def __init__(self, folder: Path) -> None:
        command = [
            sys.executable,
            "-c",
            "from service.cli import main; main()",
            "demo",
            "--no-browser",
            "--dir",
            str(folder),
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.folder = folder
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._arrived = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                with self._arrived:
                    self.lines.append(line.rstrip())
                    self._arrived.notify_all()
        with self._arrived:
            self._arrived.notify_all()

    def wait_for(self, pattern: str, seconds: float = PATIENCE) -> float:
        """Wait for a line; return the demo's own time on it."""
        deadline = time.monotonic() + seconds
        with self._arrived:
            while (found := next((line for line in self.lines if re.search(pattern, line)), None)) is None:
                left = deadline - time.monotonic()
                assert left > 0, f"{pattern!r} did not come within {seconds} s:\n" + "\n".join(self.lines)
                assert self._reader.is_alive(), f"the demo ended without {pattern!r}:\n" + "\n".join(self.lines)
                self._arrived.wait(min(left, 0.5))
        return float(found.partition("[")[2].partition("s]")[0])

    def end(self, number: int) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(60)
        self._reader.join(20)
        return code

    def children(self) -> list[str]:
        """Return the command lines of the processes that run on this demo's folder."""
        return [line for line in command_lines() if str(self.folder) in line and " demo " not in line]


def command_lines() -> Iterator[str]:
    """Yield the command line of every process of this machine."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue


@contextmanager
def a_demo(folder: Path) -> Iterator[Demo]:
    """Run a demo; whatever happens, nothing of it is left."""
    demo = Demo(folder)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            os.killpg(demo.process.pid, signal.SIGKILL)
            demo.process.wait(20)
        demo._reader.join(20)


def test_the_demo_shows_an_exception_within_ten_seconds_and_ends_with_nothing_left(tmp_path: Path) -> None:
    """Up, the first exception soon, and on Ctrl-C everything is gone."""
    with a_demo(tmp_path) as demo:
        up = demo.wait_for(r"up; the simulator begins to trade")
        first = demo.wait_for(r"EXCEPTION .*unexpected_venue #\d+: .*ROGX")
        assert demo.children()

        code = demo.end(signal.SIGINT)

        assert code == 0
        assert first - up < 10
        assert "ended, nothing left running" in demo.lines[-1]
        assert demo.children() == []


def test_a_killed_demo_takes_its_children_with_it(tmp_path: Path) -> None:
    """After kill −9 nothing runs on."""
    with a_demo(tmp_path) as demo:
        demo.wait_for(r"up; the simulator begins to trade")

        demo.end(signal.SIGKILL)

        deadline = time.monotonic() + 30
        while left := demo.children():
            assert time.monotonic() < deadline, left
            time.sleep(0.1)


def test_a_dead_child_ends_the_demo_with_its_last_words(tmp_path: Path) -> None:
    """When the simulator dies, the demo says which process it was and how it died, and ends."""
    with a_demo(tmp_path) as demo:
        demo.wait_for(r"up; the simulator begins to trade")
        (simulator,) = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if b"simulate" in (words := path.read_bytes()) and str(tmp_path).encode() in words
        ]

        os.kill(simulator, signal.SIGKILL)

        demo.wait_for(r"stopped: simulator was killed by signal 9 \(SIGKILL\); its last lines:")
        assert demo.process.wait(60) == 1
        assert demo.children() == []
