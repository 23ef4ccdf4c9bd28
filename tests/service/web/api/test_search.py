"""Exceptions over the API as somebody wants to see them."""

from __future__ import annotations

import pytest

from rules.finding import Severity
from service.cases.states import State
from service.cases.tally import Tally, group_of
from service.cases.wanted import NOBODY, Order, Wanted, Wrong
from service.web.api.forms.search import ExceptionsAsked, counts, cursor
from tests.api_programs import As
from tests.factories_cases import a_case, a_finding


async def test_the_list_comes_in_pages_in_the_order_that_is_asked_for(as_: As) -> None:
    """The dearest first; no page repeats or leaves out any, and the count is of all."""
    pages, query = [], {"state": "all", "order": "harm", "limit": 4, "count": True}
    async with as_("desk") as desk:
        while True:
            page = (await desk.get("/exceptions", params=query)).json()
            pages.append(page)
            if page["next"] is None:
                break
            query["after"] = page["next"]

    found = [one for page in pages for one in page["exceptions"]]
    harms = [float(one["dollar_harm"]) for one in found if one["dollar_harm"] is not None]
    assert len({one["exception"] for one in found}) == len(found) == pages[0]["count"]
    assert harms == sorted(harms, reverse=True)
    assert all(len(page["exceptions"]) == 4 for page in pages[:-1])


async def test_without_a_state_those_that_wait_are_listed_and_mine_are_by_me(as_: As) -> None:
    """As on the page."""
    async with as_("pat") as pat:
        await pat.post("/exceptions/5/actions", json={"action": "acknowledge"})
        waiting = (await pat.get("/exceptions")).json()["exceptions"]
        mine = (await pat.get("/exceptions", params={"state": "in_hand", "assignee": "me"})).json()["exceptions"]
        told = (await pat.get("/counts")).json()

    assert {one["state"] for one in waiting} == {"new"}
    assert 5 in {one["exception"] for one in mine}
    assert {one["assignee"] for one in mine} == {"pat"}
    assert (told["by_state"]["new"], told["open"]) == (len(waiting), sum(told["by_severity"].values()))


async def test_everything_that_is_wrong_with_a_question_is_told_at_once(as_: As) -> None:
    """By the form, or in words."""
    async with as_("desk") as desk:
        form = await desk.get("/exceptions", params={"severity": "grave", "limit": 5_000, "colour": "red"})
        words = await desk.get("/exceptions", params={"older": "long", "day": "2026-02-30", "order": "age"})
        cursor = await desk.get("/exceptions", params={"after": "1.2", "order": "gravity"})
        twice = await desk.get("/exceptions?limit=1&limit=2&venue=A&venue=B&order=age")
        twice_alone = await desk.get("/venues?counterparty=a&counterparty=b")

    assert {one["where"] for one in form.json()["problems"]} == {"query.severity.0", "query.limit", "query.colour"}
    assert len(words.json()["problems"]) == 2
    assert (form.status_code, words.status_code, cursor.status_code) == (422, 422, 422)
    assert twice.json()["detail"] == "limit is given several times; once is enough"
    assert twice_alone.json()["detail"] == "counterparty is given several times; once is enough"


def test_a_question_is_read_as_the_address_of_the_page_is() -> None:
    """Every filter of it."""
    asked = ExceptionsAsked(
        severity=[Severity.HIGH], state=["open"], venue=["XBOS", "XNYS"], assignee=NOBODY, incident=7, order=Order.HARM
    )

    wanted = asked.wanted()

    assert isinstance(wanted, Wanted)
    assert (wanted.severities, wanted.venues) == ((Severity.HIGH,), ("XBOS", "XNYS"))
    assert (wanted.assignee, wanted.incident, wanted.order) == (NOBODY, 7, Order.HARM)
    assert State.CLOSED not in wanted.states
    assert isinstance(ExceptionsAsked(older="long").wanted(), Wrong)


@pytest.mark.parametrize(("place", "told"), [(None, None), ((3, -4, 5), "3.-4.5")])
def test_where_the_next_page_begins_is_a_text_that_is_given_back(place: tuple[int, ...] | None, told: str) -> None:
    """Nothing on the last page."""
    assert cursor(place) == told


def test_counts_name_every_state_and_severity() -> None:
    """Also where there is nothing."""
    told = counts(Tally({group_of(a_case(a_finding())): 3}))

    assert (told.open, told.by_state["new"], told.by_state["shelved"]) == (3, 3, 0)
    assert told.by_severity == {"low": 0, "medium": 3, "high": 0, "critical": 0}
