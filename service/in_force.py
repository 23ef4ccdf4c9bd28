"""What a VERSION record puts in force, read and proved before anything changes. Pure.

It was proved before it was written; what cannot be read now was written by another version of this program, and the
road must not go on under rules that nobody chose: that stops the start, unlike any message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from rules.facts import SECOND, FeedEvent, FeedEventKind, Level, Nanos
from rules.reading import ReadingError
from rules.register import VenueRegister, parse_register
from rules.rulebook import Rulebook, parse_rulebook
from rules.rulebook_changes import rulebook_changes
from service.feed.flow import FLOW_FLOOR, FLOW_MINIMUM, FlowLimits
from service.feed.state import FeedLimits
from service.fix.dialect import Dialect, parse_dialect
from service.fix.habits import RecoveryHabits, Role
from service.journal import Record
from service.market.calendar import TradingCalendar, trade_date
from service.market.hours import Hours
from service.marks import MARK_AFTER
from service.orders.steps import Where
from service.versions import Version, VersionKind, version_of

ORPHAN_AFTER = Nanos(300 * SECOND)
UNANSWERED_AFTER = Nanos(5 * SECOND)
RESEND = RecoveryHabits()


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The feed's limits as a LIMITS version carries them, in nanoseconds; what an old one leaves out was off then."""

    silence_after: Nanos
    gap_overdue_after: Nanos
    orphan_after: Nanos = ORPHAN_AFTER
    unanswered_after: Nanos = UNANSWERED_AFTER
    flow_factor: int = 0
    flow_floor: Nanos = FLOW_FLOOR
    flow_minimum: int = FLOW_MINIMUM
    clock_tolerance: Nanos = Nanos(0)
    mark_after: Nanos = MARK_AFTER

    @property
    def feed(self) -> FeedLimits:
        """Return those that the watch's own sight goes by."""
        return FeedLimits(
            silence_after=self.silence_after,
            gap_overdue_after=self.gap_overdue_after,
            flow=FlowLimits(self.flow_factor, self.flow_floor, self.flow_minimum),
            clock_tolerance=self.clock_tolerance,
        )


class VenuesFile(msgspec.Struct, frozen=True):
    """What a venue file says; it is compared with the register, which wins."""

    register: VenueRegister


class RulebookFile(msgspec.Struct, frozen=True):
    """What the rulebook's file says; it is compared with the rulebook in force, which wins."""

    rulebook: Rulebook


Compared = VenuesFile | RulebookFile
Content = Dialect | VenueRegister | Rulebook | TradingCalendar | Limits | Compared


class Adopted(msgspec.Struct, frozen=True):
    """What is in force from this record on, and for whom (a counterparty for a dialect or register)."""

    version: Version
    content: Content

    @property
    def name(self) -> str:
        """Return for whom."""
        return self.version.name


class InForce(msgspec.Struct, gc=False):
    """What the road goes by from here on, beside the rules and registers, which the engine holds."""

    hours: Hours = msgspec.field(default_factory=Hours)
    dialects: dict[str, Dialect] = {}
    limits: Limits | None = None

    @property
    def calendar(self) -> TradingCalendar:
        """Return the trading calendar in force."""
        return self.hours.calendar

    def delay(self, counterparty: str) -> Nanos:
        """Return by how much the counterparty says that it holds its copy back."""
        dialect = self.dialects.get(counterparty)
        return Nanos(0) if dialect is None else dialect.delay

    def recovery(self, counterparty: str) -> RecoveryHabits:
        """Return how the counterparty's missed reports come back."""
        dialect = self.dialects.get(counterparty)
        return RESEND if dialect is None else dialect.recovery

    def own_orders(self) -> Iterator[tuple[str, Level, set[str]]]:
        """Yield each vendor whom the firm's own orders name, their level in his copy, and whose copies hold them."""
        found: dict[str, tuple[Level, set[str]]] = {}
        for name, dialect in self.dialects.items():
            for vendor in dialect.own_orders.vendors if dialect.role is Role.OWN_ORDERS else ():
                if (theirs := self.dialects.get(vendor)) is not None:
                    level = dialect.own_orders.level or theirs.level.without_parent
                    found.setdefault(vendor, (level, set()))[1].add(name)
        for vendor, (level, sources) in found.items():
            yield vendor, level, sources


class UnusableVersionError(Exception):
    """A version in the journal cannot be put in force; the words say which, why, and what to do."""


_READ: dict[VersionKind, Callable[[str], Content]] = {
    VersionKind.DIALECT: parse_dialect,
    VersionKind.REGISTER: parse_register,
    VersionKind.RULEBOOK: parse_rulebook,
    VersionKind.CALENDAR: lambda text: msgspec.json.decode(text, type=TradingCalendar),
    VersionKind.LIMITS: lambda text: msgspec.json.decode(text, type=Limits),
    VersionKind.VENUES_FILE: lambda text: VenuesFile(parse_register(text)),
    VersionKind.RULEBOOK_FILE: lambda text: RulebookFile(parse_rulebook(text)),
}


def read_version(record: Record) -> Adopted:
    """Return what the record puts in force; raise UnusableVersionError when this program cannot."""
    what = "version"
    try:
        version = version_of(record.body)
        what = f"{version.kind.value} {version.name}"
        return Adopted(version, _READ[version.kind](version.text))
    except ReadingError as error:
        raise _unusable(record, what, "; ".join(error.problems)) from error
    except msgspec.DecodeError as error:
        raise _unusable(record, what, str(error)) from error


def drift(
    counterparty: str, file: Compared, rulebook: Rulebook, registers: Mapping[str, VenueRegister], where: Where
) -> list[FeedEvent]:
    """Return an event for every venue on which the file and the register differ, or for a rulebook's file that does."""
    if isinstance(file, RulebookFile):
        return _rulebook_drift(file.rulebook, rulebook, where)
    venues = registers.get(counterparty, VenueRegister()).differing(file.register)
    return [_drifted(FeedEventKind.VENUE_DRIFT, venue, counterparty, where) for venue in venues]


def _rulebook_drift(file: Rulebook, in_force: Rulebook, where: Where) -> list[FeedEvent]:
    changes = rulebook_changes(in_force, file)
    if not changes:
        return []
    told: dict[str, str | int | None] = {
        "differs": "; ".join(change.words for change in changes),
        "file_hash": file.hash,
        "in_force_hash": in_force.hash,
    }
    return [_drifted(FeedEventKind.RULEBOOK_DRIFT, "rulebook", "", where, told)]


def _drifted(
    kind: FeedEventKind,
    subject: str,
    counterparty: str,
    where: Where,
    detail: dict[str, str | int | None] | None = None,
) -> FeedEvent:
    return FeedEvent(
        kind=kind,
        subject=subject,
        at=where.clock,
        detail=detail or {},
        related=(where.offset,),
        offset=where.offset,
        counterparty=counterparty,
        session=where.session,
        trade_date=trade_date(where.clock),
        received_at=where.received_at,
        clock=where.clock,
    )


def _unusable(record: Record, what: str, why: str) -> UnusableVersionError:
    return UnusableVersionError(
        f"journal record {record.offset}: the {what} cannot be put in force: {why}. "
        "It was proved when it was written, so another version of sorwatch wrote it: start that one."
    )
