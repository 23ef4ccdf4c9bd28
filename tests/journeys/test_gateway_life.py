"""A gateway's life: sessions of every kind, what it refuses to send, how it dies and comes back, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.fix.stream import Decoder, Refused, Wind, encode
from service.journal import RecordKind
from tests.factories_fix import SESSION, WatchedJournal, an_acceptor_cfg, gateways, initiator_for, wait_until
from tests.fix_peer import FixPeer, an_execution
from tests.servers import free_port

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("begin", ["FIX.4.2", "FIX.4.4", "FIXT.1.1"])
def test_an_acceptor_serves_every_version(tmp_path: Path, begin: str) -> None:
    """The counterparty connects to us, in each of the three versions; its text is journalled byte for byte."""
    journal, port = WatchedJournal(), free_port()
    peer = FixPeer(begin=begin)
    cfg = an_acceptor_cfg(port, BeginString=begin, DefaultApplVerID="FIX.5.0SP2" if begin == "FIXT.1.1" else None)
    with gateways(journal, tmp_path, cfg).running(), peer.connected(port):
        peer.wait_logged_on()
        number = peer.send("8", [*an_execution(1), (58, "caf\udce9"), (20001, "ours")])

        journal.wait(journal.exec_ids)

    body = _message_with(journal, b"17=E1")
    assert f"\x0134={number}\x01".encode() in body
    assert b"58=caf\xe9\x0120001=ours\x01" in body
    assert body.startswith(f"8={begin}\x019=".encode())


def _message_with(journal: WatchedJournal, part: bytes) -> bytes:
    return next(record.body for record in journal.of(RecordKind.MESSAGE) if part in record.body)


def test_an_initiator_speaks_fix_5_over_fixt(tmp_path: Path) -> None:
    """FIXT.1.1 needs an application version, and then works as the others do."""
    journal, peer = WatchedJournal(), FixPeer(begin="FIXT.1.1")
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer, DefaultApplVerID="FIX.5.0SP2")).running():
        peer.wait_logged_on()
        peer.send_executions(range(1, 11))

        journal.wait(lambda: len(journal.exec_ids()) == 10)

    assert peer.got("A")[0][1137] == "9"


def test_a_schedule_in_new_york_time_is_kept_by_the_engine(tmp_path: Path) -> None:
    """TimeZone is ours: the gateway runs in that zone, so a session of the hour there is open and logs on."""
    hour = datetime.now(ZoneInfo("America/New_York")).hour
    times = {"StartTime": f"{(hour - 1) % 24:02d}:00:00", "EndTime": f"{(hour + 2) % 24:02d}:00:00"}
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening():
        cfg = initiator_for(peer, NonStopSession=None, TimeZone="America/New_York", **times)
        with gateways(journal, tmp_path, cfg).running():
            peer.wait_logged_on()
            peer.send_executions(range(1, 3))

            journal.wait(lambda: len(journal.exec_ids()) == 2)

    assert peer.logons == 1


def test_a_session_outside_its_schedule_stays_down(tmp_path: Path) -> None:
    """The same hours in UTC are not now: the gateway lives, and does not even try to connect."""
    hour = datetime.now(ZoneInfo("America/New_York")).hour
    times = {"StartTime": f"{(hour - 1) % 24:02d}:00:00", "EndTime": f"{(hour + 2) % 24:02d}:00:00"}
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening():
        cfg = initiator_for(peer, NonStopSession=None, **times)
        with gateways(journal, tmp_path, cfg).running() as family:
            wait_until(lambda: family.states()[0].status_at)

            tried = peer.wait(lambda it: bool(it.received), 2.5)

            assert family.states()[0].running
    assert not tried


def test_what_vendors_really_send_is_not_rejected(tmp_path: Path) -> None:
    """Groups, empty values, made-up tags and values, a number that is none, a header field out of place: no 35=3."""
    journal, peer = WatchedJournal(), FixPeer(begin="FIX.4.2")
    parties = [(453, "2"), (448, "A"), (447, "D"), (452, "1"), (448, "B"), (447, "D"), (452, "2")]
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running():
        peer.wait_logged_on()
        peer.send("8", [*an_execution(1), *parties])
        peer.send("8", [*an_execution(2), (58, "")])
        peer.send("8", an_execution(3, t150="F", t31="ten", t60="noon"))
        peer.send("8", [*an_execution(4), (50, "DESK"), (9406, "Y"), (5, "x")])
        peer.send("8", [*an_execution(5), (382, "1"), (375, "BRK"), (337, "T"), (437, "100")])
        last = peer.send("U1", [(58, "vendor's own")])

        journal.wait(lambda: journal.reaches(last + 1, "FIX.4.2:FIRM->SOR"))

    assert journal.of(RecordKind.OWN_REJECT) == []
    assert peer.got("3") == []


def test_a_reject_that_we_send_is_journalled_with_the_message_kept(tmp_path: Path) -> None:
    """A tag twice outside a group still makes the engine reject: the message and the 35=3 are both in the journal."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running():
        peer.wait_logged_on()
        number = peer.send("8", [*an_execution(1), (58, "once"), (58, "twice")])

        journal.wait(lambda: journal.of(RecordKind.OWN_REJECT))

    reject = journal.of(RecordKind.OWN_REJECT)[0]
    assert f"\x0145={number}\x01".encode() in reject.body
    assert journal.exec_ids() == ["E1"]


def test_a_business_reject_is_journalled_and_never_leaves(tmp_path: Path) -> None:
    """The engine wants to send a 35=j for a message without a sender: it is recorded, and the peer never sees it."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running():
        peer.wait_logged_on()
        peer.send("8", an_execution(1), t49="")
        journal.wait(lambda: journal.of(RecordKind.OWN_REJECT))
        peer.send("1", [(112, "still there?")])

        answered = peer.wait(lambda it: any(m.get(112) == "still there?" for m in it.got("0")))

    assert answered
    assert b"\x0135=j\x01" in journal.of(RecordKind.OWN_REJECT)[0].body
    assert peer.got("j") == []


def test_secrets_are_sent_but_never_journalled(tmp_path: Path) -> None:
    """Username and password go out with our Logon; what comes in with 554, 95 or 96 is masked in the journal."""
    journal, peer = WatchedJournal(), FixPeer()
    (tmp_path / "password").write_text("hunter2\n", encoding="utf-8")
    with peer.listening():
        cfg = initiator_for(peer, PasswordFile="password", Username="watch")
        with gateways(journal, tmp_path, cfg).running():
            peer.wait_logged_on()
            peer.send("B", [(148, "news"), (554, "hunter3"), (95, "7"), (96, "hunter4")])
            journal.wait(lambda: journal.reaches(peer.next_out))

    logon = peer.got("A")[0]
    assert (logon[553], logon[554]) == ("watch", "hunter2")
    assert all(b"hunter" not in record.body for record in journal.records)
    assert b"554=*******" in _message_with(journal, b"148=news")


def test_a_frozen_gateway_is_killed_and_started_again(tmp_path: Path) -> None:
    """A gateway that gives no sign of life is killed, counted, shown, and its successor loses nothing."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer), silence_s=2).running() as family:
        peer.wait_logged_on()
        wait_until(lambda: family.states()[0].sessions)
        pid = family.states()[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        peer.send_executions(range(1, 51))
        journal.wait(lambda: journal.happened("killed", RecordKind.GATEWAY))

        journal.wait(lambda: len(set(journal.exec_ids())) == 50)

    killed = next(body for body in journal.events(RecordKind.GATEWAY) if body["event"] == "killed")
    assert "no sign of life" in killed["reason"]
    assert family.states()[0].restarts == 1


def test_a_frame_that_cannot_be_committed_ends_the_gateway_and_comes_again(tmp_path: Path) -> None:
    """A full disk: nothing counts as read, and when the disk is there again everything is fetched."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running() as family:
        peer.wait_logged_on()
        peer.send_executions(range(1, 11))
        journal.wait(lambda: journal.reaches(peer.next_out))
        journal.broken = OSError("no space left on device")
        peer.send_executions(range(11, 51))
        wait_until(lambda: family.states()[0].restarts >= 1)
        journal.broken = None

        journal.wait(lambda: journal.reaches(12 + 40))

    assert len(set(journal.exec_ids())) == 50
    assert journal.happened("killed", RecordKind.GATEWAY) >= 1


def test_on_receipt_the_engine_reads_no_further_than_the_journal(tmp_path: Path) -> None:
    """With durability on_receipt each message waits for its commit, so a stalled journal holds the line back."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer), on_receipt=True).running():
        peer.wait_logged_on()
        journal.wait(lambda: journal.reaches(2))
        peer.send_executions(range(1, 101))

        journal.wait(lambda: len(journal.exec_ids()) == 100)

    sizes = [sum(entry.kind is RecordKind.MESSAGE for entry in frame.entries) for frame in journal.frames]
    assert max(sizes) == 1


def test_stopping_logs_out_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Stop means: a Logout, its answer in the journal, the process gone, the session's state shown as down."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening():
        family = gateways(journal, tmp_path, initiator_for(peer))
        family.start()
        peer.wait_logged_on()
        wait_until(lambda: family.states()[0].sessions and family.states()[0].sessions[0].logged_on)
        pid = family.states()[0].pid

        ended = family.stop()

    assert ended
    assert peer.got("5")
    assert not Path(f"/proc/{pid}").exists()
    assert journal.happened("logout") == 1
    assert journal.events(RecordKind.GATEWAY)[-1]["event"] == "stopped"
    assert [session.logged_on for session in family.states()[0].sessions] == [False]


def test_logging_out_by_command_keeps_the_gateway_and_the_session_down(tmp_path: Path) -> None:
    """The command log out ends the session politely while the gateway goes on giving signs of life."""
    journal, peer = WatchedJournal(), FixPeer()
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer)).running() as family:
        journal.wait(lambda: journal.happened("logon"))
        family.log_out("demo", "maintenance")

        journal.wait(lambda: journal.happened("logout"))

        assert family.states()[0].running
        assert peer.got("5")[0][58] == "maintenance"


def test_a_second_gateway_on_the_same_fix_store_is_refused(tmp_path: Path) -> None:
    """Two engines on one FIX store would corrupt it: the second says why and is tried again later."""
    first, second, peer = WatchedJournal(), WatchedJournal(), FixPeer()
    with peer.listening(), gateways(first, tmp_path, initiator_for(peer)).running() as family:
        peer.wait_logged_on()
        with gateways(second, tmp_path, initiator_for(peer)).running():
            second.wait(lambda: second.happened("died", RecordKind.GATEWAY))

        died = next(body for body in second.events(RecordKind.GATEWAY) if body["event"] == "died")
        assert "another gateway holds the FIX store" in died["reason"]
        assert family.states()[0].restarts == 0


def test_a_gateway_ends_when_its_stream_ends(tmp_path: Path) -> None:
    """The core's end of the stream is closed while its process lives on: the gateway does not stay behind alone."""
    peer = FixPeer()
    ours, theirs = socket.socketpair()
    with peer.listening(), ours, theirs:
        (tmp_path / "session.cfg").write_text(initiator_for(peer), encoding="utf-8")
        process = subprocess.Popen(_by_hand(tmp_path, theirs.fileno()), pass_fds=(theirs.fileno(),))
        theirs.close()
        ours.sendall(encode(Wind(points=())))
        peer.wait_logged_on()

        ours.close()

        assert process.wait(10) == 6


def test_a_gateway_refuses_a_bad_session_cfg_in_words(tmp_path: Path) -> None:
    """What is wrong goes to the core as a reason, not only to standard error."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        (tmp_path / "session.cfg").write_text("[SESSION]\nConnectionType=initiator\n", encoding="utf-8")
        command = _by_hand(tmp_path, theirs.fileno())
        process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stderr=subprocess.PIPE)
        theirs.close()
        ours.settimeout(20)
        said = Decoder().feed(ours.recv(65536))
        process.communicate(timeout=10)

    assert process.returncode == 3
    assert isinstance(said[0], Refused)
    assert "BeginString is missing" in said[0].reason


def _by_hand(folder: Path, descriptor: int) -> list[str]:
    command = [sys.executable, "-m", "service.fix.gateway", "--fd", str(descriptor), "--parent", str(os.getpid())]
    command += ["--counterparty", "demo", "--config", str(folder / "session.cfg")]
    return [*command, "--store", str(folder / "fixstore")]


DAEMON = """
import sys
from pathlib import Path
from tests.factories_fix import WatchedJournal, gateways, wait_until

folder = Path(sys.argv[1])
journal = WatchedJournal()
with gateways(journal, folder, (folder / "cfg").read_text()).running() as family:
    wait_until(lambda: journal.happened("logon"))
    print(family.states()[0].pid, flush=True)
    sys.stdin.read()
"""


def test_a_gateway_dies_with_its_daemon(tmp_path: Path) -> None:
    """Kill −9 of the daemon takes the gateway along; the messages of that moment come back to the next one."""
    peer, journal = FixPeer(), WatchedJournal()
    with peer.listening():
        (tmp_path / "cfg").write_text(initiator_for(peer), encoding="utf-8")
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(DAEMON), str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as daemon:
            assert daemon.stdout is not None
            pid = int(daemon.stdout.readline())
            peer.send_executions(range(1, 101))
            daemon.kill()
        wait_until(lambda: not _alive(pid))

        with gateways(journal, tmp_path, initiator_for(peer)).running():
            journal.wait(lambda: len(set(journal.exec_ids())) == 100)

    assert journal.reaches(2, SESSION)


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return False
    return "State:\tZ" not in status
