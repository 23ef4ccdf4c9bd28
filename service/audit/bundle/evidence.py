"""All that a bundle is made of: one exception with what is behind it, and who makes the bundle when. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from rules.finding import Finding
from rules.reassessment import Reassessment
from service.cases.case import Case, CaseEvent
from service.cases.rules import DEFAULTS, Rules
from service.journal import Record
from service.picture.life import Family
from service.quote_evidence import FindingQuotes
from service.versions import Version


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of the exception, as it was first stated, with the second looks at it and the quotes kept with it."""

    finding: Finding
    looks: tuple[Reassessment, ...] = ()
    quotes: FindingQuotes | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One exception as one reading of the store has it; findings are newest first.

    `left_out` says in words what the bounds of the reading left out, empty when nothing. `rulebook` is the one in
    force at the newest finding, None before the first was put in force; `rulebook_since` is its journal offset.
    """

    case: Case
    history: tuple[CaseEvent, ...]
    held: tuple[Held, ...]
    records: tuple[Record, ...]
    left_out: tuple[str, ...] = ()
    rulebook: Version | None = None
    rulebook_since: int = 0
    family: Family | None = None


class Making(msgspec.Struct, frozen=True, kw_only=True):
    """Who makes a bundle, for which firm, when, with which version of the program, and in whose words for reasons."""

    by: str
    firm: str
    at: Nanos
    program: str
    rules: Rules = DEFAULTS
