"""Proposals and approved venues over the API: decided by a second person, with the backtest beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request

from rules.reading import ReadingError
from rules.register import parse_register
from service.backtest.beside import Beside
from service.change.approval_form import approval_of, day_problem
from service.change.doing import Decided, decide_beside, propose_edit
from service.change.history import Held, find_text
from service.change.proposal_events import FOLLOWS, State
from service.change.proposals import Proposal, Refused
from service.change.registers import Edit, approved_on, approving, ending
from service.market.calendar import trade_date
from service.store.held_versions import changes_of_registers, held_versions
from service.store.proposal_backtests import SqlProposalBacktests
from service.store.proposals import SqlProposals
from service.store.rule_record import stored_days
from service.versions import VersionKind
from service.web.api.forms.common import LARGEST, Word
from service.web.api.forms.venues import (
    ApprovalAsked,
    ApprovedVenue,
    ApprovedVenues,
    EndingAsked,
    VenueChanges,
    approved_venue,
    venue_change,
)
from service.web.api.forms.versions import (
    BacktestAsked,
    DecisionAsked,
    ProposalAsked,
    ProposalDetail,
    Proposals,
    ProposalTold,
    Trial,
    WithdrawalAsked,
    proposal_detail,
    proposal_told,
    trial,
)
from service.web.api.problems import HTTP_CONFLICT, conflict, missing, wrong
from service.web.api.routes import HTTP_CREATED, Routes
from service.web.api.versions import REGISTERS, taken, wanted_of
from service.web.house import House
from service.web.proposals.texts import now, told_differences
from service.web.venues.view import allowed_by
from service.web.visitor import visitor

ProposalId = Annotated[int, Path(ge=1, le=LARGEST, description="The number of the proposal.")]
MOST_CHANGES = 1_000


def add_proposals(app: FastAPI, house: House) -> None:
    """Add the routes about proposals."""
    routes, trials = Routes(app, "proposals"), SqlProposalBacktests(house.database)

    @routes.get("/proposals")
    def list_proposals() -> Proposals:
        """Return every proposal of a rulebook or register, in the order in which they were made."""
        return Proposals(proposals=[proposal_told(one) for one in SqlProposals(house.database).standing().proposals])

    @routes.get("/proposals/{number}")
    def get_proposal(number: ProposalId) -> ProposalDetail:
        """Return a proposal with its text, what it changes, and its backtests."""
        one = _known(house, number)
        return proposal_detail(one, _differences(house, one), trials.of(number, now()))

    @routes.post("/proposals/{number}/decision")
    def decide_proposal(request: Request, number: ProposalId, body: DecisionAsked) -> ProposalTold:
        """Approve or refuse what somebody else proposed.

        Give the digest of its newest backtest in `backtest`, where there is any: a newer one is looked at first.
        """
        _known(house, number)
        return _decided(house, request, number, State(body.decision.value), body.why, body.backtest)

    @routes.post("/proposals/{number}/withdrawal")
    def withdraw_proposal(request: Request, number: ProposalId, body: WithdrawalAsked) -> ProposalTold:
        """Take back what you proposed."""
        _known(house, number)
        return _decided(house, request, number, State.WITHDRAWN, body.why)


def add_backtests(app: FastAPI, house: House) -> None:
    """Add the routes about backtests of proposals."""
    routes, trials, beside = Routes(app, "proposals"), SqlProposalBacktests(house.database), Beside(house.database)

    @routes.post("/proposals/{number}/backtests", HTTP_CREATED)
    def begin_backtest(request: Request, number: ProposalId, body: BacktestAsked) -> Trial:
        """Try a proposed rulebook on stored days; one backtest runs at a time."""
        one = _known(house, number)
        days = tuple(day for day in reversed(stored_days(house.database)) if day in body.days)
        if one.wanted.kind is not VersionKind.RULEBOOK or one.state not in FOLLOWS:
            conflict("nothing of it is to be tried: it is no rulebook, or nothing is left to decide about it")
        if set(days) != set(body.days):
            conflict(f"nothing is stored of {', '.join(sorted(set(body.days) - set(days)))}")
        name = f"proposal {one.number} ({one.wanted.hash[:12]})"
        begun = beside.start(one.number, name, one.wanted.text, days, visitor(request).actor.name)
        if isinstance(begun, str):
            conflict(begun)
        return trial(begun)

    @routes.post("/proposals/{number}/backtests/cancel")
    def cancel_backtest(request: Request, number: ProposalId) -> Trial:
        """End the backtest of a proposal that runs."""
        running = trials.running(now())
        if running is None or running.proposal != number:
            missing("running backtest of proposal", number)
        beside.cancel(running.seq, visitor(request).actor.name)
        return trial(next(one for one in trials.of(number, now()) if one.seq == running.seq))


def add_venues(app: FastAPI, house: House) -> None:
    """Add the routes about approved venues."""
    routes, database = Routes(app, "venues"), house.database

    @routes.get("/venues", HTTP_CONFLICT)
    def list_venues(counterparty: Annotated[Word | None, Query()] = None) -> ApprovedVenues:
        """Return the venues that are approved today by the registers in force, and who made them so."""
        today = trade_date(now())
        return ApprovedVenues(day=today, venues=list(_approved(house, counterparty, today)))

    @routes.get("/venues/history")
    def list_venue_changes(
        counterparty: Annotated[Word | None, Query()] = None, venue: Annotated[Word | None, Query()] = None
    ) -> VenueChanges:
        """Return who allowed or ended which venue when and why, the newest first."""
        changes = changes_of_registers(database, counterparty, venue)
        return VenueChanges(changes=[venue_change(one) for one in reversed(changes[-MOST_CHANGES:])])

    @routes.post("/venues/approvals", HTTP_CREATED)
    def propose_approval(request: Request, body: ApprovalAsked) -> ProposalTold:
        """Propose that a venue be approved for a counterparty from a day on; a second person approves it."""
        approval = approval_of(body.filled())
        if isinstance(approval, Refused):
            wrong(*approval.problems)
        return _edited(house, request, body.counterparty, body, approving(approval))

    @routes.post("/venues/endings", HTTP_CREATED)
    def propose_ending(request: Request, body: EndingAsked) -> ProposalTold:
        """Propose that a venue be approved until a day and not after; a second person approves it."""
        problems = tuple(day_problem("the last day", body.on))
        if problems:
            wrong(*problems, where="body.on")
        return _edited(house, request, body.counterparty, body, ending(body.venue, body.on))


def _known(house: House, number: int) -> Proposal:
    every = SqlProposals(house.database).standing().proposals
    one = next((each for each in every if each.number == number), None)
    if one is None:
        missing("proposal", number)
    return one


def _differences(house: House, one: Proposal) -> list[str]:
    held = held_versions(house.database, one.wanted.kind, one.wanted.name)
    before = find_text(held, (), one.wanted.kind, one.based_on)
    return [] if isinstance(before, Refused) else told_differences(one.wanted.kind, before.text, one.wanted.text)


def _decided(house: House, request: Request, number: int, state: State, why: str, backtest: str = "") -> ProposalTold:
    decided = Decided(state=state, actor=visitor(request).actor.name, why=why, backtest=backtest)
    return taken(decide_beside(house.database, number, decided, now()))


def _edited(house: House, request: Request, party: str, body: ProposalAsked, edit: Edit) -> ProposalTold:
    asked = wanted_of(REGISTERS, party, body)
    return taken(propose_edit(house.database, asked, edit, visitor(request).actor.name, now()))


def _approved(house: House, counterparty: str | None, day: str) -> Iterator[ApprovedVenue]:
    """Yield what is approved on a day; refuse where a register cannot be read by this program."""
    by_name: dict[str, list[Held]] = {}
    for one in held_versions(house.database, REGISTERS, counterparty):
        by_name.setdefault(one.version.name, []).append(one)
    for name, held in sorted(by_name.items()):
        allowed = allowed_by(held)
        try:
            approvals = approved_on(parse_register(held[-1].version.text), day)
        except ReadingError as error:
            conflict(f"the register of {name} cannot be read by this program: {error}")
        yield from (approved_venue(name, one, allowed[one.venue].version) for one in approvals)
