"""Runs programs with a time shown for each and an end to every wait; refuses to go on after a failure."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

HEARTBEAT = 15.0
"""Seconds after which a silent step says that it is still at work."""


PATIENCE = 10.0
"""Seconds that a program which was killed may take to be gone."""


class StepError(Exception):
    """A step of the set-up did not work; the text says what to do."""


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Print what is being done and, at its end, the seconds that it took."""
    say(f"{name} ...")
    start = time.monotonic()
    yield
    say(f"{name}: {time.monotonic() - start:.1f} s")


def say(text: str) -> None:
    """Print one line at once, so that it stands before the output of what is started next."""
    print(f"[sorwatch] {text}", file=sys.stderr, flush=True)


def run(
    *command: str | Path,
    limit: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    progress: Callable[[], str] = lambda: "still at work",
) -> str:
    """Run a program to its end and return what it printed; raise StepError when it fails or exceeds the limit."""
    words = [str(word) for word in command]
    name = " ".join(words)
    process = subprocess.Popen(
        words,
        env={**os.environ, **(environment or {})},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output = _wait(process, name, limit, progress)
    except BaseException:
        end_group(process)
        raise
    if process.returncode != 0:
        msg = f"`{name}` ended with {process.returncode}:\n{output[-6000:]}"
        raise StepError(msg)
    return output


def _wait(process: subprocess.Popen[str], name: str, limit: float, progress: Callable[[], str]) -> str:
    start = time.monotonic()
    while True:
        left = limit - (time.monotonic() - start)
        if left <= 0:
            msg = f"`{name}` was still running after {limit:.0f} s and was ended"
            raise StepError(msg)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=min(HEARTBEAT, left))[0]
        say(f"  {progress()} ({time.monotonic() - start:.0f} s)")


def end_group(process: subprocess.Popen[str]) -> None:
    """End a program and all that it started, without waiting for their consent; return when their output is closed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
