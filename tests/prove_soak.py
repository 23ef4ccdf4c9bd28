"""The proof of the long day: what core and gateway keep in memory while messages come at full speed.

Nothing of it is lost meanwhile. Resident memory is the kernel's figure (VmRSS), read at ten points of the journal.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.live_daemon import LiveDaemon, rss_kib
from tests.simulations import Written, vendor, write_simulation

POINTS = 10
SLOWEST = 500
"""Messages a second below which a run is given up."""


def run(seed: int, messages: int = 2_000_000) -> str:
    """Run the proof; return its table."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-soak-") as name:
        folder = Path(name)
        written = write_simulation(folder / "written", messages, seed)
        return _soak(folder, written, limit_s=120 + messages / SLOWEST)


def _soak(folder: Path, written: Written, limit_s: float) -> str:
    lines = [f"{'messages':>10} {'seconds':>8} {'core MiB':>9} {'gateway MiB':>12}"]
    with LiveDaemon(folder / "daemon", quotes=written.quotes) as daemon:
        with vendor(written, daemon.ports.fix, folder / "vendor"):
            daemon.start()
            lines.append(_point(daemon, 0.0))
            began = time.monotonic()
            for point in range(1, POINTS + 1):
                wanted = written.messages * point // POINTS
                daemon.wait(lambda wanted=wanted: daemon.processed() >= wanted, f"{wanted} processed", limit_s)  # type: ignore[misc]
                lines.append(_point(daemon, time.monotonic() - began))
            daemon.wait(lambda: daemon.caught_up(len(written.executions)), "every execution is recorded", limit_s)
            seconds = time.monotonic() - began
            lines.append(_point(daemon, seconds))
            assert daemon.stop() == 0
        assert daemon.executions() == written.executions, "the executions are not those sent"
        assert daemon.unaccounted() == 0, "messages of the journal have no outcome"
    rate = written.messages / seconds
    lines.append(f"{len(written.executions):,} executions equal those sent; {rate:,.0f} messages/s from start to end")
    return "\n".join(lines)


def _point(daemon: LiveDaemon, seconds: float) -> str:
    core, gateway = rss_kib(daemon.pid) / 1024, rss_kib(daemon.gateway_pid() or 0) / 1024
    return f"{daemon.processed():>10,} {seconds:>8.1f} {core:>9.1f} {gateway:>12.1f}"
