"""The routes of one proposal: what it changes, its backtest, and the decision of a second person."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.cards import catalogue
from service.backtest.beside import Beside
from service.backtest.kept import State as TrialState
from service.backtest.kept import newest_done
from service.change.doing import Decided, decide_beside
from service.change.history import find_text
from service.change.proposal_events import FOLLOWS, State
from service.change.proposals import Proposal, Refused, Standing
from service.change.side_by_side import side_by_side
from service.store.accounts import SqlAccounts
from service.store.held_versions import held_versions
from service.store.proposal_backtests import SqlProposalBacktests
from service.store.proposals import SqlProposals
from service.store.rule_record import exceptions_of, stored_days
from service.versions import Version, VersionKind
from service.web.forms import Form, field, fields
from service.web.house import House
from service.web.proposals.texts import HTTP_SEE_OTHER, MOST_WORDS, now, told_differences
from service.web.proposals.trial_view import lost_findings, progress, trial_page
from service.web.proposals.view import NO_MERGE, proposal_page, who_may_approve
from service.web.visitor import visitor

HTTP_CONFLICT = 409


def add_proposal_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Proposals(house)

    @app.get("/proposals/{number}")
    def proposal(request: Request, number: str) -> HTMLResponse:
        return page.shown(request, number)

    @app.post("/proposals/{number}/approve")
    def approve(request: Request, number: str, form: Form) -> Response:
        return page.decide(request, number, State.APPROVED, form)

    @app.post("/proposals/{number}/refuse")
    def refuse(request: Request, number: str, form: Form) -> Response:
        return page.decide(request, number, State.REFUSED, form)

    @app.post("/proposals/{number}/withdraw")
    def withdraw(request: Request, number: str, form: Form) -> Response:
        return page.decide(request, number, State.WITHDRAWN, form)

    @app.post("/proposals/{number}/backtest")
    def backtest(request: Request, number: str, form: Form) -> Response:
        return page.backtest(request, number, fields(form, "day"))

    @app.post("/proposals/{number}/backtest/cancel")
    def cancel(request: Request, number: str) -> Response:
        return page.cancel(request, number)


class _Proposals:
    """Fetches one proposal with its backtests, and does what is decided about it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._database = house.database
        self._proposals = SqlProposals(house.database)
        self._trials = SqlProposalBacktests(house.database)
        self._beside = Beside(house.database)

    def shown(
        self, request: Request, number: str, status: int = 200, problems: tuple[str, ...] = (), why: str = ""
    ) -> HTMLResponse:
        """Render one proposal for whoever looks."""
        standing = self._proposals.standing()
        one = _named(standing, number)
        if one is None:
            return self._house.missing(request, f"proposal {number}")
        visit = visitor(request)
        page = proposal_page(one, standing, visit.actor.name, visit.may, self._who(one), now())
        before = self._before(one)
        return self._house.render(
            request,
            "proposals/proposal.html",
            status,
            page=page,
            told=() if before is None else told_differences(one.wanted.kind, before.text, one.wanted.text),
            rows=() if before is None else side_by_side(before.text, one.wanted.text),
            no_merge=NO_MERGE,
            problems=problems,
            why=why,
            most_words=MOST_WORDS,
            where="/rulebooks" if page.is_book else f"/registers/{one.wanted.name}",
            **self._backtests(one),
        )

    def decide(self, request: Request, number: str, state: State, form: Form) -> Response:
        """Approve, refuse or withdraw under the visitor's name, or say why not and keep what was written."""
        one = _named(self._proposals.standing(), number)
        if one is None:
            return self._house.missing(request, f"proposal {number}")
        why, seen = field(form, "why"), field(form, "backtest")
        decided = Decided(state=state, actor=visitor(request).actor.name, why=why[:MOST_WORDS], backtest=seen)
        answer = decide_beside(self._database, one.number, decided, now())
        if isinstance(answer, Refused):
            return self.shown(request, number, HTTP_CONFLICT, answer.problems, why)
        return RedirectResponse(f"/proposals/{one.number}", HTTP_SEE_OTHER)

    def backtest(self, request: Request, number: str, days: tuple[str, ...]) -> Response:
        """Begin a backtest over stored days, or say why none begins."""
        one = _named(self._proposals.standing(), number)
        if one is None or one.wanted.kind is not VersionKind.RULEBOOK:
            return self._house.missing(request, f"proposal {number} of a rulebook")
        wanted = tuple(day for day in reversed(stored_days(self._database)) if day in days)
        if not wanted or one.state not in FOLLOWS:
            why = "choose at least one day" if one.state in FOLLOWS else "nothing is left to decide about it"
            return self.shown(request, number, HTTP_CONFLICT, (f"no backtest begins: {why}",))
        name = f"proposal {one.number} ({one.wanted.hash[:12]})"
        made = self._beside.start(one.number, name, one.wanted.text, wanted, visitor(request).actor.name)
        if isinstance(made, str):
            return self.shown(request, number, HTTP_CONFLICT, (made,))
        return RedirectResponse(f"/proposals/{one.number}#backtest", HTTP_SEE_OTHER)

    def cancel(self, request: Request, number: str) -> Response:
        """End the backtest of this proposal that runs."""
        running = self._trials.running(now())
        if running is None or str(running.proposal) != number:
            return self._house.missing(request, f"backtest of proposal {number} that runs")
        self._beside.cancel(running.seq, visitor(request).actor.name)
        return RedirectResponse(f"/proposals/{number}#backtest", HTTP_SEE_OTHER)

    def _backtests(self, one: Proposal) -> dict[str, object]:
        """Return what the page says of backtests; nothing where there can be none."""
        if one.wanted.kind is not VersionKind.RULEBOOK:
            return {}
        kept = self._trials.of(one.number, now())
        done = newest_done(kept)
        cases = exceptions_of(self._database, lost_findings(done)) if done is not None else {}
        running = self._trials.running(now())
        latest = kept[0] if kept and kept[0].state is not TrialState.DONE else None
        return {
            "trial": None if done is None else trial_page(done, catalogue(), cases),
            "latest": None if latest is None else progress(latest),
            "elsewhere": running if running is not None and running.proposal != one.number else None,
            "days": stored_days(self._database),
            "earlier": sum(each.state is TrialState.DONE for each in kept) - 1,
        }

    def _before(self, one: Proposal) -> Version | None:
        """Return the text that a proposal was made on top of."""
        kind, name = one.wanted.kind, one.wanted.name
        known = [other for other in self._proposals.standing().proposals if other.wanted.key == one.wanted.key]
        found = find_text(held_versions(self._database, kind, name), known, kind, one.based_on)
        return None if isinstance(found, Refused) else found

    def _who(self, one: Proposal) -> str:
        users = SqlAccounts(self._database).users()
        if not users:
            return f"anybody but {one.proposer}"
        return who_may_approve(users, one.proposer)


def _named(standing: Standing, number: str) -> Proposal | None:
    """Return the proposal of a number in an address."""
    return next((one for one in standing.proposals if str(one.number) == number), None)
