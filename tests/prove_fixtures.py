"""The proof of the big fixtures: a restart behind a whole day, and the real day of the NBBO by replay.

The restart is measured twice: after kill -9 at the end of the stream, with whatever checkpoint there was, and after
SIGTERM, which leaves a checkpoint at the end.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from pathlib import Path

from rules.finding import Finding
from service.replay_file import replay_file
from tests import nbbo_2013
from tests.live_daemon import LiveDaemon
from tests.simulations import Written, vendor, write_simulation

SLOWEST = 500
"""Messages a second below which a run is given up."""


def run(seed: int, messages: int = 1_000_000) -> str:
    """Run the proof; return its figures."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-fixtures-") as name:
        return f"{_restarts(Path(name), seed, messages)}\n{_real_day(Path(name))}"


def _restarts(folder: Path, seed: int, messages: int) -> str:
    written = write_simulation(folder / "written", messages, seed)
    limit_s = 120 + messages / SLOWEST
    with LiveDaemon(folder / "daemon", quotes=written.quotes) as daemon:
        with vendor(written, daemon.ports.fix, folder / "vendor"):
            daemon.start()
            daemon.wait(lambda: daemon.journal_offset() >= messages, "the whole day is journalled", limit_s)
            daemon.kill_core()
            killed = _restart(daemon, "kill -9", limit_s)
            _catch_up(daemon, written, limit_s)
            assert daemon.stop() == 0
            ended = _restart(daemon, "SIGTERM", limit_s)
            _catch_up(daemon, written, limit_s)
            assert daemon.stop() == 0
        assert daemon.executions() == written.executions, "the executions are not those sent"
        heading = f"{'restart after':>14} {'answers s':>10} {'logged on s':>12} {'warm s':>8} {'records run again':>18}"
        return f"behind {messages:,} messages\n{heading}\n{killed}\n{ended}"


def _catch_up(daemon: LiveDaemon, written: Written, limit_s: float) -> None:
    daemon.wait(lambda: daemon.caught_up(len(written.executions)), "every execution is recorded", limit_s)


def _restart(daemon: LiveDaemon, after: str, limit_s: float) -> str:
    """Start the daemon; return when it answered, was logged on and was warm, in seconds from the start."""
    began = time.monotonic()
    daemon.start()
    reached = {"answers": time.monotonic() - began}
    while len(reached) < 3:
        assert not daemon.ended, daemon.last_words()
        assert time.monotonic() - began < limit_s, f"not warm after {limit_s:g} s: {daemon.last_words()}"
        if daemon.metric("sorwatch_session_logged_on") == 1:
            reached.setdefault("logged on", time.monotonic() - began)
        if daemon.metric("sorwatch_warm") == 1:
            reached.setdefault("warm", time.monotonic() - began)
        time.sleep(0.02)
    again = [json.loads(line) for line in daemon.last_words().splitlines() if '"event": "warm"' in line][-1]["records"]
    return f"{after:>14} {reached['answers']:>10.2f} {reached['logged on']:>12.2f} {reached['warm']:>8.2f} {again:>18,}"


def _real_day(folder: Path) -> str:
    if not nbbo_2013.is_present():
        return "the real NBBO day is not on this machine (../shared/data/nbbo_2013); left out"
    fixlog, quotes = folder / "ibm.log", folder / "quotes.csv"
    rows, fills = nbbo_2013.write_quotes(quotes), nbbo_2013.write_fix_log(fixlog)
    findings: list[Finding] = []
    began = time.monotonic()
    summary = replay_file(fixlog, quotes=quotes, folder=folder, on_finding=findings.append)
    seconds = time.monotonic() - began
    outside = Counter(str(f.quotes["execution"]["state"]) for f in findings if f.rule == "outside_nbbo")
    assert summary.executions == fills == 24_106, summary
    assert summary.outcomes == {"order_event": fills, "execution": fills}, summary.outcomes
    assert summary.not_evaluated == {"execution crossed": 37}, summary.not_evaluated
    assert dict(outside) == {"normal": 659, "locked": 57}, outside
    return (
        f"real NBBO day: {rows:,} quotes, {summary.messages:,} messages, {summary.executions:,} executions, none lost; "
        f"outside {outside.total()} ({outside['normal']} normal, {outside['locked']} locked), 37 crossed and not "
        f"evaluated; {seconds:.1f} s, {summary.messages / seconds:,.0f} messages/s"
    )
