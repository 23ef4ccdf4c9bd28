"""Refusals are reported when they are many and more than chance explains, with the commonest reason."""

from __future__ import annotations

from typing import Any

import pytest

from rules.catalogue import reject_burst
from rules.facts import SECOND, OrderChanged
from rules.finding import Finding
from rules.instruments import TEST
from rules.rule import NotEvaluated
from tests.factories import NOON, a_change, a_quote
from tests.factories_rules import an_engine, found


def answers(refused: int, taken: int, reason: str | None = None, **named: Any) -> list[OrderChanged]:
    """Return so many orders of each kind, a second apart, the refused ones last."""
    kinds = ["new"] * taken + ["rejected"] * refused
    words = [None if reason is None else f"{reason} {n % 3}" for n in range(len(kinds))]
    return [
        a_change(kind=kind, order_key=f"O{n}", at=NOON + n * SECOND, waited="1 ms", reason=words[n], **named)
        for n, kind in enumerate(kinds)
    ]


def bursts(changes: list[OrderChanged], limits: str = "") -> list[Finding]:
    """Return what the rule finds on the changes."""
    rulebook = f"rules: {{reject_burst: {{parameters: {{{limits}}}}}}}"
    return [finding for finding in found(an_engine(rulebook), changes) if finding.rule == "reject_burst"]


@pytest.mark.parametrize(
    ("refused", "taken", "limits", "reported"),
    [
        (10, 0, "", 1),
        (9, 30, "", 0),
        (10, 30, "", 1),
        (10, 110, "", 0),
        (10, 110, "share_at_most: 0 %", 1),
        (1, 30, "at_least: 1", 0),
        (6, 4, "at_least: 1", 1),
        (6, 3, "at_least: 1", 0),
    ],
)
def test_both_the_number_and_the_share_must_be_high(refused: int, taken: int, limits: str, reported: int) -> None:
    """Ten of forty are more than five per cent by any chance; ten of a hundred and twenty may be less."""
    assert len(bursts(answers(refused, taken), limits)) == reported


def test_the_finding_names_the_commonest_reason_and_both_bounds() -> None:
    """Of equally common ones it is always the same."""
    (finding,) = bursts(answers(10, 0, "limit"))

    assert (finding.values["reason"], finding.values["of_this_reason_count"]) == ("limit 0", 4)
    assert (finding.values["refused_count"], finding.values["orders_count"]) == (10, 10)
    assert finding.values["refused_ratio_ppm"] == finding.values["upper_ratio_ppm"] == 1_000_000
    assert "The commonest reason: limit 0 (4)." in finding.sentence
    assert (finding.cause, finding.venue) == ("rejects: venue XNYS", "XNYS")


def test_refusals_without_a_venue_or_reason_are_the_vendor_s() -> None:
    """Most copies name no venue on a reject."""
    (finding,) = bursts(answers(10, 0, venue="venue_unknown"))

    assert finding.cause == "rejects: counterparty demo"
    assert finding.values["reason"] == "no reason given"


def test_one_order_s_refusal_is_counted_once() -> None:
    """A copy of the same answer is none; another venue's orders are counted apart."""
    again = answers(9, 0) * 2 + answers(9, 0, venue="XNAS")

    assert bursts(again) == []


def test_a_test_symbol_is_refused_for_nothing() -> None:
    """It is left out, and that is counted; what answers no order is not looked at."""
    tested = a_change(kind="rejected", waited="1 ms", receipt=a_quote(None, None, "absent", note=TEST))

    assert reject_burst.observe(tested, {}) == NotEvaluated(TEST)
    assert reject_burst.observe(a_change(kind="rejected"), {}) is None
