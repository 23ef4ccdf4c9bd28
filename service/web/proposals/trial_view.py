"""The backtest of a proposal as it is shown to whoever proposed and to whoever decides. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from rules.finding import Severity
from rules.rule import Rule
from service.backtest.compare import RuleDay
from service.backtest.kept import Kept, State
from service.backtest.outcome import Outcome, decode
from service.web.said import Instant, instant

FEW = 2
"""So many days are named one by one."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One finding that would be gained or was lost; `case_id` is the exception that holds it."""

    finding_id: str
    day: str
    sentence: str
    case_id: int | None


class RuleOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One rule over all days; `severities` say how grave its findings are, then and now, where that differs."""

    rule: str
    title: str
    then: str
    now: str
    gained: str
    lost: str
    lost_true: str
    severities: tuple[tuple[str, str, str], ...]
    new: tuple[Found, ...]
    gone: tuple[Found, ...]
    differs: bool


class TrialPage(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest that ran to its end."""

    digest: str
    by: str
    at: Instant
    took: str
    days: str
    facts: str
    differing: tuple[RuleOutcome, ...]
    same: tuple[RuleOutcome, ...]
    gained: str
    lost: str
    lost_true: str
    remarks: tuple[str, ...]


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest that runs, or one that came to nothing and why."""

    seq: int
    running: bool
    by: str
    at: Instant
    days: str
    done: int
    total: int
    words: str


def progress(one: Kept) -> Progress:
    """Return how far a backtest is, or how it ended."""
    total = len(one.days)
    return Progress(
        seq=one.seq,
        running=one.state is State.RUNNING,
        by=one.asked_by,
        at=instant(one.begun_at),
        days=_days(one.days),
        done=one.done,
        total=total,
        words=_ended(one),
    )


def _ended(one: Kept) -> str:
    if one.state is State.CANCELLED:
        return f"cancelled by {one.ended_by}"
    if one.state is State.FAILED:
        return f"failed: {one.why}"
    return "broken off: the page that ran it ended" if one.state is State.BROKEN_OFF else one.state.value


def lost_findings(one: Kept) -> list[str]:
    """Return the ids of the examples whose exceptions can be linked to."""
    if one.body is None:
        return []
    return [name for line in decode(one.body).lines for name in line.lost_ids]


def trial_page(one: Kept, rules: Mapping[str, Rule], cases: Mapping[str, int]) -> TrialPage:
    """Return what came of a backtest; `cases` are the exceptions of findings by id."""
    assert one.body is not None
    assert one.digest is not None
    told = decode(one.body)
    outcomes = [_rule(line, told, rules, cases) for line in told.by_rule.values()]
    sums = list(told.by_rule.values())
    return TrialPage(
        digest=one.digest,
        by=one.asked_by,
        at=instant(one.ended_at or one.begun_at),
        took=f"{((one.ended_at or one.begun_at) - one.begun_at) / 1e9:.1f} s",
        days=_days(told.days),
        facts=f"{told.facts:,}",
        differing=tuple(sorted((each for each in outcomes if each.differs), key=lambda each: each.rule)),
        same=tuple(sorted((each for each in outcomes if not each.differs), key=lambda each: each.rule)),
        gained=f"{sum(line.new for line in sums):,}",
        lost=f"{sum(line.lost for line in sums):,}",
        lost_true=_true(sums),
        remarks=told.remarks,
    )


def _rule(line: RuleDay, told: Outcome, rules: Mapping[str, Rule], cases: Mapping[str, int]) -> RuleOutcome:
    rule = rules.get(line.rule)
    severities = tuple(_severities(line))
    return RuleOutcome(
        rule=line.rule,
        title=rule.card.title if rule else line.rule,
        then=f"{line.then:,}",
        now=f"{line.now:,}",
        gained=f"{line.new:,}" if line.new else "",
        lost=f"{line.lost:,}" if line.lost else "",
        lost_true=_true([line]) if line.lost else "",
        severities=severities,
        new=tuple(_examples(told, line.rule, new=True, cases=cases)),
        gone=tuple(_examples(told, line.rule, new=False, cases=cases)),
        differs=bool(line.new or line.lost or any(then != now for _, then, now in severities)),
    )


def _severities(line: RuleDay) -> Iterator[tuple[str, str, str]]:
    """Yield severity, findings then and findings now, the gravest first."""
    then, now = line.then_by_severity, line.now_by_severity
    for severity in reversed(Severity):
        if then.get(severity, 0) or now.get(severity, 0):
            yield severity.value, f"{then.get(severity, 0):,}", f"{now.get(severity, 0):,}"


def _examples(told: Outcome, rule: str, *, new: bool, cases: Mapping[str, int]) -> Iterator[Found]:
    for line in told.lines:
        if line.rule == rule:
            ids, sentences = (line.new_ids, line.new_sentences) if new else (line.lost_ids, line.lost_sentences)
            for name, sentence in zip(ids, sentences, strict=True):
                yield Found(finding_id=name, day=line.day, sentence=sentence, case_id=cases.get(name))


def _true(lines: list[RuleDay]) -> str:
    """Return how many of the lost people had closed as true; nobody may have said so of any."""
    known = [line.lost_true for line in lines if line.lost_true is not None]
    if not known:
        return "nobody has closed any"
    return f"{sum(known):,}"


def _days(days: tuple[str, ...]) -> str:
    if len(days) > FEW:
        return f"{len(days)} days, {min(days)} to {max(days)}"
    return " and ".join(sorted(days))
