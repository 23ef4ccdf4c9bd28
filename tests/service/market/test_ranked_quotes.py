"""Sources by priority: who answers, who is waited for, and what the other one said."""

from __future__ import annotations

import pytest

from rules.facts import SECOND, Nanos, Quote, QuotesApart, QuoteState
from service.market.ranked_quotes import Ranked, RankedQuotes
from service.ports import QuoteRequest
from service.processed import Decision
from tests.factories_market import NOON, a_quote, a_request, price, seconds

STALE = Quote(state=QuoteState.STALE, bid=price("1"), offer=price("2"), at=NOON)
ABSENT = Quote(state=QuoteState.ABSENT)


class Saying:
    """A source that always says the same; None is "not yet"."""

    def __init__(
        self,
        *,
        receipt: Quote | None = None,
        execution: Quote | None = None,
        marks: tuple[Quote, ...] = (),
        waits: bool = False,
    ) -> None:
        said = Decision(at_receipt=receipt, at_execution=execution, marks=marks, reason="mark")
        self._decision = None if waits else said

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision | None:
        """Say it."""
        return self._decision


def decided(*sources: Saying, live: tuple[bool, ...] = (True, True, True)) -> Decision | None:
    """Ask the sources, named a, b, c."""
    ranked = [Ranked(name, source, lambda _, up=up: up) for name, source, up in zip("abc", sources, live, strict=False)]
    return RankedQuotes(*ranked).decide(a_request(receipt_at=NOON), seconds(1))


def test_one_source_is_named_and_compared_with_nothing() -> None:
    """The usual case."""
    decision = decided(Saying(execution=a_quote()))

    assert decision is not None
    assert (decision.source, decision.apart) == ("a", None)


@pytest.mark.parametrize(
    ("first", "taken"),
    [
        (a_quote(), "a"),
        (a_quote("10", "10"), "a"),
        (Quote(state=QuoteState.HALTED, at=NOON), "a"),
        (Quote(state=QuoteState.CLOSED, at=NOON), "a"),
        (ABSENT, "b"),
        (STALE, "b"),
        (a_quote("11", "10"), "b"),
        (a_quote("10", None), "b"),
    ],
)
def test_the_first_that_has_an_answer_is_taken(first: Quote, taken: str) -> None:
    """That the market was halted or closed is an answer; a quote that cannot be used is none."""
    decision = decided(Saying(execution=first), Saying(execution=a_quote()))

    assert decision is not None
    assert decision.source == taken


def test_each_mark_is_of_the_first_source_that_answers_it() -> None:
    """One that nobody answers is as the best source said."""
    second = a_quote("20", "21")
    decision = decided(
        Saying(execution=a_quote(), marks=(a_quote(), ABSENT, STALE)),
        Saying(execution=second, marks=(second, second, ABSENT)),
    )

    assert decision is not None
    assert decision.marks == (a_quote(), second, STALE)


def test_the_quote_at_execution_counts_more_than_that_at_receipt() -> None:
    """A whole answer is best, then one at the execution, then the first by rank."""
    whole = Saying(receipt=a_quote(), execution=a_quote())
    late = Saying(receipt=ABSENT, execution=a_quote())
    none = Saying(receipt=ABSENT, execution=STALE)

    taken = [decided(*each) for each in ((late, whole), (none, late), (late, none), (none, none))]

    assert [each.source for each in taken if each is not None] == ["b", "b", "a", "a"]


def test_a_live_source_is_waited_for_and_one_that_lags_is_not() -> None:
    """Unless nobody else has an answer: then the source's own bound ends the waiting."""
    good, waiting, bad = Saying(execution=a_quote()), Saying(waits=True), Saying(execution=ABSENT)

    assert decided(good, waiting) is None
    assert decided(waiting, good) is None
    first, second = decided(good, waiting, live=(True, False)), decided(waiting, good, live=(False, True))
    assert first is not None
    assert second is not None
    assert (first.source, first.apart, second.source) == ("a", None, "b")
    assert decided(bad, waiting, live=(True, False)) is None
    assert decided(waiting, live=(False,)) is None


def test_the_difference_is_recorded_on_each_side_with_its_lag() -> None:
    """Ours less theirs; a positive lag says that theirs is older. At the receipt where nothing else was asked."""
    ours, theirs = a_quote("10.01", "10.02", at=seconds(2)), a_quote("10.00", "10.05", at=NOON)

    executed = decided(Saying(execution=ours), Saying(execution=theirs))
    received = decided(Saying(receipt=ours), Saying(receipt=theirs))

    expected = QuotesApart(source="b", bid=price("0.01"), offer=-price("0.03"), lag=Nanos(2 * SECOND))
    assert executed is not None
    assert received is not None
    assert (executed.apart, received.apart) == (expected, expected)
    assert expected.widest == price("0.03")


def test_what_cannot_be_compared_says_so() -> None:
    """A missing side, and a quote that is absent or stale: no difference is made up."""
    one_sided = decided(Saying(execution=a_quote()), Saying(execution=a_quote("99.90", None)))
    stale = decided(Saying(execution=a_quote()), Saying(execution=STALE))
    nothing = decided(Saying(), Saying())

    assert one_sided is not None
    assert one_sided.apart == QuotesApart(source="b", bid=0, lag=Nanos(0))
    assert stale is not None
    assert stale.apart == QuotesApart(source="b")
    assert stale.apart.widest is None
    assert nothing is not None
    assert nothing.apart == QuotesApart(source="b")


def test_halted_quotes_without_a_time_have_no_lag() -> None:
    """Nothing is subtracted from nothing."""
    decision = decided(Saying(execution=Quote(state=QuoteState.HALTED)), Saying(execution=a_quote()))

    assert decision is not None
    assert decision.apart == QuotesApart(source="b")
