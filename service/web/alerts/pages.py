"""The routes of the alerts: the channels and the dead letters, sending again, setting aside."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.facts import Nanos
from service.cases.given import MOST_WORDS
from service.plans import configured_channels
from service.settings import ConfigurationError
from service.store.dead_letters import Dealt, Left, SqlDeadLetters
from service.store.deliveries import SqlDeliveries
from service.telling.look import Looked, looked
from service.web.alerts.form import chosen
from service.web.alerts.view import channel_line, dead_line, outcome
from service.web.house import House
from service.web.visitor import place_of, visitor

HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409
SHOWN = 50
LARGEST = 2**63 - 1

Number = Annotated[int, Query(ge=0, le=LARGEST)]
Fields = Sequence[tuple[str, str]]


def add_alert_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Alerts(house)

    @app.get("/alerts")
    def alerts(
        request: Request, channel: str = "", below: Number = LARGEST, again: Number = 0, aside: Number = 0
    ) -> HTMLResponse:
        return page.shown(request, channel=channel, below=below, said=outcome(again, aside))

    @app.post("/alerts/again")
    async def again(request: Request) -> Response:
        return await run_in_threadpool(page.again, request, await _fields(request))

    @app.post("/alerts/set-aside")
    async def set_aside(request: Request) -> Response:
        return await run_in_threadpool(page.set_aside, request, await _fields(request))


class _Alerts:
    """Looks at the outbox, and has its dead letters dealt with."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._deliveries = SqlDeliveries(house.database)
        self._letters = SqlDeadLetters(house.database)

    def shown(
        self, request: Request, status: int = 200, *, channel: str = "", below: int = LARGEST, **said: object
    ) -> HTMLResponse:
        """Render the channels, and one page of the dead letters."""
        now = time.time_ns()
        there = looked(self._house.configured, self._deliveries, now)
        found = self._deliveries.dead(channel or None, below, SHOWN + 1)
        following = found[SHOWN - 1].alert if len(found) > SHOWN else None
        given = {"said": "", "problem": "", "refused": (), "words": "", **said}
        return self._house.render(
            request,
            "alerts/alerts.html",
            status,
            problems=there.problems,
            channels=[channel_line(one, now, connected=there.connected(one.channel)) for one in there.standings],
            dead=_many(there, channel),
            letters=[dead_line(one) for one in found[:SHOWN]],
            channel=channel,
            following="" if following is None else _query(channel=channel, below=following),
            is_first=below == LARGEST,
            most_words=MOST_WORDS,
            **given,
        )

    def again(self, request: Request, fields: Fields) -> Response:
        """Send alerts again: those that are named, or all that are dead on a channel."""
        actor, now, place = visitor(request).actor, Nanos(time.time_ns()), place_of(request)
        told = dict(fields)
        if told.get("all"):
            return self._done(request, told, "again", self._letters.again_on(told["all"], actor, now, place))
        return self._with(request, fields, "again", lambda alerts: self._letters.again(alerts, actor, now, place))

    def set_aside(self, request: Request, fields: Fields) -> Response:
        """Set alerts aside, with words."""
        actor, now, place = visitor(request).actor, Nanos(time.time_ns()), place_of(request)
        words, left = dict(fields).get("words", ""), dict(fields).get("left", "")
        if left:
            dealt = self._set_aside_left(left, lambda one: self._letters.set_aside_left(one, actor, words, now, place))
            return self._done(request, dict(fields), "aside", dealt)
        return self._with(
            request, fields, "aside", lambda alerts: self._letters.set_aside(alerts, actor, words, now, place)
        )

    def _set_aside_left(self, channel: str, do: Callable[[Left], Dealt]) -> Dealt:
        """Do it to what is left on a channel, by the plan as it is laid down now."""
        try:
            return do(Left(channel, configured_channels(self._house.configured().plan)))
        except ConfigurationError as error:
            return Dealt(problem="; ".join(error.problems))

    def _with(self, request: Request, fields: Fields, deed: str, do: Callable[[list[int]], Dealt]) -> Response:
        alerts = chosen(fields)
        dealt = Dealt(problem=alerts) if isinstance(alerts, str) else do(alerts)
        return self._done(request, dict(fields), deed, dealt)

    def _done(self, request: Request, told: dict[str, str], deed: str, dealt: Dealt) -> Response:
        """Lead back to the list, or say there what was not done and why."""
        channel, done = told.get("channel", ""), len(dealt.alerts)
        if not dealt.problem and not dealt.refused:
            return RedirectResponse(f"/alerts?{_query(channel=channel, **{deed: done})}", HTTP_SEE_OTHER)
        return self.shown(
            request,
            HTTP_CONFLICT,
            channel=channel,
            said=outcome(**{"again": 0, "aside": 0, deed: done}),
            problem=dealt.problem,
            refused=dealt.refused,
            words=told.get("words", ""),
        )


async def _fields(request: Request) -> Fields:
    told = await request.form()
    return [(name, value) for name, value in told.multi_items() if isinstance(value, str)]


def _many(there: Looked, channel: str) -> int:
    """Return how many letters are dead, on one channel or on all."""
    return sum(one.dead for one in there.standings if channel in ("", one.channel))


def _query(**values: object) -> str:
    return urlencode({name: str(value) for name, value in values.items() if value})
