"""The simulator's reports as FIX: whole, exact, and understood by our own decoder with the demo's dialect."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

import pytest

from rules.facts import Level
from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.fix.events import Bust, Correction, Execution, OrderEvent, Undecodable
from service.simulator.events import DropCopy
from service.simulator.faults import ROGUE, FaultName, fault
from service.simulator.messages import SOH, BeginString, Kind, Report, body
from service.simulator.orders import Life, Terms
from service.simulator.stamps import dollars, stamp, trade_date
from service.simulator.venues import VENUES
from service.simulator.wire import body_of, framed, pairs
from tests.factories_simulator import START, a_run, copies, fields_of
from tests.fakes_initiator import prove

DEMO = parse_dialect((files("fix_configs") / "demo" / "dialect.yaml").read_text(encoding="utf-8"))


def an_order(*, parent: str | None = "F1", limit: int | None = 10_010_000_000) -> Life:
    """Return a buy order of 300 shares, 100 of them executed at 10.01."""
    terms = Terms(
        order_id="C1",
        cl_ord_id="F1-1",
        parent=parent,
        account="ACC-1001",
        symbol="ALFA",
        side="1",
        quantity=300,
        limit=limit,
        immediate=True,
        received_at=START,
    )
    return Life(terms=terms, cumulative=100, notional=100 * 10_010_000_000)


def a_report(kind: Kind = Kind.TRADE) -> Report:
    """Return a report of 100 shares at 10.01 on XNYS, a millisecond and a nanosecond after receipt."""
    return Report(
        kind=kind,
        at=START + 1_000_001,
        exec_id="E1",
        venue="XNYS",
        quantity=100,
        price=10_010_000_000,
        refers_to="E0" if kind in {Kind.BUST, Kind.CORRECTION} else None,
    )


def test_a_childs_execution_says_all_that_a_drop_copy_can_say() -> None:
    """Ids, state, terms, execution, stamps with nine digits and the receipt in a group."""
    text = body(a_report(), an_order(), BeginString.FIX44)

    assert text.replace(SOH, "|") == (
        "37=C1|11=F1-1|17=E1|150=F|39=1|1=ACC-1001|55=ALFA|54=1|38=300|40=2|44=10.01|59=3|18=1|32=100|31=10.01|"
        "30=XNYS|14=100|151=200|6=10.01|60=20260105-14:30:00.001000001|75=20260105|528=A|442=1|526=F1|583=F1|851=2|"
        "768=2|769=20260105-14:30:00.001000001|770=1|769=20260105-14:30:00.000000000|770=2|"
    )


def test_fix_42_says_it_in_its_own_way() -> None:
    """ExecTransType and ExecType of that version, six digits, and customs for what it has no field for."""
    trade = fields_of(body(a_report(), an_order(), BeginString.FIX42))
    bust = fields_of(body(a_report(Kind.BUST), an_order(), BeginString.FIX42))
    correction = fields_of(body(a_report(Kind.CORRECTION), an_order(), BeginString.FIX42))

    assert (trade["20"], trade["150"], trade["60"]) == ("0", "1", "20260105-14:30:00.001000")
    assert (trade["47"], trade["9526"], trade["9882"]) == ("A", "F1", "R")
    assert not {"851", "526", "583", "528", "768"} & trade.keys()
    assert (bust["20"], bust["19"], "31" in bust) == ("1", "E0", False)
    assert (correction["20"], correction["19"], correction["31"]) == ("2", "E0", "10.01")


def test_a_market_order_has_no_price_and_a_parent_no_parent() -> None:
    """44 belongs to limits, 526 and 583 to children."""
    tags = fields_of(body(a_report(), an_order(parent=None, limit=None), BeginString.FIX44))

    assert tags["40"] == "1"
    assert not {"44", "526", "583"} & tags.keys()


def test_a_framed_message_is_whole_and_gives_its_body_back() -> None:
    """Length and checksum are right, the header is in order, and the body comes back as it went in."""
    text = body(a_report(), an_order(), BeginString.FIX44)

    message = framed(BeginString.FIX44, text, sequence=7, sent_at=START, resend=True)

    prove(message)
    assert [tag for tag, _ in pairs(message)][:8] == [8, 9, 35, 34, 49, 52, 56, 97]
    assert body_of(message) == text


def test_our_decoder_understands_every_report_as_it_was_meant() -> None:
    """Executions, amendments, events and the four unreadable ones, level and venue included."""
    faults = (
        fault(FaultName.UNDECODABLE_MESSAGE, 2, 4),
        fault(FaultName.LATE_BUST, 10, 2),
        fault(FaultName.ROGUE_VENUE, 1, 5),
    )
    events = a_run(seconds=60, rate=200, faults=faults)

    counted: Counter[str] = Counter()
    for number, (copy, tags) in enumerate(copies(events), 2):
        message = framed(BeginString.FIX44, copy.body, sequence=number, sent_at=copy.at)
        decoded = decode(message, DEMO, "2026-01-05")
        counted[type(decoded).__name__] += 1
        assert isinstance(decoded, Execution) == copy.trade
        if isinstance(decoded, Execution):
            assert decoded.venue == tags["30"]
            assert decoded.terms.level is (Level.CHILD if "526" in tags else Level.PARENT)
            assert decoded.stamps.time_in is not None
            assert decoded.stamps.transacted_digits == 9

    meant = Counter(tags["150"] for _, tags in copies(events))
    assert counted[Undecodable.__name__] == 4
    assert counted[Execution.__name__] == sum(copy.trade for copy, _ in copies(events))
    assert counted[Bust.__name__] == meant["H"]
    assert counted[Correction.__name__] == meant["G"]
    assert counted[OrderEvent.__name__] == sum(meant[kind] for kind in "0468")


@pytest.mark.parametrize("version", list(BeginString))
def test_the_plain_dialects_understand_every_version(version: BeginString) -> None:
    """Without any configuration of ours no report is undecodable."""
    dialect = parse_dialect((files("fix_configs") / "plain" / f"{version.value}.yaml").read_text(encoding="utf-8"))
    run = [event for event in a_run(seconds=20, version=version) if isinstance(event, DropCopy)]

    decoded = [
        decode(framed(version, copy.body, sequence=number, sent_at=copy.at), dialect, "2026-01-05")
        for number, copy in enumerate(run)
    ]

    assert not [one for one in decoded if isinstance(one, Undecodable)]
    assert [isinstance(one, Execution) for one in decoded] == [copy.trade for copy in run]


def test_the_demos_register_knows_our_venues_and_not_the_rogue() -> None:
    """Every venue of the router is approved by itself or by its lit book; the rogue one is not."""
    text = (files("fix_configs") / "demo" / "venues.yaml").read_text(encoding="utf-8")

    unapproved = {venue.mic for venue in VENUES if f"venue: {venue.mic}," not in text}

    assert unapproved == {"NASD"}
    assert ROGUE not in text


def test_stamps_keep_as_many_digits_as_asked_for() -> None:
    """Three, six or nine digits, cut rather than rounded."""
    at = START + 123_456_789

    assert stamp(at, 3) == "20260105-14:30:00.123"
    assert stamp(at, 6) == "20260105-14:30:00.123456"
    assert stamp(at, 9) == "20260105-14:30:00.123456789"


def test_the_trade_date_is_new_yorks() -> None:
    """Half past four in the morning UTC is still yesterday there in January, and today in July."""
    january, july = 1_767_673_800 * 10**9, 1_783_053_000 * 10**9

    assert (stamp(january, 3)[:17], trade_date(january)) == ("20260106-04:30:00", "20260105")
    assert (stamp(july, 3)[:17], trade_date(july)) == ("20260703-04:30:00", "20260703")


@pytest.mark.parametrize(
    ("nanos", "text"),
    [
        (0, "0.00"),
        (10_000_000_000, "10.00"),
        (10_100_000_000, "10.10"),
        (1, "0.000000001"),
        (10_012_500_000, "10.0125"),
    ],
)
def test_prices_are_written_exactly(nanos: int, text: str) -> None:
    """At least two decimals, no more than needed, nothing lost."""
    assert dollars(nanos) == text
