"""The proof of the wild: a line as bad as they come, kills on our side, files for what the vendor will not send again.

The executions and the orders in the store are the vendor's truth, nothing doubled; what never came is missing, and
nothing else is; the certificate of completeness is red exactly where something is missing for good.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from service.statements.completeness import Certificate, State
from service.statements.issue import certify
from service.statements.reasons import Weight
from service.store.export import SqlRecords
from service.store.tables import amendments, executions, order_events
from tests.dying_daemon import Death, struck
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.prove_kills import planned
from tests.simulations import plain, run_sorwatch
from tests.wild_vendor import Ending, WildVendor

NO_QUOTES = SETTINGS.replace('source = "file"', 'source = "none"').replace('file = "quotes.csv"', "")
LARGEST_BATCH = 256
MISHAPS = 0.25
"""How often something happens to a batch that costs nothing but messages."""
MESSAGES_OF_AN_EPOCH = 20_000
NUDGE_S = 0.3
SESSION = "FIX.4.4:FIRM->SOR"
PATIENCE_S = 120.0


class Story(threading.Thread):
    """What the vendor goes through, by its seed: reports in batches, with a mishap now and then, epoch after epoch."""

    def __init__(self, vendor: WildVendor, daemon: LiveDaemon, messages: int, epochs: int) -> None:
        super().__init__(daemon=True, name="vendor's story")
        self.failure: str | None = None
        self.done = threading.Event()
        self.mishaps: Counter[str] = Counter()
        self.log: list[bytes] = []
        self.late: list[bytes] = []
        self.rows: list[str] = []
        self.gone: set[str] = set()
        self.filled: set[str] = set()
        self._vendor = vendor
        self._daemon = daemon
        self._dice = Random(vendor.dice.random())
        self._messages = messages
        self._epochs = epochs
        self._batches = min(LARGEST_BATCH, messages // 60)
        # a disconnect costs a second: so many of them, whatever the length
        self._breaks = (3 + messages / 4_000) * self._batches / 2 / messages
        self._told = 0

    def run(self) -> None:
        """Tell the whole story; what goes wrong is kept for the main thread."""
        try:
            for epoch in range(self._epochs):
                self._epoch(last=epoch == self._epochs - 1)
            self._settle()
        except BaseException:  # noqa: BLE001 - the main thread reports it
            self.failure = traceback.format_exc()
        self.done.set()

    def _epoch(self, *, last: bool) -> None:
        """Tell one epoch's share, and end it by a reset; before that, perhaps keep something back for ever."""
        share = self._messages // self._epochs
        upto = self._told + share
        while self._told < upto:
            self._online()
            self._batch(min(self._dice.randint(1, self._batches), upto - self._told))
        self._settle()
        if self._dice.random() < 0.5:
            self._vendor.skip(self._dice.randint(1, 50), declared=False)
            self._note("sequence reset")
        for _ in range(self._dice.randint(1, 2)):
            self._hold_back()
        self._settle()
        if not last:
            self._note("reset by logon")
            self._vendor.reset()
            # what is numbered before the new counting begins would be gone with the old one
            begun = self._vendor.wait(lambda peer: peer._logged_on and not peer.reset_next_logon, PATIENCE_S)
            assert begun, "the line never came back after a reset"

    def _online(self) -> None:
        """Wait for the line, having said a little into the void now and then."""
        if not self._vendor.wait(lambda peer: peer._logged_on, 0.01):
            if self._dice.random() < 0.5:
                self._tell(self._dice.randint(1, 100), lost=True)
            assert self._vendor.wait(lambda peer: peer._logged_on, PATIENCE_S), "the line never came back"

    def _batch(self, size: int) -> None:
        luck = self._dice.random()
        numbers = self._tell(size)
        if luck < self._breaks:
            self._tell(self._dice.randint(1, 20), lost=True)
            self._vendor.drop()
            self._note("disconnect")
        elif luck > 1 - MISHAPS:
            self._mishap(numbers)

    def _mishap(self, numbers: list[int]) -> None:
        vendor, dice = self._vendor, self._dice
        kept = vendor.kept.get(dice.choice(numbers))
        what = dice.choice(["lost", "copy", "resend", "unmarked", "skip"])
        if what == "lost":
            self._tell(dice.randint(1, 20), lost=True)
            self._tell(1)
        elif what == "skip":
            vendor.skip(dice.randint(1, 20), declared=True)
        elif kept is not None and what == "copy":
            with vendor._changed:
                vendor.send_bytes(b"".join(vendor.again(number) for number in numbers[-20:] if number in vendor.kept))
        elif kept is not None:
            vendor.send_bodies([kept.body], **({"t97": "Y"} if what == "resend" else {}))
        self._note(what)

    def _tell(self, count: int, *, lost: bool = False) -> list[int]:
        bodies = [body for _ in range(count) for body in self._vendor.reports()]
        self._told += len(bodies)
        return self._vendor.send_bodies(bodies, lost=lost)

    def _hold_back(self) -> None:
        """Report an order whose one trade never comes by the line: a file brings it later, or nothing does."""
        vendor = self._vendor
        self._online()
        told, trade, exec_id = vendor.lonely_trade()
        vendor.send_bodies([told])
        with vendor._changed:
            number = vendor.next_out
            vendor.withheld.add(number)
            vendor.send_bodies([trade], lost=True)
            raw = vendor.whole(number)
        vendor.truth.held_back += 1
        self._tell(self._dice.randint(1, 60))
        fate = self._dice.choice(["log", "log", "csv", "gone"])
        if not self.gone:
            fate = "gone"
        self._note(f"held back: {fate}")
        if fate == "gone":
            self.gone.add(exec_id)
            self.late.append(raw)
            return
        self.filled.add(exec_id)
        if fate == "log":
            self.log.append(raw)
        else:
            fields = dict(part.split("=", 1) for part in raw.decode().strip("\x01").split("\x01"))
            self.rows.append(
                ",".join(fields[tag] for tag in ("34", "52", "37", "17", "55", "54", "32", "31", "60", "75"))
            )

    def _settle(self) -> None:
        """Wait until all that the line can bring is recorded; a heartbeat now and then shows what is missing."""
        vendor, reports = self._vendor, self._vendor.truth.reports
        wanted = [reports["executions"] - vendor.truth.held_back, reports["order_events"], reports["amendments"]]
        end = time.monotonic() + PATIENCE_S
        while (there := self._recorded()) != wanted:
            assert time.monotonic() < end, f"recorded are {there}; the line brings {wanted}"
            if vendor.wait(lambda peer: peer._logged_on, NUDGE_S):
                vendor.send("0", [])
                time.sleep(NUDGE_S)

    def _recorded(self) -> list[int]:
        return [self._daemon.count(table) for table in (executions, order_events, amendments)]

    def _note(self, what: str) -> None:
        self.mishaps[what] += 1


def run(seed: int, messages: int = 1_000_000, kills: int = 200) -> str:
    """Run the proof; return its report, raise AssertionError at the first thing that is not so."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-wild-") as name:
        folder = Path(name)
        plan, done = folder / "plan.json", folder / "done.jsonl"
        # losing the FIX store is for the proof of the kills: what was missing then stays red under the old epoch
        deaths = [msgspec.structs.replace(death, lose_store=False) for death in planned(seed, messages, kills)]
        plan.write_bytes(msgspec.json.encode(deaths))
        entry = (sys.executable, "-P", "-m", "tests.dying_daemon", str(folder), str(plan), str(done))
        vendor = WildVendor(seed)
        began = time.monotonic()
        with LiveDaemon(folder, settings=NO_QUOTES, entry=entry) as daemon:
            daemon.start_store()
            story = Story(vendor, daemon, messages, epochs=max(2, messages // MESSAGES_OF_AN_EPOCH))
            with vendor.listening(daemon.ports.fix):
                _through_all(daemon, story, deaths, done)
                seconds = time.monotonic() - began
                missing = story.gone | story.filled
                _is_the_truth(daemon, story, missing)
                _back_fill(daemon, story, folder)
                _is_the_truth(daemon, story, story.gone)
            red = _certified(daemon)
            grave = [reason for reason in red.reasons if reason.weight is Weight.MISSING]
            assert red.state is State.RED, red.reasons
            assert all("never came" in reason.words for reason in grave), grave
            assert sum(reason.count for reason in grave) == len(story.gone), grave
            late = folder / "late.log"
            late.write_bytes(b"\n".join(story.late) + b"\n")
            _filled(daemon, late)
            _is_the_truth(daemon, story, set())
            whole = _certified(daemon)
            assert whole.state is not State.RED, whole.reasons
            records = daemon.journal_offset()
        report = _report(seed, messages, records, seconds, story, deaths)
        return f"{report}\n  certificate: {_said(red)}\n  and once a file has brought those too: {_said(whole)}"


def _through_all(daemon: LiveDaemon, story: Story, deaths: list[Death], done: Path) -> None:
    """Start the daemon again and again until the story is told and every death has struck."""
    story.start()
    while True:
        daemon.start()
        daemon.until(lambda: daemon.ended or story.done.is_set(), "the next death strikes", PATIENCE_S)
        assert story.failure is None, f"{story.failure}\n{daemon.last_words()}"
        if not daemon.ended:
            break
        daemon.bury()
        assert (daemon.exit_code, struck(done)[-1][0].victim) == (-9, "core"), daemon.last_words()
    assert len(struck(done)) == len(deaths), f"{len(struck(done))} of {len(deaths)} deaths struck"
    daemon.wait(lambda: daemon.processed() == daemon.journal_offset(), "everything is processed")


def _back_fill(daemon: LiveDaemon, story: Story, folder: Path) -> None:
    """Bring the log while the daemon runs and the rows without it, each twice."""
    log, rows = folder / "vendor.log", folder / "vendor.csv"
    log.write_bytes(b"\n".join(story.log) + b"\n")
    heads = "MsgSeqNum,SendingTime,OrderID,ExecID,Symbol,Side,LastQty,LastPx,TransactTime,TradeDate"
    rows.write_text("\n".join([heads, *story.rows]) + "\n", encoding="utf-8")
    said = [_filled(daemon, log) for _ in range(2)] if story.log else []
    assert daemon.stop() == 0
    said += [_filled(daemon, rows) for _ in range(2)] if story.rows else []
    for first, second in zip(said[::2], said[1::2], strict=True):
        assert "new executions: 0" not in first, first
        assert "new executions: 0" in second, second


def _certified(daemon: LiveDaemon) -> Certificate:
    day = datetime.now(ZoneInfo("America/New_York")).date().isoformat()
    return certify(daemon.database, "demo", SESSION, day)


def _said(certificate: Certificate) -> str:
    return f"{certificate.state.value} ({'; '.join(reason.words for reason in certificate.reasons)})"


def _filled(daemon: LiveDaemon, file: Path) -> str:
    call = ("backfill", "demo", str(file), "--folder", str(daemon.folder), "--actor", "pat")
    return run_sorwatch(*call).stdout.decode()


def _is_the_truth(daemon: LiveDaemon, story: Story, missing: set[str]) -> None:
    """Hold the store against what the vendor reported, but for what is missing."""
    truth = story._vendor.truth
    wanted = {exec_id: _ending(ended) for exec_id, ended in truth.executions.items() if exec_id not in missing}
    found = {exec_id: _ending(ended) for exec_id, ended in daemon.executions().items()}
    assert found == wanted, _difference(wanted, found)
    lonely = {f"O{int(exec_id[1:]) - 1}" for exec_id in missing}
    orders = {name: (state, 0 if name in lonely else shares) for name, (state, shares) in truth.orders.items()}
    rows = SqlRecords(daemon.database).rows("orders", None)
    states = {str(row["order_id"]): (row["state"], int(plain(str(row["executed"])))) for row in rows}
    assert states == orders, _difference(orders, states)
    assert daemon.unaccounted() == 0, "messages of the journal have no outcome"


def _ending(ended: Ending) -> tuple[str, ...]:
    return ended if ended[2] != "busted" else ("busted",)


def _difference(wanted: dict[str, object], found: dict[str, object]) -> str:
    wrong = [name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)]
    lines = [f"{name}: {wanted.get(name)} became {found.get(name)}" for name in sorted(wrong)[:20]]
    return f"{len(wrong)} of {len(wanted)} differ\n" + "\n".join(lines)


def _report(seed: int, messages: int, records: int, seconds: float, story: Story, deaths: list[Death]) -> str:
    truth = story._vendor.truth
    victims = Counter(death.victim for death in deaths)
    states = Counter(ended[2] for ended in truth.executions.values())
    return (
        f"wild: seed {seed}, {messages} messages, {story._epochs} epochs, {records} journal records, {seconds:.0f} s\n"
        f"  {', '.join(f'{count} {what}' for what, count in sorted(story.mishaps.items()))}\n"
        f"  killed: {', '.join(f'{count} x {victim}' for victim, count in sorted(victims.items()))}\n"
        f"  executions {dict(states)}, orders {len(truth.orders)}: equal to the truth, none doubled\n"
        f"  {len(story.filled)} executions came from files, {len(story.gone)} are missing for good and nothing else is"
    )
