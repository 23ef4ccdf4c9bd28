"""Two quote sources on the whole road: who was taken, what the other said, and the same findings on a second run."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos, Price, Quote, QuoteState
from rules.finding import Finding
from service.core import Core
from service.market.ranked_quotes import Ranked, RankedQuotes
from service.market.recorded_quotes import NoQuotes
from service.pipeline import Pipeline
from service.ports import QuoteRequest, Quotes
from service.processed import Decision, Processed
from service.stored_quotes import StoredQuotes
from tests.factories import price
from tests.factories_road import SteadyQuotes, a_journal, a_trade, an_order, digests, go_on
from tests.fakes_store import FakeJournal, FakeStore

FIVE_CENTS = price("0.05")


class Dearer(SteadyQuotes):
    """The same market, five cents dearer."""

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Return it."""
        decision = super().decide(request, now)
        receipt, execution = dearer(decision.at_receipt), dearer(decision.at_execution)
        return msgspec.structs.replace(decision, at_receipt=receipt, at_execution=execution)


def dearer(quote: Quote | None) -> Quote | None:
    """Return the quote with both sides five cents higher, in a market that is never crossed."""
    if quote is None or quote.bid is None or quote.offer is None:
        return quote
    bid, offer = Price(quote.bid + FIVE_CENTS), Price(quote.offer + FIVE_CENTS)
    return msgspec.structs.replace(quote, bid=bid, offer=offer, state=QuoteState.NORMAL)


def executions(count: int) -> FakeJournal:
    """Return a journal of so many orders, each executed a second later."""
    entries = []
    for n in range(count):
        name, second = f"O{n}", 2 * n + 1
        entries += [an_order(2 * n + 1, second, name), a_trade(2 * n + 2, second + 1, name, f"X{n}")]
    return a_journal(entries)


def run(journal: FakeJournal, quotes: Quotes) -> FakeStore:
    """Run the journal with these quotes."""
    store = FakeStore()
    go_on(Pipeline(journal=journal, store=store, quotes=quotes, core=Core()))
    return store


def of_rule(processed: Processed, rule: str) -> list[Finding]:
    """Return the findings of one rule."""
    return [finding for finding in processed.findings if finding.rule == rule]


def test_an_execution_names_its_source_and_carries_what_the_other_said() -> None:
    """The first where it has an answer; the market that it calls crossed is taken from the second."""
    made = run(executions(12), RankedQuotes(Ranked("own", SteadyQuotes()), Ranked("plan", Dearer()))).recorded

    sources = {(fill.fill.quote_source, fill.fill.at_execution.state) for fill in made.fills}
    apart = {
        (fill.fill.quote_source, compared.source, compared.bid)
        for fill in made.fills
        if (compared := fill.fill.quotes_apart) is not None
    }
    assert sources == {("own", QuoteState.NORMAL), ("own", QuoteState.LOCKED), ("plan", QuoteState.NORMAL)}
    assert apart == {("own", "plan", -FIVE_CENTS), ("plan", "own", FIVE_CENTS)}
    assert all(fill.decision.source == fill.fill.quote_source for fill in made.fills)


def test_a_disagreement_is_a_finding_and_the_same_one_from_what_was_recorded() -> None:
    """A second run asks no source: recovery and verification see what was seen then."""
    journal = executions(12)
    first = run(journal, RankedQuotes(Ranked("own", SteadyQuotes()), Ranked("plan", Dearer())))

    again = run(journal, StoredQuotes(first))

    (finding,) = of_rule(first.recorded, "quotes_disagree")
    assert finding.values["compared_with"] == "plan"
    assert "disagreed on the quote at 5 execution(s) in the window: by 0.05 in the middle" in finding.sentence
    assert digests(again.recorded.findings) == digests(first.recorded.findings)


def test_executions_that_nobody_could_judge_are_a_finding_above_the_rate() -> None:
    """Without any source, fifty executions at one venue are enough to say so."""
    made = run(executions(50), NoQuotes()).recorded

    (finding,) = of_rule(made, "not_evaluated_rate")
    assert (finding.values["not_evaluated_count"], finding.values["executions_count"]) == (50, 50)
    assert finding.values["last_reason"] == "execution absent: no quote source"
