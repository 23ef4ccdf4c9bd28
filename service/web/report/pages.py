"""The report of a day on the page: what is shown is what is printed, and what the CSV holds."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from rules.facts import Nanos
from service.market.calendar import trade_date
from service.report.gather import gathered_report
from service.report.sheet import Sheet
from service.report.words import day_words
from service.report.written import csv_text
from service.settings import ConfigurationError
from service.store.export_text import day_bounds
from service.store.newest_day import newest_day
from service.web.house import House
from service.web.report.around import neighbours

HTTP_SEE_OTHER = 303


def add_report_pages(app: FastAPI, house: House) -> None:
    """Add the routes; the CSV first, for its address looks like a day too."""
    page = _Report(house)

    @app.get("/report")
    def newest(request: Request, day: str = "") -> Response:
        return page.newest(request, day)

    @app.get("/report/{day}.csv")
    def report_csv(request: Request, day: str) -> Response:
        return page.csv(request, day)

    @app.get("/report/{day}")
    def report(request: Request, day: str) -> Response:
        return page.shown(request, day)


class _Report:
    """Gathers the report of a day and renders it."""

    def __init__(self, house: House) -> None:
        self._house = house

    def newest(self, request: Request, day: str) -> Response:
        """Lead to the day that was asked for, else to the newest of which anything is known."""
        if day:
            try:
                day_bounds(day)
            except ValueError:
                return self._house.missing(request, f"day {day}")
        today = trade_date(Nanos(time.time_ns()))
        return RedirectResponse(f"/report/{day or newest_day(self._house.database, today)}", HTTP_SEE_OTHER)

    def shown(self, request: Request, day: str) -> Response:
        """Render the report."""
        sheet = self._sheet(day)
        if sheet is None:
            return self._house.missing(request, f"day {day}")
        before, after = neighbours(day)
        return self._house.render(
            request, "report/report.html", sheet=sheet, day=day, title=day_words(day), before=before, after=after
        )

    def csv(self, request: Request, day: str) -> Response:
        """Give the report as CSV."""
        sheet = self._sheet(day)
        if sheet is None:
            return self._house.missing(request, f"day {day}")
        named = {"Content-Disposition": f'attachment; filename="sorwatch-report-{day}.csv"'}
        return Response(csv_text(sheet), media_type="text/csv; charset=utf-8", headers=named)

    def _sheet(self, day: str) -> Sheet | None:
        """Return the report, None where the day is no date."""
        house = self._house
        try:
            return gathered_report(house.database, house.queue.rules, day, self._sessions(), Nanos(time.time_ns()))
        except ValueError:
            return None

    def _sessions(self) -> list[tuple[str, str]]:
        try:
            return list(self._house.configured().sessions)
        except ConfigurationError:
            return []
