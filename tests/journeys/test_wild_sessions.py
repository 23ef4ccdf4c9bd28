"""Sessions that begin anew by our side, two that carry the same, and order states after a gap."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rules.facts import FeedEventKind as Kind
from rules.facts import Nanos
from rules.reassessment import Verdict
from service.configuration import read_configuration
from service.market.calendar import trade_date
from service.simulator.folder import free_ports
from service.statements.completeness import Certificate
from service.statements.issue import certify
from service.statements.reasons import Weight
from service.store.record import SqlStore
from tests.fix_peer import FixPeer, an_execution
from tests.wild_road import PATIENCE_S, Road, a_session, live

pytestmark = pytest.mark.journey


def test_numbers_that_our_side_begins_anew_at_each_logon_double_nothing(tmp_path: Path) -> None:
    """ResetOnLogon=Y: the vendor redelivers two of the old day's executions under new numbers, and goes on."""
    with a_session(tmp_path, "NonStopSession=Y\nResetOnLogon=Y") as road:
        peer = road.peer
        peer.send_executions(range(1, 4))
        road.holds(live(1, 2, 3))
        old = [fields for kind, fields, _ in peer.sent.values() if kind == "8"]
        road.logs_on_again()
        for fields in old[1:]:
            peer.send("8", fields, t97="Y")
        peer.send("8", an_execution(4))

        road.holds(live(1, 2, 3, 4))
        assert Kind.EPOCH_CHANGED in road.kinds()
        assert Kind.DUPLICATE_CONFLICT not in road.kinds()


def certificate_of(road: Road) -> Certificate:
    """Return what a certificate of today's session says now."""
    ((party, session),) = read_configuration(road.daemon.folder).sessions
    return certify(road.daemon.database, party, session, trade_date(Nanos(time.time_ns())))


def test_what_was_missing_when_our_fix_store_was_lost_is_not_missing_once_it_is_resent(tmp_path: Path) -> None:
    """The vendor's numbers go on: the new epoch closes the old one's gap, and certificate and findings agree."""
    with a_session(tmp_path) as road:
        peer, daemon = road.peer, road.daemon
        peer.send_executions(range(1, 3))
        peer.on["2"] = lambda _: None
        peer.send("8", an_execution(3), lost=True)
        peer.send_executions(range(4, 6))
        road.said(Kind.GAP_OPENED)
        road.reaches(4)
        before = certificate_of(road)
        assert daemon.stop() == 0
        daemon.lose_fix_store()
        del peer.on["2"]
        daemon.start()
        road.holds(live(1, 2, 3, 4, 5))
        road.said(Kind.GAP_CLOSED, 2)
        after = certificate_of(road)
        looks = SqlStore(daemon.database).reassessments(after.trade_date)

        assert [one.name for one in before.reasons if one.weight is Weight.MISSING] == ["gap_open"]
        assert [one.name for one in after.reasons if one.weight is Weight.MISSING] == []
        assert [(reset.went_on, reset.lost_count) for reset in after.resets] == [(True, 1)]
        assert {look.rule: look.verdict for look in looks if look.rule == "sequence_gap"} == {
            "sequence_gap": Verdict.WITHDRAWN
        }
        assert Kind.NUMBERS_WENT_ON in road.kinds()


def test_two_sessions_with_the_same_executions_count_each_once(tmp_path: Path) -> None:
    """The failover line has its own numbers and stamps; what only one of them carried is there too."""
    port = free_ports().fix
    second = f"\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID=FIRM\nTargetCompID=SPARE\nSocketConnectPort={port}\n"
    spare = FixPeer(sender="SPARE")
    with spare.listening(port), a_session(tmp_path) as road:
        assert road.daemon.stop() == 0
        folder = tmp_path / "fix_configs" / "demo"
        with (folder / "session.cfg").open("a", encoding="utf-8") as cfg:
            cfg.write(second + "SocketConnectHost=127.0.0.1\n")
        road.daemon.start()
        spare.wait_logged_on(PATIENCE_S)
        assert road.peer.wait(lambda it: it.logons == 2, PATIENCE_S)
        road.peer.send_executions(range(1, 6))
        road.reaches(5)
        spare.send("0", [])
        spare.send_executions(range(1, 8))
        road.holds(live(*range(1, 8)))
        road.peer.send_executions(range(6, 10))

        road.holds(live(*range(1, 10)))
        assert Kind.DUPLICATE_CONFLICT not in road.kinds()
        road.whole()


def test_a_correction_and_a_cancel_behind_a_gap_leave_the_orders_as_they_are(tmp_path: Path) -> None:
    """The cancel and the correction come before the fill and the acknowledgement that were lost."""
    quiet = {"t32": "0", "t31": "0", "t14": "0", "t6": "0"}
    with a_session(tmp_path) as road:
        peer = road.peer
        peer.send("8", an_execution(1, t150="0", t39="0", t17="N1", t151="100", **quiet))
        peer.send("8", an_execution(1), lost=True)
        peer.send("8", an_execution(2, t150="0", t39="0", t17="N2", t151="100", **quiet), lost=True)
        peer.send("8", an_execution(1, t17="X1", t19="E1", t150="G", t31="10.05"))
        peer.send("8", an_execution(2, t17="X2", t150="4", t39="4", t151="0", **quiet))
        peer.send("8", an_execution(3, t32="40", t14="40", t151="60", t39="1"))

        road.said(Kind.GAP_CLOSED)
        ended = {"E1": ("100", "10.05", "corrected"), "E3": ("40", "10.01", "live")}
        road.holds(ended, {"O2": ("canceled", "0"), "O3": ("open", "40")})
