"""The quotes around an execution on the page: those nearest to it, and the one in force marked."""

from __future__ import annotations

from rules.facts import Nanos
from service.market.around import Around, Told
from service.market.update import MarketState
from service.quote_evidence import FindingQuotes
from service.web.exception.market import SHOWN, market_around
from tests.factories import NOON, price, shares


def kept(count: int, *, reason: str = "") -> FindingQuotes:
    """Return so many quotes, one a nanosecond from noon on; the second says that its bid is not executable."""
    quotes = tuple(
        Told(
            Nanos(NOON + n),
            None if n == 1 else price("10.00"),
            None if n == 1 else shares("100"),
            price("10.02"),
            shares("1200"),
            MarketState.BID_NOT_EXECUTABLE if n == 1 else MarketState.NORMAL,
        )
        for n in range(count)
    )
    around = Around(begin=NOON, end=Nanos(NOON + 5_000_000_000), complete=not reason, reason=reason, quotes=quotes)
    return FindingQuotes(finding_id="F1", symbol="IBM", around=around)


def test_few_quotes_are_all_shown_and_the_one_in_force_is_marked() -> None:
    """A side that is missing is a dash; a market that is not normal says so."""
    shown = market_around(kept(3), NOON + 1)

    assert shown is not None
    assert shown.heading == "IBM from 12:00:00.000 to 12:00:05.000: 3 quotes"
    assert shown.caveat == ""
    assert [line.in_force for line in shown.lines] == [False, True, False]
    assert shown.lines[0].sides == ("100", "$10.00", "$10.02", "1,200")
    assert (shown.lines[1].sides[:2], shown.lines[1].market) == (("–", "–"), "bid not executable")


def test_of_many_those_around_the_execution_are_shown() -> None:
    """The export has all; what is not complete says why."""
    shown = market_around(kept(500, reason="gap in the quote source"), NOON + 250)

    assert shown is not None
    assert len(shown.lines) == SHOWN
    assert shown.heading.endswith(f": {SHOWN} of 500 quotes")
    assert shown.caveat == "Not complete: gap in the quote source."
    assert [n for n, line in enumerate(shown.lines) if line.in_force] == [SHOWN // 2 - 1]


def test_a_finding_without_kept_quotes_has_no_table() -> None:
    """It is too young, or about no price."""
    assert market_around(None, NOON) is None
