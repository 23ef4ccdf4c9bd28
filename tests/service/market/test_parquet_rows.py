"""Parquet files as a source: the types that writers use, all read exactly, and what cannot be read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rules.facts import Nanos, QuoteState
from service.market import parquet_rows
from service.market.file_quotes import FileQuotes, QuoteFileError, opened_rows
from service.market.quote_rows import CsvRows, QuoteRows
from service.market.update import QuoteUpdate
from tests.factories_market import NOON, a_request, price, shares
from tests.quote_files import AS_TEXT, Row, write_csv, write_parquet

ROWS: list[Row] = [(NOON + n, f"S{n % 7}", f"{10 + n % 90}.0{n % 10}", f"{11 + n % 90}.5") for n in range(10_000)]
ONE: list[Row] = [(NOON, "IBM", "99.9", "100.1234")]


def quotes_of(rows: QuoteRows) -> list[tuple[int, QuoteUpdate]]:
    """Read all the good rows, each with its number, and close the file."""
    parts = list(rows)
    rows.close()
    return [pair for part in parts for pair in zip(part.quotes.line.tolist(), part.quotes.updates(), strict=True)]


def test_it_gives_what_the_same_csv_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quote by quote, over several parts; the first row of Parquet is row 1, that of CSV line 2."""
    monkeypatch.setattr(parquet_rows, "WINDOW", 3_000)
    csv = CsvRows(write_csv(tmp_path / "quotes.csv", ROWS))
    parquet = opened_rows(write_parquet(tmp_path / "quotes.parquet", ROWS))

    assert quotes_of(parquet) == [(line - 1, quote) for line, quote in quotes_of(csv)]


@pytest.mark.parametrize(
    "prices",
    [
        "bid, offer",
        "bid::DOUBLE AS bid, offer::DOUBLE AS offer",
        "bid::FLOAT AS bid, offer::FLOAT AS offer",
        "bid::DECIMAL(18, 6) AS bid, offer::DECIMAL(18, 6) AS offer",
        "round(bid::DOUBLE * 1000000000)::BIGINT AS bid, round(offer::DOUBLE * 1000000000)::BIGINT AS offer",
    ],
)
@pytest.mark.parametrize(
    "sizes", ["bid_size, offer_size", "bid_size::INTEGER AS bid_size, 100.0::DOUBLE AS offer_size"]
)
@pytest.mark.parametrize(
    "time",
    [
        "time_ns::BIGINT AS time_ns",
        "time_ns::UBIGINT AS time_ns",
        "make_timestamp_ns(time_ns::BIGINT) AS time_ns",
        "to_timestamp(time_ns::BIGINT // 1000000000) AS time_ns",
    ],
)
def test_every_usual_type_is_read_exactly(tmp_path: Path, prices: str, sizes: str, time: str) -> None:
    """A floating point number stands for the decimal that was meant."""
    path = write_parquet(tmp_path / "quotes.parquet", ONE, f"{time}, symbol, {prices}, {sizes}, 'halted' AS state")
    with FileQuotes(path) as source:
        quote = source.decide(a_request(), Nanos(0)).at_execution

    assert quote is not None
    assert (quote.bid, quote.offer, quote.at) == (price("99.9"), price("100.1234"), NOON)
    assert (quote.bid_size, quote.offer_size, quote.state) == (shares(100), shares(100), QuoteState.HALTED)


def test_a_side_that_is_null_or_no_number_is_missing(tmp_path: Path) -> None:
    """As data frames write it."""
    columns = "time_ns::BIGINT AS time_ns, symbol, 'nan'::DOUBLE AS bid, bid_size, NULL::DOUBLE AS offer, offer_size"
    rows = opened_rows(write_parquet(tmp_path / "quotes.parquet", ONE, columns))

    ((_, quote),) = quotes_of(rows)

    assert (quote.bid, quote.bid_size, quote.offer, quote.offer_size) == (None, None, None, None)


def test_a_row_without_time_or_symbol_is_bad(tmp_path: Path) -> None:
    """And counted under its number."""
    columns = "NULL::BIGINT AS time_ns, symbol, bid, bid_size, offer, offer_size"
    with FileQuotes(write_parquet(tmp_path / "quotes.parquet", ONE, columns)) as source:
        source.decide(a_request(), Nanos(0))
    nameless = AS_TEXT.replace("symbol", "NULL::VARCHAR AS symbol")
    with FileQuotes(write_parquet(tmp_path / "other.parquet", ONE, nameless)) as other:
        other.decide(a_request(), Nanos(0))

    assert [(bad.line, bad.reason, bad.file) for bad in source.first_bad] == [
        (1, "time_ns is missing", "quotes.parquet")
    ]
    assert [bad.reason for bad in other.first_bad] == ["the symbol is empty"]


def test_what_is_no_such_file_is_refused_in_words(tmp_path: Path) -> None:
    """At the start, with the path and what is expected."""
    nonsense = tmp_path / "nonsense.parquet"
    nonsense.write_bytes(b"PAR1 nonsense")
    few = write_parquet(tmp_path / "few.parquet", ONE, "time_ns, symbol, bid, bid_size")
    words = write_parquet(tmp_path / "words.parquet", ONE, AS_TEXT.replace("::BIGINT", ""))

    with pytest.raises(QuoteFileError, match=r"none\.parquet cannot be opened: No such file"):
        opened_rows(tmp_path / "none.parquet")
    with pytest.raises(QuoteFileError, match=r"nonsense\.parquet cannot be read as Parquet: "):
        opened_rows(nonsense)
    with pytest.raises(QuoteFileError, match=r"few\.parquet lacks offer, offer_size"):
        opened_rows(few)
    with pytest.raises(QuoteFileError, match="time_ns is VARCHAR; expected an integer of nanoseconds or a timestamp"):
        opened_rows(words)


def test_without_the_optional_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A CSV needs none."""
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.delitem(sys.modules, "service.market.parquet_rows", raising=False)

    with pytest.raises(QuoteFileError, match=r"pip install 'sorwatch\[parquet\]'"):
        opened_rows(tmp_path / "quotes.parquet")
