"""The proof of verify-day: a day with a kill and another rulebook in the middle comes to the same findings again.

A real FIX session feeds a real daemon. A third of the way in another rulebook is approved while it runs; at two thirds
it is killed with SIGKILL and started again. Then `sorwatch verify-day` runs each trade date again beside the
running daemon, and what a backtest finds on the side of what was in force must be what was recorded.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from rules import reassessment
from rules.digest import digest
from rules.finding import Finding, Scope
from rules.rulebook import parse_rulebook
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.tables import checkpoints, findings
from service.versions import Version, VersionKind
from tests.live_daemon import LiveDaemon
from tests.prove_kills import RATE, faults
from tests.simulations import Written, run_sorwatch, vendor, write_simulation

SLOWEST, SECONDS = 300, 100
"""Messages a second at which a short day is sent, and how many seconds a long one takes at least."""
LONGEST_S = 3_000.0
CHANGED = """
version: changed in the middle of the day
rules:
  slow_fill: {severity: high, parameters: {at_most: 1500 us}}
  outside_nbbo: {parameters: {tolerance: "0.01"}}
"""


def run(seed: int, messages: int = 500_000) -> str:
    """Run the proof; return its report, raise AssertionError at the first thing that is not so."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-verify-") as name:
        folder = Path(name)
        written = write_simulation(folder / "written", messages, seed, *faults(messages / RATE))
        began = time.monotonic()
        with LiveDaemon(folder / "live", quotes=written.quotes) as daemon:
            daemon.start()
            _said(daemon, "propose", str(_rulebook(daemon)), "--actor", "pat", "--why", "agreed")
            with vendor(written, daemon.ports.fix, folder / "vendor", "--rate", str(max(SLOWEST, messages / SECONDS))):
                _live(daemon, written, messages)
                lived = time.monotonic() - began
                told = [_same_again(daemon, day) for day in _days(daemon)]
            assert daemon.stop() == 0
            tried = _tried(daemon)
        return "\n".join(
            [
                f"verify: seed {seed}, {messages} messages in {lived:.1f} s, one kill -9 and another rulebook",
                *told,
                *tried,
            ]
        )


def _live(daemon: LiveDaemon, written: Written, messages: int) -> None:
    """Let the day happen: the other rulebook at a third of it, the kill at two thirds."""
    daemon.wait(lambda: daemon.journal_offset() >= messages // 3, "a third of the day is journalled", LONGEST_S)
    _said(daemon, "approve", "#1", "--actor", "sam")
    daemon.wait(lambda: _in_force(daemon), "what was approved is in force", LONGEST_S)
    daemon.wait(lambda: daemon.journal_offset() >= 2 * messages // 3, "two thirds of the day are journalled", LONGEST_S)
    daemon.kill_core()
    daemon.start()
    daemon.wait(lambda: daemon.caught_up(len(written.executions)), "every execution is recorded", LONGEST_S)
    daemon.wait(daemon.every_finding_has_its_case, "every finding has its case", LONGEST_S)
    assert daemon.executions() == written.executions, "the executions are not those sent"
    by_hash = {finding.rulebook_hash for finding in daemon.findings(Scope.MARKET)}
    assert parse_rulebook(CHANGED).hash in by_hash, "nothing was found under the rulebook approved"
    assert len(by_hash) > 1, "nothing was found under the rulebook before it"


def _rulebook(daemon: LiveDaemon) -> Path:
    file = daemon.folder / "tried.yaml"
    file.write_text(CHANGED, encoding="utf-8")
    return file


def _said(daemon: LiveDaemon, *words: str) -> None:
    run_sorwatch("rulebook", *words, "--folder", str(daemon.folder))


def _in_force(daemon: LiveDaemon) -> bool:
    version = Version(kind=VersionKind.RULEBOOK, name="rulebook", text=CHANGED)
    return SqlJournal(daemon.database).in_force().get(version.key) == version.hash


def _days(daemon: LiveDaemon) -> list[str]:
    with daemon.database.reading() as connection:
        return sorted(connection.execute(select(findings.c.trade_date).distinct()).scalars())


def _same_again(daemon: LiveDaemon, day: str) -> str:
    """Run one date again, beside the daemon; return what came of it."""
    before = SqlStore(daemon.database)
    began = time.monotonic()
    done = run_sorwatch("verify-day", day, "--store", daemon.store, "--format", "json", check=False, limit_s=LONGEST_S)
    seconds = time.monotonic() - began
    assert not daemon.ended, "the daemon did not live on beside it"
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-2_000:]
    told: dict[str, Any] = msgspec.json.decode(done.stdout)
    found, looks = before.findings(day), before.reassessments(day)
    live = {scope.value: digest(found, scope) for scope in Scope} | {"second_looks": reassessment.digest(looks)}
    again = {part["name"]: part["again"] for part in told["parts"]}
    assert again == live, f"{day}: the digests again are {again}, those over the findings recorded {live}"
    facts = sum(live for live, _ in told["facts"].values())
    records = told["upto"] - told["start"]
    return (
        f"  {day}: {records} records and {facts} facts again in {seconds:.1f} s ({records / seconds:,.0f}/s): "
        f"{_counted(found)}, {len(looks)} second looks; market digest {again['market'][:16]} and the others equal"
    )


def _counted(found: list[Finding]) -> str:
    doubtful = sum(finding.uncertain for finding in found)
    market = sum(finding.scope is Scope.MARKET for finding in found)
    return f"{market} market and {len(found) - market} feed findings ({doubtful} made while messages were missing)"


def _tried(daemon: LiveDaemon) -> list[str]:
    """Return what the catalogue alone would have found, and that the other side is what was recorded."""
    days = _days(daemon)
    words = ("--from", days[0], "--to", days[-1], "--store", daemon.store, "--format", "json")
    rulebook = _rulebook(daemon)
    began = time.monotonic()
    done = run_sorwatch("backtest", "--rulebook", str(rulebook), *words, limit_s=LONGEST_S)
    seconds = time.monotonic() - began
    told: dict[str, Any] = msgspec.json.decode(done.stdout)
    agreement = told["agreement"]
    assert agreement["otherwise"] == 0, f"findings made again say something else: {agreement}"
    new, lost = (sum(row[name] for row in told["rows"]) for name in ("new", "lost"))
    assert new, "the other rulebook finds nothing more over the whole day"
    with daemon.database.reading() as connection:
        kept = [(row.day, len(row.state)) for row in connection.execute(select(checkpoints))]
    whole = f"{new} findings new, {lost} lost, {told['facts']} facts in {seconds:.1f} s"
    return [
        f"  the other rulebook on the whole day: {whole}; then beside recorded: {agreement}",
        f"  checkpoints (date, bytes): {kept}",
    ]
