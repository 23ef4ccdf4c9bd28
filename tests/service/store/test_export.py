"""The exports keep their contract: documented columns, exact texts, null rather than absent, journal order."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert

from rules.facts import Markout, Measures, Nanos, Price
from rules.finding import Severity
from service.cases.given import NOTHING
from service.cases.states import Action
from service.journal import Frame, RecordKind
from service.market.fee_schedule import parse_fee_schedule
from service.market.tape import absent
from service.processed import Amendment, Processed
from service.store import tables
from service.store.engine import Database
from service.store.export import SqlRecords, write_export
from service.store.export_columns import EXPORTS
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.upgrade import StoreVersionError
from tests.factories import NOON, TRADE_DATE, a_quote, an_order, an_outcome, length, price
from tests.factories_cases import PAT, a_finding, a_queue, gather_all, recorded
from tests.factories_store import (
    RAW,
    SESSION,
    a_batch,
    a_markout,
    a_recorded_event,
    a_recorded_fill,
    an_amendment,
    an_entry,
    an_outcome_of,
)

NAMED_IN_THE_CONTRACT = {
    "executions": """counterparty session trade_date exec_id order_id cl_ord_id parent_id level account symbol side
        quantity price order_type time_in_force limit_price held capacity liquidity fees venue venue_raw executed_at
        received_at state receipt_bid receipt_bid_size receipt_offer receipt_offer_size receipt_quote_at
        receipt_quote_state execution_bid execution_bid_size execution_offer execution_offer_size execution_quote_at
        execution_quote_state price_improvement effective_spread quoted_spread outside_amount exempt_reason
        not_evaluated_reason dollar_harm time_to_fill""",
    "messages": "offset epoch sequence outcome reason raw",
}


@pytest.mark.parametrize("what", NAMED_IN_THE_CONTRACT)
def test_every_column_that_was_promised_is_there(what: str) -> None:
    """Under exactly that name."""
    assert set(NAMED_IN_THE_CONTRACT[what].split()) <= set(EXPORTS[what])


@pytest.mark.parametrize("what", EXPORTS)
@pytest.mark.parametrize("day", [None, TRADE_DATE])
def test_an_empty_store_gives_no_rows(database: Database, what: str, day: str | None) -> None:
    """And no error."""
    assert list(SqlRecords(database).rows(what, day)) == []


def test_an_execution_is_written_in_the_units_of_people(database: Database) -> None:
    """Dollars, shares, seconds and UTC times, each exact; what is not known is null."""
    measures = Measures(
        price_improvement=price("0.0015"),
        effective_spread=-price("0.003"),
        outside_amount=0,
        time_to_fill=length("1500 ms"),
        dollar_harm=None,
    )
    fill = a_recorded_fill(
        3,
        price="10.0085",
        quantity="100.5",
        measures=measures,
        receipt=a_quote(bid=None, state="one_sided"),
        executed_at=1_381_152_600_123_000_000,
        session_of_day="opening",
    )
    SqlStore(database).record(Processed(upto=3, fills=[fill]))

    (row,) = SqlRecords(database).rows("executions", None)

    assert list(row) == list(EXPORTS["executions"])
    expected = {
        "schema": 1,
        "offset": 3,
        "counterparty": "demo",
        "session": SESSION,
        "trade_date": TRADE_DATE,
        "exec_id": "17-3",
        "order_id": None,
        "level": "child",
        "side": "buy",
        "quantity": "100.5",
        "price": "10.0085",
        "held": None,
        "executed_at": "2013-10-07T13:30:00.123000000Z",
        "state": "live",
        "receipt_bid": None,
        "receipt_bid_size": None,
        "receipt_offer": "10.01",
        "receipt_quote_state": "one_sided",
        "execution_bid": "9.99",
        "execution_bid_size": "500",
        "price_improvement": "0.0015",
        "effective_spread": "-0.003",
        "quoted_spread": None,
        "outside_amount": "0",
        "dollar_harm": None,
        "time_to_fill": "1.500000000",
        "session_of_day": "opening",
    }
    assert {name: row[name] for name in expected} == expected


def test_an_execution_says_where_its_price_lies_and_of_what_class_its_order_is(database: Database) -> None:
    """Worked out of what stands now: a corrected price has another place."""
    receipt = a_quote("9.98", "10.00")
    flicker = Measures(possible_flicker=True)
    fills = [
        a_recorded_fill(1, price="10.02", quantity="700.5", receipt=receipt, measures=flicker, worst_touch="10.02"),
        a_recorded_fill(2, price="10.02", receipt=a_quote(state="crossed")),
        a_recorded_fill(3, price="9.99", side="sell", order_type="limit", receipt=receipt),
    ]
    corrected = an_amendment(10, "correction", "E2", quantity="600", price="10.00")
    SqlStore(database).record(Processed(upto=10, fills=fills, amendments=[corrected]))

    rows = SqlRecords(database).rows("executions", None)

    names = ("placement", "receipt_placement", "beyond_displayed", "possible_flicker", "order_class")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("outside", "outside", "200.5", True, "market"),
        ("midpoint", None, "100", None, "market"),
        ("far_touch", "midpoint", "0", None, None),
    ]


def test_executions_and_orders_say_in_which_classes_of_size_and_time_they_fall(database: Database) -> None:
    """100 shares ordered at 10.01, and filled in 1.5 s; what is not known has no class."""
    slow = Measures(time_to_fill=length("1500 ms"))
    unknown = msgspec.structs.replace(an_order(order_key="O2", receipt=a_quote(state="absent")), quantity=None)
    fills = [a_recorded_fill(1, measures=slow), a_recorded_fill(2, order=unknown, measures=Measures())]
    SqlStore(database).record(Processed(upto=2, fills=fills))

    executions, orders = (list(SqlRecords(database).rows(what, None)) for what in ("executions", "orders"))

    names = ("shares_bucket", "dollars_bucket")
    assert [tuple(row[name] for name in (*names, "time_bucket")) for row in executions] == [
        ("<500", "<5000", "<10s"),
        (None, None, None),
    ]
    assert [tuple(row[name] for name in names) for row in orders] == [("<500", "<5000"), (None, None)]


def test_an_execution_shows_its_net_beside_its_gross(database: Database) -> None:
    """Price and improvement with the fee in them; nothing where the copy tells no fee."""
    gross = Measures(price_improvement=price("0.02"))
    fills = [a_recorded_fill(1, price="9.99", fee="0.30", measures=gross), a_recorded_fill(2)]
    SqlStore(database).record(Processed(upto=2, fills=fills))

    rows = SqlRecords(database).rows("executions", None)

    shown = [tuple(row[name] for name in ("fee", "net_price", "net_improvement")) for row in rows]
    assert shown == [("0.3", "9.993", "0.017"), (None, None, None)]


def test_the_way_an_order_was_sent_stands_in_every_export_of_it(database: Database) -> None:
    """So that a control group can be told from the rest."""
    direct = a_recorded_event(2, route="direct", order_key="O2")
    SqlStore(database).record(Processed(upto=2, fills=[a_recorded_fill(1, route="direct")], order_events=[direct]))

    rows = [row for what in ("executions", "orders") for row in SqlRecords(database).rows(what, None)]

    assert [row["route"] for row in rows] == ["direct", "direct", "direct"]


def test_where_the_copy_tells_no_fee_the_firm_s_schedule_does(database: Database) -> None:
    """The copy comes first, and each row says where its fee is from; another counterparty's schedule is not asked."""
    schedule = parse_fee_schedule("- {venue: XNYS, liquidity: removed, rate: 0.003, from: 2026-01-01}")
    fills = [
        a_recorded_fill(1, price="10.00", liquidity="removed"),
        a_recorded_fill(2, price="10.00", liquidity="removed", fee="0.10"),
        a_recorded_fill(3, liquidity="added"),
        a_recorded_fill(4, liquidity="removed", counterparty="other"),
    ]
    SqlStore(database).record(Processed(upto=4, fills=fills))

    rows = SqlRecords(database, {"demo": schedule}).rows("executions", None)

    assert [tuple(row[name] for name in ("fee", "fee_source", "net_price")) for row in rows] == [
        ("0.3", "schedule", "10.003"),
        ("0.1", "copy", "10.001"),
        (None, None, None),
        (None, None, None),
    ]


def test_an_order_says_of_what_class_it_is(database: Database) -> None:
    """By its terms and its receipt quote, as its executions do; an order without a side has none."""
    market = a_recorded_event(1, order_type="market")
    unknown = a_recorded_event(
        2, order=msgspec.structs.replace(an_order(order_key="O2", order_type="limit"), side=None)
    )
    SqlStore(database).record(Processed(upto=2, order_events=[market, unknown]))

    rows = SqlRecords(database).rows("orders", None)

    assert [row["order_class"] for row in rows] == ["market", None]


def test_a_bust_and_a_correction_show_in_the_state(database: Database) -> None:
    """The newest of them decides; a corrected execution has the corrected values, a busted one the reported."""
    SqlStore(database).record(
        Processed(
            upto=20,
            fills=[a_recorded_fill(offset, price="10.00", venue="XNYS") for offset in (1, 2, 3, 4)],
            amendments=[
                an_amendment(10, "bust", "E2"),
                an_amendment(11, "correction", "E3", quantity="50", price="9.99"),
                an_amendment(12, "correction", "E4", quantity="50", price="9.99"),
                an_amendment(13, "correction", "E4", quantity="40", price="9.98", venue="XBOS"),
            ],
        )
    )
    SqlStore(database).record(Processed(upto=30, amendments=[an_amendment(21, "bust", "E3")]))

    rows = list(SqlRecords(database).rows("executions", TRADE_DATE))

    shown = [tuple(row[name] for name in ("exec_id", "state", "quantity", "price", "venue")) for row in rows]
    assert shown == [
        ("17-1", "live", "100", "10", "XNYS"),
        ("17-2", "busted", "100", "10", "XNYS"),
        ("17-3", "busted", "100", "10", "XNYS"),
        ("17-4", "corrected", "40", "9.98", "XBOS"),
    ]


def test_a_day_is_the_trade_date_and_rows_are_in_journal_order(database: Database) -> None:
    """However they lie in the store."""
    fills = [a_recorded_fill(offset, trade_date="2026-11-19" if offset % 3 else TRADE_DATE) for offset in range(1, 10)]
    SqlStore(database).record(Processed(upto=9, fills=fills[::-1]))

    rows = list(SqlRecords(database).rows("executions", TRADE_DATE))

    assert [row["offset"] for row in rows] == [3, 6, 9]
    assert [row["offset"] for row in SqlRecords(database).rows("executions", None)] == list(range(1, 10))


def test_what_is_no_day_is_refused_before_the_first_row(database: Database) -> None:
    """An empty export must not look like a quiet day."""
    with pytest.raises(ValueError, match="7 October is no trade date; expected for example 2013-10-07"):
        next(SqlRecords(database).rows("executions", "7 October"))


def test_an_order_is_one_row_with_its_newest_terms_and_its_end(database: Database) -> None:
    """From its events, fills and end; an open one shows the shares that stand."""
    replaced = an_order(order_key="O1", ordered="300")
    SqlStore(database).record(
        Processed(
            upto=20,
            order_events=[
                a_recorded_event(1, order_key="O1", ordered="200"),
                a_recorded_event(2, order_key="O2", ordered="500"),
                a_recorded_event(5, order=replaced, kind="replaced"),
            ],
            fills=[
                a_recorded_fill(3, order_key="O1", ordered="200"),
                a_recorded_fill(6, order_key="O2", ordered="500"),
                a_recorded_fill(7, order_key="O2", ordered="500"),
                a_recorded_fill(8, order_key="O2", ordered="500"),
                a_recorded_fill(10, order=replaced),
            ],
            amendments=[an_amendment(11, "bust", "E7"), an_amendment(12, "correction", "E8", quantity="30")],
            order_outcomes=[an_outcome(offset=9, order=replaced, executed="100", end="canceled")],
        )
    )

    rows = list(SqlRecords(database).rows("orders", TRADE_DATE))

    shown = [tuple(row[name] for name in ("offset", "order_key", "quantity", "state", "executed")) for row in rows]
    assert shown == [(1, "O1", "300", "canceled", "100"), (2, "O2", "500", "open", "130")]
    assert list(rows[0]) == list(EXPORTS["orders"])
    assert (rows[0]["directed"], rows[0]["synthesised"], rows[1]["synthesised"]) == (False, False, None)
    assert list(SqlRecords(database).rows("orders", None)) == rows


def test_an_order_of_two_days_has_a_row_for_each(database: Database) -> None:
    """A day's export is complete in itself."""
    events = [a_recorded_event(1, trade_date="2026-11-19"), a_recorded_event(2, trade_date=TRADE_DATE)]
    SqlStore(database).record(Processed(upto=2, order_events=events))

    rows = list(SqlRecords(database).rows("orders", None))

    assert [(row["offset"], row["trade_date"]) for row in rows] == [(1, "2026-11-19"), (2, TRADE_DATE)]


def test_a_case_is_one_row(database: Database) -> None:
    """An exception is the user's word for a case."""
    with database.writing() as connection:
        for day in ("2026-11-19", TRADE_DATE):
            connection.execute(insert(tables.cases).values(**_case(day)))

    (row,) = SqlRecords(database).rows("exceptions", TRADE_DATE)

    assert list(row) == list(EXPORTS["exceptions"])
    assert (row["case_id"], row["rule"], row["finding_count"], row["dollar_harm"]) == (2, "slow_fill", 3, "12.5")
    assert row["opened_at"] == "2026-11-20T17:00:00.000000000Z"
    assert row["closed_at"] is None
    assert (row["uncertain_count"], row["withdrawn_count"]) == (2, 1)


def test_an_incident_is_one_row_with_the_sums_of_its_exceptions(database: Database) -> None:
    """Gravest severity, what still waits, and which exceptions they are."""
    recorded(
        database,
        a_finding(1, dollar_harm=price("12.5")),
        a_finding(2),
        a_finding(3, rule="poor_fill", severity=Severity.HIGH),
        a_finding(4, rule="rule_failure"),
    )
    gather_all(a_queue(database))
    a_queue(database).act(1, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)

    (row,) = SqlRecords(database).rows("incidents", TRADE_DATE)
    exceptions = list(SqlRecords(database).rows("exceptions", TRADE_DATE))

    assert list(row) == list(EXPORTS["incidents"])
    assert (row["incident_id"], row["kind"], row["subject"], row["severity"]) == (1, "venue", "XTST", "high")
    assert (row["rules"], row["case_ids"]) == ('["slow_fill","poor_fill"]', "[1, 2]")
    assert (row["exceptions"], row["waiting"], row["finding_count"], row["dollar_harm"]) == (2, 1, 3, "12.5")
    assert (str(row["first_at"])[-13:], str(row["last_at"])[-13:]) == ("20.001000000Z", "20.003000000Z")
    assert [exception["incident_id"] for exception in exceptions] == [1, 1, None]
    assert list(SqlRecords(database).rows("incidents", "2026-11-19")) == []


def _case(day: str) -> dict[str, object]:
    times = dict.fromkeys(("opened_at", "updated_at", "first_at", "last_at"), NOON)
    words = {"rule": "slow_fill", "cause": "venue XNYS", "severity": "high", "state": "new", "sentence": "slow"}
    whose = {"counterparty": "demo", "session": SESSION, "trade_date": day}
    counts = {"finding_count": 3, "uncertain_count": 2, "withdrawn_count": 1, "dollar_harm": price("12.5")}
    return times | words | whose | counts | {"head_n": 1, "head_hash": b""}


def test_messages_show_what_became_of_each_byte_for_byte(database: Database) -> None:
    """Only what came from the counterparty; what is not processed yet has no outcome."""
    raw = b"8=FIX.4.4\x0158=\xff\xe9|\x01"
    entries = (an_entry(body=raw), an_entry(kind=RecordKind.TICK, body=b"{}"), an_entry())
    SqlJournal(database).append(Frame(entries=entries))
    SqlStore(database).record(Processed(upto=2, outcomes=[an_outcome_of(1, "undecodable", reason="tag 58")]))

    first, second = SqlRecords(database).rows("messages", None)

    assert list(first) == list(EXPORTS["messages"])
    assert str(first["raw"]).encode("latin-1") == raw
    assert (first["offset"], first["epoch"], first["sequence"]) == (1, "epoch-1", 1)
    assert (first["outcome"], first["reason"]) == ("undecodable", "tag 58")
    assert (second["offset"], second["outcome"], second["raw"]) == (3, None, RAW.decode())


def test_a_message_belongs_to_the_day_of_its_fact_else_of_its_receipt_else_of_its_sending(database: Database) -> None:
    """In New York: what comes at 02:00 UTC belongs to the day before."""
    night = Nanos(NOON + 9 * 3600 * 10**9)  # 21:00 in New York
    entries = (
        an_entry(received_at=NOON),  # an execution of the day before, sent again
        an_entry(received_at=night),
        an_entry(received_at=None),
        an_entry(received_at=None, body=b"garbage"),
        an_entry(received_at=Nanos(night + 4 * 3600 * 10**9)),
    )
    SqlJournal(database).append(Frame(entries=entries))
    resent = a_recorded_fill(1, trade_date="2026-11-19")
    SqlStore(database).record(Processed(upto=5, fills=[resent], outcomes=[an_outcome_of(n) for n in range(1, 6)]))
    records = SqlRecords(database)

    days = {day: [row["offset"] for row in records.rows("messages", day)] for day in ("2026-11-19", TRADE_DATE)}

    assert days == {"2026-11-19": [1], TRADE_DATE: [2, 3]}
    assert [row["trade_date"] for row in records.rows("messages", None)][3:] == [None, "2026-11-21"]


def test_a_message_from_a_file_says_so_and_has_no_receipt(database: Database) -> None:
    """When a file was read is no receipt: the day is that of its sending."""
    backfilled = an_entry(kind=RecordKind.BACKFILL, received_at=Nanos(NOON + 90 * 24 * 3600 * 10**9), epoch="")
    SqlJournal(database).append(Frame(entries=(backfilled, an_entry(kind=RecordKind.FILE, body=b"{}"), an_entry())))
    records = SqlRecords(database)

    rows = list(records.rows("messages", TRADE_DATE))

    assert [(row["offset"], row["backfilled"], row["received_at"] is None) for row in rows] == [
        (1, True, True),
        (3, False, False),
    ]
    assert list(records.rows("messages", None)) == rows


def test_json_lines_and_csv_hold_the_same_rows(database: Database) -> None:
    """CSV has a header, nothing for null, and true and false as in JSON."""
    SqlStore(database).record(Processed(upto=2, order_events=[a_recorded_event(1)], fills=[a_recorded_fill(2)]))
    url = database.url.render_as_string(hide_password=False)
    texts = {form: io.StringIO(newline="") for form in ("jsonl", "csv")}

    for form, out in texts.items():
        write_export(url, "orders", None, form, out)

    (line,) = texts["jsonl"].getvalue().splitlines()
    header, cells = csv.reader(io.StringIO(texts["csv"].getvalue(), newline=""))
    row = json.loads(line)
    assert header == list(row) == list(EXPORTS["orders"])
    assert cells == ["" if cell is None else json.dumps(cell).strip('"') for cell in row.values()]


def test_an_export_of_a_store_of_another_version_is_refused(store_url: str) -> None:
    """Wrong columns are worse than none."""
    with pytest.raises(StoreVersionError, match="has no tables yet"):
        write_export(store_url, "orders", None, "csv", io.StringIO())


def test_an_export_longer_than_a_page_is_whole(database: Database) -> None:
    """Rows are streamed, not gathered."""
    SqlStore(database).record(a_batch(*range(1, 2501)))

    assert [row["offset"] for row in SqlRecords(database).rows("executions", None)] == list(range(1, 2501))


def marked(*marks: Markout, amendments: tuple[Amendment, ...] = (), **named: Any) -> Processed:
    """Return one execution, what amended it and its marks as a batch."""
    return Processed(upto=20, fills=[a_recorded_fill(1, **named)], markouts=list(marks), amendments=list(amendments))


def test_marks_stand_with_their_execution_in_the_order_of_their_horizons(database: Database) -> None:
    """With everything that a person needs to compute them again."""
    SqlStore(database).record(marked(a_markout(9, 1), a_markout(8, 0), a_markout(10, 4, past_close=True)))

    rows = list(SqlRecords(database).rows("markouts", TRADE_DATE))

    assert [row["horizon"] for row in rows] == ["0.050000000", "1.000000000", "300.000000000"]
    assert [row["mark_offset"] for row in rows] == [8, 9, 10]
    assert [row["past_close"] for row in rows] == [False, False, True]
    expected = {
        "offset": 1,
        "execution_id": "E1",
        "side": "buy",
        "quantity": "100",
        "price": "10.01",
        "state": "live",
        "mark_bid": "10.01",
        "mark_offer": "10.03",
        "mark_quote_state": "normal",
        "realized_spread": "-0.02",
        "price_impact": "0.04",
        "delay_cost": "0",
        "post_trade_impact": "0.04",
        "markout": "0.01",
        "reversion": "-0.02",
        "not_evaluated_reason": None,
        "released": "mark",
    }
    assert list(rows[0]) == list(EXPORTS["markouts"])
    assert {name: rows[0][name] for name in expected} == expected


def test_half_a_nanodollar_is_not_lost(database: Database) -> None:
    """The midpoint of 10.01 and 10.010000001 lies between two."""
    quote = msgspec.structs.replace(a_quote("10.01", "10.02"), offer=Price(10_010_000_001))
    SqlStore(database).record(marked(a_markout(quote=quote)))

    (row,) = SqlRecords(database).rows("markouts", None)

    assert (row["realized_spread"], row["markout"]) == ("-0.000000001", "0.0000000005")


def test_a_correction_measures_the_realized_spread_anew_from_the_same_quotes(database: Database) -> None:
    """What does not depend on the price stays; a bust leaves everything."""
    corrected = an_amendment(12, "correction", quantity="50", price="10.00")
    SqlStore(database).record(marked(a_markout(), amendments=(corrected,)))

    (row,) = SqlRecords(database).rows("markouts", None)

    assert (row["state"], row["quantity"], row["price"], row["venue"]) == ("corrected", "50", "10", "XNAS")
    assert (row["realized_spread"], row["price_impact"], row["markout"]) == ("-0.04", "0.04", "0.02")


def test_a_sale_is_measured_from_its_own_side(database: Database) -> None:
    """What the market gained after a sale, the seller lost."""
    SqlStore(database).record(marked(a_markout(), side="sell", price="10.01"))

    (row,) = SqlRecords(database).rows("markouts", None)

    assert (row["realized_spread"], row["markout"]) == ("0.02", "-0.01")


def test_a_mark_that_could_not_be_used_says_why(database: Database) -> None:
    """Its numbers are null."""
    SqlStore(database).record(marked(a_markout(quote=absent("restart"), source_mark=Nanos(0), released="not_live")))

    (row,) = SqlRecords(database).rows("markouts", None)

    numbers = ("realized_spread", "price_impact", "delay_cost", "post_trade_impact", "markout", "reversion")
    assert [row[name] for name in numbers] == [None] * 6
    assert row["not_evaluated_reason"] == "mark absent: restart"
    assert (row["source_mark"], row["released"]) == (None, "not_live")


@pytest.mark.parametrize(
    ("named", "amendments", "reason"),
    [
        ({"at_execution": absent("no quote source")}, (), "execution absent: no quote source"),
        ({"auction": True}, (), "auction"),
        ({"level": "package"}, (), "multileg package"),
        ({"at_execution": a_quote(state="closed"), "regular_hours": False}, (), "outside regular hours"),
        ({}, (an_amendment(12, "bust"),), "busted"),
        ({}, (), "none taken yet"),
    ],
)
def test_an_execution_without_marks_is_there_once_with_the_reason(
    database: Database, named: dict[str, Any], amendments: tuple[Amendment, ...], reason: str
) -> None:
    """Silence must never look like compliance."""
    SqlStore(database).record(marked(amendments=amendments, **named))

    (row,) = SqlRecords(database).rows("markouts", TRADE_DATE)

    assert (row["exec_id"], row["horizon"], row["realized_spread"]) == ("17-1", None, None)
    assert row["not_evaluated_reason"] == reason
