"""Values on the wire: exact, never floats."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from rules.finding import Value
from service.cases.rules import DEFAULTS
from service.cases.states import Action
from service.incidents import Kind, Outline, Trouble
from service.market.around import Around
from service.market.around import Told as ToldQuote
from service.quote_evidence import FindingQuotes
from service.web.api.forms.case import exception_line, outline
from service.web.api.forms.common import Number, dollars_of, instant_of, named
from service.web.api.forms.evidence import findings, quotes
from service.web.api.forms.work import precision
from tests.factories import price
from tests.factories_cases import NOON, a_case, a_finding, a_look


@pytest.mark.parametrize(
    ("name", "value", "exact"),
    [
        ("outside_price", 50_000_000, "0.05"),
        ("executed_shares", 900_500_000, "900.5"),
        ("filled_ratio_ppm", 610_000, "0.61"),
        ("time_to_fill_ns", 1_377_000_000, 1_377_000_000),
        ("orders_count", 120, 120),
        ("crossed", True, True),
        ("venue", "XBOS", "XBOS"),
        ("venue", None, None),
    ],
)
def test_a_value_is_told_exactly_in_the_unit_of_its_name(name: str, value: Value, exact: Value) -> None:
    """Prices, shares and ratios as decimal text, the rest as it is."""
    assert named(name, value).value == exact


def test_a_number_that_json_calls_an_integer_is_one_and_no_other() -> None:
    """7.0 is; a bool, a text and a half are not."""
    whole = TypeAdapter(Number)

    assert whole.validate_python(7.0) == 7
    for wrong in (True, "7", 7.5, None, 0):
        with pytest.raises(ValidationError):
            whole.validate_python(wrong)


def test_what_is_not_known_is_null() -> None:
    """Neither zero nor nothing at all."""
    assert (dollars_of(None), instant_of(None)) == (None, None)


def test_a_clock_says_what_it_does_and_one_that_is_only_shown_says_nothing() -> None:
    """A new exception escalates; its closing is only shown."""
    told = {one.what: one.action for one in exception_line(a_case(a_finding()), DEFAULTS, NOON).clocks}

    assert told == {"to be acknowledged": Action.ESCALATE_OVERDUE.value, "to be closed": None}


def test_the_second_looks_at_a_finding_stand_beside_it() -> None:
    """And a list that is longer than its page says how it goes on."""
    first, second = a_finding(1, clocks=("ours", "theirs")), a_finding(2)

    told = findings([(9, first), (8, second)], {first.finding_id: (a_look(first),)}, 1)

    assert told.next == 9
    assert [look.verdict for look in told.findings[0].second_looks] == ["stands"]
    assert told.findings[0].clocks == ["ours", "theirs"]


def test_the_quotes_around_a_finding_are_decimal_text_and_a_side_that_is_missing_is_null() -> None:
    """As the source told them."""
    quote = ToldQuote(NOON, price("10.01"), 100_000_000, None, None)
    kept = FindingQuotes(
        finding_id="1", symbol="ACME", around=Around(begin=NOON, end=NOON, complete=True, quotes=(quote,))
    )

    (told,) = quotes([kept]).around

    assert (told.quotes[0].bid, told.quotes[0].bid_size, told.quotes[0].offer, told.quotes[0].offer_size) == (
        "10.01",
        "100",
        None,
        None,
    )


def test_precision_is_of_what_was_decided_and_rounded_down() -> None:
    """Two of three."""
    assert precision("slow_fill", {"true": 2, "false": 1, "not_decided": 5, "open": 4}).precision == "0.6666"
    assert precision("slow_fill", {"open": 4}).precision is None


def test_the_incident_of_an_exception_is_told_in_a_line() -> None:
    """As the page says it."""
    told = outline(Outline(7, Trouble(Kind.VENUE, "XBOS", "2026-11-20"), 4))

    assert (told.number, told.kind, told.words) == (7, "venue", "incident 7 (venue XBOS, 4 exceptions)")
