"""A folder of quotes by date: each instant is answered by its own day's file, whatever was asked before."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.facts import Nanos, QuoteState
from service.market.daily_quotes import DAYS_OPEN, DailyQuotes, files_by_day
from service.market.file_quotes import BadRow, QuoteFileError
from service.ports import MarkWanted
from tests.factories_market import NOON, a_request, price, seconds
from tests.quote_files import write_csv, write_parquet

DAY = 86_400


def a_folder(folder: Path, days: int) -> Path:
    """Write files from 7 October 2013 on, CSV and Parquet in turn; the n-th day's bid is 10 + n dollars at noon."""
    for n in range(days):
        write = write_csv if n % 2 else write_parquet
        kind = "csv" if n % 2 else "parquet"
        write(folder / f"nbbo_201310{7 + n:02}.{kind}", [(seconds(n * DAY), "IBM", f"{10 + n}.00", "99.00")])
    return folder


def test_each_instant_is_answered_by_the_file_of_its_date(tmp_path: Path) -> None:
    """An order of one day and its execution on the next."""
    with DailyQuotes(a_folder(tmp_path, 2)) as quotes:
        decision = quotes.decide(a_request(receipt_at=seconds(1), execution_at=seconds(DAY + 1)), NOON)

    assert decision.at_receipt is not None
    assert decision.at_execution is not None
    assert (decision.at_receipt.bid, decision.at_execution.bid) == (price("10"), price("11"))
    assert (decision.reason, decision.mark) == ("end", seconds(DAY))


def test_a_quote_of_the_day_before_is_not_in_force(tmp_path: Path) -> None:
    """Nor has a date without a file any: both are absent, and say why."""
    with DailyQuotes(a_folder(tmp_path, 2)) as quotes:
        early = quotes.decide(a_request(execution_at=seconds(DAY - 1)), NOON).at_execution
        beyond = quotes.decide(a_request(execution_at=seconds(9 * DAY)), NOON).at_execution

    assert early is not None
    assert beyond is not None
    assert (early.state, early.note) == (QuoteState.ABSENT, "before the first quote")
    assert (beyond.state, beyond.note) == (QuoteState.ABSENT, "no quote file for 2013-10-16")


def test_a_mark_on_the_next_date_is_answered_by_its_file(tmp_path: Path) -> None:
    """Each mark is of its own instant and symbol, whatever the record's own."""
    marks = (MarkWanted("IBM", seconds(1)), MarkWanted("IBM", seconds(DAY + 1)), MarkWanted("IBM", seconds(9 * DAY)))
    with DailyQuotes(a_folder(tmp_path, 2)) as quotes:
        decision = quotes.decide(a_request(symbol="MSFT", execution_at=None, marks=marks), NOON)

    assert [mark.bid for mark in decision.marks] == [price("10"), price("11"), None]
    assert (decision.at_receipt, decision.at_execution, decision.reason) == (None, None, "end")


def test_few_days_are_kept_and_a_day_that_was_let_go_is_read_again(tmp_path: Path) -> None:
    """Asked forwards and then back, every answer is the same."""
    days = DAYS_OPEN + 3
    with DailyQuotes(a_folder(tmp_path, days)) as quotes:
        requests = [a_request(execution_at=seconds(n * DAY)) for n in range(days)]
        forwards = [quotes.decide(request, NOON) for request in requests]
        kept = len(quotes._open)
        back = [quotes.decide(request, NOON) for request in reversed(requests)]

    assert forwards == back[::-1]
    assert kept == DAYS_OPEN


def test_a_row_of_another_date_is_bad(tmp_path: Path) -> None:
    """The file's name and its contents must agree; the row is told with the file's name."""
    told: list[BadRow] = []
    write_csv(tmp_path / "2013-10-07.csv", [(NOON, "IBM", "1", "2"), (seconds(DAY), "IBM", "3", "4")])

    with DailyQuotes(tmp_path, report=told.append) as quotes:
        quotes.decide(a_request(execution_at=seconds(60)), NOON)

    assert [(bad.file, bad.line) for bad in told] == [("2013-10-07.csv", 3)]
    assert told[0].reason.endswith("is not of the file's date in New York")


def test_everything_wrong_with_a_folder_is_said_at_once(tmp_path: Path) -> None:
    """Two files of one date, and one of none; what is no quote file is left alone."""
    for name in ("a-2013-10-07.csv", "b-20131007.csv", "20139999.csv", "README.md"):
        (tmp_path / name).touch()

    with pytest.raises(QuoteFileError) as refused:
        files_by_day(tmp_path)

    words = str(refused.value)
    assert "20139999.csv carries no date; a-2013-10-07.csv and b-20131007.csv are of one date; expected one" in words
    assert "README" not in words


def test_an_empty_folder_and_a_file_without_its_columns_stop_the_start(tmp_path: Path) -> None:
    """Not the first request of the day."""
    with pytest.raises(QuoteFileError, match=r"there is no \.csv or \.parquet file in it"):
        DailyQuotes(tmp_path)
    (tmp_path / "2013-10-07.csv").write_text("time_ns,symbol\n", encoding="utf-8")
    with pytest.raises(QuoteFileError, match="lacks bid, bid_size, offer, offer_size"):
        DailyQuotes(tmp_path)


def test_the_quotes_around_an_instant_come_from_the_file_of_its_date(tmp_path: Path) -> None:
    """A date without a file has none, and says so."""
    span = Nanos(seconds(5) - NOON)

    with DailyQuotes(a_folder(tmp_path, 2)) as quotes:
        found = quotes.around("IBM", seconds(DAY + 1), span)
        other = quotes.around("IBM", seconds(2 * DAY), span)

    assert (found.complete, [quote.bid for quote in found.quotes]) == (True, [price("11.00")])
    assert (other.complete, other.reason, other.quotes) == (False, "no quote file for 2013-10-09", ())
