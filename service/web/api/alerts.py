"""Channels, deliveries and dead letters over the API, as the pages have them."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request

from rules.facts import Nanos
from service.store.dead_letters import Dealt, SqlDeadLetters
from service.store.deliveries import SqlDeliveries
from service.telling.look import looked
from service.web.api.exceptions import CaseId, known
from service.web.api.forms.alerts import (
    AgainAsked,
    Channels,
    DeadLetters,
    DealtTold,
    Deliveries,
    LettersAsked,
    NotDone,
    SetAsideAsked,
    channel_told,
    delivery_told,
)
from service.web.api.forms.common import Name
from service.web.api.problems import HTTP_CONFLICT, conflict
from service.web.api.routes import Routes
from service.web.house import House
from service.web.visitor import place_of, visitor

Named = Annotated[Name, Path(description="The channel.", examples=["mqtt"])]


def add_alerts(app: FastAPI, house: House) -> None:
    """Add the routes."""
    routes, deliveries, letters = Routes(app, "alerts"), SqlDeliveries(house.database), SqlDeadLetters(house.database)

    @Routes(app, "exceptions").get("/exceptions/{case_id}/deliveries")
    def list_deliveries(case_id: CaseId) -> Deliveries:
        """Return who was told of an exception: each alert about it on each channel, and what became of it."""
        known(house, case_id)
        return Deliveries(deliveries=[delivery_told(one) for one in deliveries.of_exception(case_id)])

    @routes.get("/channels", HTTP_CONFLICT)
    def list_channels() -> Channels:
        """Return how each channel stands: connected or not, what waits, what is dead.

        A working folder that is not sound is refused, with everything that is wrong with it.
        """
        now = time.time_ns()
        there = looked(house.configured, deliveries, now)
        if there.problems:
            conflict(*there.problems)
        return Channels(
            channels=[channel_told(one, now, connected=there.connected(one.channel)) for one in there.standings]
        )

    @routes.get("/dead-letters")
    def list_dead_letters(page: Annotated[LettersAsked, Query()]) -> DeadLetters:
        """Return the alerts that the other side did not take and that are not tried any more."""
        found = deliveries.dead(page.channel or None, page.before, page.limit + 1)
        following = found[page.limit - 1].alert if len(found) > page.limit else None
        return DeadLetters(dead_letters=[delivery_told(one) for one in found[: page.limit]], next=following)

    @routes.post("/dead-letters/again")
    def send_again(request: Request, body: AgainAsked) -> DealtTold:
        """Send dead letters again, under the same idempotency key as before.

        Of two who act on one alert the second is told who was first; where it was done to none, that is the refusal.
        """
        actor, now, place = visitor(request).actor, Nanos(time.time_ns()), place_of(request)
        return _told(letters.again(body.alerts, actor, now, place))

    @routes.post("/channels/{channel}/dead-letters/again")
    def send_channel_again(request: Request, channel: Named) -> DealtTold:
        """Send everything that is dead on a channel again, under the same idempotency keys as before."""
        actor, now, place = visitor(request).actor, Nanos(time.time_ns()), place_of(request)
        return _told(letters.again_on(channel, actor, now, place))

    @routes.post("/dead-letters/set-aside")
    def set_aside(request: Request, body: SetAsideAsked) -> DealtTold:
        """Settle dead letters without sending them, with words that are kept with each."""
        actor, now, place = visitor(request).actor, Nanos(time.time_ns()), place_of(request)
        return _told(letters.set_aside(body.alerts, actor, body.words, now, place))


def _told(dealt: Dealt) -> DealtTold:
    if dealt.problem:
        conflict(dealt.problem)
    if not dealt.alerts:
        conflict(*(f"alert {alert}: {words}" for alert, words in dealt.refused))
    refused = [NotDone(alert=alert, words=words) for alert, words in dealt.refused]
    return DealtTold(alerts=list(dealt.alerts), refused=refused)
