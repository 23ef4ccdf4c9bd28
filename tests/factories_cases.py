"""Findings and cases for tests: name only what matters."""

from __future__ import annotations

from typing import Any

from rules.facts import MILLISECOND, Nanos
from rules.finding import Finding, Scope, Severity
from rules.reassessment import Reassessment, Verdict
from service.cases.actor import Actor
from service.cases.case import Acted, Case, Notice
from service.cases.gathering import open_case
from service.cases.rules import Limits, Rules
from service.grouping import key_of
from service.journal import Frame
from service.processed import Processed
from service.store.case_book import Alerting
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.queue import SqlQueue
from service.store.record import SqlStore
from service.versions import Version, VersionKind

PAT = Actor(name="pat")
SAM = Actor(name="sam")
NO_CLOCK = Limits(acknowledge_within=None, close_within=None, acknowledgement_expires=None, escalate_to="compliance")
NO_CLOCKS = Rules(limits=dict.fromkeys(Severity, NO_CLOCK))
"""A firm that sets no clocks."""
NOON = Nanos(1_760_000_000_000_000_000)
MINUTE = 60_000 * MILLISECOND


def a_finding(number: int = 1, **changes: Any) -> Finding:
    """Return a finding of the rule slow_fill about the venue XTST, the n-th of its day unless said otherwise."""
    values: dict[str, Any] = {
        "finding_id": f"{number:016x}",
        "rule": "slow_fill",
        "rule_version": 1,
        "rulebook_hash": "ab" * 32,
        "scope": Scope.MARKET,
        "severity": Severity.MEDIUM,
        "trade_date": "2026-11-20",
        "counterparty": "sor",
        "session": "FIX.4.4:FIRM->SOR",
        "subject": f"sor/2026-11-20/E{number}",
        "cause": "venue XTST",
        "at": Nanos(NOON + number * MILLISECOND),
        "sentence": f"Fill E{number} took 3 s.",
        "values": {"time_to_fill_ns": 3_000_000_000},
        "thresholds": {"limit_ns": 1_000_000_000},
        "symbol": "ACME",
        "venue": "XTST",
        "offset": number,
    }
    return Finding(**{**values, **changes})


def a_look(first: Finding, verdict: Verdict = Verdict.STANDS, **changes: Any) -> Reassessment:
    """Return the second look at a finding, a minute after noon: it stands unless said otherwise."""
    values: dict[str, Any] = {
        "offset": 900,
        "counterparty": first.counterparty,
        "session": first.session,
        "trade_date": first.trade_date,
        "finding_id": first.finding_id,
        "rule": first.rule,
        "verdict": verdict,
        "reason": "nothing that came changes it",
        "missing": "messages 5-6",
        "at": Nanos(NOON + MINUTE),
    }
    return Reassessment(**{**values, **changes})


def a_case(*findings: Finding, case_id: int = 7) -> Case:
    """Return an open case over the findings, one by default."""
    return an_opening(*findings, case_id=case_id).case


def an_opening(*findings: Finding, case_id: int = 7) -> Acted:
    """Return the opening of a case over the findings, one by default."""
    found = list(findings) or [a_finding()]
    return open_case(case_id, key_of(found[0]), found, NOON)


def alert_text(notice: Notice, at: Nanos) -> bytes:
    """Return a wire form that says only which step of which case it is about, and when it was made."""
    return f"{notice.case.case_id}/{notice.case.n} {notice.reason} {at}".encode()


def a_queue(database: Database, alerting: Alerting = alert_text, *channels: str, rules: Rules = NO_CLOCKS) -> SqlQueue:
    """Return the queue over a store; alerts go to the channel mqtt, and no clock runs, unless said otherwise."""
    return SqlQueue(database, alerting=alerting, channels=channels or ("mqtt",), rules=rules)


def recorded(database: Database, *found: Finding) -> None:
    """Record findings as one more batch of the pipeline."""
    store = SqlStore(database)
    store.record(Processed(upto=store.processed_offset() + 1, findings=list(found)))


def in_force(database: Database, text: str) -> int:
    """Put a rulebook in force; return its journal offset."""
    version = Version(kind=VersionKind.RULEBOOK, name="rulebook", text=text)
    return SqlJournal(database).append(Frame(entries=(version.entry(NOON),)))


def looked(database: Database, *looks: Reassessment) -> None:
    """Record second looks as one more batch of the pipeline."""
    store = SqlStore(database)
    store.record(Processed(upto=store.processed_offset() + 1, reassessments=list(looks)))


def gather_all(queue: SqlQueue, now: Nanos = NOON) -> list[Notice]:
    """Let the caseworker take all that waits; return everything that should be heard."""
    notices: list[Notice] = []
    while (gathered := queue.gather(now)).any:
        notices += gathered.notices
    return notices
