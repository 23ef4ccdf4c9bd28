"""Findings and second looks as rows: the cells of their tables in column order (work_tables.py). Pure."""

from __future__ import annotations

from rules.finding import Finding
from rules.reassessment import Reassessment
from service.store.cells import canonical
from service.store.rows import Row


def finding_row(finding: Finding, seq: int) -> Row:
    """Return the cells of `findings`."""
    return (
        seq,
        finding.finding_id,
        finding.offset,
        finding.rule,
        finding.scope,
        finding.severity,
        finding.counterparty,
        finding.session,
        finding.trade_date,
        finding.subject,
        finding.cause,
        finding.at,
        finding.dollar_harm,
        finding.symbol,
        finding.venue,
        canonical(finding),
    )


def reassessment_row(second: Reassessment, seq: int) -> Row:
    """Return the cells of `reassessments`."""
    return (
        seq,
        second.offset,
        second.counterparty,
        second.session,
        second.trade_date,
        second.finding_id,
        second.rule,
        second.verdict,
        second.reason,
        second.missing,
        second.at,
        None if second.finding is None else canonical(second.finding),
        second.why,
    )
