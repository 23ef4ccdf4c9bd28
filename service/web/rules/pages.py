"""The routes of the manual: every rule with what is in force of it, its card, and the form that proposes a change."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.cards import catalogue
from rules.reading import ReadingError
from rules.rule import Rule
from rules.rulebook import Rulebook, parse_rulebook
from service.change.differences import differences
from service.change.doing import base, proposals_of, propose
from service.change.history import Held
from service.change.one_rule import Filled, changed_text, filled_of
from service.change.proposal_events import FOLLOWS
from service.change.proposals import Refused
from service.market.calendar import trade_date
from service.rule_counts import RuleRecord
from service.store.held_versions import held_versions
from service.store.rule_record import MOST_OPEN, open_of, rule_records
from service.versions import Version, VersionKind
from service.web.forms import Form, field
from service.web.house import House
from service.web.proposals.texts import HTTP_SEE_OTHER, HTTP_UNPROCESSABLE, MOST_WORDS, Written, now, wanted
from service.web.queue.lines import line
from service.web.rules.card import fields, needs, parameter_rows, scope_rows, version_rows
from service.web.rules.catalogue import families, rule_line
from service.web.rules.measured import measured
from service.web.visitor import visitor

BOOK = "rulebook"
LATELY = 30
"""Days that count as lately."""
PARAMETER = "parameter."


def add_rule_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Rules(house)

    @app.get("/rules")
    def rules(request: Request) -> HTMLResponse:
        return page.listed(request)

    @app.get("/rules/{name}")
    def card(request: Request, name: str) -> HTMLResponse:
        return page.card(request, name)

    @app.get("/rules/{name}/change")
    def change(request: Request, name: str) -> HTMLResponse:
        return page.form(request, name)

    @app.post("/rules/{name}/change")
    def propose_change(request: Request, name: str, form: Form) -> Response:
        return page.propose(request, name, form)


class _Rules:
    """Fetches what the manual shows."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._database = house.database

    def listed(self, request: Request) -> HTMLResponse:
        """Render the catalogue as it is in force."""
        held = held_versions(self._database, VersionKind.RULEBOOK)
        version = held[-1].version if held else None
        book = _read(version)
        return self._house.render(
            request,
            "rules/rules.html",
            families=families(catalogue(), book or parse_rulebook(""), self._records(), measured()),
            version=version,
            readable=book is not None,
            since=held[-1].since if held else None,
            waiting=[one for one in proposals_of(self._database, VersionKind.RULEBOOK) if one.state in FOLLOWS],
            lately=LATELY,
        )

    def card(self, request: Request, name: str) -> HTMLResponse:
        """Render one rule's card."""
        rule = catalogue().get(name)
        if rule is None:
            return self._house.missing(request, f"rule {name}")
        held = held_versions(self._database, VersionKind.RULEBOOK)
        book = _read(held[-1].version if held else None) or parse_rulebook("")
        settings = book.settings(name)
        record = self._records().get(name, RuleRecord())
        found = {one.rule: one for one in told.rules} if (told := measured()) else {}
        return self._house.render(
            request,
            "rules/card.html",
            rule=rule,
            card=rule.card,
            line=rule_line(rule.card, settings, record, found.get(name)),
            settings=settings,
            parameters=parameter_rows(rule.card, settings),
            scopes=scope_rows(settings),
            needs=needs(rule),
            quality=found.get(name),
            waiting=[line(case, catalogue()) for case in open_of(self._database, name)],
            most=MOST_OPEN,
            versions=version_rows(name, _changes(held)),
            lately=LATELY,
        )

    def form(
        self,
        request: Request,
        name: str,
        filled: Filled | None = None,
        written: Written | None = None,
        problems: tuple[str, ...] = (),
    ) -> HTMLResponse:
        """Render the form that proposes another setting of a rule, with what was filled in."""
        rule = catalogue().get(name)
        if rule is None:
            return self._house.missing(request, f"rule {name}")
        version = self._base(written or Written())
        book = _read(version)
        if version is None or book is None:
            return self._house.missing(request, "rulebook in force that could be changed here")
        settings = book.settings(name)
        return self._house.render(
            request,
            "rules/change.html",
            HTTP_UNPROCESSABLE if problems else 200,
            card=rule.card,
            fields=fields(rule.card, settings, filled or filled_of(rule.card, settings)),
            scopes=scope_rows(settings),
            written=written or Written(),
            problems=problems,
            version=version,
            based_on=version.hash,
            most_words=MOST_WORDS,
        )

    def propose(self, request: Request, name: str, form: Form) -> Response:
        """Propose it, or say everything that stands against it and keep what was filled in."""
        rule = catalogue().get(name)
        if rule is None:
            return self._house.missing(request, f"rule {name}")
        filled = _filled(rule, form)
        written = Written(why=field(form, "why"), effective=field(form, "effective"))
        problems = self._proposed(name, filled, written, field(form, "based_on"), visitor(request).actor.name)
        if isinstance(problems, int):
            return RedirectResponse(f"/proposals/{problems}", HTTP_SEE_OTHER)
        return self.form(request, name, filled, written, problems)

    def _proposed(
        self, name: str, filled: Filled, written: Written, based_on: str, actor: str
    ) -> int | tuple[str, ...]:
        """Return the number of the proposal that was made, or every problem at once."""
        asked = wanted(VersionKind.RULEBOOK, BOOK, written)
        before = self._base(written)
        text = changed_text(before.text, name, filled) if before is not None else Refused(("nothing is in force",))
        problems = tuple(text.problems) if isinstance(text, Refused) else ()
        problems += asked.problems if isinstance(asked, Refused) else ()
        problems += () if written.why else ("no reason is given; say why the change is wanted",)
        if problems or isinstance(asked, Refused) or isinstance(text, Refused):
            return problems
        made = propose(self._database, msgspec.structs.replace(asked, text=text), actor, now(), on_top_of=based_on)
        return made.problems if isinstance(made, Refused) else made.number

    def _base(self, written: Written) -> Version | None:
        """Return the rulebook that will be in force by then."""
        asked = wanted(VersionKind.RULEBOOK, BOOK, written)
        at_once = wanted(VersionKind.RULEBOOK, BOOK, Written())
        chosen = at_once if isinstance(asked, Refused) else asked
        assert not isinstance(chosen, Refused)
        found = base(self._database, chosen, now())
        return None if isinstance(found, Refused) else found

    def _records(self) -> dict[str, RuleRecord]:
        since = date.fromisoformat(trade_date(now())) - timedelta(days=LATELY)
        return rule_records(self._database, since.isoformat())


def _read(version: Version | None) -> Rulebook | None:
    """Return the rulebook of a version, None where this program cannot read it."""
    try:
        return parse_rulebook(version.text if version else "")
    except ReadingError:
        return None


def _filled(rule: Rule, form: Form) -> Filled:
    return Filled(
        enabled=field(form, "enabled"),
        severity=field(form, "severity"),
        parameters={name: field(form, PARAMETER + name) for name in rule.card.parameters},
    )


def _changes(held: list[Held]) -> list[tuple[Held, tuple[str, ...]]]:
    """Return what each version changed of the one before it; the first of the catalogue."""
    told, before = [], ""
    for one in held:
        try:
            told.append((one, tuple(differences(VersionKind.RULEBOOK, before, one.version.text))))
        except ReadingError:
            told.append((one, ()))
        before = one.version.text
    return told
