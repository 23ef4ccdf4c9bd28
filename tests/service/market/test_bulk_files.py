"""Reading a file of quotes in columns gives what reading it row by row gives, in everything that can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Nanos
from service.market import bulk, parquet_rows, quote_rows
from service.market.file_quotes import FileQuotes
from service.market.symbols import canonical
from service.market.tape import QuoteUpdate, Tape
from tests.row_by_row import RowByRow

HEADER = "time_ns,symbol,bid,bid_size,offer,offer_size,state"
WIDE = Nanos(10**6)

times = st.one_of(
    st.integers(1, 60).map(str), st.sampled_from(["0", "-1", "x", "", " 7", "9" * 19, "9" * 25, "0" * 30 + "5"])
)
symbols = st.sampled_from(["A", "A", "B", "BRK/B", "BRK.B", "BRK B", "", '"C"', "Ünïcode"])
amounts = st.one_of(
    st.integers(0, 5).map(str),
    st.decimals(0, 20_000_000, places=9).map(str),
    st.sampled_from(["", "", "0", "0.0", "-1", "1e3", ".5", "5.", ".", "9223372036.854775807", "9223372036.854775808"]),
    st.sampled_from(["0.0000000001", " 1", "1 000", "+1", "12345678901234567890", "9223372036854.775807"]),
)
states = st.sampled_from(["", "", "normal", "halted", "bid_not_executable", "nonsense"])
lines = st.one_of(
    st.tuples(times, symbols, amounts, amounts, amounts, amounts, states).map(",".join),
    st.tuples(st.integers(1, 60).map(str), st.sampled_from("AB"), *[st.sampled_from("0123")] * 4, st.just("")).map(
        ",".join
    ),
    st.sampled_from(
        ["", "   ", "\t", "5,A", "5,A,1,1,2,1,,,more", "\x00", "\t5,A,1,1,2,1,", "5\t,A,1,1,2,1,", "5,A,1,1,2,1,\t"]
    ),
)


def in_order(rows: list[str]) -> list[str]:
    """Sort what has a time by it, as most files are."""
    return sorted(rows, key=lambda row: int(row.split(",")[0]) if row.split(",")[0].strip().isdecimal() else 0)


files = st.tuples(st.lists(lines, max_size=60), st.booleans()).map(lambda f: in_order(f[0]) if f[1] else f[0])


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are many parts, and few quotes of a symbol many."""
    monkeypatch.setattr(quote_rows, "BLOCK", 150)
    monkeypatch.setattr(parquet_rows, "WINDOW", 7)
    monkeypatch.setattr(bulk, "SHORT", 2)


def everything(tape: Tape) -> Iterator[object]:
    """Give all that a tape can be asked, whatever it keeps as it came and what it packed."""
    yield tape.counts
    yield tape.mark, tape.began, len(tape)
    for symbol in ("A", "B", "C", "BRK.B", "Ünïcode", "none"):
        for at in range(0, 64, 3):
            yield symbol, at, tape.as_of(symbol, Nanos(at)), tape.extremes(symbol, Nanos(at - 9), Nanos(at))
        yield list(map(by_its_name, tape.around(symbol, Nanos(30), WIDE, WIDE)))
        yield list(map(by_its_name, tape.around(symbol, Nanos(30), Nanos(5), Nanos(5))))


def by_its_name(quote: QuoteUpdate) -> tuple[object, ...]:
    """Name the symbol in one form: the tape gives its newest quotes as they were written."""
    return (canonical(quote.symbol), *(getattr(quote, name) for name in quote.__struct_fields__[1:]))


def assert_same(path: Path, span: tuple[int, int] | None = None) -> None:
    """Read a file both ways."""
    reference = RowByRow(path, span)
    with FileQuotes(path, span=span) as source:
        source._read_past(Nanos(2**63))

        assert (source.rows, source.bad_rows) == (reference.rows, len(reference.bad))
        assert source.first_bad == reference.bad[:100]
        assert list(everything(source._tape)) == list(everything(reference.tape))


@settings(deadline=None, max_examples=60)
@given(rows=files, ends=st.sampled_from(["\n", "\r\n", ""]), span=st.none() | st.just((5, 40)))
def test_a_csv_file(
    rows: list[str], ends: str, span: tuple[int, int] | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With whatever a line can be."""
    path = tmp_path_factory.mktemp("quotes") / "quotes.csv"
    text = (ends or "\n").join([HEADER, *rows]) + ends
    path.write_text(text, encoding="utf-8", newline="")

    assert_same(path, span)


def write_typed(path: Path, rows: list[tuple[str, ...]], kinds: tuple[str, ...], order: str) -> None:
    """Write rows of text as Parquet, each column in its type; what has no meaning in it is null."""
    time, symbol, *amounts = kinds
    at = "make_timestamp_ns(TRY_CAST(c0 AS BIGINT))" if time == "TIMESTAMP_NS" else f"TRY_CAST(c0 AS {time})"
    asked = [f"{at} AS time_ns", f"{'encode(c1)' if symbol == 'BLOB' else 'c1'} AS symbol", "nullif(c6, '') AS state"]
    named = zip(amounts, ("bid", "bid_size", "offer", "offer_size"), strict=True)
    asked += [f"TRY_CAST(c{n} AS {kind}) AS {name}" for n, (kind, name) in enumerate(named, 2)]
    numbered = [(n, *row) for n, row in enumerate(rows)]
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE TABLE texts (n INTEGER, {', '.join(f'c{n} VARCHAR' for n in range(7))})")
        if numbered:
            connection.executemany("INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", numbered)
        connection.execute(f"COPY (SELECT {', '.join(asked)} FROM texts ORDER BY {order}) TO '{path}' (FORMAT parquet)")


FRACTIONS = ("VARCHAR", "DOUBLE", "FLOAT", "DECIMAL(18, 4)", "DECIMAL(18, 12)", "DECIMAL(38, 12)", "DECIMAL(9, 0)")
amount_types = st.sampled_from((*FRACTIONS, "BIGINT", "UBIGINT", "INTEGER", "UTINYINT"))


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(times, symbols, amounts, amounts, amounts, amounts, states), max_size=40),
    kinds=st.tuples(*[amount_types] * 4),
    time=st.sampled_from(["BIGINT", "UBIGINT", "TIMESTAMP_NS"]),
    symbol=st.sampled_from(["VARCHAR", "BLOB"]),
    sort=st.booleans(),
)
def test_a_parquet_file(
    rows: list[tuple[str, ...]],
    kinds: tuple[str, ...],
    time: str,
    symbol: str,
    sort: bool,  # noqa: FBT001 - drawn by hypothesis
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """With whatever types its columns have; what cannot be written in a type is missing."""
    path = tmp_path_factory.mktemp("quotes") / "quotes.parquet"
    write_typed(path, rows, (time, symbol, *kinds), "time_ns, n" if sort else "n")

    assert_same(path)


def test_a_file_of_whole_days_of_many_symbols(tmp_path: Path) -> None:
    """In parts as large as they are, with symbols of few and of many quotes, and some bad rows."""
    path = tmp_path / "quotes.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 1 + i // 3 AS time_ns, 'S' || CAST(sqrt(hash(i) % 1000000) AS INTEGER) AS symbol, "
            "((hash(i * 3) % 1000) / 100)::DECIMAL(18, 4) AS bid, 1 + hash(i * 5) % 9 AS bid_size, "
            "((hash(i * 7) % 1000) / 100)::DOUBLE AS offer, 100 AS offer_size FROM range(300000) t(i)) "
            f"TO '{path}' (FORMAT parquet)"
        )
    reference = RowByRow(path)

    with pytest.MonkeyPatch.context() as patch, FileQuotes(path) as source:
        patch.setattr(parquet_rows, "WINDOW", 100_000)
        source._read_past(Nanos(2**63))

        assert (source.rows, source.bad_rows, source.first_bad) == (300_000, len(reference.bad), reference.bad[:100])
        assert source._tape.counts == reference.tape.counts
        for n in range(1000):
            pair = [tape.around(f"S{n}", Nanos(50_000), WIDE, WIDE) for tape in (source._tape, reference.tape)]
            assert pair[0] == pair[1]
