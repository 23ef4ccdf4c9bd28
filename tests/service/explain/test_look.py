"""Explanations out of a store: the facts, the rulebook of then, the findings; over SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from rules.finding import Finding
from service.explain.explained import Explained, Ruled
from service.explain.look import explain_execution, explain_finding, explain_order
from service.processed import Processed
from service.settings import ConfigurationError
from service.store.engine import Database
from service.store.record import SqlStore
from service.versions import Version, VersionKind
from tests.factories_recorded import ROAD_DAY, record_all
from tests.factories_road import REGISTER, a_report, a_trade, an_order, at, versions

FIRST = """\
version: first
rules:
  unexpected_venue:
    scopes:
      - when: {venue: XBOS}
        severity: low
"""
SECOND = FIRST.replace("first", "second").replace("XBOS", "XCHI")
UNFILLED: dict[str, Any] = {"_32": None, "_31": None, "_30": "XNYS", "_40": "1", "_44": None, "_14": 0, "_151": 0}


@pytest.fixture
def day(database: Database) -> Database:
    """Give a store with an execution under each of two rulebooks, and an order that ended unfilled."""
    second = Version(kind=VersionKind.RULEBOOK, name="rulebook", text=SECOND, actor="pat").entry(at(5))
    entries = [
        a_trade(1, 1, "O1", "E1", _30="XBOS"),
        second,
        a_trade(2, 6, "O2", "E2", _30="XBOS"),
        an_order(3, 7, "O3", _40="1", _44=None),
        a_report(4, 8, _37="O3", _11="O3", _17="X3", _150="4", _39="4", **UNFILLED),
    ]
    record_all(database, entries, versions(rulebook=FIRST, register=REGISTER))
    return database


def of(rule: str, told: list[Explained]) -> list[Ruled]:
    """Return what is told of one rule."""
    return [one for fact in told for one in fact.rules if one.rule == rule]


def the_finding(database: Database, rule: str, subject: str = "") -> Finding:
    """Return the first finding of a rule about it."""
    found = SqlStore(database).findings(ROAD_DAY)
    return next(one for one in found if one.rule == rule and one.subject.endswith(subject))


def test_an_execution_is_explained_by_the_rulebook_that_was_in_force_for_it(day: Database) -> None:
    """The same venue, before and after another rulebook: a scope decided the first, none the second."""
    (first,), (second,) = explain_execution(day, "E1", None), explain_execution(day, "E2", ROAD_DAY)

    assert (first.rulebook_version, first.in_force_since, first.actor) == ("first", 3, "")
    assert (second.rulebook_version, second.in_force_since, second.in_force_at, second.actor) == (
        "second",
        7,
        at(5),
        "pat",
    )
    (was,), (now,) = of("unexpected_venue", [first]), of("unexpected_venue", [second])
    assert (was.decided.scope, was.decided.line) == ("venue XBOS", 5)
    assert (now.decided.scope, now.decided.why) == (None, "its only scope is not for this")
    assert [(one.severity.value, one.rulebook_hash) for one in was.findings] == [("low", first.rulebook)]
    assert [one.severity.value for one in now.findings] == ["high"]
    assert (was.said.verdict, now.said.verdict) == ("finding", "finding")


def test_an_execution_is_found_by_its_own_id_too(day: Database) -> None:
    """The one that findings name."""
    subject = the_finding(day, "unexpected_venue").subject

    (told,) = explain_execution(day, subject, None)

    assert told.what == f"execution {subject}: buy 100 IBM at 181.95 at XBOS"


def test_an_order_is_explained_by_its_events_and_its_end(day: Database) -> None:
    """In the order of the journal; an order's end is what fill rates are judged by."""
    told = explain_order(day, "O3", None)

    assert [one.what for one in told] == [
        "event of order O3: new",
        "event of order O3: canceled",
        "end of order O3: canceled, 0 of 100 executed",
    ]
    (poor,) = of("poor_fill", told)
    assert [one.subject for one in poor.findings] == ["O3"]
    (rate,) = of("fill_rate_drop", told)
    assert rate.said.verdict == "counted"


@pytest.mark.parametrize(("rule", "subject"), [("unexpected_venue", "E1"), ("poor_fill", "O3"), ("no_quote", "")])
def test_a_finding_leads_to_the_fact_that_it_was_made_on(day: Database, rule: str, subject: str) -> None:
    """And only its own rule is told; a window's is found on the fact that came last."""
    finding = the_finding(day, rule, subject)

    told = explain_finding(day, finding.finding_id, None)

    assert [one.rule for fact in told for one in fact.rules] == [rule]
    assert finding.finding_id in [one.finding_id for one in of(rule, told)[0].findings]


def test_a_finding_that_was_made_later_leads_to_the_fact_that_it_names(day: Database) -> None:
    """Its own record is another's: what it names is looked up on its trade date."""
    late = [
        msgspec.structs.replace(the_finding(day, rule, subject), finding_id=f"late {subject}", offset=8)
        for rule, subject in (("unexpected_venue", "E1"), ("poor_fill", "O3"))
    ]
    SqlStore(day).record(Processed(upto=99, findings=late))

    by_execution, by_order = (explain_finding(day, one.finding_id, None) for one in late)

    assert [one.what.split(":")[0] for one in by_execution] == [f"execution {late[0].subject}"]
    assert [one.what for one in by_order] == ["end of order O3: canceled, 0 of 100 executed"]


@pytest.mark.parametrize("look", [explain_execution, explain_order, explain_finding])
def test_what_is_not_there_is_said(day: Database, look: Callable[[Database, str, str | None], list[Explained]]) -> None:
    """With the name that was asked for."""
    with pytest.raises(ConfigurationError, match=r"the store holds no (execution|order|finding) nothing"):
        look(day, "nothing", None)
    with pytest.raises(ConfigurationError, match="the store holds no"):
        look(day, "E1", "1999-01-01")
