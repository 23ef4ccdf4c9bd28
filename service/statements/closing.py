"""The close of a day in words that claim no more than was done: negative assurance over one trade date. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from service.statements.completeness import State
from service.statements.reasons import fills_only

SCHEMA = 2


class Exceptions(msgspec.Struct, frozen=True, kw_only=True):
    """How many cases of one rule and severity stand in one state, with the findings in them."""

    rule: str
    severity: str
    state: str
    cases: int
    findings: int


class NotJudged(msgspec.Struct, frozen=True, kw_only=True):
    """How many facts one rule did not evaluate for one reason: it could not judge them, or does not look at such."""

    rule: str
    reason: str
    facts: int


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """How often the market was taken after how many executions, and how often it could not be used, by reason."""

    executions: int
    taken: int
    unusable: dict[str, int]


class FillsOnly(msgspec.Struct, frozen=True, kw_only=True):
    """A counterparty whose copy of the day has so many executions, and not one report of an order."""

    counterparty: str
    executions: int
    own_orders: bool


class Certified(msgspec.Struct, frozen=True, kw_only=True):
    """The newest certificate of one session, None where there is none; `hash` is its statement's."""

    counterparty: str
    session: str
    state: str | None
    seq: int | None = None
    hash: str = ""


class Digests(msgspec.Struct, frozen=True, kw_only=True):
    """The digests over the first so many findings and second looks of the day, in the order of their commitment."""

    market: str
    feed: str
    looks: str
    findings: int
    second_looks: int


class CloseOfDay(msgspec.Struct, frozen=True, kw_only=True):
    """What was reviewed on a trade date, what was not and why, and what was found.

    `not_judged` counts facts of every kind by rule and reason; `not_judged_whole` is False when an earlier version of
    the program recorded some of the day without that count, and None in statements of that version. `fills_only` are
    counterparties that reported no order.

    `marked` is None in statements of versions that did not look at the market after an execution, `digests` in those of
    versions that did not state them.

    `not_evaluated` counts executions by reason, `quote_states` by the state of the quote at execution. `ungathered` are
    findings that no exception holds yet; `uncertain` those made while numbers were missing and not looked at again
    since. `undecodable` counts messages. `rulebooks` are the hashes of those by which findings were made, and last the
    one that stood at the end of the day.
    """

    schema: int = SCHEMA
    trade_date: str
    upto: int
    executions: int
    busted: int
    corrected: int
    evaluated: int
    not_evaluated: dict[str, int]
    quote_states: dict[str, int]
    orders: int
    orders_unclear: int
    findings: int
    ungathered: int
    exceptions: tuple[Exceptions, ...]
    certificates: tuple[Certified, ...]
    uncertain: int
    undecodable: int
    unprocessed: int
    rules: int
    rules_off: tuple[str, ...]
    rulebooks: tuple[str, ...]
    not_judged: tuple[NotJudged, ...] = ()
    not_judged_whole: bool | None = None
    fills_only: tuple[FillsOnly, ...] = ()
    marked: Marked | None = None
    digests: Digests | None = None


def needs_comment(day: CloseOfDay) -> bool:
    """Return whether whoever signs has something to explain: what is missing, not reviewed, or not settled."""
    red = any(one.state in (None, State.RED.value) for one in day.certificates)
    return red or not day.certificates or bool(day.uncertain or day.unprocessed or day.ungathered)


def assurance(day: CloseOfDay) -> Iterator[str]:
    """Yield the sentences of negative assurance."""
    not_evaluated = sum(day.not_evaluated.values())
    hashes = ", ".join(one[:12] for one in day.rulebooks) or "unknown"
    found = sum(one.cases for one in day.exceptions)
    yield (
        f"Of {day.executions:,} executions reported for trade date {day.trade_date}, {day.evaluated:,} were evaluated "
        f"against the market and {not_evaluated:,} were not"
        + (
            ": " + ", ".join(f"{reason} {number:,}" for reason, number in day.not_evaluated.items())
            if not_evaluated
            else ""
        )
        + "."
    )
    yield (
        f"By the {f'{day.rules:,} ' if day.rules else ''}rules in force (rulebook {hashes})"
        + (f", {len(day.rules_off):,} more being switched off," if day.rules_off else "")
        + f" {_many(found, 'exception')} came of {_many(day.findings, 'finding')}; "
        + ("no exception other than those listed was found." if day.findings or found else "no exception was found.")
    )
    yield from _by_rule(day)
    yield (
        "This says nothing of what was not reported here, of executions that were not evaluated, or of conduct that no "
        "rule in force looks for."
    )
    yield from _reservations(day)


def _by_rule(day: CloseOfDay) -> Iterator[str]:
    total = sum(one.facts for one in day.not_judged)
    if total:
        rules = len({one.rule for one in day.not_judged})
        yield (
            f"{_many(total, 'time')} one of {_many(rules, 'rule')} did not evaluate a fact that was put to it, because "
            "it could not judge it or does not look at such: the list by rule and reason says which."
        )
    if day.not_judged_whole is False:
        yield "An earlier version of this program recorded some of the day without counting that by rule."


def _reservations(day: CloseOfDay) -> Iterator[str]:
    red = [one for one in day.certificates if one.state in (None, State.RED.value)]
    for one in red:
        state = "without a certificate" if one.state is None else "not complete"
        yield f"{one.counterparty} {one.session} is {state}: what is missing was not reviewed."
    if not day.certificates:
        yield "No session is known of this day, and no completeness is certified."
    for copy in day.fills_only:
        yield f"{copy.counterparty}: {fills_only(copy.executions, own_orders=copy.own_orders)}."
    if day.ungathered:
        yield f"{_many(day.ungathered, 'finding')} {_were(day.ungathered)} not gathered into exceptions yet."
    if day.undecodable:
        yield f"{_many(day.undecodable, 'message')} could not be read and {_were(day.undecodable)} not reviewed."
    if day.unprocessed:
        yield f"{_many(day.unprocessed, 'journal record')} {_were(day.unprocessed)} not processed yet."
    if day.uncertain:
        yield f"{_many(day.uncertain, 'finding')} made while messages were missing {_were(day.uncertain)} not settled."


def close_lines(day: CloseOfDay) -> Iterator[str]:
    """Yield the whole statement line by line."""
    yield f"close of day {day.trade_date}"
    yield from (f"  {sentence}" for sentence in assurance(day))
    yield f"  executions: {day.executions:,}, of them busted {day.busted:,}, corrected {day.corrected:,}"
    if day.quote_states:
        states = ", ".join(f"{name} {number:,}" for name, number in day.quote_states.items())
        yield f"  quotes at execution: {states}"
    if day.marked is not None:
        yield f"  after execution: {_after(day.marked, day.executions)}"
    yield f"  orders ended: {day.orders:,}, of them without a known marketability {day.orders_unclear:,}"
    for one in day.exceptions:
        yield f"  exceptions: {one.cases:,} {one.severity} {one.rule} {one.state}, {_many(one.findings, 'finding')}"
    for held in day.certificates:
        state = "no certificate" if held.state is None else State(held.state).words
        where = f" (statement {held.seq}, {held.hash[:12]})" if held.seq is not None else ""
        yield f"  {held.counterparty} {held.session}: {state}{where}"
    for rule in dict.fromkeys(one.rule for one in day.not_judged):
        why = ", ".join(f"{one.reason} {one.facts:,}" for one in day.not_judged if one.rule == rule)
        yield f"  not evaluated by {rule}: {why}"
    if day.digests is not None:
        yield f"  digests: market {day.digests.market}, feed {day.digests.feed}, second looks {day.digests.looks}"
    if day.rules_off:
        yield f"  rules switched off: {', '.join(day.rules_off)}"


def _after(marked: Marked, executions: int) -> str:
    unusable = ", ".join(f"{reason} {number:,}" for reason, number in marked.unusable.items())
    return f"{_many(marked.taken, 'quote')} taken for {marked.executions:,} of {_many(executions, 'execution')}" + (
        f", of them without use: {unusable}" if unusable else ""
    )


def _many(number: int, one: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {one}s"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
