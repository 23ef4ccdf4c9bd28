"""Two people change what is in force while a real daemon runs: what comes after it, and only that, is judged by it."""

from __future__ import annotations

import itertools
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from rules.finding import Finding
from rules.rulebook import parse_rulebook
from service.change.proposal_events import State
from service.journal import Record, RecordKind
from service.store.journal import SqlJournal
from service.store.proposals import SqlProposals
from service.versions import Version, VersionKind, version_of
from tests.dying_activation import INSTANTS
from tests.fix_peer import FixPeer, an_execution
from tests.live_daemon import LiveDaemon
from tests.simulations import SORWATCH, run_sorwatch
from tests.stores import KINDS, empty_store
from tests.wild_road import PATIENCE_S, QUICK, Road

pytestmark = pytest.mark.journey

ROGUE = "ROGX"
NEW = "rules: {unexpected_venue: {severity: critical}}\n"
OLD_HASH, NEW_HASH = parse_rulebook("").hash, parse_rulebook(NEW).hash


class Firm(Road):
    """A road with people at the command line beside it."""

    def __init__(self, daemon: LiveDaemon, peer: FixPeer) -> None:
        super().__init__(daemon, peer)
        self._numbers = itertools.count(1)

    def said(self, *words: str) -> str:  # type: ignore[override]
        """Call the command line; return what it printed."""
        return run_sorwatch(*words, "--folder", str(self.daemon.folder)).stdout.decode()

    def agree_on_rulebook(self) -> None:
        """Let pat propose the new rulebook, and sam approve it."""
        file = self.daemon.folder / "new.yaml"
        file.write_text(NEW, encoding="utf-8")
        self.said("rulebook", "propose", str(file), "--actor", "pat", "--why", "agreed")
        self.said("rulebook", "approve", "#1", "--actor", "sam")

    def send(self) -> int:
        """Send one execution at a venue that nobody has approved; return its number."""
        number = next(self._numbers)
        self.peer.send("8", an_execution(number, t30=ROGUE, t526=f"P{number}"))
        return number

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Let executions come for as long as the block lasts."""
        enough = threading.Event()

        def flow() -> None:
            while not enough.wait(0.01):
                self.send()

        vendor = threading.Thread(target=flow)
        vendor.start()
        try:
            yield
        finally:
            enough.set()
            vendor.join()

    def activated(self) -> list[tuple[Record, Version]]:
        """Return the versions that proposals put in force, with their records."""
        records = SqlJournal(self.daemon.database).read(0, 1_000_000)
        told = [(one, version_of(one.body)) for one in records if one.kind is RecordKind.VERSION]
        return [(record, version) for record, version in told if version.proposal is not None]

    def waits_for_version(self, count: int = 1) -> Record:
        """Wait until so many proposals are in force; return the record of the newest."""
        self.daemon.wait(lambda: len(self.activated()) >= count, f"{count} proposals in force", PATIENCE_S)
        return self.activated()[-1][0]

    def rogues(self) -> list[Finding]:
        """Return the findings at the venue that nobody has approved."""
        return [one for one in self.daemon.findings() if one.rule == "unexpected_venue"]

    def settled(self, number: int) -> None:
        """Wait until that execution, and all before it, is recorded."""
        self.daemon.wait(lambda: self.daemon.caught_up(number), f"{number} executions", PATIENCE_S)


@contextmanager
def a_firm(folder: Path, kind: str = "sqlite", entry: Sequence[str] = ()) -> Iterator[Firm]:
    """Run a daemon that a vendor is logged on to."""
    with (
        empty_store(kind, folder) as store,
        LiveDaemon(folder, settings=QUICK, store=store, entry=entry) as daemon,
        (vendor := FixPeer()).listening(daemon.ports.fix),
    ):
        daemon.start()
        vendor.wait_logged_on(PATIENCE_S)
        yield Firm(daemon, vendor)


@pytest.mark.parametrize("kind", KINDS)
def test_while_messages_flow_two_people_change_a_limit_and_then_allow_the_venue(tmp_path: Path, kind: str) -> None:
    """No restart: each finding bears the hash of what was in force at its offset, and then there are no more."""
    with a_firm(tmp_path, kind) as firm:
        pid = firm.daemon.pid
        with firm.flowing():
            firm.daemon.wait(lambda: bool(firm.rogues()), "the first finding", PATIENCE_S)
            firm.agree_on_rulebook()
            changed = firm.waits_for_version()
            firm.daemon.wait(
                lambda: any(one.rulebook_hash == NEW_HASH for one in firm.rogues()), "a finding under it", PATIENCE_S
            )
        about = ("--counterparty", "demo", "--from", "2020-01-02", "--name", "Rogue", "--document", "annex B")
        firm.said("venues", "approve", ROGUE, *about, "--actor", "pat", "--why", "reviewed")
        firm.said("venues", "confirm", "#4", "--actor", "sam")
        allowed = firm.waits_for_version(2)
        firm.settled(last := firm.send())
        found = firm.rogues()
        history = firm.said("venues", "history", "--venue", ROGUE, "--format", "json")
        listed = firm.said("rulebook", "list", "--format", "json")

        assert firm.daemon.pid == pid
        assert {one.rulebook_hash for one in found if one.offset < changed.offset} == {OLD_HASH}
        assert {one.rulebook_hash for one in found if one.offset > changed.offset} == {NEW_HASH}
        assert len(found) == last - 1
        assert max(one.offset for one in found) < allowed.offset
        (row,) = [json.loads(line) for line in history.splitlines()]
        assert (row["change"], row["proposer"], row["approver"], row["offset"]) == (
            *("added", "pat", "sam"),
            allowed.offset,
        )
        newest = json.loads(listed.splitlines()[-1])
        assert (newest["meaning"], newest["approver"], newest["offset"]) == (NEW_HASH, "sam", changed.offset)
        assert SqlProposals(firm.daemon.database).verify() == (6, None)
        assert firm.daemon.stop() == 0


@pytest.mark.parametrize("instant", INSTANTS)
def test_a_kill_while_a_version_comes_into_force_makes_it_neither_none_nor_two(tmp_path: Path, instant: str) -> None:
    """In a running daemon, whichever of commit and kill was first: the next start has it once, and judges by it."""
    dying = (sys.executable, "-P", "-m", "tests.dying_activation", str(tmp_path), instant)
    with a_firm(tmp_path, entry=dying) as firm:
        firm.settled(firm.send())
        gateway = firm.daemon.gateway_pid()
        firm.agree_on_rulebook()
        firm.daemon.bury(gateway)
        died_with = len(firm.activated())

        firm.daemon._entry = (*SORWATCH, "run", "--folder", str(tmp_path))
        firm.daemon.start()
        firm.peer.wait_logged_on(PATIENCE_S)
        firm.settled(firm.send())

        ((record, version),) = firm.activated()
        assert died_with == (1 if instant == "after" else 0)
        assert (version.kind, version.proposer, version.approver) == (VersionKind.RULEBOOK, "pat", "sam")
        assert [one.rulebook_hash for one in firm.rogues()] == [OLD_HASH, NEW_HASH]
        (proposal,) = SqlProposals(firm.daemon.database).standing().proposals
        assert (proposal.state, proposal.offset) == (State.ACTIVATED, record.offset)
        assert SqlProposals(firm.daemon.database).verify() == (3, None)
        assert firm.daemon.stop() == 0
