"""What a gateway asks for after a start, a reset, a loss: a real engine against a hand-made peer, journal in memory."""

from __future__ import annotations

import os
import shutil
import signal
from functools import partial
from pathlib import Path

import msgspec
import pytest

from service.journal import RecordKind, SessionPoint
from tests.factories_fix import SESSION, WatchedJournal, gateways, initiator_for
from tests.fix_peer import FixPeer, an_execution

pytestmark = pytest.mark.journey


def ids(numbers: range) -> list[str]:
    """Return the ExecIDs that `send_executions` sends for these numbers."""
    return [f"E{number}" for number in numbers]


def points_hold(journal: WatchedJournal) -> bool:
    """Return whether every point told the truth: all executions below its number were in the journal by then."""
    seen: dict[str, set[int]] = {}
    top: dict[str, int] = {}
    for frame in journal.frames:
        for entry in frame.entries:
            if entry.kind is RecordKind.MESSAGE:
                fields = dict(field.split("=", 1) for field in entry.body.decode().split("\x01") if field)
                seen.setdefault(entry.epoch, set()).add(int(fields["34"]))
                if fields["35"] == "4":  # a gap fill stands for the admin messages that it covers
                    seen[entry.epoch].update(range(int(fields["34"]), int(fields["36"])))
        for point in frame.points:
            top[point.epoch] = max(top.get(point.epoch, 0), point.expected)
            if not set(range(1, point.expected)) <= seen.get(point.epoch, set()):
                return False
    return True


def logged_on(peer: FixPeer, times: int) -> bool:
    """Return whether the peer has seen so many logons."""
    return peer.logons == times


def has(journal: WatchedJournal, exec_id: str) -> bool:
    """Return whether an execution is in the journal."""
    return exec_id in journal.exec_ids()


def kill(pid: int | None) -> None:
    """End a process as a crash would."""
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_every_message_comes_back_after_the_gateway_was_killed(tmp_path: Path) -> None:
    """Executions sent before, during and after a kill −9 of the gateway are all in the journal."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running() as family:
        peer.wait_logged_on()
        peer.send_executions(range(1, 201))
        journal.wait(lambda: len(journal.exec_ids()) > 50)
        kill(family.states()[0].pid)
        peer.send_executions(range(201, 301))
        journal.wait(lambda: journal.happened("started", RecordKind.GATEWAY) == 2)
        peer.wait(lambda it: it.logons == 2)
        peer.send_executions(range(301, 401))

        journal.wait(lambda: journal.reaches(peer.next_out))

    assert set(journal.exec_ids()) == set(ids(range(1, 401)))
    assert points_hold(journal)
    assert family.states()[0].restarts == 1


def test_a_journal_that_is_behind_the_engine_winds_it_back(tmp_path: Path) -> None:
    """What the engine counted as read but the journal never committed is asked for again, and only that."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening():
        with gateways(journal, tmp_path, initiator_for(peer)).running():
            peer.wait_logged_on()
            peer.send_executions(range(1, 101))
            journal.wait(lambda: journal.reaches(peer.next_out))
        held = journal.point("demo", SESSION)
        assert held is not None
        crashed = WatchedJournal()
        crashed.points["demo", SESSION] = msgspec.structs.replace(held, expected=52)

        with gateways(crashed, tmp_path, initiator_for(peer)).running():
            crashed.wait(lambda: crashed.reaches(held.expected))

    assert crashed.exec_ids() == ids(range(51, 101))
    assert peer.got("2")[-1][7] == "52"


def test_the_engine_is_never_wound_forward(tmp_path: Path) -> None:
    """A journal that is ahead of the engine (its store came from a backup) does not make it skip anything."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening():
        with gateways(journal, tmp_path, initiator_for(peer)).running():
            peer.wait_logged_on()
            peer.send_executions(range(1, 11))
            journal.wait(lambda: journal.reaches(peer.next_out))
        held = journal.point("demo", SESSION)
        assert held is not None
        journal.points["demo", SESSION] = msgspec.structs.replace(held, expected=held.expected + 1000)

        with gateways(journal, tmp_path, initiator_for(peer)).running():
            peer.wait(lambda it: it.logons == 2)
            peer.send_executions(range(11, 21))
            journal.wait(lambda: len(set(journal.exec_ids())) == 20)

    assert set(journal.exec_ids()) == set(ids(range(1, 21)))


def test_a_reset_on_reconnect_begins_a_new_epoch(tmp_path: Path) -> None:
    """A Logon with ResetSeqNumFlag on a reconnect is journalled as a change of epoch, before that Logon."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running():
        peer.wait_logged_on()
        peer.send_executions(range(1, 21))
        journal.wait(lambda: journal.reaches(peer.next_out))
        first = journal.point("demo", SESSION)
        peer.reset_next_logon = True
        peer.drop()
        peer.wait(lambda it: it.logons == 2)
        peer.send_executions(range(21, 41))

        journal.wait(lambda: len(journal.exec_ids()) == 40 and journal.reaches(peer.next_out))

    epochs = journal.events(RecordKind.EPOCH)
    assert first is not None
    assert [(body["previous"], body["expected"]) for body in epochs] == [("", 0), (first.epoch, first.expected)]
    change = journal.of(RecordKind.EPOCH)[1]
    logon = next(r for r in journal.of(RecordKind.MESSAGE) if b"\x01141=Y" in r.body)
    assert (logon.epoch, logon.offset > change.offset) == (change.epoch, True)
    assert {r.epoch for r in journal.of(RecordKind.MESSAGE) if r.offset > logon.offset} == {change.epoch}
    assert points_hold(journal)


def test_a_reset_while_we_were_down_begins_a_new_epoch(tmp_path: Path) -> None:
    """The counterparty began anew while no gateway ran: everything of its new life arrives."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening():
        with gateways(journal, tmp_path, initiator_for(peer)).running():
            peer.wait_logged_on()
            peer.send_executions(range(1, 21))
            journal.wait(lambda: journal.reaches(peer.next_out))
        peer.reset_next_logon = True

        with gateways(journal, tmp_path, initiator_for(peer)).running():
            peer.wait(lambda it: it.logons == 2)
            peer.send_executions(range(21, 31))
            journal.wait(lambda: len(set(journal.exec_ids())) == 30)

    epochs = journal.events(RecordKind.EPOCH)
    assert len(epochs) == 2
    assert epochs[1]["previous"] == epochs[0]["epoch"]


def test_a_lost_fix_store_asks_for_everything_again(tmp_path: Path) -> None:
    """The FIX store's folder is gone: the journal does not know the new epoch, so the session is read from 1."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening():
        with gateways(journal, tmp_path, initiator_for(peer)).running():
            peer.wait_logged_on()
            peer.send_executions(range(1, 21))
            journal.wait(lambda: journal.reaches(peer.next_out))
        shutil.rmtree(tmp_path / "fixstore")
        peer.send("8", an_execution(21), lost=True)

        with gateways(journal, tmp_path, initiator_for(peer)).running():
            journal.wait(lambda: journal.exec_ids().count("E21") == 1)

    assert peer.got("2")[-1][7] == "1"
    assert journal.exec_ids().count("E7") == 2
    assert len(journal.events(RecordKind.EPOCH)) == 2


def test_files_that_a_full_disk_left_do_not_stop_the_start(tmp_path: Path) -> None:
    """Session file cut off, numbers empty: a new epoch from 1, and our own numbers go on where they were."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening():
        with gateways(journal, tmp_path, initiator_for(peer)).running():
            peer.wait_logged_on()
            peer.send_executions(range(1, 21))
            journal.wait(lambda: journal.reaches(peer.next_out))
        sent = max(int(message[34]) for message in peer.received)
        for kind in ("session", "seqnums"):
            (tmp_path / "fixstore" / f"FIX.4.4-FIRM-SOR.{kind}").write_text("", encoding="ascii")

        with gateways(journal, tmp_path, initiator_for(peer)).running():
            journal.wait(lambda: journal.exec_ids().count("E20") == 2)

    assert int(peer.got("A")[-1][34]) == sent + 1
    assert len(journal.events(RecordKind.EPOCH)) == 2


def test_a_journal_that_never_heard_of_the_session_asks_for_everything(tmp_path: Path) -> None:
    """A new journal behind an old FIX store starts at 1 too: the engine's number is worth nothing without rows."""
    peer = FixPeer()
    with peer.listening():
        first = WatchedJournal()
        with gateways(first, tmp_path, initiator_for(peer)).running():
            peer.wait_logged_on()
            peer.send_executions(range(1, 21))
            first.wait(lambda: first.reaches(peer.next_out))
        journal = WatchedJournal()

        with gateways(journal, tmp_path, initiator_for(peer)).running():
            journal.wait(lambda: len(set(journal.exec_ids())) == 20)

    assert set(journal.exec_ids()) == set(ids(range(1, 21)))


def test_messages_queued_behind_a_gap_do_not_hide_it(tmp_path: Path) -> None:
    """The journal's point stays at the gap although later messages are in it; a kill there loses nothing."""
    journal, peer = WatchedJournal(), FixPeer(answers_resend=False)
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running() as family:
        peer.wait_logged_on()
        peer.send_executions(range(1, 11))
        gap = peer.send("8", an_execution(11), lost=True)
        peer.send_executions(range(12, 31))
        journal.wait(lambda: "E30" in journal.exec_ids() and journal.reaches(gap))
        held = journal.point("demo", SESSION)
        peer.answers_resend = True
        kill(family.states()[0].pid)

        journal.wait(lambda: journal.reaches(peer.next_out))

    assert isinstance(held, SessionPoint)
    assert held.expected == gap
    assert set(journal.exec_ids()) == set(ids(range(1, 31)))
    assert points_hold(journal)


def test_every_point_is_true_while_resets_and_messages_race(tmp_path: Path) -> None:
    """Resets inside a running session, messages around each of them: no point ever claims what is not there."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running():
        peer.wait_logged_on()
        for turn in range(8):
            peer.send_executions(range(turn * 40 + 1, turn * 40 + 31))
            peer.reset_next_logon = True
            peer.drop()
            assert peer.wait(partial(logged_on, times=turn + 2))
            peer.send_executions(range(turn * 40 + 31, turn * 40 + 41))
            journal.wait(partial(has, journal, f"E{turn * 40 + 40}"))  # else the line's end may swallow the Logon
        journal.wait(lambda: journal.reaches(peer.next_out))

    assert points_hold(journal)
    assert len({body["epoch"] for body in journal.events(RecordKind.EPOCH)}) == 9
