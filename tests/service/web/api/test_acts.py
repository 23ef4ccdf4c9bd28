"""Acting on exceptions over the API: done, refused with who was first, and by two people where it takes two."""

from __future__ import annotations

from tests.api_programs import As

CLOSING = {"action": "propose_close", "reason": "router_fault", "words": "vendor ticket 4711, mended"}


async def test_an_action_is_done_under_the_name_of_the_tokens_owner(as_: As) -> None:
    """And the answer is the exception after it."""
    async with as_("pat") as pat:
        answer = await pat.post("/exceptions/5/actions", json={"action": "acknowledge", "seen": 1})

    told = answer.json()
    assert answer.status_code == 200
    assert (told["n"], told["exception"]["state"], told["exception"]["assignee"]) == (2, "acknowledged", "pat")


async def test_the_second_of_two_is_told_who_was_first_and_what_is_allowed_now(as_: As) -> None:
    """With the number to repeat it against."""
    async with as_("pat") as pat, as_("kim") as kim:
        await pat.post("/exceptions/5/actions", json={"action": "acknowledge", "seen": 1})
        answer = await kim.post("/exceptions/5/actions", json={"action": "escalate", "seen": 1})

    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert "pat acknowledged" in told["error"]
    assert told["detail"] == told["error"]
    assert (told["now"]["state"], told["now"]["n"], told["now"]["last"]["by"]) == ("acknowledged", 2, "pat")
    assert "escalate" in told["now"]["allowed"]


async def test_closing_what_is_high_takes_a_second_person(as_: As) -> None:
    """Who proposed it cannot approve it, and another one can."""
    async with as_("pat") as pat, as_("kim") as kim:
        for actor in (kim,):
            await actor.post("/exceptions/5/actions", json={"action": "acknowledge"})
        alone = await kim.post("/exceptions/5/actions", json={**CLOSING, "action": "close"})
        proposed = await kim.post("/exceptions/5/actions", json=CLOSING)
        own = await kim.post("/exceptions/5/closing", json={"action": "approve_close"})
        by_a_supervisor = await pat.post("/exceptions/5/closing", json={"action": "approve_close"})
        refused = await kim.post("/exceptions/5/closing", json={"action": "refuse_close", "words": "not yet"})

    assert (alone.status_code, proposed.status_code, own.status_code) == (409, 200, 409)
    assert "needs four eyes" in alone.json()["error"]
    assert "kim may not approve it too" in own.json()["error"]
    assert (by_a_supervisor.status_code, refused.status_code) == (403, 200)


async def test_another_person_of_compliance_approves_what_was_proposed(as_: As) -> None:
    """The exception is closed, with its reason and what that counts as."""
    async with as_("pat") as pat, as_("kim") as kim:
        await pat.post("/exceptions/5/actions", json={"action": "acknowledge"})
        await pat.post("/exceptions/5/actions", json=CLOSING)
        answer = await kim.post("/exceptions/5/closing", json={"action": "approve_close", "words": "agreed"})

    told = answer.json()["exception"]
    assert (answer.status_code, told["state"], told["reason"], told["counts_as"]) == (
        200,
        "closed",
        "router_fault",
        "true",
    )


async def test_what_an_action_still_needs_is_told_as_a_question_that_is_wrong(as_: As) -> None:
    """422, and not as a conflict: it can be repeated with more."""
    async with as_("pat") as pat:
        answer = await pat.post("/exceptions/5/actions", json={"action": "note"})

    assert answer.status_code == 422
    assert "needs words that say why" in answer.json()["detail"]


async def test_every_field_that_is_wrong_is_told_at_once(as_: As) -> None:
    """Those of the form by the form, those in words by their own place."""
    async with as_("pat") as pat:
        form = await pat.post("/exceptions/5/actions", json={"action": "jump", "seen": -1, "why": "x"})
        words = await pat.post("/exceptions/5/actions", json={"action": "shelve", "until": "soon", "ticket": "4711"})
        no_json = await pat.post(
            "/exceptions/5/actions", content=b'{"action":', headers={"Content-Type": "application/json"}
        )

    assert {one["where"] for one in form.json()["problems"]} == {"body.action", "body.seen", "body.why"}
    assert {one["where"] for one in words.json()["problems"]} == {"body.until", "body.ticket"}
    assert (form.status_code, words.status_code, no_json.status_code) == (422, 422, 400)
    assert no_json.json()["detail"] == "the body is not JSON"


async def test_who_only_looks_does_nothing(as_: As) -> None:
    """The door says who may."""
    async with as_("desk") as desk:
        answer = await desk.post("/exceptions/5/actions", json={"action": "acknowledge"})

    assert answer.status_code == 403
    assert answer.json()["error"] == "desk (desk) may not work on exceptions; that is for compliance or supervisor."
