"""An answer is late by the vendor's clock, else by the firm's and his; what no stamp decides is not evaluated."""

from __future__ import annotations

from typing import Any

import pytest

from rules.catalogue import slow_ack, slow_cancel
from rules.finding import Draft, Severity
from rules.instruments import TEST
from rules.rule import NotEvaluated
from tests.factories import a_change, a_quote, length

LIMITS = {"at_most": length("1 s"), "firm_at_most": length("2 s")}
TESTED = a_quote(None, None, "absent", note=TEST)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"waited": "1 s"}, None),
        ({"waited": "1 s", "firm_waited": "2 s"}, None),
        ({"waited": "1.5 s", "grain": "1 ms"}, Draft),
        ({"waited": "1.5 s", "grain": "1 s"}, "stamp too coarse"),
        ({"waited": "1.5 s", "grain": "1 s", "firm_waited": "3 s"}, Draft),
        ({"waited": "1.5 s", "grain": "1 s", "firm_waited": "2.5 s", "firm_grain": "1 s"}, "stamp too coarse"),
        ({"unknown": "clock suspect"}, "clock suspect"),
        ({"unknown": "clock suspect", "firm_waited": "1 s"}, "clock suspect"),
        ({"unknown": "clock suspect", "firm_waited": "3 s"}, Draft),
        ({"waited": "9 s", "receipt": TESTED}, TEST),
    ],
)
def test_a_wait_is_judged_by_what_its_stamps_can_tell(named: dict[str, Any], expected: Any) -> None:
    """The limit itself is in time; either interval may be beyond its own limit by more than its grain."""
    found = slow_ack.check(a_change(kind="new", **named), LIMITS)

    if expected is Draft:
        assert isinstance(found, Draft)
    else:
        assert found == (None if expected is None else NotEvaluated(expected))


@pytest.mark.parametrize(
    ("named", "cause"),
    [
        ({}, "acknowledgements: venue XNYS"),
        ({"venue": "venue_unknown"}, "acknowledgements: counterparty demo"),
        ({"directed": True}, "acknowledgements: counterparty demo"),
    ],
)
def test_a_venue_that_the_customer_chose_is_not_the_cause(named: dict[str, Any], cause: str) -> None:
    """A venue that no report names is none either."""
    found = slow_ack.check(a_change(kind="new", waited="3 s", **named), LIMITS)

    assert isinstance(found, Draft)
    assert found.cause == cause


def test_the_vendor_s_clock_goes_before_two_clocks() -> None:
    """Both intervals are told; the clocks are those of the one that decided."""
    by_vendor = slow_ack.check(a_change(kind="new", waited="3 s", firm_waited="4 s"), LIMITS)
    by_both = slow_ack.check(a_change(kind="new", waited="1 s", firm_waited="4 s"), LIMITS)

    assert isinstance(by_vendor, Draft)
    assert isinstance(by_both, Draft)
    assert by_vendor.clocks is None
    assert by_vendor.sentence == "The order O1 in XYZ was acknowledged after 3 s; at most 1 s is allowed."
    assert by_both.clocks is not None
    assert by_both.values["waited_ns"] == length("1 s")
    assert by_both.sentence.endswith("after 4 s (between two clocks); at most 2 s is allowed.")


def test_neither_rule_speaks_of_what_the_other_judges() -> None:
    """An acknowledgement is no cancel."""
    acked, canceled = a_change(kind="new", waited="3 s"), a_change(kind="canceled", waited="3 s")

    assert slow_cancel.check(acked, LIMITS) is None
    assert slow_ack.check(canceled, LIMITS) is None
    found = slow_cancel.check(a_change(kind="canceled", waited="3 s", executed_meanwhile="5"), LIMITS)
    assert isinstance(found, Draft)
    assert found.severity is Severity.HIGH
    assert found.sentence.endswith("was done after 3 s; at most 1 s is allowed. 5 shares were executed meanwhile.")
