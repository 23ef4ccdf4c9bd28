"""What a rule found: a fact of its own, never changed afterwards. Who hears of it is decided elsewhere."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import Nanos


class Severity(StrEnum):
    """How bad it is; one enum everywhere (domain.md §7)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 for low to 3 for critical."""
        return list(Severity).index(self)


class Scope(StrEnum):
    """Which digest a finding belongs to: the market's, or the session's and feed's (a kill *is* a gap)."""

    MARKET = "market"
    FEED = "feed"


Value = str | int | bool | None


class Draft(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a rule's `check` returns: the case in values; the engine adds rule, version, severity and identity.

    `subject` is what it is about (execution id, order key, venue, session …) and, with rule and time, its identity.
    `cause` groups findings of one cause into one case, for example "venue XTOX" or "session SOR->FIRM".
    `values` hold what was found (integers in the units of rules.facts, keys ending in _ns, _price, _shares, _count or
    _ratio_ppm say which), `severity` overrides the card's when the case is milder or graver than usual.
    """

    subject: str
    cause: str
    at: Nanos
    values: dict[str, Value]
    dollar_harm: int | None = None
    accounts: tuple[str, ...] = ()
    severity: Severity | None = None
    sentence: str
    clocks: tuple[str, str] | None = None
    sample_count: int | None = None
    related: tuple[int, ...] = ()


class Finding(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One finding, explained for ever (design.md §2.7).

    `finding_id` is a function of rule, subject and event time. `thresholds` are the limits in force. `offset` is the
    journal offset of the record that brought it about; `related` the offsets of all raw messages that belong to it.
    `uncertain` says that messages were missing when it was raised: it is assessed again when they have come.
    """

    finding_id: str
    rule: str
    rule_version: int
    rulebook_hash: str
    scope: Scope
    severity: Severity
    trade_date: str
    counterparty: str
    session: str
    subject: str
    cause: str
    at: Nanos
    sentence: str
    values: dict[str, Value]
    thresholds: dict[str, Value]
    clocks: tuple[str, str] | None = None
    sample_count: int | None = None
    dollar_harm: int | None = None
    accounts: tuple[str, ...] = ()
    symbol: str | None = None
    venue: str | None = None
    offset: int
    related: tuple[int, ...] = ()
    quotes: dict[str, dict[str, Value]] = {}
    uncertain: bool = False
