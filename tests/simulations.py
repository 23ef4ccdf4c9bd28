"""Simulations on disk, what they hold by a plain split, and a vendor process that serves them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
SORWATCH = (sys.executable, "-P", "-c", "from service.cli import main; main()")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
LIMIT_S = 600.0
SOH = "\x01"
Reported = tuple[str, str, str]
"""Shares and price as plain decimal text, and live, corrected or busted."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation on disk: its folder, and how the executions that it holds end up, by ExecID."""

    folder: Path
    messages: int
    executions: dict[str, Reported]

    @property
    def quotes(self) -> Path:
        """Return its quote file."""
        return self.folder / "quotes.csv"


def write_simulation(folder: Path, messages: int, seed: int, *words: str) -> Written:
    """Write a simulation and read its executions by a plain split, independent of the decoder."""
    run_sorwatch("simulate", "--write", str(folder), "--messages", str(messages), "--seed", str(seed), *words)
    executions: dict[str, Reported] = {}
    for line in (folder / "messages.fix").read_bytes().splitlines():
        fields = dict(part.split("=", 1) for part in line.decode().split(" : ", 1)[1].strip(SOH).split(SOH))
        _report(fields, executions)
    return Written(folder=folder, messages=messages, executions=executions)


def run_sorwatch(*words: str, check: bool = True, limit_s: float = LIMIT_S) -> subprocess.CompletedProcess[bytes]:
    """Run one command to its end; raise when it fails, unless its failure is what is looked at."""
    return subprocess.run(
        [*SORWATCH, *words], check=check, cwd=ROOT, env=ENVIRONMENT, capture_output=True, timeout=limit_s
    )


def _report(fields: dict[str, str], executions: dict[str, Reported]) -> None:
    """Take in a trade (150=F), a correction (G) or a bust (H) of one."""
    if fields.get("150") == "F":
        executions[fields["17"]] = (plain(fields["32"]), plain(fields["31"]), "live")
    elif fields.get("150") == "G":
        executions[fields["19"]] = (plain(fields["32"]), plain(fields["31"]), "corrected")
    elif fields.get("150") == "H":
        executions[fields["19"]] = (*executions[fields["19"]][:2], "busted")


@contextmanager
def vendor(written: Written, port: int, store: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the simulation behind a FIX acceptor, with a store from which it resends."""
    command = ["simulate", "--serve", str(written.folder / "messages.fix"), "--port", str(port), "--keep", str(store)]
    process = subprocess.Popen([*SORWATCH, *command, *words], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def plain(number: str) -> str:
    """Return a decimal number without trailing zeros, so that texts can be compared."""
    return f"{Decimal(number).normalize():f}"
