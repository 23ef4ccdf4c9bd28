"""Approved venues on the wire: who may be routed to, since when, by whom. Pure."""

from __future__ import annotations

from pydantic import Field

from rules.facts import OrderType
from rules.register import Approval
from rules.session_of_day import SessionOfDay
from service.change.approval_form import FilledApproval
from service.change.registers import change_words
from service.register_changes import RegisterChange
from service.versions import Version
from service.web.api.forms.common import Day, Instant, Name, Told, Word, instant
from service.web.api.forms.versions import ProposalAsked


class ApprovalAsked(ProposalAsked):
    """A venue that is to be approved from a day on; lists of names are parted by commas, as in the form of the page."""

    counterparty: Name
    venue: Name
    name: Word = ""
    approved_from: Day
    approved_until: Day | None = None
    order_types: list[OrderType] = Field(default=[], max_length=20)
    sessions: list[SessionOfDay] = Field(default=[], max_length=20)
    desks: Word = ""
    clients: Word = ""
    accounts: Word = ""
    symbols: Word = ""
    document: Word = ""
    approver: Word = ""
    fees: Word = ""
    routing_share: Word = ""
    pays_for_order_flow: bool = Field(default=False, strict=True)

    def filled(self) -> FilledApproval:
        """Return it as the form of the page has it."""
        plain = ("venue", "name", "approved_from", "desks", "clients", "accounts", "symbols", "document", "approver")
        return FilledApproval(
            **{name: getattr(self, name) for name in (*plain, "fees", "routing_share", "pays_for_order_flow")},
            approved_until=self.approved_until or "",
            order_types=tuple(one.value for one in self.order_types),
            sessions=tuple(one.value for one in self.sessions),
        )


class EndingAsked(ProposalAsked):
    """A venue that is to be approved until a day and not after."""

    counterparty: Name
    venue: Name
    on: Day


class ApprovedVenue(Told):
    """A venue that is approved for a counterparty on a day, and who made it so."""

    counterparty: str
    venue: str
    name: str
    approved_from: str
    approved_until: str | None
    order_types: list[str]
    sessions: list[str]
    document: str | None
    pays_for_order_flow: bool
    proposal: int | None
    proposer: str
    approver: str


class ApprovedVenues(Told):
    """The venues that are approved on a day by the registers in force at its end."""

    day: str
    venues: list[ApprovedVenue]


class VenueChange(Told):
    """One change of a register."""

    offset: int
    at: Instant
    counterparty: str
    venue: str
    words: str
    proposal: int | None
    proposer: str
    approver: str
    why: str


class VenueChanges(Told):
    """Who changed what of which venue, the newest first, at most 1,000."""

    changes: list[VenueChange]


def approved_venue(counterparty: str, approval: Approval, by: Version) -> ApprovedVenue:
    """Return an approval, with who made it so by the version that did."""
    return ApprovedVenue(
        counterparty=counterparty,
        venue=approval.venue,
        name=approval.name,
        approved_from=approval.approved_from,
        approved_until=approval.approved_until,
        order_types=[kind.value for kind in approval.order_types],
        sessions=[session.value for session in approval.sessions],
        document=approval.document,
        pays_for_order_flow=approval.pays_for_order_flow,
        proposal=by.proposal,
        proposer=by.proposer,
        approver=by.approver or by.actor,
    )


def venue_change(one: RegisterChange) -> VenueChange:
    """Return one change of a register."""
    return VenueChange(
        offset=one.offset,
        at=instant(one.clock if one.received_at is None else one.received_at),
        counterparty=one.counterparty,
        venue=one.venue,
        words=change_words(one.before, one.after),
        proposal=one.proposal,
        proposer=one.proposer,
        approver=one.approver,
        why=one.why,
    )
