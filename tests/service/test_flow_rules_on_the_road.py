"""From FIX bytes to findings: where the flow went, and quotes that lag behind it; the same in every replay."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos
from rules.finding import Finding
from service.core import Core
from service.journal import Entry
from service.market.recorded_quotes import NoQuotes, RecordedQuotes
from service.pipeline import Pipeline
from service.ports import QuoteRequest
from service.processed import Decision, Processed
from tests.factories import length
from tests.factories_road import SteadyQuotes, a_journal, a_pipeline, a_trade, digests, go_on, run, versions
from tests.fakes_store import FakeStore

REGISTER = """
- {venue: XNYS, name: NYSE, approved_from: 2000-01-01, routing_share: 50 %, sessions: [opening, closing]}
- {venue: XNAS, name: Nasdaq, approved_from: 2000-01-01, routing_share: 50 %}
- {venue: ARCX, name: Arca, approved_from: 2000-01-01, pays_for_order_flow: true}
"""
LAG = length("3 s")


def fills(*venues: str) -> list[Entry]:
    """Return executions of 100 IBM, one at each of these venues (30), a second apart."""
    return [a_trade(n, n, f"O{n}", f"E{n}", _30=venue) for n, venue in enumerate(venues, 1)]


def found(processed: Processed, rule: str) -> list[Finding]:
    """Return what a rule found."""
    return [finding for finding in processed.findings if finding.rule == rule]


def told(entries: list[Entry]) -> Processed:
    """Run the entries under the register; return all that they came to."""
    return run(a_journal(entries, versions(register=REGISTER)))


@pytest.mark.parametrize(
    ("venues", "drift", "concentrated"),
    [
        (["XNAS"] * 100, "XNYS", "venue XNAS"),
        (["XNAS", "ARCX", "XNYS", "ARCX", "ARCX"] * 20, "XNYS", "venues that pay"),
        (["XNAS", "XNYS"] * 50, None, None),
    ],
)
def test_the_flow_is_held_to_the_policy_and_to_the_caps(
    venues: list[str], drift: str | None, concentrated: str | None
) -> None:
    """A hundred executions are enough data; the policy and who pays stand in the register."""
    done = told(fills(*venues))

    assert [finding.values["venue"] for finding in found(done, "routing_drift")] == ([drift] if drift else [])
    assert [finding.values["concentrated"] for finding in found(done, "venue_concentration")] == (
        [concentrated] if concentrated else []
    )


def test_a_venue_that_is_not_approved_for_the_session_is_a_finding() -> None:
    """On a calendar that is always open every execution is in regular hours."""
    (finding,) = found(told(fills("XNYS", "XNAS")), "unexpected_venue")

    assert (finding.values["reason"], finding.values["session_of_day"]) == ("session", "regular")
    assert finding.sentence.endswith("at XNYS, which is approved in opening, closing, not in regular.")


class LaggingQuotes(SteadyQuotes):
    """Quotes whose source has never come as far as the execution."""

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Return the steady quotes, with the mark three seconds behind."""
        steady, asked = super().decide(request, now), request.execution_at
        if asked is None:
            return steady
        return msgspec.structs.replace(steady, mark=Nanos(asked - LAG), reason="bound", source="mqtt")


def test_quotes_that_lag_are_a_finding_and_the_recorded_decisions_tell_it_again() -> None:
    """Nothing of it comes from a clock: a replay by what was recorded finds the same."""
    journal, live, again = a_journal(fills(*["XNAS"] * 10), versions(register=REGISTER)), FakeStore(), FakeStore()
    go_on(Pipeline(journal=journal, store=live, quotes=LaggingQuotes(), core=Core(), batch=3))
    recorded = RecordedQuotes({made.fill.offset: made.decision for made in live.recorded.fills}, NoQuotes())

    go_on(Pipeline(journal=journal, store=again, quotes=recorded, core=Core()))

    (finding,) = found(live.recorded, "quote_source_lag")
    assert finding.cause == "quote source mqtt"
    assert (finding.values["median_ns"], finding.values["lasted_ns"]) == (LAG, length("5 s"))
    assert digests(again.recorded.findings) == digests(live.recorded.findings)


def test_without_a_source_nothing_lags_and_that_is_counted() -> None:
    """The formula's decisions carry no mark: there was no source that could lag."""
    store = FakeStore()
    go_on(a_pipeline(a_journal(fills(*["XNAS"] * 10)), store))

    assert found(store.recorded, "quote_source_lag") == []
    assert ("quote_source_lag", "no live source") in {(rule, why) for _, rule, why in store.recorded.skipped}
