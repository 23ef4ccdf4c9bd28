"""Windows on the road: what a bust, a correction and a gap do to what was counted, whatever the cuts."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import QuoteState
from rules.finding import Finding
from rules.observed import Row
from rules.reassessment import Verdict
from service.core import Core
from service.journal import Entry
from service.processed import Processed
from service.reassess import _executed_otherwise
from service.uncertain import Uncertain
from tests.factories import a_fill
from tests.factories_requote import a_requote
from tests.factories_road import (
    REGISTER,
    SteadyQuotes,
    a_bust,
    a_correction,
    a_journal,
    a_tick,
    a_trade,
    an_order,
    at,
    digests,
    quote_at,
    run,
    versions,
)

SPREADS = "rules: {wide_effective_spread: {parameters: {minimum: 2, repeat_after: 1}}}"
MARKS = """
rules:
  adverse_reversion: {parameters: {minimum: 2, repeat_after: 1, at_most: "0", adverse_at_least: 0 %}}
"""
FADES = "rules: {quote_fade: {parameters: {minimum: 5, confidence: 95 %}}}"
MARKET = {"_40": "1", "_44": None}
RESENT = {"_43": "Y"}
DEAR = "185.00"
USABLE = [second for second in range(2, 200) if quote_at(at(second)).state is QuoteState.NORMAL]


def falling(second: int) -> bool:
    """Return whether the formula's midpoint is lower a second later, both quotes usable."""
    now, then = quote_at(at(second)), quote_at(at(second + 1))
    return now.state.usable and then.state.usable and middle(second + 1) < middle(second)


def middle(second: int) -> int:
    """Return the doubled midpoint of the formula's market."""
    quote = quote_at(at(second))
    assert quote.bid is not None
    assert quote.offer is not None
    return quote.bid + quote.offer


FALLING = [second for second in range(2, 200) if falling(second)]


def bought(number: int, second: int, name: str, paid: str = DEAR, **by_tag: object) -> list[Entry]:
    """Return the acknowledgement of a market order and its execution in the same second."""
    order = an_order(number, second, f"O{name}", **MARKET)
    return [order, a_trade(number + 1, second, f"O{name}", name, _31=paid, **MARKET, **by_tag)]


def counted(entries: list[Entry], rule: str, rulebook: str) -> tuple[list[Row], Processed]:
    """Run the entries; return what the windows of a rule hold in the end, and all that they came to."""
    core = Core()
    done = run(a_journal(entries, versions(register=REGISTER, rulebook=rulebook)), core=core)
    return [row for state in core.engine.snapshot().windows[rule] for row in state.rows], done


def of(rule: str, found: list[Finding]) -> list[Finding]:
    """Return the findings of one rule."""
    return [finding for finding in found if finding.rule == rule]


def test_a_bust_takes_its_execution_out_of_the_window() -> None:
    """Later, what is counted is as if it had never been."""
    first, second, third = USABLE[:3]
    both = [*bought(1, first, "E1"), *bought(3, second, "E2")]

    rows, done = counted([*both, a_bust(5, third, "OE1", "B1", "E1")], "wide_effective_spread", SPREADS)
    alone, _ = counted(bought(3, second, "E2"), "wide_effective_spread", SPREADS)

    assert rows == alone
    assert [finding.sample_count for finding in of("wide_effective_spread", done.findings)] == [2]


def test_a_correction_counts_its_execution_as_it_is_now() -> None:
    """Once, at its own time, with its new price and quantity."""
    first, third = USABLE[0], USABLE[2]
    corrected = a_correction(3, third, "OE1", "C1", "E1", _31="190.00", _32="40", **MARKET)

    rows, _ = counted([*bought(1, first, "E1"), corrected], "wide_effective_spread", SPREADS)
    plain, _ = counted(bought(1, first, "E1", "190.00", _32="40"), "wide_effective_spread", SPREADS)

    assert rows == plain
    assert len(rows) == 1


@pytest.mark.parametrize("corrected", [False, True])
def test_marks_of_an_execution_that_is_amended_are_out(corrected: bool) -> None:  # noqa: FBT001 - a case
    """A correction's marks from before it are counted as not evaluated; those to come are right."""
    first = FALLING[0]
    amend = (a_correction if corrected else a_bust)(3, first + 3, "OE1", "X1", "E1", **(MARKET if corrected else {}))
    entries = [*bought(1, first, "E1"), a_tick(first + 2)]

    before, _ = counted(entries, "adverse_reversion", MARKS)
    after, done = counted([*entries, amend], "adverse_reversion", MARKS)

    assert (len(before), after) == (1, [])
    said = [reason for _, rule, reason in done.skipped if rule == "adverse_reversion" and "mark" in reason]
    assert said == (["corrected after its mark"] if corrected else [])


def in_a_gap(*later: Entry, rulebook: str = SPREADS) -> Processed:
    """Run two executions behind a gap of two messages, which then come."""
    first, second = USABLE[4:6]
    entries = [an_order(1, 1, "O0"), *bought(4, first, "E1"), *bought(6, second, "E2"), *later]
    return run(a_journal(entries, versions(register=REGISTER, rulebook=rulebook)))


def test_a_finding_on_a_window_is_looked_at_again_without_what_was_busted_in_the_gap() -> None:
    """Of two executions one is left: not enough data."""
    third = USABLE[6]

    done = in_a_gap(a_bust(2, third, "OE1", "B1", "E1", **RESENT), an_order(3, third, "O9", **RESENT))

    (finding,) = of("wide_effective_spread", done.findings)
    (look,) = (one for one in done.reassessments if one.finding_id == finding.finding_id)
    assert finding.uncertain
    assert (look.verdict, look.reason) == (
        Verdict.WITHDRAWN,
        "its executions were counted anew: the rule does not judge it (not enough data)",
    )


def test_a_finding_on_a_window_changes_with_what_was_corrected_in_the_gap() -> None:
    """And one on which nothing bears stands."""
    third = USABLE[6]
    plain = [an_order(number, third, f"O{number}", **RESENT) for number in (2, 3)]
    corrected = a_correction(2, third, "OE1", "C1", "E1", _31="190.00", **RESENT, **MARKET)

    verdicts = []
    for messages in (plain, [corrected, plain[1]]):
        done = in_a_gap(*messages)
        names = {finding.finding_id for finding in of("wide_effective_spread", done.findings)}
        verdicts.append([look.verdict for look in done.reassessments if look.finding_id in names])

    assert verdicts[0] == [Verdict.STANDS]
    assert verdicts[1][0] is Verdict.CHANGED


def test_a_finding_on_marks_is_looked_at_again_without_those_of_a_bust_in_the_gap() -> None:
    """The marks are taken while messages are missing; one of their executions turns out to be none."""
    first, second = FALLING[:2]
    entries = [
        an_order(1, 1, "O0"),
        *bought(4, first, "E1"),
        *bought(6, second, "E2"),
        a_tick(second + 2),
        a_bust(2, second + 3, "OE1", "B1", "E1", **RESENT),
        an_order(3, second + 3, "O9", **RESENT),
    ]

    done = run(a_journal(entries, versions(register=REGISTER, rulebook=MARKS)))

    (finding,) = of("adverse_reversion", done.findings)
    (look,) = (one for one in done.reassessments if one.finding_id == finding.finding_id)
    assert (finding.uncertain, look.verdict) == (True, Verdict.WITHDRAWN)


def test_a_finding_on_fades_stands_when_the_messages_have_come() -> None:
    """Quotes are no messages: five parents each met a dearer offer with their second child."""
    fading = [second for second in range(2, 400) if fades(second)][:5]
    children = [
        an_order(4 + 2 * n + m, second + m, f"C{n}-{m}", _526=f"P{n}")
        for n, second in enumerate(fading)
        for m in range(2)
    ]
    missing = [an_order(number, 500, f"O{number}", **RESENT) for number in (2, 3)]

    done = run(
        a_journal([an_order(1, 1, "O0"), *children, a_tick(450), *missing], versions(register=REGISTER, rulebook=FADES))
    )

    (finding,) = of("quote_fade", done.findings)
    (look,) = (one for one in done.reassessments if one.finding_id == finding.finding_id)
    assert (finding.uncertain, look.verdict) == (True, Verdict.STANDS)


def fades(second: int) -> bool:
    """Return whether the formula's offer is higher a second later, and was not higher than a second before."""
    before, now, then = (quote_at(at(second + moved)) for moved in (-1, 0, 1))
    if not (before.state.usable and now.state.usable and then.state.usable):
        return False
    assert before.offer is not None
    assert now.offer is not None
    assert then.offer is not None
    return before.offer >= now.offer < then.offer


def test_an_execution_that_memory_let_go_of_stays_as_it_was_counted() -> None:
    """Nothing tells what it is now."""
    fill = msgspec.structs.replace(a_fill(), uncertain=True)
    held = Uncertain(counterparty="demo", executions={fill.execution_id: fill})

    assert _executed_otherwise(held, Core()._ledger.book("demo")) == []


def test_an_execution_that_is_held_is_counted_by_its_late_quotes() -> None:
    """And one from before the messages were missing is held by nobody."""
    then = a_fill()
    now = msgspec.structs.replace(then, at_execution=a_fill(execution_state="crossed").at_execution)
    held, empty = Uncertain(counterparty="demo", executions={then.execution_id: then}), Uncertain(counterparty="demo")

    held.requote(now)
    empty.requote(now)

    assert (held.executions, empty.executions) == ({then.execution_id: now}, {})


def test_late_quotes_are_counted_from_then_on() -> None:
    """The window holds what the quote at receipt makes of the execution now; its finding stands as it was counted."""
    first, second = USABLE[:2]
    wide = msgspec.structs.replace(quote_at(at(first)), bid=180 * 10**9, offer=190 * 10**9)
    entries = [*bought(1, first, "E1"), *bought(3, second, "E2")]

    before, _ = counted(entries, "wide_effective_spread", SPREADS)
    after, _ = counted([*entries, a_requote(0, second + 1, receipt=wide)], "wide_effective_spread", SPREADS)

    assert before[1] == after[1]
    assert (after[0].value, after[0].other) == (0, 10 * 10**9 * 100 * 10**6)


def test_a_late_quote_for_a_corrected_execution_counts_the_correction() -> None:
    """Not the execution as it was first reported."""
    first, second = USABLE[:2]
    wide = msgspec.structs.replace(quote_at(at(first)), bid=180 * 10**9, offer=190 * 10**9)
    corrected = a_correction(3, second, "OE1", "C1", "E1", _31="187.00", **MARKET)
    entries = [*bought(1, first, "E1"), corrected, a_requote(0, second + 1, receipt=wide)]

    (row,), _ = counted(entries, "wide_effective_spread", SPREADS)

    assert row.value == 4 * 10**9 * 100 * 10**6


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_cuts_and_restarts_change_nothing_that_windows_say(batch: int) -> None:
    """A snapshot, and back, after every so many records."""
    entries = [*bought(1, USABLE[0], "E1"), *bought(3, USABLE[1], "E2"), a_bust(5, USABLE[2], "OE1", "B1", "E1")]
    entries += [*bought(6, USABLE[3], "E3"), a_tick(400)]
    journal = a_journal(entries, versions(register=REGISTER, rulebook=SPREADS))
    core, quotes, done = Core(), SteadyQuotes(), Processed(upto=0)

    for n, record in enumerate(journal.records):
        prepared = core.prepare(record)
        for day in prepared.missing_days:
            core.load_keys(record.counterparty, day, {})
        prepared = core.prepare(record)
        core.apply(prepared, quotes.decide(prepared.request, at(0)) if prepared.request else None, done)
        if n % batch == 0:
            state, core = core.snapshot(), Core()
            core.restore(state)

    assert of("wide_effective_spread", done.findings)
    assert digests(done.findings) == digests(run(journal).findings)
