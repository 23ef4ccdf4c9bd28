"""The parts of the report of a day."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.case import Case, Touch
from service.cases.principal import Principal
from service.cases.rules import DEFAULTS, Rules
from service.cases.shelving import Scope, Shelving
from service.cases.states import Action, State
from service.incidents import Kind, Outline, Trouble
from service.report import exceptions
from service.report.day import report_of
from service.report.facts import DayFacts, Did, Group, Looks, Put, Shelved, VenueChange
from service.report.sheet import Section
from service.report.words import bare, day_words, dollars, length, many, moment, spread
from service.statements.closing import Certified, CloseOfDay, NotJudged
from tests.factories import NOON as MIDDAY
from tests.factories_cases import MINUTE, NO_CLOCKS, NOON, a_case, a_finding

DAY = "2026-11-20"
CLOSE = CloseOfDay(
    trade_date=DAY,
    upto=9,
    executions=120,
    busted=0,
    corrected=0,
    evaluated=118,
    not_evaluated={"absent": 2},
    quote_states={},
    orders=0,
    orders_unclear=0,
    findings=14,
    ungathered=1,
    exceptions=(),
    certificates=(
        Certified(counterparty="sor", session="A", state="red", seq=3, hash="ab" * 32),
        Certified(counterparty="sor", session="B", state=None),
    ),
    uncertain=2,
    undecodable=0,
    unprocessed=0,
    rules=46,
    rules_off=("quote_fade",),
    rulebooks=("cd" * 32,),
    not_judged=(NotJudged(rule="outside_nbbo", reason="auction", facts=7),),
)


def a_group(**changes: object) -> Group:
    """Return three exceptions that wait, unless said otherwise."""
    made = Group(
        severity="medium",
        rule="slow_fill",
        venue="XBOS",
        counterparty="sor",
        state="new",
        cases=3,
        findings=9,
        withdrawn=1,
        harm=1_500_000_000,
    )
    return msgspec.structs.replace(made, **changes)


def facts(**changes: object) -> DayFacts:
    """Return what is known of a day: nothing but its close, unless said otherwise."""
    return msgspec.structs.replace(DayFacts(day=DAY, as_of=Nanos(NOON + 90 * MINUTE), close=CLOSE), **changes)


def part(name: str, known: DayFacts, rules: Rules = NO_CLOCKS) -> Section:
    """Return one part of the report."""
    return next(section for section in report_of(known, rules).sections if section.name == name)


def cells(section: Section) -> list[tuple[str, ...]]:
    """Return the words of a table."""
    return [row.cells for row in section.rows]


def closed_case(case_id: int = 8, **changes: object) -> Case:
    """Return a case that was closed by two people."""
    case = a_case(a_finding(severity=Severity.HIGH), case_id=case_id)
    told: dict[str, object] = {
        "state": State.CLOSED,
        "closed_at": Nanos(NOON + 30 * MINUTE),
        "proposed_by": "pat",
        "reason": "router_fault",
        "counts_as": "true",
        "touch": Touch("kim", Action.APPROVE_CLOSE, Nanos(NOON + 30 * MINUTE), 4),
    }
    return msgspec.structs.replace(case, **{**told, **changes})


def test_who_answers_for_the_day_is_said_first_or_that_nobody_does() -> None:
    """What was said before stands below it."""
    newest = Principal(trade_date=DAY, name="kim", deputies=("pat",), by="kim", at=MIDDAY)
    known = facts(principals=(newest, msgspec.structs.replace(newest, name="pat", deputies=(), note="as planned")))

    named, nobody = part("principal", known), part("principal", facts())

    assert cells(named) == [
        ("kim", "pat", "kim", "2026-11-20 12:00:00", "–"),
        ("pat", "–", "kim", "2026-11-20 12:00:00", "as planned"),
    ]
    assert named.sentences == ("The first line counts; what was said before stands below it.",)
    assert (nobody.quiet, nobody.grave) == ("Nobody is named who answers for this day.", True)


def test_the_assurance_is_that_of_the_close_of_the_day() -> None:
    """Not a word more."""
    said = part("assurance", facts()).sentences

    assert said[0].startswith("Of 120 executions reported for trade date 2026-11-20, 118 were evaluated")
    assert "sor B is without a certificate: what is missing was not reviewed." in said


def test_each_session_stands_with_its_certificate() -> None:
    """One without says so; a day without sessions is no good sign."""
    found = part("completeness", facts())
    none = part("completeness", facts(close=msgspec.structs.replace(CLOSE, certificates=())))

    assert cells(found) == [("sor", "A", "not complete", "3, abababababab"), ("sor", "B", "no certificate yet", "–")]
    assert [row.mark for row in found.rows] == ["critical", "critical"]
    assert none.grave


def test_exceptions_are_counted_by_what_they_have_in_common() -> None:
    """With their sum; the gravest severity first, the busiest rule first."""
    known = facts(
        groups=(
            a_group(),
            a_group(state="closed", cases=2, findings=2, harm=None),
            a_group(severity="critical", rule="sequence_gap", venue="", counterparty="", state="acknowledged", cases=1),
            a_group(state="shelved", cases=1, harm=-500_000_000, findings=1),
        )
    )

    by_severity, by_rule, by_venue = part("by severity", known), part("by rule", known), part("by venue", known)

    assert by_severity.sentences == ("7 exceptions; 2 closed, 5 still open, 3 of them waiting for somebody.",)
    assert cells(by_severity) == [
        ("critical", "1", "–", "1", "–", "–", "9", "$1.50"),
        ("medium", "6", "3", "–", "1", "2", "12", "$1.00"),
        ("all", "7", "3", "1", "1", "2", "21", "$2.50"),
    ]
    assert [row.cells[0] for row in by_rule.rows] == ["slow fill", "sequence gap", "all"]
    assert [row.cells[0] for row in by_venue.rows] == ["XBOS", "no one venue", "all"]
    assert [row.cells[0] for row in part("by counterparty", known).rows] == ["sor", "several", "all"]


def test_a_day_on_which_all_is_closed_says_so() -> None:
    """A sum of one line is not told twice."""
    known = facts(groups=(a_group(state="closed"),), cases=(closed_case(),))

    assert part("by severity", known).sentences == ("3 exceptions; 3 closed, 0 still open.",)
    assert len(part("by severity", known).rows) == 1
    assert part("open", known).quiet == "Every exception of the day is closed."


def test_an_empty_day_is_said_to_be_one() -> None:
    """Each part in its own words."""
    empty = facts()

    assert [part(name, empty).quiet for name in ("by severity", "handling", "people", "closed")] == [
        "No exception was found.",
        "There was nothing to handle.",
        "Nobody did anything to them.",
        "None was closed.",
    ]
    assert part("by severity", empty).sentences == ()


def test_what_is_open_stands_gravest_and_oldest_first_with_age_and_clock() -> None:
    """In whose hands it is."""
    taken = msgspec.structs.replace(
        a_case(case_id=9),
        acknowledged_at=NOON,
        state=State.ACKNOWLEDGED,
        touch=Touch("pat", Action.ACKNOWLEDGE, NOON, 2),
    )
    given = msgspec.structs.replace(a_case(case_id=10), assignee="sam")
    grave = a_case(a_finding(severity=Severity.CRITICAL), case_id=11)
    known = facts(cases=(taken, given, grave))

    found = part("open", known, DEFAULTS)

    assert [(row.cells[0], row.cells[1], row.cells[5], row.cells[6], row.case) for row in found.rows] == [
        ("11", "critical", "–", "1 h 30 min", 11),
        ("9", "medium", "pat", "1 h 30 min", 9),
        ("10", "medium", "sam", "1 h 30 min", 10),
    ]
    assert found.rows[0].cells[7].startswith("to be acknowledged: over for 1 h 20 min")
    assert found.title == "Still open: 3"


def test_a_closing_names_reason_and_both_people() -> None:
    """What the firm's list of reasons does not know any more stands as it was written."""
    other = closed_case(9, reason="gone", counts_as="not_decided", proposed_by=None, touch=None)
    odd = closed_case(10, reason=None, counts_as=None, touch=Touch("kim", Action.ASSIGN, NOON, 5))

    found = part("closed", facts(cases=(closed_case(), other, odd)))

    reason = "router_fault: The router did wrong; taken up with the vendor"
    assert [row.cells[4:] for row in found.rows] == [
        (reason, "true", "pat", "kim", "2025-10-09 05:23:20", "30 min"),
        ("gone", "not decided", "–", "–", "2025-10-09 05:23:20", "30 min"),
        ("–", "–", "pat", "–", "2025-10-09 05:23:20", "30 min"),
    ]


def test_long_lists_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number in the title is of all of them."""
    monkeypatch.setattr(exceptions, "LISTED", 1)
    known = facts(cases=(a_case(case_id=1), a_case(case_id=2), closed_case(3), closed_case(4)), cut=True)

    assert (part("open", known).title, len(part("open", known).rows)) == ("Still open: 2", 1)
    assert part("open", known).sentences == ("The 1 listed of 2 exceptions are the gravest and oldest.",)
    assert part("closed", known).sentences == ("The 1 listed of 2 exceptions are the gravest.",)
    assert part("handling", known).sentences == ("Of the first 4 exceptions of the day by number.",)


def test_who_handled_them_is_told_by_name() -> None:
    """With a dash for what one did not do."""
    did = (Did(case_id=7, n=2, at=NOON, actor="pat", action=Action.ACKNOWLEDGE),)

    assert cells(part("people", facts(cases=(a_case(),), did=did))) == [("pat", "1", "1", "1", "–", "–", "–", "–")]


def test_findings_and_second_looks_are_counted() -> None:
    """Withdrawn ones too, and what is not settled."""
    known = facts(groups=(a_group(), a_group()), looks=(Looks(verdict="withdrawn", looks=2),))

    assert cells(part("findings", known)) == [
        ("findings made", "14"),
        ("in exceptions of the day, and standing", "18"),
        ("withdrawn after a second look", "2"),
        ("not settled yet, made while messages were missing", "2"),
        ("not gathered into an exception yet", "1"),
        ("second looks: withdrawn", "2"),
    ]


def test_what_was_not_evaluated_stands_with_its_reason() -> None:
    """By the market, and by each rule."""
    assert cells(part("not evaluated", facts())) == [
        ("executions against the market", "absent", "2"),
        ("outside NBBO", "auction", "7"),
    ]


def test_shelvings_incidents_and_changes_of_the_day_are_told() -> None:
    """Each with who and why."""
    made = Shelving(number=1, scope=Scope(venue="XBOS"), by="pat", why="known", at=MIDDAY, until=Nanos(MIDDAY + MINUTE))
    ended = msgspec.structs.replace(made, ended_at=MIDDAY, ended_by="kim")
    known = facts(
        shelved=(Shelved(shelving=made, hid=1_200), Shelved(shelving=ended, hid=0)),
        incidents=(Outline(4, Trouble(Kind.VENUE, "XBOS", DAY), 3),),
        versions=(
            Put(kind="rulebook", name="rulebook", hash="ef" * 32, at=MIDDAY, by="pat", approver="kim", why="tighter"),
            Put(kind="dialect", name="sor", hash="01" * 32, at=None, by="", approver="", why=""),
        ),
        venues=(VenueChange(counterparty="sor", venue="XTOX", change="refused", proposer="pat", approver="", why=""),),
    )

    noon, later = "2026-11-20 12:00:00", "2026-11-20 12:01:00"
    assert cells(part("shelved", known)) == [
        ("venue XBOS", "pat", "known", noon, later, "–", "1,200"),
        ("venue XBOS", "pat", "known", noon, noon, "kim", "0"),
    ]
    assert cells(part("incidents", known)) == [("4", "venue XBOS", "3 exceptions")]
    assert cells(part("changes", known)) == [
        ("rulebook", "rulebook", "efefefefefef", noon, "pat", "kim", "tighter"),
        ("dialect", "sor", "010101010101", "–", "the start of the watch", "–", "–"),
    ]
    assert cells(part("venues", known)) == [("sor", "XTOX", "refused", "pat", "–", "–")]
    (said,) = part("changes", known).sentences
    assert said.endswith("cdcdcdcdcdcd, 46 rules in force at the end of the day; switched off: quote fade.")


def test_without_a_rulebook_it_is_said_to_be_unknown() -> None:
    """Nothing is switched off where nothing is known."""
    close = msgspec.structs.replace(CLOSE, rulebooks=(), rules_off=(), rules=1)

    (said,) = part("changes", facts(close=close)).sentences

    assert said == "Findings were made by rulebook unknown, 1 rule in force at the end of the day."


def test_values_are_told_as_people_say_them() -> None:
    """A dash for what there is not."""
    assert (moment(None), length(None), spread(None), dollars(None)) == ("–", "–", "–", "–")
    assert (length(90 * MINUTE), spread((MINUTE, 2 * MINUTE))) == ("1 h 30 min", "1 min, at most 2 min")
    assert (dollars(-1_234_560_000_000), dollars(5_000_000)) == ("-$1,234.56", "$0.01")
    assert (many(1, "exception"), many(2, "day", "days")) == ("1 exception", "2 days")
    assert (bare("outside_nbbo"), day_words(DAY)) == ("outside NBBO", "Friday, November 20, 2026")
