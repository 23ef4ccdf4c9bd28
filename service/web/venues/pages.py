"""The routes of the venue registers: what is approved for whom, and what people propose, end or leave refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.reading import ReadingError
from rules.register import VenueRegister, parse_register
from service.cases.case import Case
from service.cases.case import Refused as NotDone
from service.cases.given import Given
from service.cases.states import Action
from service.change.approval_form import FilledApproval, approval_of, day_problem, filled_approval
from service.change.doing import proposals_of, propose_edit
from service.change.drift import drifts
from service.change.history import Held
from service.change.proposal_events import FOLLOWS
from service.change.proposals import Proposal, Refused
from service.change.registers import Edit, approving, ending
from service.market.calendar import trade_date
from service.settings import ConfigurationError
from service.store.held_versions import changes_of_registers, held_versions
from service.versions import VersionKind
from service.web.forms import Form, field, fields
from service.web.house import House
from service.web.proposals.texts import HTTP_SEE_OTHER, HTTP_UNPROCESSABLE, MOST_WORDS, Written, now, wanted
from service.web.proposals.view import NO_MERGE
from service.web.venues.view import VenueLine, allowed_by, change_line, order_types, sessions, venue_lines
from service.web.visitor import visitor

LARGEST_ID = 2**63 - 1
MOST_CHANGES = 300
NO_REASON = "no reason is given; say why the change is wanted"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which venue of whom somebody looks at, and the exception that they come from."""

    counterparty: str = ""
    venue: str = ""
    case: str = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was written into one of the forms: `which` of them, and every field of it."""

    which: str = ""
    filled: FilledApproval = FilledApproval()
    on: str = ""
    written: Written = Written()
    problems: tuple[str, ...] = ()


def add_venue_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Venues(house)

    @app.get("/venues")
    def venues(
        request: Request, counterparty: str = "", venue: str = "", case: Annotated[str, Query(alias="from")] = ""
    ) -> HTMLResponse:
        return page.listed(request, Asked(counterparty=counterparty, venue=venue.strip(), case=case))

    @app.get("/venues/history")
    def history(request: Request, counterparty: str = "", venue: str = "") -> HTMLResponse:
        return page.history(request, counterparty, venue)

    @app.post("/venues/approve")
    def approve(request: Request, form: Form) -> Response:
        return page.approve(request, form)

    @app.post("/venues/end")
    def end(request: Request, form: Form) -> Response:
        return page.end(request, form)

    @app.post("/venues/refuse")
    def refuse(request: Request, form: Form) -> Response:
        return page.refuse(request, form)


class _Venues:
    """Fetches the registers in force and does what is asked of them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._database = house.database
        self._queue = house.queue

    def listed(self, request: Request, asked: Asked, kept: Kept | None = None) -> HTMLResponse:
        """Render the registers in force, with what may be done about the venue that is asked for."""
        held = held_versions(self._database, VersionKind.REGISTER)
        newest = {one.version.name: one for one in held}
        case = self._case(asked.case)
        if asked.venue and not asked.counterparty:
            asked = msgspec.structs.replace(asked, counterparty=_whose(case, newest))
        if asked.counterparty and asked.counterparty not in newest:
            return self._house.missing(request, f"register of {asked.counterparty} in force")
        names = [asked.counterparty] if asked.counterparty else sorted(newest)
        registers = {name: _read(newest[name]) for name in names}
        proposals = proposals_of(self._database, VersionKind.REGISTER)
        problems, drift = self._drift()
        today = trade_date(now())
        return self._house.render(
            request,
            "venues/venues.html",
            HTTP_UNPROCESSABLE if kept and kept.problems else 200,
            asked=asked,
            case=case,
            registers=[
                {
                    "name": name,
                    "held": newest[name],
                    "lines": [] if register is None else _lines(register, held, name, today, asked.venue),
                    "readable": register is not None,
                    "drift": drift.get(name, ""),
                    "waiting": _waiting(proposals, name),
                }
                for name, register in registers.items()
            ],
            known=sorted(newest),
            problems=problems,
            kept=kept or self._fresh(asked, case, registers.get(asked.counterparty), today),
            order_types=order_types(),
            sessions=sessions(),
            no_merge=NO_MERGE,
            most_words=MOST_WORDS,
        )

    def history(self, request: Request, counterparty: str, venue: str) -> HTMLResponse:
        """Render who allowed or ended which venue when and why, the newest first."""
        found = changes_of_registers(self._database, counterparty or None, venue or None)
        return self._house.render(
            request,
            "venues/history.html",
            changes=[change_line(one) for one in reversed(found[-MOST_CHANGES:])],
            more=max(0, len(found) - MOST_CHANGES),
            counterparty=counterparty,
            venue=venue,
        )

    def approve(self, request: Request, form: Form) -> Response:
        """Propose that a venue be approved, or say everything that stands against it and keep what was written."""
        asked, filled = _asked(form), _filled(form)
        approval = approval_of(filled)
        kept = Kept(which="approve", filled=filled, written=_written(form))
        problems = approval.problems if isinstance(approval, Refused) else ()
        edit = None if isinstance(approval, Refused) else approving(approval)
        return self._propose(request, asked, kept, edit, problems)

    def end(self, request: Request, form: Form) -> Response:
        """Propose that a venue be approved no longer than until a day."""
        asked, on = _asked(form), field(form, "on")
        problems = tuple(day_problem("the last day", on))
        kept = Kept(which="end", on=on, written=_written(form))
        return self._propose(request, asked, kept, None if problems else ending(asked.venue, on), problems)

    def refuse(self, request: Request, form: Form) -> Response:
        """Note on the exception that the venue stays refused; the exception itself is worked on at its own page."""
        asked, why = _asked(form), field(form, "why")
        kept = Kept(which="refuse", written=Written(why=why))
        case = self._case(asked.case)
        if case is None or not why:
            problem = "say why it stays refused" if case is not None else "the exception is not named"
            return self.listed(request, asked, msgspec.structs.replace(kept, problems=(problem,)))
        given = Given(words=f"{asked.venue} stays refused for {asked.counterparty}: {why}")
        done = self._queue.act(case.case_id, Action.NOTE, visitor(request).actor, given, now())
        if isinstance(done, NotDone):
            return self.listed(request, asked, msgspec.structs.replace(kept, problems=(done.words,)))
        return RedirectResponse(f"/exceptions/{case.case_id}", HTTP_SEE_OTHER)

    def _propose(
        self, request: Request, asked: Asked, kept: Kept, edit: Edit | None, problems: tuple[str, ...]
    ) -> Response:
        ask = wanted(VersionKind.REGISTER, asked.counterparty, kept.written)
        problems += ask.problems if isinstance(ask, Refused) else ()
        problems += () if kept.written.why else (NO_REASON,)
        if edit is not None and not isinstance(ask, Refused) and not problems:
            made = propose_edit(self._database, ask, edit, visitor(request).actor.name, now())
            if isinstance(made, Proposal):
                return RedirectResponse(f"/proposals/{made.number}", HTTP_SEE_OTHER)
            problems = made.problems
        return self.listed(request, asked, msgspec.structs.replace(kept, problems=problems))

    def _fresh(self, asked: Asked, case: Case | None, register: VenueRegister | None, today: str) -> Kept:
        """Return the forms as they begin: with what the register has of the venue, in words that name the exception."""
        known = register.by_venue.get(asked.venue, ()) if register else ()
        begin = filled_approval(known[-1]) if known else FilledApproval(venue=asked.venue)
        filled = msgspec.structs.replace(begin, approved_from=today, approved_until="")
        why = f"exception {case.case_id}: " if case is not None else ""
        return Kept(filled=filled, on=today, written=Written(why=why))

    def _drift(self) -> tuple[tuple[str, ...], dict[str, str]]:
        try:
            found = drifts(self._house.configured(), self._database)
            return (), {one.name: one.told for one in found if one.kind is VersionKind.REGISTER}
        except ConfigurationError as error:
            return tuple(error.problems), {}

    def _case(self, number: str) -> Case | None:
        known = number.isascii() and number.isdigit() and int(number) <= LARGEST_ID
        return self._queue.case(int(number)) if known else None


def _read(held: Held) -> VenueRegister | None:
    """Return the register of a version, None where this program cannot read it."""
    try:
        return parse_register(held.version.text)
    except ReadingError:
        return None


def _whose(case: Case | None, registers: Collection[str]) -> str:
    """Return whose register is meant where an address does not say it: the exception's, else the only one there is."""
    named = (case.key.counterparty or "") if case is not None else ""
    only = next(iter(registers)) if len(registers) == 1 else ""
    return named if named in registers else only


def _lines(register: VenueRegister, held: Iterable[Held], name: str, today: str, asked: str) -> list[VenueLine]:
    by = allowed_by(one for one in held if one.version.name == name)
    return venue_lines(register, by, today, asked)


def _waiting(proposals: Iterable[Proposal], name: str) -> list[Proposal]:
    return [one for one in proposals if one.wanted.name == name and one.state in FOLLOWS]


def _asked(form: Form) -> Asked:
    return Asked(counterparty=field(form, "counterparty"), venue=field(form, "venue"), case=field(form, "from"))


def _written(form: Form) -> Written:
    return Written(why=field(form, "why"), effective=field(form, "effective"))


def _filled(form: Form) -> FilledApproval:
    lists: dict[str, Any] = {name: fields(form, name) for name in ("order_types", "sessions")}
    plain: dict[str, Any] = {
        one.name: field(form, one.name)
        for one in msgspec.structs.fields(FilledApproval)
        if one.name not in (*lists, "pays_for_order_flow")
    }
    return FilledApproval(**plain, **lists, pays_for_order_flow=bool(field(form, "pays_for_order_flow")))
