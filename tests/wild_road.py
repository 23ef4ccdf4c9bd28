"""A daemon and the hand-made vendor it is logged on to: what was said, and exactly what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from rules.facts import FeedEventKind as Kind
from service.journal import RecordKind
from service.store.export import SqlRecords
from service.store.journal import SqlJournal
from service.store.tables import feed_events
from tests.fix_peer import FixPeer
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.simulations import run_sorwatch

PATIENCE_S = 30.0
QUICK = SETTINGS.replace('source = "file"', 'source = "none"').replace('file = "quotes.csv"', "")
QUICK += "[feed]\ngap_overdue_after_s = 1\nsilence_after_s = 600\n"
NEVER_STOPS = "NonStopSession=Y"
Ending = dict[str, tuple[str, str, str]]
"""ExecID to shares, price and state."""
Orders = dict[str, tuple[str, str]]
"""Order to its state and executed shares."""


class Road:
    """A daemon and the vendor it is logged on to."""

    def __init__(self, daemon: LiveDaemon, peer: FixPeer) -> None:
        self.daemon = daemon
        self.peer = peer

    def reaches(self, executions: int) -> None:
        """Wait until so many executions are recorded and nothing is left to do."""
        self.daemon.wait(lambda: self.daemon.caught_up(executions), f"{executions} executions", PATIENCE_S)

    def said(self, kind: Kind, times: int = 1) -> None:
        """Wait until the watch has said something."""
        self.daemon.wait(lambda: self.kinds().count(kind) >= times, f"{kind} said {times} times", PATIENCE_S)

    def kinds(self) -> list[Kind]:
        """Return what the watch said of its own sight, in order."""
        with self.daemon.database.reading() as connection:
            found = connection.execute(select(feed_events.c.kind).order_by(feed_events.c.offset)).scalars()
            return [Kind(kind) for kind in found]

    def whole(self) -> None:
        """Wait until every gap that was opened is closed."""

        def closed() -> bool:
            kinds = self.kinds()
            return kinds.count(Kind.GAP_OPENED) == kinds.count(Kind.GAP_CLOSED)

        self.daemon.wait(closed, "every gap is closed", PATIENCE_S)

    def detail(self, kind: Kind) -> str:
        """Return the detail of the last such event as it is stored."""
        with self.daemon.database.reading() as connection:
            wanted = select(feed_events.c.detail).where(feed_events.c.kind == kind.value)
            return str(connection.execute(wanted.order_by(feed_events.c.offset.desc())).scalars().first())

    def session_events(self) -> str:
        """Return the bodies of the gateway's session records, joined."""
        records = SqlJournal(self.daemon.database).read(0, 100_000)
        return "\n".join(one.body.decode() for one in records if one.kind is RecordKind.SESSION)

    def moves_on(self) -> None:
        """Let heartbeats come until the gateway says that the engine was moved on."""

        def moved() -> bool:
            self.peer.send("0", [])
            return self.peer.wait(lambda _: "advanced" in self.session_events(), 0.2)

        self.daemon.wait(moved, "the engine is moved on", PATIENCE_S)

    def moved_on(self) -> None:
        """Wait until the gateway says that the engine was moved on."""
        self.daemon.wait(lambda: "advanced" in self.session_events(), "the engine is moved on", PATIENCE_S)

    def logs_on_again(self) -> None:
        """Break the line and wait for the next logon."""
        before = self.peer.logons
        self.peer.drop()
        assert self.peer.wait(lambda it: it.logons > before, PATIENCE_S)

    def orders(self) -> Orders:
        """Return state and executed shares of every order."""
        rows = SqlRecords(self.daemon.database).rows("orders", None)
        return {str(row["order_key"]): (str(row["state"]), str(row["executed"])) for row in rows}

    def brings(self, message: bytes) -> None:
        """Back-fill one message from a file."""
        file = self.daemon.folder / "vendor.log"
        file.write_bytes(message + b"\n")
        folder = str(self.daemon.folder)
        run_sorwatch("backfill", "demo", str(file), "--folder", folder, "--actor", "pat", "--reason", "the line broke")

    def certified(self) -> bool:
        """Return whether the day on which the session first came up is certified as complete."""
        with self.daemon.database.reading() as connection:
            wanted = select(feed_events.c.trade_date).where(feed_events.c.kind == Kind.SESSION_UP.value)
            day = str(connection.execute(wanted.order_by(feed_events.c.offset)).scalars().first())
        words = ("completeness", "--day", day, "--no-store", "--folder", str(self.daemon.folder))
        return run_sorwatch(*words, check=False).returncode == 0

    def holds(self, expected: Ending, orders: Orders | None = None) -> None:
        """Fail unless the store holds exactly these executions and orders, and every message has its outcome.

        `orders` are those that are not what one plain execution of 100 shares, or the bust of it, makes of them.
        """
        self.reaches(len(expected))
        assert self.daemon.executions() == expected
        assert self.orders() == (plain_orders(expected) | (orders or {})), self.orders()
        assert self.daemon.unaccounted() == 0


def reschedule(folder: Path, times: str) -> None:
    """Put these settings into the session.cfg in place of those that say that it never stops."""
    session = folder / "fix_configs" / "demo" / "session.cfg"
    text = session.read_text(encoding="utf-8")
    assert NEVER_STOPS in text
    session.write_text(text.replace(NEVER_STOPS, times), encoding="utf-8")


@contextmanager
def a_session(folder: Path, times: str = NEVER_STOPS) -> Iterator[Road]:
    """Run a daemon and a vendor; `times` stands in its session.cfg in place of NonStopSession=Y."""
    vendor = FixPeer()
    with LiveDaemon(folder, settings=QUICK) as daemon, vendor.listening(daemon.ports.fix):
        reschedule(folder, times)
        daemon.start()
        vendor.wait_logged_on(PATIENCE_S)
        yield Road(daemon, vendor)
        assert daemon.stop() == 0


def live(*numbers: int) -> Ending:
    """Return the plain executions of these numbers as the store holds them."""
    return {f"E{number}": ("100", "10.01", "live") for number in numbers}


def plain_orders(executions: Ending) -> Orders:
    """Return the orders of plain executions: each ended by its one fill, of which a bust leaves no share."""
    return {
        f"O{exec_id[1:]}": ("filled", "0" if state == "busted" else "100")
        for exec_id, (_, _, state) in executions.items()
    }
