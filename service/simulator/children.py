"""The demo's processes: each in a group of its own, logged to a file, ended with whatever it started.

The kernel ends them too when the demo itself is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
LAST_LINES = 12


def tied_to(parent: int) -> Callable[[], None]:
    """Return what a child does before it becomes its program: ask to be killed when that parent dies (Linux)."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def tie() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return tie


class Child:
    """One process of the demo; must be started from the main thread, to whose life the kernel ties it."""

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                preexec_fn=tied_to(os.getpid()),  # noqa: PLW1509 - nothing but two system calls
            )

    @property
    def pid(self) -> int:
        """Return the process id, which is also its group's."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self._process.poll()

    def write(self, line: str) -> None:
        """Send a line to its standard input; one that has died takes none, and `code` says that it has."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()

    def ask_to_end(self) -> None:
        """Send SIGTERM to the process itself, which ends its own children."""
        if self.code is None:
            self._process.terminate()

    def end(self, patience: float) -> bool:
        """End it and its group, within the patience by itself, else by force; return whether it went by itself."""
        self.ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        by_itself = self.code is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # also what it may have left behind
        self._process.wait(patience)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        return by_itself

    def last_words(self) -> str:
        """Return the end of its log."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])
        return ""

    def obituary(self) -> str:
        """Say in words that and how it died, with its last lines."""
        code = self.code
        if code is None:
            how = "is still running"
        elif code < 0:
            how = f"was killed by signal {-code} ({signal.Signals(-code).name})"
        else:
            how = f"ended with exit code {code}"
        words = self.last_words()
        return f"{self.name} {how}; its last lines:\n{words}" if words else f"{self.name} {how} without a word"
