"""The proof of the kills: whatever dies and whenever, the executions are those sent and the market findings the same.

Kills are at seeded journal offsets, of gateway or core by the seed's choice; at one of them the FIX store of our side
is lost too, so that the session begins anew. An undisturbed daemon over the same messages is the measure.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from rules.finding import Scope
from tests.live_daemon import LiveDaemon, Written, vendor, write_simulation

FAULTS = ("--fault", "rogue_venue@5+20", "--fault", "slow_venue@10+30", "--fault", "outside_nbbo@15+10")


def run(seed: int, messages: int = 200_000, kills: int = 50) -> str:
    """Run the proof; return its report, raise AssertionError at the first thing that is not so."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-kills-") as name:
        folder = Path(name)
        written = write_simulation(folder / "written", messages, seed, *FAULTS)
        began = time.monotonic()
        calm = _undisturbed(folder / "calm", written)
        calm_s = time.monotonic() - began
        report = _disturbed(folder / "wild", written, calm, seed, kills)
    return (
        f"kills: seed {seed}, {messages} messages, {len(written.executions)} executions, {kills} kills\n"
        f"  undisturbed {calm_s:.1f} s, market digest {calm[:16]}\n{report}"
    )


def _undisturbed(folder: Path, written: Written) -> str:
    daemon = LiveDaemon(folder, written)
    try:
        with vendor(written, daemon.ports.fix, folder / "vendor"):
            daemon.start()
            daemon.wait(lambda: daemon.caught_up(len(written.executions)), "every execution is recorded")
            assert daemon.stop() == 0
        assert daemon.executions() == written.executions
        return daemon.market_digest()
    finally:
        daemon.close()


def _disturbed(folder: Path, written: Written, calm: str, seed: int, kills: int) -> str:
    random = Random(seed)
    offsets = sorted(random.sample(range(1, max(written.messages, kills + 1)), kills))
    reset_at = random.choice(offsets)
    victims: Counter[str] = Counter()
    daemon = LiveDaemon(folder, written)
    began = time.monotonic()
    try:
        with vendor(written, daemon.ports.fix, folder / "vendor"):
            daemon.start()
            for offset in offsets:
                daemon.wait(lambda offset=offset: daemon.journal_offset() >= offset, f"journal offset {offset}")  # type: ignore[misc]
                victim = "core" if offset == reset_at else random.choice(("core", "gateway"))
                victims[victim] += 1
                _kill(daemon, victim, reset=offset == reset_at)
            daemon.wait(lambda: daemon.caught_up(len(written.executions)), "every execution is recorded")
            assert daemon.stop() == 0
        seconds = time.monotonic() - began
        assert daemon.executions() == written.executions, "the executions are not those sent"
        assert daemon.market_digest() == calm, "the market findings are not those of the undisturbed run"
        feed = Counter(finding.rule for finding in daemon.findings() if finding.scope is Scope.FEED)
    finally:
        daemon.close()
    return (
        f"  disturbed {seconds:.1f} s: {dict(victims)}, FIX store lost at offset {reset_at}\n"
        f"  executions equal to those sent, none doubled; market digest equal\n"
        f"  session and feed findings, apart: {dict(feed)}"
    )


def _kill(daemon: LiveDaemon, victim: str, *, reset: bool) -> None:
    if victim == "gateway":
        daemon.kill_gateway()
        return
    daemon.kill_core()
    if reset:
        daemon.lose_fix_store()
    daemon.start()
