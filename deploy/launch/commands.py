"""The words after `bootstrap.py` (or `make`): each makes sure of what it needs, then starts the real command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from launch import debian, environment
from launch.environment import BUILD, ROOT, TOOLS, VENV
from launch.steps import StepError, say

BIN = VENV / "bin"
Check = tuple[str, Sequence[str]]

LINT: tuple[Check, ...] = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format", ("ruff", "format", "--check", ".")),
    ("mypy", ("mypy",)),
    ("mypy of the launcher", ("mypy", "deploy/bootstrap.py", "deploy/purity.py")),
    ("mypy of what is generated for deployment", ("mypy", "-p", "deploy.grafana", "-m", "deploy.closed_days")),
    ("import contracts", ("lint-imports",)),
)
TEST: tuple[Check, ...] = (
    ("tests", ("pytest", "-n", "2", "--cov", "--cov-report=", f"--junit-xml={BUILD / 'junit.xml'}")),
    ("coverage of what is pure", ("coverage", "report", "--fail-under=100")),
)


def main(words: Sequence[str]) -> int:
    """Do what the first word says with the rest as its arguments; return the exit code."""
    if not words or words[0] not in COMMANDS:
        say(f"expected one of: {', '.join(COMMANDS)}")
        return 2
    # an end asked for by SIGTERM must reach what the launcher has started, as Ctrl-C does
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    start = time.monotonic()
    try:
        environment.make()
        if words[0] in NEEDS_SERVERS:
            debian.bring_servers(TOOLS)
        say(f"environment ready in {time.monotonic() - start:.1f} s")
        return COMMANDS[words[0]](words[1:])
    except StepError as failure:
        say(f"stopped: {failure}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; run it again to go on")
        return 130


def setup(_: Sequence[str]) -> int:
    """Stop after the environment is made."""
    say("activate it with `. .venv/bin/activate`, or run `.venv/bin/sorwatch --help`")
    return 0


def demo(words: Sequence[str]) -> int:
    """Become `sorwatch demo`."""
    return become("sorwatch", "demo", *words)


def bench(words: Sequence[str]) -> int:
    """Become pytest over the benchmarks, which plain pytest does not collect."""
    chosen = words or ["tests/benchmarks"]
    return become("pytest", "-o", "python_files=bench_*.py", "-o", "timeout=1800", "-s", *chosen)


def prove(words: Sequence[str]) -> int:
    """Become the long proofs, with their seed and size."""
    return become("python", "-m", "tests.prove", *words)


def become(program: str, *words: str) -> int:
    """Replace this process, so that signals and the exit code are the real command's."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(BIN / program, [str(BIN / program), *words])


def test(words: Sequence[str]) -> int:
    """Run every test, then the coverage gate; with arguments, run pytest with them and without the gate."""
    if words:
        return become("pytest", *words)
    return check_all(TEST)


def lint(words: Sequence[str]) -> int:
    """Run the static checks, all of them even when one has failed."""
    return check_all([check for check in LINT if not words or check[0] in words])


def check_all(checks: Sequence[Check]) -> int:
    """Run programs of the environment one after another; 0 when all ended with 0."""
    failed = []
    for name, (program, *words) in checks:
        start = time.monotonic()
        code = subprocess.run([BIN / program, *words], cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
        say(f"{name}: {'ok' if code == 0 else f'failed with {code}'} ({time.monotonic() - start:.1f} s)")
        if code != 0:
            failed.append(name)
    return 1 if failed else 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "setup": setup,
    "demo": demo,
    "test": test,
    "lint": lint,
    "bench": bench,
    "prove": prove,
}
NEEDS_SERVERS = {"test", "bench", "prove"}
