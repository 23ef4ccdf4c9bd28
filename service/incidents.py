"""What several exceptions have in common: a venue, a vendor, a session, the quotes, a market that stands still. Pure.

A finding may have a trouble: a kind and a subject on a trade date. A case has one for life, that of its first finding
with any; findings of the case with another trouble say nothing of incidents. Findings of one trouble that stand at most
a span apart, or in one case, are one beginning; once two rules have found it (and, of a market, many symbols), it is an
incident, gets its number, and its cases are linked. A case is in at most one incident and never leaves it, and two
incidents are never made one: a late finding between two joins the one that ended first. How the findings are cut into
chunks changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

import msgspec

from rules.facts import Nanos, QuoteState
from rules.finding import Finding

MANY_SYMBOLS = 5
"""So many symbols without a market are the market's trouble; fewer are their own."""
_UNKNOWN = "venue_unknown"


class Kind(StrEnum):
    """What a trouble is about; the subject of the quotes is empty, a market's is the state it was in.

    A vendor's trouble is with what it sends, a router's with where it sends orders, whatever it tells of them.
    """

    MARKET = "market"
    QUOTES = "quotes"
    VENUE = "venue"
    VENDOR = "vendor"
    ROUTER = "router"
    SESSION = "session"


class Trouble(msgspec.Struct, frozen=True, order=True):
    """What a finding may have in common with those of other rules."""

    kind: Kind
    subject: str
    trade_date: str

    @property
    def words(self) -> str:
        """Return it as people say it: "venue XBOS", "market halted", "quotes"."""
        return f"{self.kind.value} {self.subject}".rstrip()


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of one trouble that belong together; without a `number` it is only the beginning of an incident.

    `symbols` are the first few of a market's trouble.
    """

    seq: int
    trouble: Trouble
    first_at: Nanos
    last_at: Nanos
    rules: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    number: int | None = None


class Outline(msgspec.Struct, frozen=True):
    """An incident as it is said in a line: its number, what it is about, and how many exceptions are linked to it."""

    number: int
    trouble: Trouble
    exceptions: int

    @property
    def words(self) -> str:
        """Return for example "incident 7 (venue XBOS, 4 exceptions)"."""
        many = "1 exception" if self.exceptions == 1 else f"{self.exceptions:,} exceptions"
        return f"incident {self.number} ({self.trouble.words}, {many})"


class Book:
    """The incidents that some findings may touch; takes these in the order of commitment.

    `where` says in which incident each of their cases is so far. Afterwards `changed` holds what has to be kept, and
    `moved` the cases that came to an incident.
    """

    def __init__(
        self, known: Iterable[Incident], where: Mapping[int, int], *, last_seq: int = 0, last_number: int = 0
    ) -> None:
        self._known = {incident.seq: incident for incident in known}
        self._where = dict(where)
        self._last_seq = last_seq
        self._last_number = last_number
        self.changed: dict[int, Incident] = {}
        self.moved: dict[int, int] = {}

    def take(self, case_id: int, finding: Finding, span: Nanos) -> None:
        """Take one finding of a case."""
        trouble = trouble_of(finding)
        if trouble is None:
            return
        seq = self._where.get(case_id)
        if seq is None:
            incident = self._near(trouble, finding.at, span) or self._begun(trouble, finding.at)
            self._where[case_id] = self.moved[case_id] = incident.seq
        else:
            incident = self._known[seq]
        if incident.trouble == trouble:
            self._keep(_grown(incident, finding))

    def _near(self, trouble: Trouble, at: Nanos, span: Nanos) -> Incident | None:
        near = [
            incident
            for incident in self._known.values()
            if incident.trouble == trouble and incident.first_at - span <= at <= incident.last_at + span
        ]
        return min(near, key=lambda incident: (incident.last_at, incident.seq), default=None)

    def _begun(self, trouble: Trouble, at: Nanos) -> Incident:
        self._last_seq += 1
        return Incident(seq=self._last_seq, trouble=trouble, first_at=at, last_at=at)

    def _keep(self, incident: Incident) -> None:
        if incident.number is None and _is_one(incident):
            self._last_number += 1
            incident = msgspec.structs.replace(incident, number=self._last_number)
        self._known[incident.seq] = self.changed[incident.seq] = incident


def trouble_of(finding: Finding) -> Trouble | None:
    """Return what the finding may have in common with others: the first that it can be about."""
    for kind in MAY_BE.get(finding.rule, ()):
        subject = _SUBJECT[kind](finding)
        if subject is not None:
            return Trouble(kind, subject, finding.trade_date)
    return None


def _is_one(incident: Incident) -> bool:
    many = incident.trouble.kind is not Kind.MARKET or len(incident.symbols) >= MANY_SYMBOLS
    return len(incident.rules) > 1 and many


def _grown(incident: Incident, finding: Finding) -> Incident:
    symbols = incident.symbols
    if incident.trouble.kind is Kind.MARKET and finding.symbol and len(symbols) < MANY_SYMBOLS:
        symbols = _with(symbols, finding.symbol)
    return msgspec.structs.replace(
        incident,
        first_at=min(incident.first_at, finding.at),
        last_at=max(incident.last_at, finding.at),
        rules=_with(incident.rules, finding.rule),
        symbols=symbols,
    )


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


_RULES: dict[tuple[Kind, ...], tuple[str, ...]] = {
    (Kind.MARKET, Kind.VENUE, Kind.ROUTER): ("slow_fill", "poor_fill", "fill_rate_drop"),
    (Kind.MARKET, Kind.VENUE, Kind.VENDOR): ("slow_ack", "slow_cancel", "reject_burst"),
    (Kind.MARKET, Kind.ROUTER): ("fill_rate_overall",),
    (Kind.MARKET, Kind.QUOTES): ("no_quote", "not_evaluated_rate"),
    (Kind.QUOTES,): ("quotes_down", "quotes_disagree", "quote_source_lag"),
    (Kind.VENUE,): (
        *("outside_nbbo", "unexpected_venue", "price_disimprovement", "missed_midpoint"),
        *("wide_effective_spread", "adverse_reversion", "quote_fade"),
    ),
    (Kind.VENDOR,): (
        *("feed_silent", "flow_stopped", "session_down", "logon_refused", "gateway_restarted"),
        *("sequence_gap", "epoch_changed", "recovery_overdue", "late_drop_copy"),
        *("unanswered_order", "unreported_order", "unknown_order", "hidden_fill"),
        *("cumulative_break", "overfill", "orphan_bust"),
    ),
    (Kind.ROUTER,): ("routing_drift", "venue_concentration"),
    (Kind.SESSION,): ("undecodable", "rejected_by_session", "duplicate_conflict", "clock_offset", "clock_suspect"),
}
MAY_BE = {rule: kinds for kinds, rules in _RULES.items() for rule in rules}
"""What the findings of each rule can be about; the first that fits counts."""
ALONE = frozenset({"rule_failure", "venue_drift", "rulebook_drift", "unmatched_symbol"})
"""Rules whose findings have nothing in common with others: they are about the firm's own configuration."""


def _market(finding: Finding) -> str | None:
    """Return the state of a market that stood still; an order may well have been received before the open."""
    here = [finding.quotes.get("execution", {}).get("state"), finding.values.get("quote_state")]
    here += str(finding.values.get("last_reason") or "").split(" ")[-1:]
    if QuoteState.HALTED in (*here, finding.quotes.get("receipt", {}).get("state")):
        return QuoteState.HALTED.value
    return QuoteState.CLOSED.value if QuoteState.CLOSED in here else None


def _quotes(finding: Finding) -> str | None:
    """Return "" when quotes were not there; a symbol that nobody knows and a crossed market are no outage."""
    state = finding.values.get("quote_state")
    outage = state in (None, QuoteState.ABSENT.value, QuoteState.STALE.value)
    return "" if outage and finding.values.get("note") != "unknown symbol" else None


def _venue(finding: Finding) -> str | None:
    venue = finding.venue or finding.values.get("venue")
    return str(venue) if venue and venue != _UNKNOWN else None


_SUBJECT: dict[Kind, Callable[[Finding], str | None]] = {
    Kind.MARKET: _market,
    Kind.QUOTES: _quotes,
    Kind.VENUE: _venue,
    Kind.VENDOR: lambda finding: finding.counterparty or None,
    Kind.ROUTER: lambda finding: finding.counterparty or None,
    Kind.SESSION: lambda finding: f"{finding.counterparty} {finding.session}",
}
