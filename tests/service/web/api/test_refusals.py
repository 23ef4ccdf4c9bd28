"""Every refusal of the API is one form, whichever part of the page refuses."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from service.web.api.forms.problem import Problem
from tests.api_programs import As
from tests.page_people import ORIGIN, a_browser, hidden, logged_in

ANYBODY = {"Origin": ORIGIN}
REFUSALS = {
    401: ("GET", "/me", {}),
    403: ("POST", "/bulks", {"Origin": "http://elsewhere.example", "Content-Length": "0"}),
    411: ("POST", "/bulks", {**ANYBODY, "Transfer-Encoding": "chunked"}),
    413: ("POST", "/bulks", {**ANYBODY, "Content-Length": "70000"}),
    421: ("GET", "/me", {"Host": "rebound.example"}),
}


@pytest.mark.parametrize("status", REFUSALS)
async def test_what_the_guard_and_the_entrance_refuse_is_a_problem_too(app: FastAPI, status: int) -> None:
    """With its status, a title, and the words under both names."""
    method, path, headers = REFUSALS[status]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{ORIGIN}/api/v1") as stranger:
        request = stranger.build_request(method, path, headers=headers)
        answer = await stranger.send(request)

    told = Problem.model_validate_json(answer.content)
    assert (answer.status_code, told.status, answer.headers["content-type"]) == (
        status,
        status,
        "application/problem+json",
    )
    assert told.error == told.detail != ""


async def test_an_address_or_a_method_that_is_not_there_is_a_problem_and_the_pages_stay_pages(
    app: FastAPI, as_: As
) -> None:
    """A method says which ones there are."""
    async with as_("desk") as desk, a_browser(app) as browser:
        await logged_in(browser, "desk")
        address, method = await desk.get("/nothing"), await desk.post("/me")
        page = await browser.get("/nothing")

    assert (address.status_code, address.json()["detail"]) == (404, "there is no such address")
    assert (method.status_code, method.headers["allow"]) == (405, "GET")
    assert method.json()["title"] == "Method Not Allowed"
    assert (page.status_code, "text/html" in page.headers["content-type"]) == (404, True)


async def test_a_login_may_ask_too_and_sends_its_form_token_with_what_it_changes(app: FastAPI) -> None:
    """In a header, as a script of the page would."""
    async with a_browser(app) as browser:
        await logged_in(browser, "pat")
        csrf = hidden((await browser.get("/")).text, "/logout")["csrf"]
        me = (await browser.get("/api/v1/me")).json()
        note = {"action": "note", "words": "seen"}
        without = await browser.post("/api/v1/exceptions/5/actions", json=note)
        with_it = await browser.post("/api/v1/exceptions/5/actions", json=note, headers={"X-CSRF-Token": csrf})

    assert (me["name"], me["way"]) == ("pat", "page")
    assert (without.status_code, with_it.status_code) == (403, 200)


async def test_a_page_that_is_sent_nonsense_answers_as_it_did(app: FastAPI) -> None:
    """The form of the API is the API's."""
    async with a_browser(app) as browser:
        await logged_in(browser, "pat")
        csrf = hidden((await browser.get("/")).text, "/logout")["csrf"]
        form = {"csrf": csrf, "comment": "x" * 3_000}
        answer = await browser.post("/readiness/sign", data=form)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/json")
