"""The routes of the queue."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from rules.cards import catalogue
from service.web.house import House
from service.web.queue.lines import line


def add_queue_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Queue(house)

    @app.get("/")
    def queue_page(request: Request) -> HTMLResponse:
        return page.queue(request, "queue/queue.html")

    @app.get("/rows")
    def queue_rows(request: Request) -> HTMLResponse:
        return page.queue(request, "queue/rows.html")


class _Queue:
    """Fetches the list and renders it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._evidence = house.evidence

    def queue(self, request: Request, name: str) -> HTMLResponse:
        """Render the list, as a page or as its rows alone."""
        rules = catalogue()
        waiting, acknowledged = self._evidence.waiting(), self._evidence.acknowledged()
        part_of = self._evidence.outlines([*waiting, *acknowledged])
        return self._house.render(
            request,
            name,
            counts=self._evidence.counts(),
            waiting=[line(case, rules, part_of.get(case.incident)) for case in waiting],
            acknowledged=[line(case, rules, part_of.get(case.incident)) for case in acknowledged],
        )
