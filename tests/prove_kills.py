"""The proof of the kills: whatever dies and whenever, the executions are those sent and the market findings the same.

Deaths are planned at seeded journal offsets and strike inside the daemon (tests/dying_daemon.py), so that a seed says
what is killed at which point of the work; at one of them the FIX store of our side is lost too, and the session begins
anew. An undisturbed daemon over the same messages is the measure.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median

import msgspec

from rules.digest import digest
from rules.finding import Finding, Scope
from tests.dying_daemon import Death, Instant, struck
from tests.live_daemon import LiveDaemon
from tests.simulations import Written, vendor, write_simulation

RATE = 1_000
"""Simulated messages a second: what says where in a simulation a fault lies."""


def run(seed: int, messages: int = 200_000, kills: int = 50) -> str:
    """Run the proof; return its report, raise AssertionError at the first thing that is not so."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-kills-") as name:
        folder = Path(name)
        written = write_simulation(folder / "written", messages, seed, *faults(messages / RATE))
        began = time.monotonic()
        calm = _undisturbed(folder / "calm", written)
        calm_s = time.monotonic() - began
        deaths = planned(seed, messages, kills)
        report = _disturbed(folder / "wild", written, calm, deaths)
    return (
        f"kills: seed {seed}, {messages} messages, {len(written.executions)} executions, {kills} kills\n"
        f"  undisturbed {calm_s:.1f} s, {len(calm)} market findings, digest {digest(calm, Scope.MARKET)[:16]}\n{report}"
    )


def faults(seconds: float) -> list[str]:
    """Return the words for faults that strike a simulation of that length, whatever it is."""
    plan = {"rogue_venue": (0.1, 0.4), "slow_venue": (0.2, 0.4), "outside_nbbo": (0.6, 0.2)}
    texts = [f"{name}@{at * seconds:g}+{length * seconds:g}" for name, (at, length) in plan.items()]
    return [word for text in texts for word in ("--fault", text)]


def planned(seed: int, messages: int, kills: int) -> list[Death]:
    """Return the deaths that the seed says, in order of their offsets; one core death loses the FIX store too."""
    dice = Random(seed)
    offsets = sorted(dice.sample(range(1, max(messages, kills) + 1), kills))
    lost = dice.randrange(kills)
    return [
        Death(
            offset=offset,
            victim="core" if number == lost else dice.choice(("core", "gateway")),
            instant=dice.choice(list(Instant)),
            lose_store=number == lost,
        )
        for number, offset in enumerate(offsets)
    ]


def _undisturbed(folder: Path, written: Written) -> list[Finding]:
    with LiveDaemon(folder, quotes=written.quotes) as daemon:
        with vendor(written, daemon.ports.fix, folder / "vendor"):
            daemon.start()
            _finish(daemon, written)
        market = daemon.findings(Scope.MARKET)
    assert market, "nothing was found, so that an equal digest would prove nothing"
    return market


def _disturbed(folder: Path, written: Written, calm: list[Finding], deaths: list[Death]) -> str:
    plan, done = folder / "plan.json", folder / "done.jsonl"
    entry = (sys.executable, "-P", "-m", "tests.dying_daemon", str(folder), str(plan), str(done))
    began = time.monotonic()
    with LiveDaemon(folder, quotes=written.quotes, entry=entry) as daemon:
        plan.write_bytes(msgspec.json.encode(deaths))
        with vendor(written, daemon.ports.fix, folder / "vendor"):
            while len(struck(done)) < len(deaths):
                _live_until_death(daemon, deaths, done)
            if daemon.ended:
                daemon.start()
            _finish(daemon, written)
        seconds = time.monotonic() - began
        market = daemon.findings(Scope.MARKET)
        assert digest(market, Scope.MARKET) == digest(calm, Scope.MARKET), _difference(calm, market)
        feed = Counter(finding.rule for finding in daemon.findings(Scope.FEED))
    return (
        f"  disturbed {seconds:.1f} s{_deaths_in_words(done)}\n"
        "  executions equal to those sent, none doubled; every message has one outcome, every finding its case\n"
        f"  market digest equal; session and feed findings, apart: {dict(feed)}"
    )


def _live_until_death(daemon: LiveDaemon, deaths: list[Death], done: Path) -> None:
    """Run the daemon until it dies, or until the last death of the plan struck a gateway."""
    daemon.start()
    daemon.until(lambda: daemon.ended or _only_gateway_died(deaths, done), "the next death strikes")
    if not daemon.ended:
        return
    daemon.bury()
    last = struck(done)[-1][0]
    assert (daemon.exit_code, last.victim) == (-9, "core"), daemon.last_words()
    if last.lose_store:
        daemon.lose_fix_store()


def _only_gateway_died(deaths: list[Death], done: Path) -> bool:
    """Return whether the plan is at its end and its last death leaves the core alive."""
    return deaths[-1].victim == "gateway" and len(struck(done)) == len(deaths)


def _finish(daemon: LiveDaemon, written: Written) -> None:
    """Wait for the end of the stream, stop the daemon, and hold what it recorded against what was sent."""
    daemon.wait(lambda: daemon.caught_up(len(written.executions)), "every execution is recorded")
    daemon.wait(daemon.every_finding_has_its_case, "every finding has its case")
    assert daemon.stop() == 0
    assert daemon.executions() == written.executions, "the executions are not those sent"
    assert daemon.unaccounted() == 0, "messages of the journal have no outcome"


def _difference(calm: list[Finding], wild: list[Finding]) -> str:
    """Return in words how the findings of a disturbed run differ from those of the undisturbed one."""
    before, after = ({finding.finding_id: finding for finding in found} for found in (calm, wild))
    lines = [f"the market findings differ: {len(calm)} undisturbed, {len(wild)} disturbed"]
    lines += [f"  missing: {before[key].sentence}" for key in before.keys() - after.keys()]
    lines += [f"  too many: {after[key].sentence}" for key in after.keys() - before.keys()]
    lines += [
        f"  {name} of {before[key].rule} {before[key].subject}: {getattr(before[key], name)} became {other}"
        for key in before.keys() & after.keys()
        for name in before[key].__struct_fields__
        if name not in ("offset", "related") and (other := getattr(after[key], name)) != getattr(before[key], name)
    ]
    return "\n".join(lines[:30])


def _deaths_in_words(done: Path) -> str:
    deaths = struck(done)
    counts = Counter(f"{death.victim} {death.instant.value}" for death, _ in deaths)
    apart = [(after - before) / 1e9 for (_, before), (_, after) in pairwise(deaths)]
    lost = next(death.offset for death, _ in deaths if death.lose_store)
    between = f", {median(apart):.1f} s from one to the next (median)" if apart else ""
    return f"{between}; FIX store lost at offset {lost}\n  " + ", ".join(
        f"{count}x {words}" for words, count in sorted(counts.items())
    )
