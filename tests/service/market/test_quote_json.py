"""Payloads → quotes: the documented shapes, and every way of being wrong."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.market.quote_json import QuoteMessage, read_message
from service.market.quote_text import BAD, BadQuote, Meanings, price_of, quote_of, scaled, size_of
from service.market.tape import MarketState, QuoteUpdate
from tests.factories_market import price, shares

SINGLE = {
    "symbol": "IBM",
    "bid": "10.01",
    "bid_size": 300,
    "offer": 10_020_000_000,
    "offer_size": "0.5",
    "time_ns": 7,
}
TAKEN = QuoteUpdate("IBM", Nanos(7), price("10.01"), shares(300), price("10.02"), shares("0.5"))


def read(message: object, not_after: int = 100) -> QuoteMessage:
    """Read a message given as a value, at a time when 100 ns is the latest to be believed."""
    return read_message(msgspec.json.encode(message), Nanos(not_after))


def test_a_single_quote() -> None:
    """Decimal text is dollars, integers are nanodollars; sizes are shares; the quote's time is a mark too."""
    assert read(SINGLE) == QuoteMessage(quotes=(TAKEN,), mark=Nanos(7))


def test_a_batch_with_its_sequence_and_mark() -> None:
    """The batch says how far the source is, beyond its quotes."""
    found = read({"quotes": [SINGLE, SINGLE | {"symbol": "MSFT"}], "sequence": 3, "time_ns": 9})

    assert [quote.symbol for quote in found.quotes] == ["IBM", "MSFT"]
    assert (found.sequence, found.mark, found.bad) == (3, 9, ())


def test_a_heartbeat() -> None:
    """Nothing but a time."""
    assert read({"time_ns": 9}) == QuoteMessage(mark=Nanos(9))


@pytest.mark.parametrize("side", ["bid", "offer"])
@pytest.mark.parametrize("nothing", [None, 0, "0", "0.00", ""])
def test_a_missing_side_is_none(side: str, nothing: str | int | None) -> None:
    """Null is a side that is not there, and so is a price of zero; its size means nothing then."""
    quote = read(SINGLE | {side: nothing}).quotes[0]

    assert getattr(quote, side) is None
    assert getattr(quote, f"{side}_size") is None


def test_a_side_without_a_size_is_a_side() -> None:
    """Some sources give none."""
    assert read(SINGLE | {"bid_size": None}).quotes[0].bid_size is None


def test_the_receive_time_and_the_number_of_the_source_are_taken() -> None:
    """In a single quote and in a batch."""
    single = SINGLE | {"received_ns": 8, "number": 5}

    both = (read(single).quotes[0], read({"quotes": [single], "time_ns": 9}).quotes[0])

    assert [(quote.received_at, quote.number) for quote in both] == [(8, 5), (8, 5)]


def test_what_amounts_mean_is_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """And read again, with the same meaning."""
    monkeypatch.setattr("service.market.quote_text.REMEMBERED", 2)
    meanings = Meanings(price_of)

    read_first = [meanings[text] for text in ("1", "2", "3")]

    assert read_first == [price(text) for text in ("1", "2", "3")]
    assert len(meanings) == 1


@pytest.mark.parametrize(
    ("text", "state"),
    [("halted", MarketState.HALTED), ("closed", MarketState.CLOSED), (None, 0), ("bid_not_executable", 3)],
)
def test_the_market_state_is_the_sources(text: str | None, state: int) -> None:
    """Absent means normal."""
    assert read(SINGLE | {"state": text}).quotes[0].market == state


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bid": "abc"}, "bid 'abc' is no price"),
        ({"offer": "-1"}, "offer '-1' is no price"),
        ({"bid": -1}, "bid -1 is no price"),
        ({"bid": 2**63}, "is no price"),
        ({"bid": "1.0000000001"}, "at most 9 decimals"),
        ({"bid_size": "1.0000001"}, "in 6 decimals at most"),
        ({"offer_size": -1}, "offer_size -1 is no number of shares"),
        ({"state": "open"}, "state 'open' is none of normal, halted, closed, bid_not_executable"),
        ({"received_ns": 0}, "received_ns 0 is no time"),
        ({"number": -1}, "number -1 is no whole number"),
        ({"symbol": ""}, "the symbol is empty"),
        ({"time_ns": 0}, "time_ns 0 is no time"),
        ({"time_ns": 101}, "lies ahead of our clock"),
        ({"bid": 1.5}, "`$.bid`"),
        ({"time_ns": "7"}, "`$.time_ns`"),
        ({"symbol": 7}, "`$.symbol`"),
    ],
)
def test_a_bad_quote_is_a_value_with_a_reason(change: dict[str, object], words: str) -> None:
    """It is counted, never raised."""
    found = read(SINGLE | change)

    assert found.quotes == ()
    assert words in found.bad[0].reason


def test_a_bad_quote_does_not_spoil_its_batch() -> None:
    """The good ones are taken, and so is the mark."""
    found = read({"quotes": [SINGLE, {"symbol": 1}, SINGLE | {"bid": "x"}, SINGLE], "sequence": 3, "time_ns": 9})

    assert found.quotes == (TAKEN, TAKEN)
    assert (found.mark, found.sequence, len(found.bad)) == (9, 3, 2)


def test_a_batch_without_a_time_has_no_mark() -> None:
    """Only its quotes say how far the source is."""
    found = read({"quotes": [SINGLE]})

    assert (found.quotes, found.mark, found.bad) == ((TAKEN,), None, ())


def test_a_mark_ahead_of_our_clock_is_not_believed() -> None:
    """It would end all waiting for ever."""
    found = read({"time_ns": 101})

    assert (found.mark, len(found.bad)) == (None, 1)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_message_and_never_an_exception(payload: bytes) -> None:
    """What cannot be read is one bad message."""
    found = read_message(payload)

    assert found.quotes == ()
    assert found.bad or found.mark


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.01", 10_010_000_000),
        (" 10 ", 10_000_000_000),
        (".5", 500_000_000),
        ("5.", 5_000_000_000),
        ("1.0000000000", 1_000_000_000),
        ("0", 0),
        (".", BAD),
        (" ", BAD),
        ("1e5", BAD),
        ("1.2.3", BAD),
        ("\u0661", BAD),
        ("9223372036.854775807", 2**63 - 1),
        ("9223372036.854775808", BAD),
        ("9" * 400, BAD),
    ],
)
def test_decimal_text_becomes_exact_integers(text: str, expected: int) -> None:
    """Nothing is rounded, nothing overflows, nothing but plain decimals is a number."""
    assert scaled(text, 9) == expected


def test_amounts_have_their_own_scales() -> None:
    """An integer price is nanodollars, an integer size is shares."""
    assert (price_of(5), size_of(5), price_of(None), size_of("")) == (5, 5_000_000, None, None)
    assert size_of(2**62) == BAD


def test_a_quote_that_is_too_late_for_64_bits_is_bad() -> None:
    """The tape holds 64-bit integers."""
    assert isinstance(quote_of("IBM", 2**63, "1", "1", "1", "1", None), BadQuote)
