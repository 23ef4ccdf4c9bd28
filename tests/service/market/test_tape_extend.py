"""Quotes taken in columns leave the tape as it would be had they come one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Nanos
from service.market import bulk, tape
from service.market.symbols import canonical
from service.market.tape import MarketState, QuoteUpdate, Tape
from tests.factories_market import an_update
from tests.quote_files import columns_of

WIDE = Nanos(10**6)
SYMBOLS = ("A", "B", "BRK.B", "Z")


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two quotes of a symbol are taken together."""
    monkeypatch.setattr(bulk, "SHORT", 2)


def quotes_at(times: st.SearchStrategy[int]) -> st.SearchStrategy[QuoteUpdate]:
    """Draw quotes of a few symbols, one of them written in two ways."""
    side = st.none() | st.integers(1, 3)
    return st.builds(
        lambda symbol, at, bid, offer, market: QuoteUpdate(symbol, at, bid, bid, offer, offer, market),
        st.sampled_from(["A", "A", "B", "BRK/B", "BRK.B"]),
        times,
        side,
        side,
        st.sampled_from([MarketState.NORMAL, MarketState.NORMAL, MarketState.HALTED]),
    )


in_order = st.lists(quotes_at(st.integers(1, 50)), max_size=60).map(lambda quotes: sorted(quotes, key=lambda q: q.at))
batches = st.lists(in_order | st.lists(quotes_at(st.integers(1, 60)), max_size=6), max_size=4)
steps = st.sampled_from(["", "", "gap", "decided", "numbered"])


def everything(kept: Tape) -> Iterator[object]:
    """Give all that a tape says, its newest quotes under one name of the symbol."""
    yield kept.counts, kept.mark, kept.began, len(kept), kept.in_doubt(), kept.touched()
    for symbol in SYMBOLS:
        yield [kept.as_of(symbol, Nanos(at)) for at in range(65)]
        around = kept.around(symbol, Nanos(30), WIDE, WIDE)
        yield [(canonical(q.symbol), *(getattr(q, name) for name in q.__struct_fields__[1:])) for q in around]


def disturb(kept: Tape, step: str) -> None:
    """Let something else happen between two batches."""
    if step == "gap":
        kept.gap()
    elif step == "decided":
        kept.decided("A", Nanos(40))
    elif step == "numbered":
        kept.update(QuoteUpdate("A", Nanos(30), received_at=Nanos(31), number=4))


@settings(deadline=None)
@given(batches=batches, after=st.lists(steps, min_size=4, max_size=4), watch=st.booleans())
def test_it_is_as_if_they_had_come_one_by_one(batches: list[list[QuoteUpdate]], after: list[str], watch: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Late ones, equal times, gaps, decided instants and symbols without a history included."""
    watchlist = frozenset({"B"}) if watch else None
    singly, together = (Tape(canonical=canonical, watchlist=watchlist) for _ in range(2))

    for batch, step in zip(batches, after, strict=False):
        singly.update_many(batch)
        together.extend(columns_of(batch))
        disturb(singly, step)
        disturb(together, step)

    assert list(everything(together)) == list(everything(singly))


def test_numbers_of_a_live_source_stay_with_their_quotes() -> None:
    """What comes in columns has none."""
    kept = Tape()
    numbered = QuoteUpdate("A", Nanos(1), received_at=Nanos(2), number=4)

    kept.update(numbered)
    kept.extend(columns_of([an_update(Nanos(at), symbol="A") for at in (3, 4, 5)]))

    assert kept.around("A", Nanos(3), WIDE, WIDE) == [numbered, *(an_update(Nanos(at), symbol="A") for at in (3, 4, 5))]


def test_a_symbol_too_many_is_refused_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The symbols that came first stay."""
    monkeypatch.setattr(tape, "MOST_SYMBOLS", 2)
    kept = Tape()

    kept.extend(columns_of([an_update(Nanos(at), symbol=symbol) for at, symbol in enumerate("BACCABC", 1)]))

    assert (kept.counts.taken, kept.counts.refused_symbol) == (4, 3)
    assert kept.mark == 7
    assert [bool(kept.around(symbol, Nanos(5), WIDE, WIDE)) for symbol in "ABC"] == [True, True, False]


def test_a_share_bounds_what_is_kept_of_a_symbol() -> None:
    """The newest stay, and what was before them is unknown."""
    kept = Tape(capacity=100)

    kept.extend(columns_of([an_update(Nanos(at), symbol="A") for at in range(1, 1_000)]))

    assert 100 <= len(kept) <= 200
    assert kept.as_of("A", Nanos(1)).note == "older than the tape"
    assert kept.as_of("A", Nanos(998)).at == 998


def test_more_symbols_than_a_small_number_can_name_are_kept_apart() -> None:
    """Each has its own quote."""
    kept = Tape(capacity=None)
    names = [f"S{n}" for n in range(40_000)]

    kept.extend(columns_of([an_update(Nanos(at), symbol=name) for at, name in enumerate(names, 1)]))

    assert kept.counts.taken == 40_000
    assert [kept.as_of(f"S{n}", WIDE).at for n in (0, 32_768, 39_999)] == [1, 32_769, 40_000]
