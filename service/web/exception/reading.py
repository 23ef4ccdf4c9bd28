"""Fetches what the page of an exception shows, and renders it."""

from __future__ import annotations

import time
import uuid

from fastapi import Request
from fastapi.responses import HTMLResponse

from rules.cards import catalogue
from rules.facts import Nanos
from rules.finding import Finding
from service.access.assignable import assignable
from service.cases.case import Case, CaseEvent
from service.picture.form import NARROW
from service.picture.nbbo import picture
from service.picture.timeline import timeline
from service.store.accounts import SqlAccounts
from service.store.deliveries import SqlDeliveries
from service.store.like_this import SqlLikeThis
from service.store.order_life import SqlOrderLife
from service.store.touched import SqlTouched
from service.web.alerts.view import told_by
from service.web.exception.detail import QUOTE_COLUMNS, detail
from service.web.exception.forms import Asker, Tried, work
from service.web.exception.likes import likes
from service.web.exception.market import market_around
from service.web.exception.standing import standing
from service.web.house import House
from service.web.visitor import visitor

EXPLAINED = 5
"""Of so many of the newest findings the raw messages are shown."""
LARGEST_ID = 2**63 - 1


class Reading:
    """The page of one exception, for looking at and, with a refusal, for trying again."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._queue = house.queue
        self._evidence = house.evidence
        self._touched = SqlTouched(house.database)
        self._likes = SqlLikeThis(house.database)
        self._orders = SqlOrderLife(house.database)
        self._accounts = SqlAccounts(house.database)
        self._deliveries = SqlDeliveries(house.database)

    def page(
        self,
        request: Request,
        name: str,
        status: int = 200,
        *,
        refusal: str = "",
        tried: Tried | None = None,
        decided: str = "",
        whole: bool = False,
    ) -> HTMLResponse:
        """Render one exception with all that is behind it; `whole` is the record to print, without forms."""
        now = Nanos(time.time_ns())
        number = number_of(name)
        case = None if number is None else self._queue.case_at(number, now)
        if case is None:
            return self._house.missing(request, f"exception {name}")
        visit = visitor(request)
        asker = Asker(actor=visit.actor, may=visit.may, people=assignable(self._accounts.users()))
        rules = self._queue.rules
        events = self._queue.history(case.case_id)
        return self._house.render(
            request,
            "exception/exception.html",
            status,
            **self._behind(case, events),
            now=standing(case, events, rules, now),
            work=work(case, asker, rules, now, tried),
            seen=case.n,
            decision=uuid.uuid4().hex,
            decided=self._queue.bulks.one(decided) if decided else None,
            refusal=refusal,
            whole=whole,
            live=not (whole or visit.is_read_by_an_auditor),
            case=case,
        )

    def _behind(self, case: Case, events: list[CaseEvent]) -> dict[str, object]:
        """Return the findings, the market, the orders, the messages, and what is linked to them."""
        findings = self._evidence.findings(case.case_id)
        offsets = [offset for finding in findings[:EXPLAINED] for offset in (finding.offset, *finding.related)]
        others = self._evidence.others(case)
        shown = detail(
            case,
            findings,
            self._evidence.messages(offsets),
            events,
            catalogue(),
            self._queue.rules,
            looks=self._evidence.second_looks(findings),
            incident=self._evidence.outlines([case]).get(case.incident),
            others=others,
        )
        return {
            "page": shown,
            "touched": self._touched.by(findings),
            "told": told_by(self._deliveries.of_exception(case.case_id)),
            "likes": likes(self._likes.of(case), self._queue.rules),
            "quote_columns": QUOTE_COLUMNS.values(),
            **self._drawn(findings[0]),
        }

    def _drawn(self, newest: Finding) -> dict[str, object]:
        """Return the pictures and the timeline of a finding, and the quotes that are kept with it."""
        kept, family = self._evidence.quotes(newest), self._orders.of(newest)
        has_picture = kept is not None or (family is not None and family.execution is not None)
        return {
            "market": market_around(kept, newest.at),
            "timeline": timeline(family),
            "pictures": (
                picture(newest, kept, family, name="wide"),
                picture(newest, kept, family, form=NARROW, name="narrow"),
            )
            if has_picture
            else (),
        }


def number_of(name: str) -> int | None:
    """Return the number that a path names, None when it cannot be one."""
    if not (name.isascii() and name.isdigit()) or len(name) > len(str(LARGEST_ID)) or int(name) > LARGEST_ID:
        return None
    return int(name)
