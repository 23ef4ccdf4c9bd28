"""Incidents: what findings of several rules have in common, and when that is one incident."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cards import catalogue
from rules.facts import Nanos
from rules.finding import Finding
from service.incidents import ALONE, MANY_SYMBOLS, MAY_BE, Book, Incident, Kind, Outline, Trouble, trouble_of
from tests.factories_cases import MINUTE, NOON, a_finding

SPAN = Nanos(10 * MINUTE)
DAY = "2026-11-20"


def seen(minute: float = 0, rule: str = "slow_fill", **changes: Any) -> Finding:
    """Return a finding so many minutes after noon."""
    return a_finding(at=Nanos(NOON + int(minute * MINUTE)), **{"rule": rule, **changes})


def halted(minute: float, rule: str, symbol: str) -> Finding:
    """Return a finding on a symbol whose trading was halted."""
    return seen(minute, rule, symbol=symbol, quotes={"execution": {"state": "halted"}})


def book_of(*told: tuple[int, Finding], known: tuple[Incident, ...] = (), where: dict[int, int] | None = None) -> Book:
    """Return the book after findings of cases."""
    last_seq = max((incident.seq for incident in known), default=0)
    last = max((incident.number or 0 for incident in known), default=0)
    book = Book(known, where or {}, last_seq=last_seq, last_number=last)
    for case_id, finding in told:
        book.take(case_id, finding, SPAN)
    return book


def test_every_rule_of_the_catalogue_says_what_its_findings_can_be_about() -> None:
    """A new rule must decide, or say that it stands alone."""
    undecided = [rule for rule in catalogue() if (rule in MAY_BE) == (rule in ALONE)]

    assert undecided == []


@pytest.mark.parametrize(
    ("finding", "about"),
    [
        (seen(rule="slow_fill"), "venue XTST"),
        (seen(rule="reject_burst", venue=None, values={"venue": "XBOS"}), "venue XBOS"),
        (seen(rule="reject_burst", venue=None), "vendor sor"),
        (seen(rule="poor_fill", venue="venue_unknown"), "router sor"),
        (seen(rule="unexpected_venue", venue="venue_unknown"), None),
        (seen(rule="fill_rate_overall"), "router sor"),
        (seen(rule="feed_silent", venue=None), "vendor sor"),
        (seen(rule="feed_silent", counterparty=""), None),
        (seen(rule="undecodable"), "session sor FIX.4.4:FIRM->SOR"),
        (seen(rule="quotes_down", values={"event": "quotes_down"}), "quotes"),
        (seen(rule="no_quote", values={"quote_state": "stale"}), "quotes"),
        (seen(rule="no_quote", values={"quote_state": "absent", "note": "unknown symbol"}), None),
        (seen(rule="no_quote", values={"quote_state": "crossed"}), None),
        (seen(rule="no_quote", values={"quote_state": "halted"}), "market halted"),
        (seen(rule="not_evaluated_rate", values={"last_reason": "execution halted"}), "market halted"),
        (seen(rule="not_evaluated_rate", values={"last_reason": "receipt absent: restart"}), "quotes"),
        (seen(rule="poor_fill", quotes={"receipt": {"state": "halted"}}), "market halted"),
        (seen(rule="poor_fill", quotes={"receipt": {"state": "closed"}}), "venue XTST"),
        (seen(rule="slow_fill", quotes={"execution": {"state": "closed"}}), "market closed"),
        (seen(rule="outside_nbbo", quotes={"execution": {"state": "halted"}}), "venue XTST"),
        (seen(rule="rule_failure"), None),
        (seen(rule="of_another_version"), None),
    ],
)
def test_a_finding_is_about_what_its_rule_and_its_values_say(finding: Finding, about: str | None) -> None:
    """The first that fits; a market that stood still explains more than the venue does."""
    trouble = trouble_of(finding)

    assert (trouble and trouble.words) == about


@pytest.mark.parametrize(
    ("exceptions", "words"), [(1, "incident 7 (quotes, 1 exception)"), (1_200, "incident 7 (quotes, 1,200 exceptions)")]
)
def test_an_incident_is_said_in_a_line(exceptions: int, words: str) -> None:
    """Its number, what it is about, how many exceptions."""
    assert Outline(7, Trouble(Kind.QUOTES, "", DAY), exceptions).words == words


def test_what_two_rules_find_at_one_venue_within_the_span_is_an_incident() -> None:
    """One rule alone is none, however often."""
    alone = book_of((1, seen(0)), (1, seen(1)), (2, seen(2, subject="other")))
    both = book_of((1, seen(0)), (2, seen(10, "fill_rate_drop")))

    assert [incident.number for incident in alone.changed.values()] == [None]
    assert both.changed == {
        1: Incident(
            seq=1,
            trouble=Trouble(Kind.VENUE, "XTST", DAY),
            first_at=NOON,
            last_at=Nanos(NOON + 10 * MINUTE),
            rules=("slow_fill", "fill_rate_drop"),
            number=1,
        )
    }
    assert both.moved == {1: 1, 2: 1}


@pytest.mark.parametrize(
    "other",
    [
        seen(10.001, "poor_fill"),
        seen(-10.001, "poor_fill"),
        seen(1, "poor_fill", venue="XOTH"),
        seen(1, "poor_fill", trade_date="2026-11-23"),
        seen(1, "sequence_gap"),
        seen(1, "rule_failure"),
    ],
)
def test_another_time_venue_date_or_kind_is_another_matter(other: Finding) -> None:
    """What has nothing in common is not one decision."""
    book = book_of((1, seen(0)), (2, other))

    assert [incident.number for incident in book.changed.values() if incident.number] == []


def test_an_incident_goes_on_from_turn_to_turn() -> None:
    """Later findings find it in the store, by their time or by their case, and it keeps its number."""
    first = book_of((1, seen(0)), (2, seen(5, "poor_fill"))).changed[1]

    near = book_of((3, seen(14, "fill_rate_drop")), known=(first,))
    by_case = book_of((1, seen(60)), known=(first,), where={1: 1, 2: 1})

    assert near.changed[1].rules == ("slow_fill", "poor_fill", "fill_rate_drop")
    assert near.moved == {3: 1}
    assert (by_case.changed[1].number, by_case.changed[1].last_at, by_case.moved) == (1, NOON + 60 * MINUTE, {})


def test_a_case_stays_where_it_is_whatever_else_its_findings_are_about() -> None:
    """A case that is grouped over venues has the trouble of its first finding; the others say nothing."""
    book = book_of((1, seen(0)), (1, seen(1, venue="XOTH")), (2, seen(2, "poor_fill", venue="XOTH")))

    assert [(incident.trouble.subject, incident.number) for incident in book.changed.values()] == [
        ("XTST", None),
        ("XOTH", None),
    ]
    assert book.moved == {1: 1, 2: 2}


def test_two_incidents_are_never_made_one() -> None:
    """A late finding between them joins the one that ended first."""
    early = book_of((1, seen(0)), (2, seen(0, "poor_fill"))).changed[1]
    both = book_of((3, seen(15)), (4, seen(15, "poor_fill")), known=(early,))
    late = both.changed[2]

    between = book_of((5, seen(8, "fill_rate_drop")), known=(early, late))

    assert (early.number, late.number) == (1, 2)
    assert between.moved == {5: 1}
    assert between.changed[1].last_at == NOON + 8 * MINUTE


def test_a_halt_is_the_market_s_once_many_symbols_stand_still() -> None:
    """A symbol alone is halted every day, and findings without a symbol count for none."""
    few = [(1, halted(0, "no_quote", f"S{n}")) for n in range(MANY_SYMBOLS - 1)]
    few.append((2, halted(1, "poor_fill", "S0")))
    few.append((3, halted(1, "slow_fill", "")))
    many = [*few, (2, halted(2, "poor_fill", "S9")), (2, halted(2, "poor_fill", "S10"))]

    (alone,) = book_of(*few).changed.values()
    (incident,) = book_of(*many).changed.values()

    assert (alone.number, alone.trouble.words) == (None, "market halted")
    assert (incident.number, len(incident.symbols)) == (1, MANY_SYMBOLS)


FINDINGS = st.builds(
    lambda minute, rule, venue, case_id: (case_id, seen(minute, rule, venue=venue)),
    st.integers(0, 60),
    st.sampled_from(("slow_fill", "poor_fill", "fill_rate_drop", "feed_silent", "sequence_gap", "rule_failure")),
    st.sampled_from(("XTST", "XOTH", "venue_unknown")),
    st.integers(1, 6),
)


@given(st.lists(FINDINGS, max_size=40), st.integers(0, 40))
def test_cutting_the_findings_in_two_changes_no_incident(told: list[tuple[int, Finding]], cut: int) -> None:
    """What is kept of the first part is enough for the second."""
    whole = book_of(*told)

    first = book_of(*told[:cut])
    second = book_of(*told[cut:], known=tuple(first.changed.values()), where=first.moved)

    assert {**first.changed, **second.changed} == whole.changed
    assert {**first.moved, **second.moved} == whole.moved
