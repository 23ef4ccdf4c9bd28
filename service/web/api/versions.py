"""Versions of rulebook and registers over the API: what was in force, how texts differ, and proposing a new one."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Query, Request

from service.change.doing import proposals_of, propose
from service.change.history import find_text, rows
from service.change.proposal_events import Wanted
from service.change.proposals import Proposal, Refused
from service.store.held_versions import held_versions
from service.versions import Version, VersionKind
from service.web.api.forms.common import Name
from service.web.api.forms.versions import (
    HANDLE,
    Differences,
    Handle,
    ProposalAsked,
    ProposalTold,
    TextAsked,
    Versions,
    VersionText,
    proposal_told,
    version_row,
    version_text,
)
from service.web.api.problems import HTTP_NOT_FOUND, conflict, missing, wrong
from service.web.api.routes import HTTP_CREATED, Routes
from service.web.house import House
from service.web.proposals.text_pages import BOOK
from service.web.proposals.texts import PROPOSAL, Written, now, told_differences, wanted
from service.web.visitor import visitor

Meant = Annotated[Handle, Path(description=HANDLE, examples=["in-force"])]
Old = Annotated[Handle, Query(description=HANDLE)]
Party = Annotated[Name, Path(description="The counterparty of the register.", examples=["alpha"])]
BOOKS, REGISTERS = VersionKind.RULEBOOK, VersionKind.REGISTER


def add_rulebooks(app: FastAPI, house: House) -> None:
    """Add the routes about the rulebook."""
    routes = Routes(app, "rulebooks")

    @routes.get("/rulebooks")
    def list_rulebooks() -> Versions:
        """Return every rulebook that was in force with who approved it, and every proposal of one."""
        return _listed(house, BOOKS, BOOK)

    @routes.get("/rulebooks/differences", HTTP_NOT_FOUND)
    def compare_rulebooks(old: Old = "in-force", new: Old = "in-force") -> Differences:
        """Return what differs in meaning between two rulebooks."""
        return _compared(house, BOOKS, BOOK, old, new)

    @routes.post("/rulebooks/proposals", HTTP_CREATED)
    def propose_rulebook(request: Request, body: TextAsked) -> ProposalTold:
        """Propose a whole rulebook; a second person approves it."""
        return _proposed(house, request, wanted_of(BOOKS, BOOK, body, body.text))

    @routes.get("/rulebooks/{handle}")
    def get_rulebook(handle: Meant) -> VersionText:
        """Return the text of a rulebook: of the one in force, of an earlier one, or of a proposal."""
        return version_text(found(house, BOOKS, BOOK, handle))


def add_registers(app: FastAPI, house: House) -> None:
    """Add the routes about the registers of venues."""
    routes = Routes(app, "registers")

    @routes.get("/registers/{party}")
    def list_registers(party: Party) -> Versions:
        """Return every register of a counterparty that was in force, and every proposal of one."""
        return _listed(house, REGISTERS, party)

    @routes.get("/registers/{party}/differences")
    def compare_registers(party: Party, old: Old = "in-force", new: Old = "in-force") -> Differences:
        """Return what differs in meaning between two registers of a counterparty."""
        return _compared(house, REGISTERS, party, old, new)

    @routes.post("/registers/{party}/proposals", HTTP_CREATED)
    def propose_register(request: Request, party: Party, body: TextAsked) -> ProposalTold:
        """Propose a whole register of a counterparty; a second person approves it."""
        return _proposed(house, request, wanted_of(REGISTERS, party, body, body.text))

    @routes.get("/registers/{party}/{handle}")
    def get_register(party: Party, handle: Meant) -> VersionText:
        """Return the text of a register: of the one in force, of an earlier one, or of a proposal."""
        return version_text(found(house, REGISTERS, party, handle))


def wanted_of(kind: VersionKind, name: str, body: ProposalAsked, text: str = "") -> Wanted:
    """Return what is proposed; raise Refusal with what is wrong with its words."""
    written = Written(why=body.why, effective=body.effective or "", text=text.replace("\r\n", "\n"))
    asked = wanted(kind, name, written)
    if isinstance(asked, Refused):
        wrong(*asked.problems, where="body.effective")
    return asked


def taken(answer: Proposal | Refused) -> ProposalTold:
    """Return the proposal after what was asked for; raise Refusal with everything that stands against it."""
    if isinstance(answer, Refused):
        conflict(*answer.problems)
    return proposal_told(answer)


def found(house: House, kind: VersionKind, name: str, handle: str) -> Version:
    """Return the version that somebody means; raise Refusal when there is none."""
    held, proposals = held_versions(house.database, kind, name), proposals_of(house.database, kind, name)
    version = find_text(held, proposals, kind, handle.replace(PROPOSAL, "#"))
    if isinstance(version, Refused):
        missing("version", handle)
    return version


def _listed(house: House, kind: VersionKind, name: str) -> Versions:
    held = held_versions(house.database, kind, name)
    if not held and kind is REGISTERS:
        missing("register in force yet of", name)
    told = rows(held, proposals_of(house.database, kind, name))
    return Versions(versions=[version_row(row) for row in told])


def _compared(house: House, kind: VersionKind, name: str, old: str, new: str) -> Differences:
    first, second = (found(house, kind, name, handle) for handle in (old, new))
    told = told_differences(kind, first.text, second.text)
    return Differences(old=first.hash, new=second.hash, differences=told)


def _proposed(house: House, request: Request, asked: Wanted) -> ProposalTold:
    return taken(propose(house.database, asked, visitor(request).actor.name, now()))
