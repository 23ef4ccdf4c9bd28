"""What a firm lays down for the work on cases: reason codes, clocks, four eyes, hours, who may do what. Pure.

`queue.yaml` says it (rules_file.py); what it leaves out is as here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from rules.facts import SECOND
from rules.finding import Severity
from service.cases.hours import ALWAYS_ON, Hours
from service.cases.states import Action
from service.people import plain

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class CountsAs(StrEnum):
    """What a closing says of the rule that found it: right, wrong, or neither."""

    TRUE = "true"
    FALSE = "false"
    NOT_DECIDED = "not_decided"


class Reason(msgspec.Struct, frozen=True):
    """One way in which a case can be closed."""

    code: str
    words: str
    counts_as: CountsAs


REASONS = (
    Reason("router_fault", "The router did wrong; taken up with the vendor", CountsAs.TRUE),
    Reason("venue_fault", "The venue did wrong; taken up with the vendor or the venue", CountsAs.TRUE),
    Reason("feed_fault", "The copy, the quotes or a clock failed; mended", CountsAs.TRUE),
    Reason("own_fault", "Our own order, configuration or desk was the cause; mended", CountsAs.TRUE),
    Reason("justified", "It happened as found, and there was a good reason for it", CountsAs.TRUE),
    Reason("wrong_data", "What the rule looked at was wrong", CountsAs.FALSE),
    Reason("limit_too_tight", "Harmless; the rule's limit is too tight", CountsAs.FALSE),
    Reason("duplicate", "Dealt with under another exception", CountsAs.NOT_DECIDED),
    Reason("not_decidable", "It cannot be told any more", CountsAs.NOT_DECIDED),
)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks of one severity in nanoseconds of the firm's hours; None: no such clock."""

    acknowledge_within: int | None
    close_within: int | None
    acknowledgement_expires: int | None
    escalate_to: str


_LIMITS = {
    Severity.CRITICAL: Limits(
        acknowledge_within=5 * MINUTE,
        close_within=4 * HOUR,
        acknowledgement_expires=2 * HOUR,
        escalate_to="compliance",
    ),
    Severity.HIGH: Limits(
        acknowledge_within=15 * MINUTE,
        close_within=8 * HOUR,
        acknowledgement_expires=8 * HOUR,
        escalate_to="compliance",
    ),
    Severity.MEDIUM: Limits(
        acknowledge_within=HOUR, close_within=16 * HOUR, acknowledgement_expires=None, escalate_to="supervisor"
    ),
    Severity.LOW: Limits(
        acknowledge_within=8 * HOUR, close_within=40 * HOUR, acknowledgement_expires=None, escalate_to="supervisor"
    ),
}
LIMITS: Mapping[Severity, Limits] = MappingProxyType(_LIMITS)
LONGEST_SHELVING = 5 * 24 * HOUR
LEAD = 30 * MINUTE
TAIL = HOUR


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; `desks` is account → desk, `permissions` role → what it may do (None: whoever has a name may)."""

    reasons: tuple[Reason, ...] = REASONS
    limits: Mapping[Severity, Limits] = LIMITS
    four_eyes: tuple[Severity, ...] = (Severity.HIGH, Severity.CRITICAL)
    forbid_own_desk: bool = False
    desks: Mapping[str, str] = {}
    longest_shelving: int = LONGEST_SHELVING
    hours: Hours = ALWAYS_ON
    permissions: Mapping[str, frozenset[Action]] | None = None

    def reason(self, code: str | None) -> Reason | None:
        """Return the reason of a code, None when there is none of it."""
        return next((reason for reason in self.reasons if reason.code == code), None)

    def desks_of(self, accounts: Iterable[str]) -> set[str]:
        """Return the desks that accounts belong to, as far as the firm said so."""
        return {self.desks[account] for account in accounts if account in self.desks}

    def permit(self, roles: Iterable[str], action: Action) -> bool:
        """Return whether one of the roles may do it."""
        return self.permissions is None or any(action in self.permissions.get(role, ()) for role in roles)

    def roles_for(self, action: Action) -> list[str]:
        """Return the roles that may do it, by name."""
        return sorted(role for role, actions in (self.permissions or {}).items() if action in actions)

    def own_desk(self, desks: Iterable[str], theirs: Iterable[str]) -> str | None:
        """Return a desk of the case that is the actor's own, None where there is none or the firm does not mind."""
        own = {plain(desk) for desk in desks} if self.forbid_own_desk else set()
        return next((desk for desk in sorted(theirs) if plain(desk) in own), None)


DEFAULTS = Rules()
