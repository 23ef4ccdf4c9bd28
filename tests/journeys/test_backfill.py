"""A gap that the vendor will not fill, filled from a file: while the daemon runs, without it, twice, and by a CSV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from rules.facts import FeedEventKind
from service.store.backfilled import SqlBackfills
from service.store.export import SqlRecords
from service.store.journal import SqlJournal
from service.store.tables import feed_events
from tests.fix_peer import FixPeer, an_execution
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.simulations import run_sorwatch

pytestmark = pytest.mark.journey

PATIENCE_S = 60.0
NO_QUOTES = SETTINGS.replace('source = "file"', 'source = "none"').replace('file = "quotes.csv"', "")
SENT, LOST = range(1, 7), (3, 4)


@contextmanager
def a_gap(folder: Path, store: str) -> Iterator[tuple[LiveDaemon, FixPeer, Path]]:
    """Run a daemon that misses two executions for good, and give the vendor's own log of what it sent."""
    vendor = FixPeer(answers_resend=False)
    with (
        LiveDaemon(folder, settings=NO_QUOTES, store=store) as daemon,
        vendor.listening(daemon.ports.fix) as peer,
    ):
        daemon.start()
        peer.wait_logged_on(PATIENCE_S)
        numbers = [peer.send("8", an_execution(number), lost=number in LOST) for number in SENT]
        daemon.wait(lambda: daemon.caught_up(len(SENT) - len(LOST)), "what came is recorded", PATIENCE_S)
        assert kinds(daemon) == [FeedEventKind.GAP_OPENED]
        log = folder / "vendor.log"
        log.write_bytes(b"\n".join(as_sent(peer, number) for number in numbers) + b"\n")
        yield daemon, peer, log


def test_a_file_closes_the_gap_while_the_daemon_runs_and_once_more_changes_nothing(
    tmp_path: Path, store_url: str
) -> None:
    """The executions are exactly those sent; those from the file say so."""
    with a_gap(tmp_path, store_url) as (daemon, _, log):
        first = backfill(daemon, log)
        once = facts(daemon)
        second = backfill(daemon, log)

        assert "execution: 2" in first
        assert "duplicate: 4" in first
        assert "gaps closed: FIX.4.4:FIRM->SOR 4-5" in first
        assert once == {f"E{number}": number in LOST for number in SENT}
        assert "duplicate: 6\nnew executions: 0" in second
        assert facts(daemon) == once
        assert [kind for kind in kinds(daemon) if "gap" in kind] == [FeedEventKind.GAP_OPENED, FeedEventKind.GAP_CLOSED]
        assert daemon.unaccounted() == 0
        notes = [note for _, note in SqlBackfills(daemon.database).files()]
        assert [(note.actor, note.reason, note.messages) for note in notes] == [("pat", "the line broke", 6)] * 2
        assert daemon.stop() == 0


def test_a_csv_fills_the_gap_without_the_daemon_and_the_log_after_it_is_all_copies(
    tmp_path: Path, store_url: str
) -> None:
    """What the rows leave out makes no conflict, whichever comes first; the next start goes on from there."""
    with a_gap(tmp_path, store_url) as (daemon, peer, log):
        assert daemon.stop() == 0
        rows = tmp_path / "executions.csv"
        rows.write_text(csv_of(peer), encoding="utf-8")

        tried = backfill(daemon, rows, "--dry-run")
        by_csv = backfill(daemon, rows)
        once = facts(daemon)
        by_log = backfill(daemon, log)

        assert "execution: 2 new, 4 known" in tried
        assert "execution: 2\n" in by_csv
        assert "gaps closed: FIX.4.4:FIRM->SOR 4-5" in by_csv
        assert once == {f"E{number}": number in LOST for number in SENT}
        assert "duplicate: 6\nnew executions: 0" in by_log
        assert facts(daemon) == once
        assert FeedEventKind.DUPLICATE_CONFLICT not in kinds(daemon)
        daemon.start()
        peer.wait_logged_on(PATIENCE_S)
        peer.send("8", an_execution(7))
        daemon.wait(lambda: "E7" in facts(daemon), "the daemon goes on", PATIENCE_S)
        assert daemon.unaccounted() == 0
        assert daemon.stop() == 0


def test_a_file_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    """Every problem at once, on standard error, exit code 2."""
    with LiveDaemon(tmp_path, settings=NO_QUOTES) as daemon:
        run_sorwatch("store", "upgrade", "--folder", str(tmp_path))
        rows = tmp_path / "executions.csv"
        rows.write_text("ExecID,Colour,Symbol,LastQty\nE1,red,IBM,100\n", encoding="utf-8")
        words = ("backfill", "demo", str(rows), "--folder", str(tmp_path), "--actor", "pat")

        refused = run_sorwatch(*words, check=False)

        said = refused.stderr.decode()
        assert refused.returncode == 2
        assert "column 2 'Colour' is no FIX field" in said
        assert "the column LastPx (31) is missing" in said
        assert "nothing was written" in said
        assert SqlJournal(daemon.database).last_offset() == 0


def backfill(daemon: LiveDaemon, file: Path, *words: str) -> str:
    """Run the command; return what it printed."""
    call = ("backfill", "demo", str(file), "--folder", str(daemon.folder), "--actor", "pat")
    return run_sorwatch(*call, "--reason", "the line broke", *words).stdout.decode()


def facts(daemon: LiveDaemon) -> dict[str, bool]:
    """Return the recorded executions, each once, and whether they are marked as back-filled."""
    rows = list(SqlRecords(daemon.database).rows("executions", None))
    assert len({row["exec_id"] for row in rows}) == len(rows)
    assert all((row["received_at"] is None) == row["backfilled"] for row in rows)
    return {str(row["exec_id"]): bool(row["backfilled"]) for row in rows}


def kinds(daemon: LiveDaemon) -> list[FeedEventKind]:
    """Return what the watch said of its own sight, but for the line going up and down and recoveries."""
    apart = ("session", "recovery", "gateway", "epoch", "flow", "clock", "silent", "heard", "symbol")
    with daemon.database.reading() as connection:
        found = connection.execute(select(feed_events.c.kind).order_by(feed_events.c.offset)).scalars()
        return [FeedEventKind(kind) for kind in found if not kind.startswith(apart)]


def as_sent(peer: FixPeer, number: int) -> bytes:
    """Return a message as the vendor's log has it: with the time at which it was sent."""
    kind, fields, sent_at = peer.sent[number]
    return peer.message(number, kind, fields, t52=sent_at)


def csv_of(peer: FixPeer) -> str:
    """Return the executions as a desk might export them: few columns, by name and by tag."""
    tags = (37, 17, 55, 54, 32, 31, 60)
    lines = ["MsgSeqNum,SendingTime,OrderID,17,Symbol,Side,LastQty,LastPx,TransactTime"]
    for number, (kind, fields, sent_at) in peer.sent.items():
        if kind == "8":
            said = dict(fields)
            lines.append(",".join([str(number), sent_at, *(said[tag] for tag in tags)]))
    return "\n".join(lines) + "\n"
