"""Late quotes for the tests of the road: records that say so, and stories in which they come."""

from __future__ import annotations

from rules.facts import Quote, QuoteState
from rules.reassessment import Reassessment, Verdict
from service.journal import Entry
from service.processed import Decision, Processed, Requoted, RequotedKind
from service.requote import Requote, requote_entry
from tests.factories import price, shares
from tests.factories_road import at, versions

FIRST = len(versions()) + 1
"""The offset of the first message behind the versions in force."""


def a_market(bid: str, offer: str, seconds: float = 0.5) -> Quote:
    """Return a quote of that second."""
    size = shares("300")
    return Quote(
        state=QuoteState.NORMAL, bid=price(bid), bid_size=size, offer=price(offer), offer_size=size, at=at(seconds)
    )


WIDE = a_market("100.00", "300.00")
"""A market in which nothing lies outside."""
LOW = a_market("100.00", "100.02")
"""A market above whose offer everything was bought."""


def a_requote(place: int, seconds: float, *, receipt: Quote | None = None, execution: Quote | None = None) -> Entry:
    """Return that the n-th message (from 0) is to be judged by these quotes."""
    now = Decision(at_receipt=receipt, at_execution=execution, reason="late")
    made = Requote(offset=FIRST + place, now=now, reason="a quote came late")
    return requote_entry(made, at(seconds))


def verdicts(processed: Processed, rule: str = "outside_nbbo") -> list[tuple[str, Verdict]]:
    """Return the second looks at the findings of a rule, by the last part of their subject, in order."""
    subjects = {finding.finding_id: finding.subject.rsplit("/", 1)[-1] for finding in processed.findings}
    return [(subjects[look.finding_id], look.verdict) for look in looks(processed) if look.rule == rule]


def looks(processed: Processed) -> list[Reassessment]:
    """Return the second looks that were taken for late quotes."""
    return [look for look in processed.reassessments if look.why == "quotes"]


def found(processed: Processed, rule: str = "outside_nbbo") -> list[str]:
    """Return what the findings of a rule are about, by the last part of their subject, in order."""
    return [finding.subject.rsplit("/", 1)[-1] for finding in processed.findings if finding.rule == rule]


def stated(processed: Processed, kind: RequotedKind = RequotedKind.EXECUTION) -> list[Requoted]:
    """Return what late quotes state anew of that kind, in order."""
    return [row for row in processed.requotes if row.kind is kind]
