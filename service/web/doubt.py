"""Uncertainty in words: what was missing when a finding was made, and what the second look at it came to. Pure."""

from __future__ import annotations

from rules.finding import Finding
from rules.reassessment import Reassessment, Verdict
from service.cases import Case
from service.web.said import grouped, instant

WAITING = "Uncertain: messages were missing when it was found. It is assessed again when they have come."
_CAME_TO = {Verdict.STANDS: "it stands", Verdict.CHANGED: "it changed", Verdict.WITHDRAWN: "withdrawn"}


def doubt(finding: Finding, look: Reassessment | None) -> str:
    """Return what must be said of a finding's certainty, "" when it never was uncertain."""
    if not finding.uncertain:
        return ""
    if look is None:
        return WAITING
    was = "was" if look.missing.startswith("message ") else "were"
    while_missing = f"Uncertain while {look.missing} {was} missing"
    if look.verdict is Verdict.UNRESOLVED:
        return f"{while_missing}, and it stays so: {look.reason}."
    when, came_to = instant(look.at).time, _CAME_TO[look.verdict]
    told = f"{while_missing}; assessed again at {when}: {came_to}, because {look.reason}."
    return told if look.finding is None else f"{told} It is now: {look.finding.sentence}"


def standing_harm(finding: Finding, look: Reassessment | None) -> int | None:
    """Return the harm of a finding as it stands: none of a withdrawn one."""
    if look is not None and look.verdict is Verdict.WITHDRAWN:
        return None
    return (finding if look is None else look.finding or finding).dollar_harm


def mark(case: Case) -> str:
    """Return the word that a case is marked with in the list, "" for most."""
    if case.withdrawn_count and not case.finding_count:
        return "withdrawn"
    if not case.uncertain_count:
        return ""
    return "uncertain" if case.uncertain_count >= case.finding_count else "partly uncertain"


def explained(case: Case) -> str:
    """Return the mark of a case at length."""
    told = []
    if case.uncertain_count:
        told.append(f"{_findings(case.uncertain_count)} made while messages were missing, and not confirmed")
    if case.withdrawn_count:
        told.append(f"{_findings(case.withdrawn_count)} withdrawn when they had come")
    return "; ".join(told)


def _findings(count: int) -> str:
    return "1 finding was" if count == 1 else f"{grouped(str(count))} findings were"
