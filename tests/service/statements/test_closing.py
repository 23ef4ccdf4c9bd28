"""The close of a day: negative assurance that claims no more than was done."""

from __future__ import annotations

from typing import Any

from service.statements.closing import (
    Certified,
    CloseOfDay,
    Digests,
    Exceptions,
    FillsOnly,
    Marked,
    NotJudged,
    assurance,
    close_lines,
    needs_comment,
)
from tests.factories_statements import DAY

LIMITS = (
    "This says nothing of what was not reported here, of executions that were not evaluated, or of conduct that no "
    "rule in force looks for."
)
GOOD = Certified(counterparty="demo", session="S", state="reconciled", seq=3, hash="ab" * 32)


def a_close(**named: Any) -> CloseOfDay:
    """Return a day of 1,000 executions on which nothing was found."""
    usual: dict[str, Any] = {
        "trade_date": DAY,
        "upto": 5_000,
        "executions": 1_000,
        "busted": 0,
        "corrected": 0,
        "evaluated": 1_000,
        "not_evaluated": {},
        "quote_states": {"normal": 1_000},
        "orders": 300,
        "orders_unclear": 0,
        "findings": 0,
        "ungathered": 0,
        "exceptions": (),
        "certificates": (GOOD,),
        "uncertain": 0,
        "undecodable": 0,
        "unprocessed": 0,
        "rules": 20,
        "rules_off": (),
        "rulebooks": ("cd" * 32,),
    }
    return CloseOfDay(**{**usual, **named})


def test_a_quiet_day_is_stated_with_its_numbers_and_its_limits() -> None:
    """Never more than was done."""
    assert list(assurance(a_close())) == [
        f"Of 1,000 executions reported for trade date {DAY}, 1,000 were evaluated against the market and 0 were not.",
        "By the 20 rules in force (rulebook cdcdcdcdcdcd) 0 exceptions came of 0 findings; no exception was found.",
        LIMITS,
    ]
    assert not needs_comment(a_close())


def test_what_was_not_evaluated_is_said_with_every_reason() -> None:
    """And which rules were off."""
    close = a_close(
        evaluated=990,
        not_evaluated={"execution absent": 7, "auction": 3},
        findings=5,
        exceptions=(Exceptions(rule="slow_fill", severity="medium", state="new", cases=1, findings=5),),
        rules_off=("poor_fill", "no_quote"),
    )

    first, second, *_ = assurance(close)

    assert first.endswith("990 were evaluated against the market and 10 were not: execution absent 7, auction 3.")
    assert second == (
        "By the 20 rules in force (rulebook cdcdcdcdcdcd), 2 more being switched off, 1 exception came of 5 findings; "
        "no exception other than those listed was found."
    )


def test_what_rules_did_not_evaluate_is_said_by_rule_and_reason() -> None:
    """In one sentence, and in the list."""
    close = a_close(
        not_judged=(
            NotJudged(rule="poor_fill", reason="resting", facts=5),
            NotJudged(rule="slow_fill", reason="resting", facts=1_000),
            NotJudged(rule="slow_fill", reason="auction", facts=7),
        ),
        not_judged_whole=False,
    )

    told, lines = list(assurance(close)), list(close_lines(close))

    assert told[2].startswith("1,012 times one of 2 rules did not evaluate a fact that was put to it, because it could")
    assert told[3] == "An earlier version of this program recorded some of the day without counting that by rule."
    assert lines[-2:] == [
        "  not evaluated by poor_fill: resting 5",
        "  not evaluated by slow_fill: resting 1,000, auction 7",
    ]


def test_a_copy_of_fills_only_is_said_with_what_it_means() -> None:
    """Its fill rate is 100 % by its making; with our own orders there is another source."""
    alone = FillsOnly(counterparty="demo", executions=3, own_orders=False)

    told = list(assurance(a_close(fills_only=(alone, FillsOnly(counterparty="x", executions=1, own_orders=True)))))

    assert told[-2] == (
        "demo: the copy tells of fills only (3 executions, no report of an order): every order that it shows has a "
        "fill, so its fill rate by order is 100 % whatever was not filled: fill_rate_drop and fill_rate_overall prove "
        "nothing, and poor_fill sees only orders that were filled in part."
    )
    assert told[-1] == (
        "x: the copy tells of fills only (1 execution, no report of an order): what was not filled is known from our "
        "own orders alone."
    )


def test_every_reservation_is_a_sentence() -> None:
    """Not complete, not certified, not readable, not processed, not settled."""
    close = a_close(
        certificates=(
            Certified(counterparty="demo", session="S", state="red", seq=3, hash="ab" * 32),
            Certified(counterparty="other", session="T", state=None),
        ),
        undecodable=1,
        unprocessed=2,
        uncertain=3,
        ungathered=4,
        rules=0,
        rulebooks=(),
    )

    told = list(assurance(close))

    assert told[1].startswith("By the rules in force (rulebook unknown) ")
    assert told[3:] == [
        "demo S is not complete: what is missing was not reviewed.",
        "other T is without a certificate: what is missing was not reviewed.",
        "4 findings were not gathered into exceptions yet.",
        "1 message could not be read and was not reviewed.",
        "2 journal records were not processed yet.",
        "3 findings made while messages were missing were not settled.",
    ]
    assert needs_comment(close)


def test_a_day_that_is_only_not_settled_needs_a_comment_too() -> None:
    """Whoever signs says why."""
    assert needs_comment(a_close(uncertain=1))
    assert needs_comment(a_close(unprocessed=1))
    assert needs_comment(a_close(ungathered=1))


def test_a_day_without_any_session_says_so() -> None:
    """Nothing is known to be complete."""
    close = a_close(certificates=())

    assert list(assurance(close))[-1] == "No session is known of this day, and no completeness is certified."
    assert needs_comment(close)


def test_the_lines_hold_all_that_the_statement_holds() -> None:
    """For the terminal."""
    close = a_close(
        exceptions=(Exceptions(rule="slow_fill", severity="medium", state="new", cases=2, findings=1),),
        rules_off=("poor_fill",),
        certificates=(GOOD, Certified(counterparty="other", session="T", state=None)),
    )

    assert list(close_lines(close))[-7:] == [
        "  executions: 1,000, of them busted 0, corrected 0",
        "  quotes at execution: normal 1,000",
        "  orders ended: 300, of them without a known marketability 0",
        "  exceptions: 2 medium slow_fill new, 1 finding",
        "  demo S: session complete and reconciled with our own orders (statement 3, abababababab)",
        "  other T: no certificate",
        "  rules switched off: poor_fill",
    ]
    assert not any("quotes at" in told for told in close_lines(a_close(quote_states={})))


def test_the_market_after_the_executions_is_said_with_what_was_of_no_use() -> None:
    """Not by a version that did not look at it."""
    whole = a_close(marked=Marked(executions=990, taken=4_950, unusable={}))
    torn = a_close(marked=Marked(executions=1, taken=1, unusable={"mark crossed": 1}))

    lines = [[line for line in close_lines(close) if "after execution" in line] for close in (whole, torn, a_close())]

    assert lines == [
        ["  after execution: 4,950 quotes taken for 990 of 1,000 executions"],
        ["  after execution: 1 quote taken for 1 of 1,000 executions, of them without use: mark crossed 1"],
        [],
    ]


def test_the_digests_of_the_day_are_stated() -> None:
    """So that a second run, and the paper, can be held against what is recorded."""
    digests = Digests(market="aa", feed="bb", looks="cc", findings=3, second_looks=1)

    assert "  digests: market aa, feed bb, second looks cc" in close_lines(a_close(digests=digests))
