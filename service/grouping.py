"""Which findings are one case: by the grouping and the quiet time of the rulebook in force where they were made. Pure.

Findings of one rule and trade date that share the values of the rule's grouping are one case until a quiet time longer
than the cooldown has passed after its last finding. One that comes late joins the earliest case that is not over by
then. Neither how the findings are cut into chunks nor what stands between them changes that; among findings of one key
only their own order can, and only where event times run backwards by more than the cooldown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from rules.facts import Nanos
from rules.finding import Finding
from rules.rulebook import DEFAULT_COOLDOWN, DEFAULT_GROUPING, DEFAULT_INCIDENT_SPAN, Rulebook
from service.cases.case import Case, CaseKey

EVERYTHING = "every cause"
"""The cause of a case whose grouping names nothing that tells causes apart."""


class Terms(msgspec.Struct, frozen=True):
    """What the rulebook says of the cases of one rule, and of incidents (service/incidents.py)."""

    grouping: tuple[str, ...] = DEFAULT_GROUPING
    cooldown: Nanos = DEFAULT_COOLDOWN
    incident_span: Nanos = DEFAULT_INCIDENT_SPAN


class Held(msgspec.Struct, frozen=True):
    """A finding with its number in the order of commitment, and the terms in force where it was made."""

    seq: int
    finding: Finding
    terms: Terms

    @property
    def key(self) -> CaseKey:
        """Return which cases it may belong to."""
        return key_of(self.finding, self.terms.grouping)


class Share(msgspec.Struct):
    """What goes into one case: one that is there, or a new one (None)."""

    case: Case | None
    last_at: Nanos
    held: list[Held]


def terms_of(rulebook: Rulebook, name: str) -> Terms:
    """Return what a rulebook says of a rule; of one that it does not know it says the defaults."""
    for rule in rulebook.rules:
        if rule.name == name:
            return Terms(rule.grouping, rule.cooldown, rulebook.incident_span)
    return Terms(incident_span=rulebook.incident_span)


def key_of(finding: Finding, grouping: Sequence[str] = DEFAULT_GROUPING) -> CaseKey:
    """Return what the finding must share with others to be in one case with them.

    Rule and trade date always tell cases apart, the counterparty where it is named; the order of names does not matter.
    """
    counterparty = finding.counterparty if "counterparty" in grouping else ""
    return CaseKey(finding.rule, _cause(finding, grouping), counterparty, finding.trade_date)


def by_key(held: Iterable[Held]) -> dict[CaseKey, list[Held]]:
    """Return findings by key, in their order."""
    groups: dict[CaseKey, list[Held]] = {}
    for one in held:
        groups.setdefault(one.key, []).append(one)
    return groups


def shared_out(cases: Iterable[Case], held: Iterable[Held]) -> list[Share]:
    """Return which findings (all of one key) go into which of its cases, and which open new ones.

    `cases` are those of the key that may not be over yet, in the order in which they were opened.
    """
    shares = [Share(case, case.last_at, []) for case in cases]
    for one in held:
        at = one.finding.at
        joined = [share for share in shares if at - share.last_at <= one.terms.cooldown]
        if joined:
            share = min(joined, key=lambda share: share.last_at)
        else:
            share = Share(None, at, [])
            shares.append(share)
        share.held.append(one)
        share.last_at = max(share.last_at, at)
    return [share for share in shares if share.held]


def open_since(held: Iterable[Held]) -> Nanos:
    """Return the earliest last finding that a case may have which one of these findings (at least one) can join."""
    return Nanos(min(one.finding.at - one.terms.cooldown for one in held))


_SAID: dict[str, Callable[[Finding], str]] = {
    "cause": lambda finding: finding.cause,
    "venue": lambda finding: _named("venue", finding.venue),
    "symbol": lambda finding: _named("symbol", finding.symbol),
    "accounts": lambda finding: _named("account", " ".join(finding.accounts)),
    "session": lambda finding: _named("session", finding.session),
    "subject": lambda finding: _named("subject", finding.subject),
}
"""How each field that tells causes apart is said; rule, counterparty and trade date stand for themselves."""


def _named(what: str, value: str | None) -> str:
    return f"{what} {value}" if value else f"no {what}"


def _cause(finding: Finding, grouping: Sequence[str]) -> str:
    told = [say(finding) for name, say in _SAID.items() if name in grouping]
    return ", ".join(map(_quoted, told)) if len(told) > 1 else "".join(told) or EVERYTHING


def _quoted(text: str) -> str:
    """Put in quotes what could be mistaken for two values or is quoted itself."""
    return msgspec.json.encode(text).decode() if "," in text or text.startswith('"') else text
