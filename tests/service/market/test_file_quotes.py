"""The quote file as a source: an answer depends on the file and the request, and on nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos, QuoteState
from service.market import quote_rows
from service.market.file_quotes import BAD_ROWS_KEPT, BadRow, FileQuotes, QuoteFileError
from service.market.symbols import COMMON, SymbolStyle
from service.processed import Decision
from tests.factories_market import a_request, price, shares

HEADER = "time_ns,symbol,bid,bid_size,offer,offer_size"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a writer of quote files."""

    def _write(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "quotes.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return _write


def ask(source: FileQuotes, at: int, symbol: str = "IBM") -> Decision:
    """Ask for the quote at execution."""
    return source.decide(a_request(symbol=symbol, execution_at=Nanos(at)), Nanos(0))


def test_a_row_becomes_a_quote(write: Write) -> None:
    """Prices in dollars, sizes in shares, the state that the prices imply."""
    with FileQuotes(write("5,IBM,10.01,300,10.02,100")) as source:
        quote = ask(source, 5).at_execution

    assert quote is not None
    assert (quote.state, quote.bid, quote.bid_size) == (QuoteState.NORMAL, price("10.01"), shares(300))
    assert (quote.offer, quote.offer_size, quote.at) == (price("10.02"), shares(100), 5)


def test_symbols_are_found_in_their_canonical_form(write: Write) -> None:
    """The common separators unless another convention is named."""
    path = write("5,BRK/B,1,1,2,1", "5,ABC-A,3,1,4,1")
    with FileQuotes(path) as common, FileQuotes(path, symbols=(SymbolStyle.NASDAQ, *COMMON)) as nasdaq:
        found = {
            (name, symbol): ask(source, 9, symbol).at_execution
            for name, source in (("common", common), ("nasdaq", nasdaq))
            for symbol in ("BRK.B", "ABC.A", "ABC.PRA")
        }

    known = {key for key, quote in found.items() if quote is not None and quote.state is QuoteState.NORMAL}
    assert known == {("common", "BRK.B"), ("common", "ABC.A"), ("nasdaq", "BRK.B"), ("nasdaq", "ABC.PRA")}


def test_the_state_column_is_optional_and_columns_are_found_by_name(write: Write) -> None:
    """A halted symbol is halted."""
    with FileQuotes(write("halted,IBM,5,1,1,2,1", header=f"state,symbol,{HEADER.replace('symbol,', '')}")) as source:
        quote = ask(source, 9).at_execution

    assert quote is not None
    assert quote.state is QuoteState.HALTED


def test_the_last_of_equal_times_wins_whatever_was_asked(write: Write) -> None:
    """All rows of one time are read before that time is answered."""
    with FileQuotes(write("5,IBM,1,1,9,1", "5,IBM,2,1,9,1", "6,IBM,3,1,9,1")) as source:
        quote = ask(source, 5).at_execution

    assert quote is not None
    assert quote.bid == price("2")


def test_the_end_of_the_file_leaves_the_last_quote_in_force(write: Write) -> None:
    """The file is the whole truth: after its end nothing changed."""
    with FileQuotes(write("5,IBM,1,1,9,1")) as source:
        before, after = ask(source, 4), ask(source, 99)

    assert (before.reason, before.mark) == ("mark", 4)
    assert (after.reason, after.mark) == ("end", 5)
    assert after.at_execution is not None
    assert after.at_execution.state is QuoteState.NORMAL


def test_nothing_asked_reads_nothing(write: Write) -> None:
    """A record without times needs no file."""
    with FileQuotes(write("5,IBM,1,1,9,1")) as source:
        decision = source.decide(a_request(execution_at=None), Nanos(0))

    assert (decision.at_execution, decision.reason, source.rows) == (None, "mark", 0)


def test_it_reads_no_further_than_it_must(write: Write) -> None:
    """A long file costs its first part until more is asked."""
    rows = [f"{at},IBM,1,1,9,1" for at in range(1, quote_rows.BLOCK // 6)]
    with FileQuotes(write(*rows)) as source:
        ask(source, 5)

        assert source.rows < len(rows) / 2


rows_of_a_file = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from("AB"), st.integers(-1, 9), st.integers(0, 9)), max_size=40
)


@given(rows=rows_of_a_file, times=st.lists(st.integers(0, 32), min_size=1, max_size=12))
def test_an_answer_depends_on_the_file_and_the_request_alone(
    rows: list[tuple[int, str, int, int]], times: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Asked in any order, one after another or each of a fresh source (a restart), the decisions are the same."""
    path = tmp_path_factory.mktemp("quotes") / "quotes.csv"
    lines = [f"{at},{symbol},{bid},1,{offer},1" for at, symbol, bid, offer in rows]
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")

    with FileQuotes(path) as one:
        together = [ask(one, at, "A") for at in times]
    alone = []
    for at in reversed(times):
        with FileQuotes(path) as fresh:
            alone.append(ask(fresh, at, "A"))

    assert together == alone[::-1]


def test_the_part_that_is_read_changes_no_answer(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is read at once."""
    chooser = random.Random(7)
    rows = [f"{at},IBM,{chooser.randint(1, 9)},1,9,1" for at in sorted(chooser.choices(range(1, 99), k=300))]
    path = write(*rows)
    times = chooser.choices(range(120), k=50)

    answers = []
    for block in (1, 70, quote_rows.BLOCK):
        monkeypatch.setattr(quote_rows, "BLOCK", block)
        with FileQuotes(path) as source:
            answers.append([ask(source, at) for at in times])

    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("x,IBM,1,1,2,1", "time_ns 'x' is no whole number"),
        ("-5,IBM,1,1,2,1", "is no whole number"),
        (f"{'9' * 5000},IBM,1,1,2,1", "is no whole number"),
        ("5,IBM,1", "the row has 3 fields"),
        ("5,,1,1,2,1", "the symbol is empty"),
        ("5,IBM,1,1,abc,1", "offer 'abc' is no price"),
        ("5,IBM,-1,1,2,1", "bid '-1' is no price"),
        ("\x00\x00", "the row has 1 fields"),
    ],
)
def test_a_bad_row_is_counted_and_named_by_its_line(write: Write, row: str, words: str) -> None:
    """The rest of the file is read on."""
    told: list[BadRow] = []
    with FileQuotes(write("4,IBM,1,1,9,1", "", row, "6,IBM,2,1,9,1"), report=told.append) as source:
        quote = ask(source, 6).at_execution

    assert quote is not None
    assert quote.bid == price("2")
    assert (source.bad_rows, source.rows) == (1, 3)
    assert source.first_bad == told
    assert told[0].line == 4
    assert words in told[0].reason


@pytest.mark.parametrize(
    ("times", "bad_line"), [((5, 9, 7, 8), 3), ((5, 6, 4, 8), 4), ((5, 999, 6, 7, 8), 3), ((5, 6, 7, 1), 5)]
)
def test_of_rows_out_of_order_the_one_that_stands_alone_is_bad(
    write: Write, times: tuple[int, ...], bad_line: int
) -> None:
    """A time that goes back, or one that leaps ahead of all that follows, costs one row and not the file."""
    with FileQuotes(write(*(f"{at},IBM,1,1,9,1" for at in times))) as source:
        ask(source, 1000)

    assert [bad.line for bad in source.first_bad] == [bad_line]


def test_a_flood_of_bad_rows_is_counted_and_not_told_for_ever(write: Write) -> None:
    """The first hundred are named."""
    told: list[BadRow] = []
    with FileQuotes(write(*["x"] * 250), report=told.append) as source:
        ask(source, 1)

    assert (source.bad_rows, len(told), len(source.first_bad)) == (250, BAD_ROWS_KEPT, BAD_ROWS_KEPT)


def test_quoted_text_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    """Spreadsheets write them."""
    path = tmp_path / "quotes.csv"
    path.write_text(f'\ufeff{HEADER}\r\n5,"IBM",1,1,9,1\r\n', encoding="utf-8")

    with FileQuotes(path) as source:
        quote = ask(source, 5).at_execution

    assert quote is not None
    assert quote.state is QuoteState.NORMAL


def test_a_header_that_lacks_columns_is_refused_with_their_names(write: Write) -> None:
    """The start stops, and says what is expected."""
    with pytest.raises(QuoteFileError, match="lacks bid_size, offer_size in its header row; expected time_ns,symbol"):
        FileQuotes(write(header="time_ns,symbol,bid,offer"))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(QuoteFileError, match=r"none\.csv cannot be opened: No such file"):
        FileQuotes(tmp_path / "none.csv")
