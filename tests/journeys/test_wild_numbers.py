"""Numbers that do not agree, and numbers that begin anew with the session's day: nothing is lost or doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rules.facts import FeedEventKind as Kind
from rules.finding import Severity
from service.store.export import SqlRecords
from tests.fix_peer import FixPeer, an_execution
from tests.wild_road import PATIENCE_S, Road, a_session, live, reschedule

pytestmark = pytest.mark.journey


def sentences(road: Road, rule: str, severity: Severity | None = None) -> list[str]:
    """Return what a rule has found, of one severity if it is named."""
    return [one.sentence for one in road.daemon.findings() if one.rule == rule and severity in (None, one.severity)]


def trade_dates(road: Road) -> dict[str, str]:
    """Return the trade date of every execution."""
    return {
        str(row["exec_id"]): str(row["trade_date"]) for row in SqlRecords(road.daemon.database).rows("executions", None)
    }


def sent_from_one(peer: FixPeer) -> int:
    """Return how many Logons of ours bore number 1."""
    return len([one for one in peer.got("A") if one[34] == "1"])


def test_a_report_under_a_used_number_is_recorded_and_the_session_comes_back(tmp_path: Path) -> None:
    """The engine logs out of a session with a number too low and no PossDup; the report is here all the same."""
    with a_session(tmp_path) as road:
        peer = road.peer
        peer.send_executions(range(1, 4))
        road.holds(live(1, 2, 3))
        before = peer.logons
        peer.send_bytes(peer.message(2, "8", an_execution(4)))
        assert peer.wait(lambda it: it.logons > before, PATIENCE_S)
        peer.send("8", an_execution(5))

        road.holds(live(1, 2, 3, 4, 5))
        (down,) = sentences(road, "session_down")
        assert "our side logged out (MsgSeqNum too low, expecting 5 but received 2)" in down
        road.whole()


def test_a_vendor_that_begins_at_one_without_a_word_is_kept_out_until_the_operator_lets_a_new_epoch_begin(
    tmp_path: Path,
) -> None:
    """A critical finding with both numbers; the FIX store goes, the vendor sends its day again, and nothing doubles."""
    with a_session(tmp_path) as road:
        peer = road.peer
        peer.send_executions(range(1, 41))
        road.holds(live(*range(1, 41)))
        peer.begins_anew()
        peer.drop()
        road.said(Kind.LOGON_REFUSED)
        assert not road.certified()
        assert road.daemon.stop() == 0
        road.daemon.lose_fix_store()
        peer.begins_anew()
        before = peer.logons
        road.daemon.start()
        assert peer.wait(lambda it: it.logons > before, PATIENCE_S)
        for number in range(1, 43):
            peer.send("8", an_execution(number), t97="Y")

        road.holds(live(*range(1, 43)))
        (kept_out,) = sentences(road, "logon_refused", Severity.CRITICAL)
        assert "Our engine refused the logon of the counterparty" in kept_out
        assert "MsgSeqNum too low, expecting 42 but received 1" in kept_out
        assert Kind.EPOCH_CHANGED in road.kinds()
        assert road.certified()


def test_a_vendor_that_expects_a_higher_number_of_ours_is_named_and_reached_again(tmp_path: Path) -> None:
    """Our FIX store is lost: it refuses our Logon in words; what it reports meanwhile comes back by a resend."""
    with a_session(tmp_path) as road:
        peer = road.peer
        peer.send_executions(range(1, 4))
        road.holds(live(1, 2, 3))
        assert road.daemon.stop() == 0
        road.daemon.lose_fix_store()
        peer.expects = 4
        before = peer.logons
        peer.send("8", an_execution(4))
        road.daemon.start()
        road.said(Kind.LOGON_REFUSED)
        peer.send("8", an_execution(5))
        assert peer.wait(lambda it: it.logons > before, PATIENCE_S)

        road.holds(live(1, 2, 3, 4, 5))
        (refused,) = sentences(road, "logon_refused", Severity.CRITICAL)
        assert "The counterparty refused our logon" in refused
        assert "MsgSeqNum too low, expecting 4 but received 1" in refused
        assert Kind.DUPLICATE_CONFLICT not in road.kinds()


def test_the_day_of_a_session_ends_with_a_gap_and_the_next_one_begins_at_one(tmp_path: Path) -> None:
    """The end comes seconds after the start, logged on or not: both begin at 1, and the gap is lost for good.

    The schedule ends before it starts: it crosses midnight, whatever the hour. One that starts before it ends would not
    open again today.
    """
    with a_session(tmp_path) as road:
        peer = road.peer
        peer.day_begins_at_one, peer.answers_resend = True, False
        peer.send_executions(range(1, 4))
        lost = peer.send("8", an_execution(4), lost=True)
        peer.send("8", an_execution(5))
        road.said(Kind.GAP_OPENED)
        road.holds(live(1, 2, 3, 5))
        old_day = trade_dates(road)
        assert road.daemon.stop() == 0
        end = datetime.now(UTC) + timedelta(seconds=6)
        reschedule(tmp_path, f"StartTime={end + timedelta(seconds=2):%H:%M:%S}\nEndTime={end:%H:%M:%S}")
        road.daemon.start()
        assert peer.wait(lambda it: sent_from_one(it) == 2, PATIENCE_S)
        for number in (6, 7):
            peer.send("8", an_execution(number, t75="20310102"))

        road.holds(live(1, 2, 3, 5, 6, 7))
        assert trade_dates(road) == old_day | {"E6": "2031-01-02", "E7": "2031-01-02"}
        assert [number for number, (kind, _, _) in peer.sent.items() if kind == "8"] == [2, 3]
        critical = sentences(road, "sequence_gap", Severity.CRITICAL)
        assert any(
            f"Messages {lost} " in one and "were lost when the session's numbers began anew" in one for one in critical
        )
        assert Kind.GAP_CLOSED not in road.kinds()
        assert not road.certified()
