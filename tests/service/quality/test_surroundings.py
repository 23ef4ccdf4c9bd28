"""What faults do around the router, as records in the order of their receipt."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import SECOND
from service.journal import Entry, RecordKind
from service.quality.line import Line
from service.quality.own_side import OwnSide
from service.quality.surroundings import Surroundings
from service.simulator.dice import Dice
from service.simulator.events import Beat, DropCopy, Gap, Silence
from service.simulator.faults import Fault, FaultName, Plan, fault
from service.simulator.wire import pairs
from service.versions import Version, VersionKind
from tests.factories_quality import T0

PARENT = "37=P1\x0111=F1\x0117=E1\x01150=0\x0139=0\x011=A\x0155=ALFA\x0154=1\x0138=100\x0140=1\x01"


def the_surroundings(*faults: Fault, own: bool = False) -> Surroundings:
    """Return the surroundings of a session that is up, with these faults."""
    plan = Plan(faults, T0)
    side = OwnSide(plan, Line("oms", "OMS"), Dice(1, "own")) if own else None
    file = Version(kind=VersionKind.VENUES_FILE, name="demo", text="[]\n")
    around = Surroundings(plan, Line("demo", "SOR"), side, {FaultName.VENUE_FILE: file})
    around.open(T0)
    list(around.due(T0 + SECOND))
    return around


def until(around: Surroundings, seconds: float) -> list[Entry]:
    """Let time pass in beats of a tenth of a second; return what was received."""
    for tenth in range(int(seconds * 10) + 1):
        around.pass_time(T0 + tenth * SECOND // 10)
    return list(around.due(T0 + int(seconds * SECOND)))


def words(entries: list[Entry], kind: RecordKind) -> list[dict[str, Any]]:
    """Return what the records of a kind say."""
    return [msgspec.json.decode(entry.body) for entry in entries if entry.kind is kind]


def a_copy(seconds: float, body: str = PARENT) -> DropCopy:
    """Return a report, by default a parent's acknowledgement."""
    return DropCopy(T0 + int(seconds * SECOND), body)


def test_without_faults_reports_come_as_they_were_sent() -> None:
    """In order, and a heartbeat when nothing else comes; a beat of the market is none of its business."""
    around = the_surroundings()
    around.take(a_copy(2))
    around.take(Beat(T0))

    entries = until(around, 40)

    assert [dict(pairs(entry.body))[35] for entry in entries] == ["8", "0"]


@pytest.mark.parametrize(
    ("name", "kind", "events"),
    [
        (FaultName.SESSION_DROP, RecordKind.SESSION, ["logout", "logon"]),
        (FaultName.LOGON_REFUSED, RecordKind.SESSION, ["logout", "logon_refused", "logon_refused", "logon"]),
        (FaultName.GATEWAY_DEATH, RecordKind.GATEWAY, ["died", "started"]),
        (FaultName.STUCK_RECOVERY, RecordKind.SESSION, ["logout", "logon"]),
    ],
)
def test_an_outage_is_told_in_the_gateways_words(name: FaultName, kind: RecordKind, events: list[str]) -> None:
    """From its begin to its end."""
    around = the_surroundings(fault(name, 2, 10))

    assert [said["event"] for said in words(until(around, 20), kind)] == events


def test_what_the_router_says_in_an_outage_waits_for_its_end() -> None:
    """It comes when the session is up again, and nothing of it is lost."""
    around = the_surroundings(fault(FaultName.SESSION_DROP, 2, 10))
    around.take(a_copy(5))

    entries = [entry for entry in until(around, 20) if entry.kind is RecordKind.MESSAGE]

    assert [entry.received_at // SECOND for entry in entries if entry.received_at] == [T0 // SECOND + 12]


def test_a_silence_holds_the_heartbeats_back_too() -> None:
    """Until it is over."""
    around = the_surroundings()
    around.take(Silence(T0, T0 + 60 * SECOND))

    assert until(around, 59) == []
    assert len(until(around, 61)) == 1


def test_numbers_begin_anew_once() -> None:
    """One epoch for one fault."""
    assert len(words(until(the_surroundings(fault(FaultName.NUMBERS_ANEW, 2, 5)), 9), RecordKind.EPOCH)) == 1


def test_another_venue_file_is_read_by_the_next_start() -> None:
    """It is compared, not put in force."""
    (said,) = words(until(the_surroundings(fault(FaultName.VENUE_FILE, 2, 5)), 9), RecordKind.VERSION)

    assert said["kind"] == "venues_file"
    plan = Plan([fault(FaultName.VENUE_FILE, 2, 5)], T0)
    assert words(until(Surroundings(plan, Line("demo", "SOR"), None), 9), RecordKind.VERSION) == []


def test_a_message_is_refused_once_a_second_and_admitted() -> None:
    """The truth names its number."""
    around = the_surroundings(fault(FaultName.SESSION_REJECT, 2, 3))

    entries = until(around, 9)

    assert len([entry for entry in entries if entry.kind is RecordKind.OWN_REJECT]) == 3
    assert [line.subject for line in around.truth] == ["1"] * 3


def test_a_clock_that_is_ahead_is_ahead_while_the_fault_lasts() -> None:
    """And right again after it."""
    around = the_surroundings(fault(FaultName.SESSION_CLOCK, 2, 3, None, 0.25))
    around.take(a_copy(2))
    around.take(a_copy(6))

    sent = [dict(pairs(entry.body))[52] for entry in until(around, 9)]

    assert [stamp[-10:] for stamp in sent] == [".250000000", ".000000000"]


def test_lost_numbers_are_filled() -> None:
    """Nothing was sent under them."""
    around = the_surroundings()
    around.take(Gap(T0, 2))
    around.take(a_copy(1))

    assert [dict(pairs(entry.body))[35] for entry in until(around, 9)] == ["8", "4"]


def test_the_firms_order_comes_before_the_routers_acknowledgement() -> None:
    """Over a session of its own; an execution of it brings no second one, and its cancel is the firm's too."""
    around = the_surroundings(own=True)
    around.take(a_copy(1))
    around.take(a_copy(2, PARENT.replace("150=0", "150=F")))
    around.take(a_copy(3, PARENT.replace("11=F1", "11=F1-X\x0141=F1").replace("150=0", "150=6")))
    around.take(a_copy(4, PARENT.replace("11=F1", "11=F2").replace("150=0", "150=F")))
    around.take(a_copy(5, PARENT + "526=F1\x01"))

    told = [(entry.counterparty, dict(pairs(entry.body))[35]) for entry in until(around, 9)]

    assert told == [
        ("oms", "D"),
        ("demo", "8"),
        ("demo", "8"),
        ("oms", "F"),
        ("demo", "8"),
        ("demo", "8"),
        ("demo", "8"),
    ]


@pytest.mark.parametrize(
    ("name", "own_orders", "struck"),
    [(FaultName.OWN_UNKNOWN, [], "F1"), (FaultName.OWN_UNANSWERED, ["F1", "F1-L"], "F1-L")],
)
def test_the_firms_side_can_be_wrong_in_two_ways(name: FaultName, own_orders: list[str], struck: str) -> None:
    """An order that the OMS never named, and one that nobody answers; the truth says which."""
    around = the_surroundings(fault(name, 0, 5, None, 1.0), own=True)
    around.take(a_copy(1))

    entries = [entry for entry in until(around, 9) if entry.counterparty == "oms"]

    assert [dict(pairs(entry.body))[11] for entry in entries] == own_orders
    assert [line.cl_ord_id for line in around.truth] == [struck]
