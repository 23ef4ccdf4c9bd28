"""Every way in which missed reports come back, or never do: a hand-made peer, a real daemon, the exact executions."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from rules.facts import FeedEventKind as Kind
from service.store.tables import feed_events
from tests.fix_peer import Fields, FixPeer, an_execution
from tests.live_daemon import LiveDaemon
from tests.wild_road import PATIENCE_S, QUICK, Road, live

pytestmark = pytest.mark.journey

REDELIVERY = 'recovery: {method: redelivery, quiet_after: "1 s", limit: "20 s"}\n'
MARKED = 'recovery: {method: redelivery, ended_by: {35: [B]}, quiet_after: "1 s", limit: "20 s"}\n'
REQUEST = (
    "recovery: {method: request, allow: [BW], ask: BW, ended_by: {35: [BX]}, quiet_after: 1 s, limit: 20 s, "
    'fields: {1346: R1, 17: "{last_exec_id}"}}\n'
)
NONE = "recovery: {method: none}\n"


@contextmanager
def a_road(folder: Path, habits: str = "", *, answers: bool = True) -> Iterator[Road]:
    """Run a daemon whose vendor has these habits."""
    vendor = FixPeer(answers_resend=answers)
    with LiveDaemon(folder, settings=QUICK) as daemon, vendor.listening(daemon.ports.fix):
        with (folder / "fix_configs" / "demo" / "dialect.yaml").open("a", encoding="utf-8") as dialect:
            dialect.write("\n" + habits)
        daemon.start()
        vendor.wait_logged_on(PATIENCE_S)
        yield Road(daemon, vendor)
        assert daemon.stop() == 0


def a_bust(exec_id: str, number: int) -> Fields:
    """Return the bust of E<number>."""
    return an_execution(number, t17=exec_id, t19=f"E{number}", t150="H", t39="0")


def redelivered(peer: FixPeer, *numbers: int) -> None:
    """Send executions again, or at last, under new numbers, with the stamps that they had."""
    first = {dict(fields).get(17): fields for kind, fields, _ in [*peer.sent.values()] if kind == "8"}
    for number in numbers:
        peer.send("8", first.get(f"E{number}") or an_execution(number), t97="Y")


def refuse(peer: FixPeer, how: str, *, breaks: bool = False) -> None:
    """Answer a ResendRequest with a Reject, a BusinessMessageReject, a Logout, or not at all."""

    def answer(request: dict[int, str]) -> None:
        if how == "reject":
            peer.send("3", [(45, request[34]), (58, "no resend")])
        elif how == "business reject":
            peer.send("j", [(45, request[34]), (372, "2"), (380, "3"), (58, "no resend")])
        elif how == "logout":
            peer.send("5", [(58, "no resend")])
        if breaks:
            peer.drop()

    peer.on["2"] = answer


def test_what_comes_by_itself_after_a_logon_is_counted_until_the_vendor_says_it_is_all(tmp_path: Path) -> None:
    """Missed executions, copies of known ones and a bust under new numbers; a live one among them; then the News."""
    with a_road(tmp_path, MARKED) as road:
        peer = road.peer
        peer.send("B", [(148, "recovery complete")])
        peer.send_executions(range(1, 5))
        road.holds(live(1, 2, 3, 4))
        road.said(Kind.RECOVERY_ENDED)
        road.logs_on_again()
        redelivered(peer, 3, 4, 5, 6)
        peer.send("8", a_bust("B1", 2), t97="Y")
        peer.send("8", an_execution(7))
        peer.send("B", [(148, "recovery complete")])
        road.said(Kind.RECOVERY_ENDED, 2)

        road.holds(live(1, 3, 4, 5, 6, 7) | {"E2": ("100", "10.01", "busted")})
        assert Kind.GAP_OPENED not in road.kinds()
        assert Kind.DUPLICATE_CONFLICT not in road.kinds()
        detail = road.detail(Kind.RECOVERY_ENDED)
        assert "the counterparty said so" in detail
        assert road.kinds().count(Kind.RECOVERY_STARTED) == 2


def test_a_recovery_without_a_marker_ends_when_nothing_more_comes(tmp_path: Path) -> None:
    """PossResends after 141=Y: the numbers begin anew, the executions do not."""
    with a_road(tmp_path, REDELIVERY) as road:
        peer = road.peer
        peer.send_executions(range(1, 4))
        road.holds(live(1, 2, 3))
        known = dict(peer.sent)
        peer.reset_next_logon = True
        road.logs_on_again()
        peer.sent |= {-number: message for number, message in known.items()}
        redelivered(peer, 1, 2, 3, 4, 5)
        road.said(Kind.RECOVERY_ENDED)

        road.holds(live(1, 2, 3, 4, 5))
        assert Kind.DUPLICATE_CONFLICT not in road.kinds()
        assert "nothing more came" in road.detail(Kind.RECOVERY_ENDED)


def test_a_vendor_is_asked_by_the_last_exec_id_once_a_logon_even_after_a_kill(tmp_path: Path) -> None:
    """The gateway dies in the middle of the answer: it is asked again from the same place, and nothing doubles."""
    with a_road(tmp_path, REQUEST) as road:
        peer = road.peer
        assert peer.wait(lambda it: len(it.got("BW")) == 1, PATIENCE_S)
        peer.send("BX", [])
        peer.send_executions(range(1, 4))
        road.holds(live(1, 2, 3))
        road.logs_on_again()
        assert peer.wait(lambda it: len(it.got("BW")) == 2, PATIENCE_S)
        redelivered(peer, 4, 5)
        road.reaches(5)
        pid = road.daemon.gateway_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert peer.wait(lambda it: len(it.got("BW")) == 3, PATIENCE_S)
        redelivered(peer, 4, 5, 6)
        peer.send("BX", [])
        road.said(Kind.RECOVERY_ENDED, 2)

        road.holds(live(1, 2, 3, 4, 5, 6))
        assert [message.get(17) for message in peer.got("BW")] == [None, "E3", "E3"]
        assert not [message for message in peer.received if message[35] in "DFG"]


def test_a_vendor_that_never_resends_is_not_waited_for(tmp_path: Path) -> None:
    """The gap is said to be lost at once; the engine goes on behind it, and a restart does not ask for it again."""
    with a_road(tmp_path, NONE, answers=False) as road:
        peer = road.peer
        peer.send_executions(range(1, 3))
        road.holds(live(1, 2))
        peer.send("8", an_execution(3), lost=True)
        peer.send("8", an_execution(4))
        road.said(Kind.GAP_OPENED)
        road.moves_on()
        asked = len(peer.got("2"))
        road.logs_on_again()
        peer.send("8", an_execution(5))

        road.holds(live(1, 2, 4, 5))
        assert len(peer.got("2")) == asked
        findings = [one for one in road.daemon.findings() if one.rule == "sequence_gap"]
        assert "lost unless a file fills the gap" in findings[0].sentence
        assert Kind.GAP_CLOSED not in road.kinds()


def test_a_message_that_the_engine_never_accepts_does_not_hold_the_session(tmp_path: Path) -> None:
    """RawData (96) without its length: journalled and accounted for, so the engine is moved on."""
    with a_road(tmp_path, answers=False) as road:
        peer = road.peer
        peer.send_executions(range(1, 3))
        road.holds(live(1, 2))
        peer.send("B", [(148, "news"), (96, "raw")])
        peer.send("8", an_execution(3))
        road.moves_on()
        asked = len(peer.got("2"))
        road.logs_on_again()
        peer.send("8", an_execution(4))

        road.holds(live(1, 2, 3, 4))
        assert len(peer.got("2")) == asked
        road.whole()


@pytest.mark.parametrize("how", ["reject", "business reject", "silence"])
def test_a_vendor_that_refuses_a_resend_once_leaves_the_gap_open_and_loses_nothing_else(
    tmp_path: Path, how: str
) -> None:
    """Whatever it answers, what it sends is recorded; the gap is overdue, and filled at last when it resends."""
    with a_road(tmp_path) as road:
        peer = road.peer
        refuse(peer, how)
        peer.send_executions(range(1, 3))
        road.holds(live(1, 2))
        peer.send("8", an_execution(3), lost=True)
        peer.send("8", an_execution(4))
        road.said(Kind.GAP_OVERDUE)
        road.reaches(3)
        assert road.daemon.executions() == live(1, 2, 4)
        del peer.on["2"]
        road.logs_on_again()
        road.said(Kind.GAP_CLOSED)

        road.holds(live(1, 2, 3, 4))
        assert Kind.GAP_REFUSED not in road.kinds()


@pytest.mark.parametrize("how", ["reject", "business reject", "logout"])
def test_a_vendor_that_refuses_every_resend_is_asked_no_more_and_its_file_fills_the_gap(
    tmp_path: Path, how: str
) -> None:
    """After three refusals nothing is held behind the gap, which stays open and red until the file is brought."""
    with a_road(tmp_path) as road:
        peer = road.peer
        refuse(peer, how, breaks=True)
        peer.send_executions(range(1, 3))
        road.holds(live(1, 2))
        lost = peer.send("8", an_execution(3), lost=True)
        peer.send("8", an_execution(4))
        road.said(Kind.GAP_REFUSED)
        road.moved_on()
        asked = len(peer.got("2"))
        road.logs_on_again()
        peer.send("8", an_execution(5))
        road.holds(live(1, 2, 4, 5))
        assert len(peer.got("2")) == asked < 10
        assert "no resend" in road.detail(Kind.GAP_REFUSED)
        assert [one.severity for one in road.daemon.findings() if "are not sent again" in one.sentence] == ["critical"]
        assert not road.certified()
        assert Kind.GAP_CLOSED not in road.kinds()
        road.brings(peer.message(lost, "8", an_execution(3), t52=peer.sent[lost][2]))
        road.said(Kind.GAP_CLOSED)

        road.holds(live(1, 2, 3, 4, 5))
        assert road.certified()


def test_a_vendor_that_refuses_the_question_for_what_was_missed_is_heard_at_once(tmp_path: Path) -> None:
    """BusinessMessageReject (35=j) of our own question: a finding; live reports come in, the next logon asks again."""
    with a_road(tmp_path, REQUEST) as road:
        peer = road.peer
        reject: Fields = [(372, "BW"), (380, "3"), (58, "not for drop copies")]
        peer.on["BW"] = lambda question: peer.send("j", [(45, question[34]), *reject])
        road.logs_on_again()
        road.said(Kind.RECOVERY_REFUSED)
        peer.send_executions(range(1, 4))
        road.holds(live(1, 2, 3))
        sentences = [one.sentence for one in road.daemon.findings() if one.rule == "recovery_overdue"]
        assert any("refused the question" in one and "not for drop copies" in one for one in sentences)
        assert Kind.RECOVERY_ENDED not in road.kinds()
        peer.on["BW"] = lambda _: peer.send("BX", [])
        road.logs_on_again()
        road.said(Kind.RECOVERY_ENDED)

        road.holds(live(1, 2, 3))


def test_a_long_resend_is_interrupted_and_live_messages_come_behind_it(tmp_path: Path) -> None:
    """Thousands are missing; the line breaks within the resend, and the gateway is killed within the next."""
    with a_road(tmp_path) as road:
        peer = road.peer
        peer.send("8", an_execution(1))
        road.holds(live(1))
        for number in range(2, 2002):
            peer.send("8", an_execution(number), lost=True)
        peer.send("8", an_execution(2002))
        road.daemon.wait(lambda: len(road.daemon.executions()) > 300, "it comes", PATIENCE_S)
        peer.drop()
        road.daemon.wait(lambda: peer.logons > 1, "it is back", PATIENCE_S)
        pid = road.daemon.gateway_pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        for number in range(2003, 2011):
            peer.send("8", an_execution(number))

        road.daemon.wait(lambda: road.daemon.caught_up(2010), "all came back", PATIENCE_S)
        road.holds(live(*range(1, 2011)))


def test_busts_in_a_gap_resets_and_gap_fills_leave_the_truth(tmp_path: Path) -> None:
    """A gap with a bust and an unmarked copy in it; then SequenceReset-Reset, then a reset by Logon."""
    with a_road(tmp_path) as road:
        peer = road.peer
        peer.send_executions(range(1, 4))
        peer.send("8", a_bust("B1", 1), lost=True)
        peer.send("8", an_execution(4), lost=True)
        peer.send("0", [], lost=True)
        peer.send("8", peer.sent[4][1])
        road.holds(live(2, 3, 4) | {"E1": ("100", "10.01", "busted")})
        peer.send_bytes(peer.message(peer.next_out, "4", [(36, str(peer.next_out + 50))]))
        peer.next_out += 50
        peer.send("8", an_execution(5))
        road.holds(live(2, 3, 4, 5) | {"E1": ("100", "10.01", "busted")})
        peer.reset_next_logon = True
        road.logs_on_again()
        peer.send("8", an_execution(6))

        road.holds(live(2, 3, 4, 5, 6) | {"E1": ("100", "10.01", "busted")})
        road.whole()


def test_segments_count_their_own_numbers(tmp_path: Path) -> None:
    """Two segments with ApplSeqNum (1181): a hole in one is a gap that names it, though no MsgSeqNum is missing."""
    with a_road(tmp_path, "sequence: {number: 1181, scope: [1180]}\n") as road:
        peer = road.peer
        for number, segment, count in ((1, "A", "7"), (2, "B", "1"), (3, "A", "8"), (4, "B", "3"), (5, "A", "9")):
            peer.send("8", [*an_execution(number), (1180, segment), (1181, count)])
        road.said(Kind.GAP_OPENED)
        road.reaches(5)
        peer.send("8", [*an_execution(6), (1180, "B"), (1181, "2")])
        road.said(Kind.GAP_CLOSED)

        road.holds(live(1, 2, 3, 4, 5, 6))
        with road.daemon.database.reading() as connection:
            wanted = select(feed_events.c.subject).where(feed_events.c.kind == Kind.GAP_OPENED.value)
            assert connection.execute(wanted).scalars().all() == ["B 2"]
