"""The proof of three vendors at once: bad lines, forgetting and kills; the store holds the truth, certificates say so.

Three counterparties at once, on raw sockets. `whole` can send everything again. `mended` forgets some of what was lost,
which `sorwatch backfill` brings from its file afterwards. `torn` forgets as well, and nobody ever brings it: its
certificate must be red, and no other. Seeded deaths strike the core and the gateways meanwhile.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from zoneinfo import ZoneInfo

import msgspec

from service.core import Core
from service.pipeline import CHECKPOINT_QUIET
from service.simulator.folder import at_port
from service.statements.issue import certify
from service.store.export import SqlRecords
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.tables import amendments, executions
from tests import vendor_words
from tests.dying_daemon import struck
from tests.fix_peer import FixPeer
from tests.forgetful_vendor import ForgetfulVendor, Weather
from tests.live_daemon import LiveDaemon
from tests.prove_kills import planned
from tests.simulations import Reported, plain, run_sorwatch
from tests.vendor_words import Kind, truth, unsendable, written

SHARES = {"whole": 0.9, "mended": 0.05, "torn": 0.05}
"""Which part of the words each counterparty has, those that forget 5,000 at most."""
LONG_MEMORY = 5_000
"""An open gap makes each logon ask for all that came after it."""
FORGOTTEN = 3
"""So many fills of `mended` and of `torn` are lost and cannot be sent again."""
SETTINGS = """
firm = "proof"
calendar = "always"
[quotes]
source = "none"
[http]
port = {ports.http}
[web]
port = {ports.web}
login = "none"
actor = "pat"
[gateway]
restart_min_s = 0.05
restart_max_s = 0.2
[feed]
gap_overdue_after_s = 2
"""
SESSION = """
[DEFAULT]
ConnectionType=initiator
HeartBtInt=30
ReconnectInterval=1
NonStopSession=Y
[SESSION]
BeginString=FIX.4.4
SenderCompID=FIRM
TargetCompID={target}
SocketConnectHost=127.0.0.1
SocketConnectPort=9876
"""
LONGEST_S = 7_200.0
NUDGE_S = 0.5
DIALECT = "begin_string: FIX.4.4\n"
VENUES = "\n".join(f"- {{venue: {venue}, name: {venue}, approved_from: 2000-01-01}}" for venue in vendor_words.VENUES)


def run(seed: int, messages: int = 1_000_000, kills: int = 200) -> str:
    """Run the proof; return its report, raise AssertionError at the first thing that is not so."""
    began = time.monotonic()
    vendors = {party: _vendor(party, seed, int(messages * share)) for party, share in SHARES.items()}
    total = sum(len(vendor.words) for vendor in vendors.values())
    with tempfile.TemporaryDirectory(prefix="sorwatch-vendors-") as name, ExitStack() as stack:
        folder = Path(name)
        for vendor in vendors.values():
            stack.enter_context(vendor.listening())
        plan, done = folder / "plan.json", folder / "done.jsonl"
        entry = (sys.executable, "-P", "-m", "tests.dying_daemon", str(folder), str(plan), str(done))
        daemon = stack.enter_context(LiveDaemon(folder, settings=SETTINGS, entry=entry))
        deaths = [msgspec.structs.replace(death, lose_store=False) for death in planned(seed, total, kills)]
        plan.write_bytes(msgspec.json.encode(deaths))
        _write_counterparties(daemon, vendors)
        _tell(daemon, vendors)
        _live(daemon, vendors, done, kills)
        told_s = time.monotonic() - began
        _until_all_is_recorded(daemon, vendors, without=("mended", "torn"))
        _mend(daemon, vendors["mended"])
        _until_all_is_recorded(daemon, vendors, without=("torn",))
        assert daemon.stop() == 0
        held = _held(daemon, vendors)
        states = {party: _certified(daemon, party) for party in vendors}
        died = Counter(f"{death.victim} {death.instant.value}" for death, _ in struck(done))
    assert [party for party, (state, _) in states.items() if state == "red"] == ["torn"], states
    return "\n".join(
        (
            f"vendors: seed {seed}, {total} words, {held} executions, {kills} kills",
            f"  told in {told_s:.1f} s, all of it {time.monotonic() - began:.1f} s",
            *(f"  {party}: {dict(sorted(vendor.did.items()))}" for party, vendor in vendors.items()),
            f"  deaths: {dict(sorted(died.items()))}",
            "  executions and order states equal to the truth, none doubled; every message has one outcome",
            *(f"  certificate of {party}: {state}: {'; '.join(reasons)}" for party, (state, reasons) in states.items()),
        )
    )


def _vendor(party: str, seed: int, messages: int) -> ForgetfulVendor:
    if party == "whole":
        words = written(seed, messages)
        weather = Weather(resets=max(2, messages // 25_000))
        return ForgetfulVendor(sender=party.upper(), words=words, seed=seed, weather=weather)
    # whoever forgets cannot begin anew either: nobody could tell what was lost from what is to come
    words = written(seed, min(LONG_MEMORY, messages))
    forgets = unsendable(words, seed, FORGOTTEN)
    return ForgetfulVendor(sender=party.upper(), words=words, seed=seed, forgets=forgets, weather=Weather(resets=0))


def _write_counterparties(daemon: LiveDaemon, vendors: dict[str, ForgetfulVendor]) -> None:
    configs = daemon.folder / "fix_configs"
    rmtree(configs)
    for party, vendor in vendors.items():
        (configs / party).mkdir(parents=True)
        session = at_port(SESSION.format(target=vendor.sender), vendor.port)
        (configs / party / "session.cfg").write_text(session, encoding="utf-8")
        (configs / party / "dialect.yaml").write_text(DIALECT, encoding="utf-8")
        (configs / party / "venues.yaml").write_text(VENUES, encoding="utf-8")


def _tell(daemon: LiveDaemon, vendors: dict[str, ForgetfulVendor]) -> None:
    for party, vendor in vendors.items():
        threading.Thread(target=vendor.tell_all, args=(_settled(daemon, party), _rested(daemon)), daemon=True).start()


def _settled(daemon: LiveDaemon, party: str) -> Callable[[FixPeer], None]:
    """Return what waits until the journal holds everything that the vendor has sent in this epoch."""

    def wait(peer: FixPeer) -> None:
        session = _session(peer.sender)

        def held() -> bool:
            point = SqlJournal(daemon.database).point(party, session)
            return point is not None and point.expected == peer.next_out

        daemon.until(held, f"the journal holds all that {party} has sent")

    return wait


def _rested(daemon: LiveDaemon) -> Callable[[], None]:
    """Return what waits until all is processed and a checkpoint is near: each death would re-run the journal else."""

    def near() -> bool:
        last = daemon.journal_offset()
        kept = SqlStore(daemon.database).checkpoint(Core.schema)
        return daemon.processed() == last and kept is not None and kept.offset > last - CHECKPOINT_QUIET

    return lambda: daemon.until(near, "a checkpoint is near", LONGEST_S)


def _session(sender: str) -> str:
    return f"FIX.4.4:FIRM->{sender}"


def _live(daemon: LiveDaemon, vendors: dict[str, ForgetfulVendor], done: Path, kills: int) -> None:
    """Keep the daemon alive through all of its deaths, until everything was told."""

    def over() -> bool:
        return all(vendor.done.is_set() for vendor in vendors.values()) and len(struck(done)) >= kills

    while True:
        daemon.start()
        daemon.until(lambda: daemon.ended or over(), "everything is told", LONGEST_S)
        if not daemon.ended:
            return
        daemon.bury()
        assert daemon.exit_code == -9, daemon.last_words()
        last = struck(done)[-1][0]
        assert last.victim == "core", daemon.last_words()


def _until_all_is_recorded(daemon: LiveDaemon, vendors: dict[str, ForgetfulVendor], without: tuple[str, ...]) -> None:
    """Wait until the store holds as many facts as the vendors told; what was lost last shows by a heartbeat."""
    words = [
        word
        for party, vendor in vendors.items()
        for place, word in enumerate(vendor.words)
        if party not in without or place not in vendor.forgets
    ]
    fills = sum(word.kind is Kind.FILL for word in words)
    amended = sum(word.kind in (Kind.BUST, Kind.CORRECT) for word in words)
    nudged = 0.0

    def recorded() -> bool:
        nonlocal nudged
        if time.monotonic() - nudged > NUDGE_S:
            nudged = time.monotonic()
            for vendor in vendors.values():
                vendor.nudge()
        return daemon.caught_up(fills) and daemon.count(amendments) >= amended

    daemon.wait(recorded, "everything that was told is recorded", LONGEST_S)
    assert daemon.count(executions) == fills, "executions are doubled"


def _mend(daemon: LiveDaemon, vendor: ForgetfulVendor) -> None:
    """Bring back from a file what the vendor cannot send again."""
    path = daemon.folder / "forgotten.fix"
    path.write_bytes(b"".join(line + b"\n" for line in vendor.forgotten()))
    said = run_sorwatch(
        "backfill", "mended", str(path), "--actor", "proof", "--folder", str(daemon.folder), check=False
    )
    assert said.returncode == 0, said.stderr.decode()[-2000:]


def _held(daemon: LiveDaemon, vendors: dict[str, ForgetfulVendor]) -> int:
    """Hold the store against the truth; return how many executions that are."""
    assert daemon.unaccounted() == 0, "messages of the journal have no outcome"
    count = 0
    for party, vendor in vendors.items():
        truly = truth(vendor.words, vendor.forgets if party == "torn" else frozenset())
        found: dict[str, Reported] = {}
        for row in SqlRecords(daemon.database).rows("executions", None):
            if row["counterparty"] == party:
                assert row["exec_id"] not in found, f"{row['exec_id']} is recorded twice"
                found[str(row["exec_id"])] = (plain(str(row["quantity"])), plain(str(row["price"])), str(row["state"]))
        assert found == truly.executions, _difference(party, truly.executions, found)
        orders = {
            str(row["order_key"]): (int(str(row["executed"])), str(row["state"]))
            for row in SqlRecords(daemon.database).rows("orders", None)
            if row["counterparty"] == party
        }
        stated = {name: (shares, state or orders[name][1]) for name, (shares, state) in truly.orders.items()}
        assert orders == stated, _difference(party, stated, orders)
        count += len(found)
    return count


def _certified(daemon: LiveDaemon, party: str) -> tuple[str, tuple[str, ...]]:
    day = datetime.now(ZoneInfo("America/New_York")).date().isoformat()
    made = certify(daemon.database, party, _session(party.upper()), day)
    return made.state.value, tuple(reason.words for reason in made.reasons)


def _difference(party: str, truly: dict[str, object], found: dict[str, object]) -> str:
    wrong = [
        f"{key}: {truly.get(key)} became {found.get(key)}"
        for key in truly.keys() | found.keys()
        if truly.get(key) != found.get(key)
    ]
    return f"{party}: {len(wrong)} differ: {'; '.join(sorted(wrong)[:20])}"
