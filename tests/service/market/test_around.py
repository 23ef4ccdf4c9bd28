"""The quotes around one instant: what the tape knows of them, and why that may not be all."""

from __future__ import annotations

from rules.facts import Nanos
from service.market.around import MOST, around
from service.market.tape import Tape
from tests.factories_market import NOON, an_update, seconds

SPAN = Nanos(seconds(2) - NOON)


def a_tape(*at: float, capacity: int | None = None) -> Tape:
    """Return a tape with quotes of IBM at these seconds, whose source began ten seconds before noon."""
    tape = Tape(capacity=capacity)
    tape.begin(seconds(-10))
    tape.update_many(an_update(seconds(second)) for second in at)
    return tape


def test_the_quote_in_force_at_the_beginning_leads() -> None:
    """It may be older than the time that is asked for."""
    found = around(a_tape(-5, 0, 1, 3, 9), "IBM", seconds(1), SPAN)

    assert [quote.at for quote in found.quotes] == [seconds(-5), NOON, seconds(1), seconds(3)]
    assert (found.begin, found.end, found.complete, found.reason) == (seconds(-1), seconds(3), True, "")


def test_what_may_be_missing_is_said() -> None:
    """Our start, a source that had not come so far, a gap, a symbol that nobody quotes, a tape that let go."""
    gapped, short = a_tape(-5, 1), a_tape(-5, *range(200), capacity=16)
    gapped.gap()
    gapped.update_many([an_update(seconds(9))])

    reasons = [
        around(a_tape(-5, 9), "XYZ", seconds(1), SPAN).reason,
        around(a_tape(-5, 9), "IBM", seconds(-9), SPAN).reason,
        around(Tape(), "IBM", seconds(1), SPAN).reason,
        around(a_tape(-5, 1), "IBM", seconds(1), SPAN).reason,
        around(gapped, "IBM", seconds(1), SPAN).reason,
        around(short, "IBM", seconds(1), SPAN).reason,
    ]

    assert reasons == [
        "the quotes do not know the symbol",
        "our start lost what was before it",
        "the quotes do not know the symbol",
        "the source had not come so far",
        "gap in the quote source",
        "older than the tape",
    ]


def test_of_too_many_quotes_those_nearest_to_the_instant_are_kept() -> None:
    """Half before it, half after it, and it is said that there were more."""
    step = 4 / 3_000
    tape = a_tape(*(-2 + n * step for n in range(3_000)), 9)

    found = around(tape, "IBM", NOON, SPAN)
    at_the_end = around(tape, "IBM", seconds(2.5), SPAN)

    assert len(found.quotes) == MOST
    assert abs(sum(quote.at <= NOON for quote in found.quotes) - MOST // 2) <= 1
    assert not found.complete
    assert found.reason.startswith(f"only {MOST} of ")
    assert at_the_end.quotes[-1].at == max(quote.at for quote in at_the_end.quotes)
