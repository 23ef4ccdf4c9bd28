"""The parts of a report about exceptions: how many of what, who handled them, what is open, what was closed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.case import Case
from service.cases.clocks import clocks, in_words
from service.cases.rules import Rules
from service.cases.states import Action, State
from service.report.facts import DayFacts, Group
from service.report.handling import Worked, handlers, speeds, worked
from service.report.sheet import Row, Section
from service.report.words import NONE, bare, dollars, length, many, moment, spread

LISTED = 500
"""So many exceptions of one kind are listed; the numbers are of all of them."""
OVER = (State.CLOSED.value,)
IN_HAND = (State.ACKNOWLEDGED.value, State.IN_REVIEW.value, State.WAITING_ON_VENDOR.value)
WAITING = (State.NEW.value, State.REOPENED.value, State.ESCALATED.value)
SPEED = ("Severity", "Exceptions", "First action after", "Closed after", "Acknowledged in time", "Closed in time")
PEOPLE = ("Who", "Exceptions", "First on", "Acknowledged", "Proposed to close", "Approved", "Closed alone", "Other")
COUNTED = ("Exceptions", "Waiting", "In hand", "Shelved", "Closed", "Findings", "Harm")


def exception_parts(facts: DayFacts, rules: Rules) -> Iterator[Section]:
    """Yield the parts in their order."""
    found = worked(facts.cases, facts.did, rules, facts.as_of)
    yield _counted("severity", "Exceptions by severity", facts.groups, lambda one: one.severity)
    yield _counted("rule", "Exceptions by rule", facts.groups, lambda one: bare(one.rule))
    yield _counted("venue", "Exceptions by venue", facts.groups, lambda one: one.venue or "no one venue")
    yield _counted("counterparty", "Exceptions by counterparty", facts.groups, _counterparty)
    yield _speed(found, rules, facts)
    yield _people(facts)
    yield _open(found, rules, facts.as_of)
    yield _closed(found, rules)


def _counterparty(one: Group) -> str:
    return one.counterparty or "several"


def _counted(name: str, title: str, groups: Sequence[Group], by: Callable[[Group], str]) -> Section:
    names = dict.fromkeys(by(one) for one in sorted(groups, key=_gravest))
    shares = [(one, [group for group in groups if by(group) == one]) for one in names]
    if name != "severity":
        shares.sort(key=lambda share: -sum(group.cases for group in share[1]))
    rows = [_count_row(one, share, mark=one if name == "severity" else "") for one, share in shares]
    if len(rows) > 1:
        rows.append(_count_row("all", list(groups)))
    columns = (name.capitalize(), *COUNTED)
    return Section(
        name=f"by {name}",
        title=title,
        sentences=_at_a_glance(groups) if name == "severity" and groups else (),
        columns=columns,
        rows=tuple(rows),
        numbers=frozenset(range(1, len(columns))),
        quiet="No exception was found.",
    )


def _at_a_glance(groups: Sequence[Group]) -> tuple[str, ...]:
    """Return how many were found, and where they stand, in a sentence."""
    total, closed = sum(one.cases for one in groups), sum(one.cases for one in groups if one.state in OVER)
    waiting = sum(one.cases for one in groups if one.state in WAITING)
    told = f"{many(total, 'exception')}; {closed:,} closed, {total - closed:,} still open"
    return (f"{told}, {waiting:,} of them waiting for somebody." if total - closed else f"{told}.",)


def _gravest(one: Group) -> tuple[int, str]:
    return -Severity(one.severity).rank, one.rule


def _count_row(name: str, groups: Sequence[Group], mark: str = "") -> Row:
    def standing(*states: str) -> str:
        number = sum(one.cases for one in groups if one.state in states)
        return f"{number:,}" if number else NONE

    harm = [one.harm for one in groups if one.harm is not None]
    total, findings = sum(one.cases for one in groups), sum(one.findings for one in groups)
    states = (standing(*WAITING), standing(*IN_HAND), standing(State.SHELVED.value), standing(*OVER))
    return Row(cells=(name, f"{total:,}", *states, f"{findings:,}", dollars(sum(harm) if harm else None)), mark=mark)


def _speed(found: Sequence[Worked], rules: Rules, facts: DayFacts) -> Section:
    rows = tuple(
        Row(
            cells=(
                one.severity.value,
                f"{one.cases:,}",
                spread(one.first),
                spread(one.closed),
                one.acknowledging.words,
                one.closing.words,
            ),
            mark=one.severity.value,
        )
        for one in speeds(found, rules, facts.as_of)
    )
    cut = f"Of the first {len(facts.cases):,} exceptions of the day by number." if facts.cut else ""
    return Section(
        name="handling",
        title="How fast they were handled",
        sentences=(cut,) if cut else (),
        columns=SPEED,
        rows=rows,
        numbers=frozenset({1}),
        quiet="There was nothing to handle.",
    )


def _people(facts: DayFacts) -> Section:
    rows = (Row(cells=(one.name, *(f"{n:,}" if n else NONE for n in one.numbers))) for one in handlers(facts.did))
    return Section(
        name="people",
        title="Who handled them",
        columns=PEOPLE,
        rows=tuple(rows),
        numbers=frozenset(range(1, len(PEOPLE))),
        quiet="Nobody did anything to them.",
    )


def _open(found: Sequence[Worked], rules: Rules, now: Nanos) -> Section:
    there = [one.case for one in found if one.case.state is not State.CLOSED]
    there.sort(key=lambda case: (-case.severity.rank, case.opened_at))
    rows = tuple(_open_row(case, rules, now) for case in there[:LISTED])
    return Section(
        name="open",
        title=f"Still open: {len(there):,}",
        sentences=_listed(len(there), "are the gravest and oldest"),
        columns=("No.", "Severity", "Rule", "What", "State", "In hand of", "Age", "Clock"),
        rows=rows,
        numbers=frozenset({0}),
        quiet="Every exception of the day is closed.",
    )


def _open_row(case: Case, rules: Rules, now: Nanos) -> Row:
    clock = next((in_words(due, now, rules.hours) for due in clocks(case, rules)), NONE)
    held = case.assignee or (case.touch.by if case.acknowledged_at is not None and case.touch is not None else NONE)
    about = (bare(case.key.rule), case.sentence, case.state.words, held)
    cells = (str(case.case_id), case.severity.value, *about, length(now - case.opened_at), clock)
    return Row(cells=cells, mark=case.severity.value, case=case.case_id)


def _closed(found: Sequence[Worked], rules: Rules) -> Section:
    there = [one for one in found if one.case.state is State.CLOSED]
    there.sort(key=lambda one: (-one.case.severity.rank, one.case.case_id))
    return Section(
        name="closed",
        title=f"Closed: {len(there):,}",
        sentences=_listed(len(there), "are the gravest"),
        columns=("No.", "Severity", "Rule", "What", "Reason", "Counts as", "Proposed by", "Closed by", "At", "After"),
        rows=tuple(_closed_row(one, rules) for one in there[:LISTED]),
        numbers=frozenset({0}),
        quiet="None was closed.",
    )


def _closed_row(one: Worked, rules: Rules) -> Row:
    case = one.case
    reason = rules.reason(case.reason)
    words = f"{case.reason}: {reason.words}" if reason is not None else case.reason or NONE
    closers = (Action.APPROVE_CLOSE, Action.CLOSE)
    by = case.touch.by if case.touch is not None and case.touch.action in closers else NONE
    proposer = case.proposed_by or NONE
    what = (bare(case.key.rule), case.sentence, words, (case.counts_as or NONE).replace("_", " "))
    cells = (str(case.case_id), case.severity.value, *what, proposer, by, moment(case.closed_at), length(one.to_close))
    return Row(cells=cells, mark=case.severity.value, case=case.case_id)


def _listed(number: int, which: str) -> tuple[str, ...]:
    return (f"The {LISTED:,} listed of {many(number, 'exception')} {which}.",) if number > LISTED else ()
