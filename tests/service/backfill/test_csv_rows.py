"""A CSV becomes messages that the dialect reads, or a list of everything that is wrong with it."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Side
from service.backfill.csv_rows import read_rows
from service.fix.decode import decode
from service.fix.dialect import Dialect, parse_dialect
from service.fix.events import Bust, Decoded, Execution, OwnOrder
from service.fix.habits import OwnOrderHabits, Role
from service.fix.message import Message, split
from tests.factories import price, shares

BEGIN = "begin_string: FIX.4.4\n"
HEADER = "ExecID,OrderID,Symbol,Side,LastQty,LastPx,TransactTime"
ROW = "E1,O1,IBM,1,100,10.01,20261120-17:00:00.123"


def dialect(more: str = "") -> Dialect:
    """Return a plain dialect with some habits."""
    return parse_dialect(BEGIN + more)


def problems(text: str, more: str = "") -> tuple[str, ...]:
    """Return what is wrong with a file."""
    rows = read_rows(text.splitlines(keepends=True), dialect(more))
    assert rows.lines == ()
    return rows.problems


def decoded(text: str, more: str = "") -> list[Decoded]:
    """Return what a file's messages are."""
    habits = dialect(more)
    rows = read_rows(text.splitlines(keepends=True), habits)
    assert rows.problems == ()
    return [decode(line.body, habits, "2026-11-20") for line in rows.lines]


def fields(text: str) -> list[dict[str, str]]:
    """Return the fields of a file's messages."""
    read = [split(line.body) for line in read_rows(text.splitlines(keepends=True), dialect()).lines]
    assert all(isinstance(one, Message) for one in read)
    return [one.fields for one in read if isinstance(one, Message)]


def test_a_row_becomes_an_execution_report() -> None:
    """Names of fields in any case, or tags; the frame is right and 52 is taken from 60."""
    (event,) = decoded(f"execid,37,Symbol,Side,32,LastPx,60\n{ROW}\n")

    assert isinstance(event, Execution)
    assert (event.exec_id, event.ids.order_key, event.terms.symbol, event.terms.side) == ("E1", "O1", "IBM", Side.BUY)
    assert (event.quantity, event.price, event.trade_date) == (shares("100"), price("10.01"), "2026-11-20")
    assert event.header.sent_at == event.stamps.transacted_at


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_separator_is_the_one_that_the_header_uses(mark: str) -> None:
    """A comma, a semicolon or a tab; a byte order mark, quotes and blanks are no matter."""
    text = f'\ufeff{HEADER}\n"E1", O1 ,IBM,1,100,10.01,20261120-17:00:00.123\n'.replace(",", mark)

    assert [type(one) for one in decoded(text)] == [Execution]


def test_an_empty_cell_is_a_field_that_is_not_there_and_an_empty_line_no_row() -> None:
    """So a file can hold a bust beside trades."""
    text = f"{HEADER},150,19\n{ROW},F,\n,,,,,,,,\nB1,O1,IBM,1,,,20261120-17:00:01,H,E1\n"

    assert [type(one) for one in decoded(text)] == [Execution, Bust]
    assert [set(one) & {"19", "31", "32"} for one in fields(text)] == [{"31", "32"}, {"19"}]


def test_header_fields_come_first_and_are_taken_as_they_are() -> None:
    """A number lets the row close a gap."""
    (one,) = fields(f"{HEADER},MsgSeqNum,SenderCompID,TargetCompID,SendingTime\n{ROW},7,SOR,FIRM,20261120-17:00:01\n")

    assert list(one)[2:7] == ["35", "49", "56", "34", "52"]
    assert (one["34"], one["52"]) == ("7", "20261120-17:00:01")


def test_a_file_of_old_semantics_says_what_a_row_is_by_its_trans_type() -> None:
    """Then 150 is not made up."""
    (one,) = fields(f"{HEADER},ExecTransType,ExecType\n{ROW},0,2\n")

    assert (one["20"], one["150"]) == ("0", "2")


def test_rows_of_the_firms_own_orders_are_new_orders() -> None:
    """Unless a column says that they are replaces or cancels."""
    text = "ClOrdID,Symbol,Side,OrderQty,OrdType,TransactTime\nC1,IBM,1,100,1,20261120-17:00:00\n"

    own_orders = msgspec.structs.replace(dialect(), role=Role.OWN_ORDERS, own_orders=OwnOrderHabits(vendor="demo"))
    (line,) = read_rows(text.splitlines(keepends=True), own_orders).lines

    own = decode(line.body, own_orders, "2026-11-20")

    assert isinstance(own, OwnOrder)
    assert (own.ids.order_key, own.terms.quantity, own.vendor) == ("C1", shares("100"), "demo")


def test_every_column_that_is_wrong_or_missing_is_listed() -> None:
    """At once, in words."""
    said = problems("ExecID,Colour,,17,CheckSum,Symbol,Side,LastQty\n")

    assert said == (
        "column 2 'Colour' is no FIX field; expected a name as ExecID, or a tag as 17",
        "column 3 has no name; expected a name as ExecID, or a tag as 17",
        "column 4: ExecID (17) is there twice",
        "column 5: CheckSum (10) is put right here; leave it out",
        "the column LastPx (31) is missing",
        "the column OrderID (37) or ClOrdID (11) is missing: nothing names the order",
        "the column TransactTime (60) or SendingTime (52) is missing: nothing says when it was",
    )


def test_what_the_dialect_needs_must_be_there() -> None:
    """Parts of the key, and a sending time on its own clock."""
    said = problems(f"{HEADER}\n{ROW}\n", 'dedup: {extra: ["1300", "party 17"]}\nclocks: {transaction: US/Eastern}\n')

    assert said == (
        "the column SendingTime (52) is missing: it is on another clock than TransactTime (60)",
        "the column MarketSegmentID (1300) is missing: the dialect's key needs it",
        "the dialect's key needs party 17, which no column can say: use a FIX log",
    )
    assert decoded(f"{HEADER},1300\n{ROW},S1\n", "dedup: {extra: [1300]}\n") != []


def test_every_row_that_cannot_be_used_is_listed() -> None:
    """A file with problems is not used at all."""
    said = problems(
        f"{HEADER},Text,ExecType\n"
        f"{ROW},,F\n"
        "E2,O1,IBM\n"
        "E3,O1,IBM,1,100,dear,20261120-17:00:00,,F\n"
        'E4,O1,IBM,1,100,10.01,20261120-17:00:00,"two\x0blines",F\n'
        "E5,O1,IBM,1,100,10.01,,,F\n"
        "E6,O1,IBM,1,100,10.01,20261120-17:00:00,,I\n"
    )

    assert said == (
        "row 3 has 3 cells; the header has 9",
        "row 4: LastPx (31) is 'dear': not a decimal number",
        "row 5: Text (58) holds a control character",
        "row 6: SendingTime (52) is absent or no time of the form YYYYMMDD-HH:MM:SS.sss",
        "row 7: status report: no change of state",
    )


@pytest.mark.parametrize("text", [f"{HEADER}\n", f"{HEADER}\n\n"])
def test_a_header_alone_is_no_file(text: str) -> None:
    """Somebody exported the wrong day."""
    assert problems(text) == ("no rows follow the header",)


def test_an_empty_file_is_a_file_without_columns() -> None:
    """All that is needed is listed."""
    assert "the column ExecID (17) is missing" in problems("")


def test_a_message_type_of_the_row_itself_is_believed() -> None:
    """News is a status; nobody asked for it to be a report."""
    assert len(decoded(f"{HEADER},MsgType\n{ROW},B\n")) == 1
