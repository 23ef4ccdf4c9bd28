"""The report of a day, from everything that is known of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from service.cases.principal import Principal
from service.cases.rules import Rules
from service.report.exceptions import exception_parts
from service.report.facts import DayFacts
from service.report.sheet import Row, Section, Sheet
from service.report.words import NONE, bare, many, moment
from service.statements.closing import CloseOfDay, assurance
from service.statements.completeness import State

GRAVE = {None: "critical", State.RED: "critical", State.COMPLETE_NOT_RECONCILED: "medium", State.RECONCILED: "low"}


def report_of(facts: DayFacts, rules: Rules) -> Sheet:
    """Return the report."""
    parts = (
        _principal(facts.principals),
        _assurance(facts.close),
        _completeness(facts.close),
        *exception_parts(facts, rules),
        _findings(facts),
        _not_evaluated(facts.close),
        _shelved(facts),
        _incidents(facts),
        _changes(facts),
        _venues(facts),
    )
    return Sheet(day=facts.day, as_of=f"{moment(facts.as_of)} New York", sections=parts)


def _principal(said: tuple[Principal, ...]) -> Section:
    """Return who answers for the day; what was said before stands below."""
    rows = tuple(
        Row(cells=(one.name, ", ".join(one.deputies) or NONE, one.by, moment(one.at), one.note or NONE)) for one in said
    )
    return Section(
        name="principal",
        title="Principal of the day",
        sentences=("The first line counts; what was said before stands below it.",) if len(said) > 1 else (),
        columns=("Principal", "Deputies", "Said by", "At", "Note"),
        rows=rows,
        quiet="Nobody is named who answers for this day.",
        grave=not said,
    )


def _assurance(close: CloseOfDay) -> Section:
    return Section(name="assurance", title="What was reviewed", sentences=tuple(assurance(close)))


def _completeness(close: CloseOfDay) -> Section:
    rows = tuple(
        Row(
            cells=(
                one.counterparty,
                one.session,
                "no certificate yet" if one.state is None else State(one.state).words,
                NONE if one.seq is None else f"{one.seq}, {one.hash[:12]}",
            ),
            mark=GRAVE[None if one.state is None else State(one.state)],
        )
        for one in close.certificates
    )
    return Section(
        name="completeness",
        title="Completeness",
        columns=("Counterparty", "Session", "State", "Statement"),
        rows=rows,
        quiet="No session is known of this day.",
        grave=not rows,
    )


def _findings(facts: DayFacts) -> Section:
    close = facts.close
    withdrawn = sum(one.withdrawn for one in facts.groups)
    gathered = sum(one.findings for one in facts.groups)
    rows = [
        ("findings made", close.findings),
        ("in exceptions of the day, and standing", gathered),
        ("withdrawn after a second look", withdrawn),
        ("not settled yet, made while messages were missing", close.uncertain),
        ("not gathered into an exception yet", close.ungathered),
        *((f"second looks: {bare(one.verdict)}", one.looks) for one in facts.looks),
    ]
    return Section(
        name="findings",
        title="Findings",
        columns=("What", "Number"),
        rows=tuple(Row(cells=(what, f"{number:,}")) for what, number in rows),
        numbers=frozenset({1}),
    )


def _not_evaluated(close: CloseOfDay) -> Section:
    executions = [("executions against the market", reason, n) for reason, n in close.not_evaluated.items()]
    judged = [(bare(one.rule), one.reason, one.facts) for one in close.not_judged]
    return Section(
        name="not evaluated",
        title="Not evaluated, and why",
        columns=("By", "Reason", "Number"),
        rows=tuple(Row(cells=(by, bare(reason), f"{n:,}")) for by, reason, n in (*executions, *judged)),
        numbers=frozenset({2}),
        quiet="Everything that was put to a rule was evaluated.",
    )


def _shelved(facts: DayFacts) -> Section:
    rows = tuple(_shelved_rows(facts))
    return Section(
        name="shelved",
        title="Shelvings in force",
        columns=("Scope", "Who", "Why", "From", "Until", "Ended early by", "Hid of the day"),
        rows=rows,
        numbers=frozenset({6}),
        quiet="No scope was shelved.",
    )


def _shelved_rows(facts: DayFacts) -> Iterator[Row]:
    for one in facts.shelved:
        made = one.shelving
        until = moment(made.until if made.ended_at is None else made.ended_at)
        told = (made.scope.words, made.by, made.why, moment(made.at), until, made.ended_by or NONE)
        yield Row(cells=(*told, f"{one.hid:,}"))


def _incidents(facts: DayFacts) -> Section:
    rows = tuple(
        Row(cells=(str(one.number), one.trouble.words, many(one.exceptions, "exception"))) for one in facts.incidents
    )
    return Section(
        name="incidents",
        title="Incidents",
        columns=("No.", "What they have in common", "Linked"),
        rows=rows,
        numbers=frozenset({0}),
    )


def _changes(facts: DayFacts) -> Section:
    hashes = ", ".join(one[:12] for one in facts.close.rulebooks) or "unknown"
    rows = tuple(
        Row(
            cells=(
                bare(one.kind),
                one.name,
                one.hash[:12],
                moment(one.at),
                one.by or "the start of the watch",
                one.approver or NONE,
                one.why or NONE,
            )
        )
        for one in facts.versions
    )
    off = ", ".join(bare(rule) for rule in facts.close.rules_off)
    judged = (
        f"Findings were made by rulebook {hashes}, {many(facts.close.rules, 'rule')} in force at the end of the day"
    )
    return Section(
        name="changes",
        title="What came into force",
        sentences=(f"{judged}{f'; switched off: {off}' if off else ''}.",),
        columns=("What", "Whose", "Version", "At", "By", "Approved by", "Why"),
        rows=rows,
    )


def _venues(facts: DayFacts) -> Section:
    rows = tuple(
        Row(
            cells=(
                one.counterparty,
                one.venue,
                bare(one.change),
                one.proposer or NONE,
                one.approver or NONE,
                one.why or NONE,
            )
        )
        for one in facts.venues
    )
    return Section(
        name="venues",
        title="Venues that changed",
        columns=("Counterparty", "Venue", "Change", "Proposed by", "Approved by", "Why"),
        rows=rows,
    )
