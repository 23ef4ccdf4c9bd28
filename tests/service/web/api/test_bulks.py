"""One decision over many exceptions over the API."""

from __future__ import annotations

from tests.api_programs import As

BULK = {"bulk": "morning-1", "action": "acknowledge", "words": "one cause", "exceptions": [3, 4, 5, 999]}


async def test_a_decision_is_taken_on_each_and_says_of_which_it_was_refused(as_: As) -> None:
    """An event for each under one number."""
    async with as_("pat") as pat:
        answer = await pat.post("/bulks", json=BULK)
        history = (await pat.get("/exceptions/5/history")).json()["events"]
        told = (await pat.get("/bulks/morning-1")).json()

    assert answer.status_code == 201
    assert answer.json() == told
    assert (told["exceptions"], told["done"], told["finished"]) == (4, 3, True)
    assert told["refused"] == [{"exception": 999, "words": "there is no exception 999"}]
    assert history[-1]["body"]["bulk"] == "morning-1"


async def test_the_same_decision_again_does_nothing_twice_and_another_one_of_its_number_is_refused(as_: As) -> None:
    """So a program may repeat what it does not know the end of."""
    async with as_("pat") as pat, as_("kim") as kim:
        first = await pat.post("/bulks", json=BULK)
        again = await pat.post("/bulks", json=BULK)
        other = await kim.post("/bulks", json=BULK)

    assert first.json() == again.json()
    assert other.status_code == 409
    assert "is pat's acknowledge of 4 exceptions" in other.json()["detail"]


async def test_more_than_two_hundred_are_taken_in_chunks(as_: As) -> None:
    """Each is asked for, and what is not through is listed."""
    async with as_("pat") as pat:
        first = await pat.post("/bulks", json={**BULK, "exceptions": list(range(1, 251))})
        unfinished = (await pat.get("/bulks")).json()["bulks"]
        second = await pat.post("/bulks/morning-1/next")
        none = (await pat.get("/bulks")).json()["bulks"]

    assert (first.json()["taken"], first.json()["finished"]) == (200, False)
    assert [one["bulk"] for one in unfinished] == ["morning-1"]
    assert (second.json()["taken"], second.json()["finished"]) == (250, True)
    assert none == []


async def test_many_closings_are_approved_by_who_may(as_: As) -> None:
    """And by nobody else."""
    closing = {"bulk": "closing", "action": "propose_close", "reason": "duplicate", "words": "one cause"}
    approval = {"bulk": "approval", "action": "approve_close", "exceptions": [3, 5]}
    async with as_("pat") as pat, as_("kim") as kim:
        await pat.post("/bulks", json={**BULK, "exceptions": [3, 5]})
        await pat.post("/bulks", json={**closing, "exceptions": [3, 5]})
        own = await pat.post("/bulks/closings", json=approval)
        others = await kim.post("/bulks/closings", json=approval)

    assert own.status_code == 403
    assert others.json()["done"] == 2


async def test_a_decision_names_exceptions_or_one_incident_that_is_there(as_: As) -> None:
    """Not both, not neither; a bulk that is not there is said so."""
    none = {"bulk": "b", "action": "acknowledge"}
    async with as_("pat") as pat:
        answers = [
            await pat.post("/bulks", json=none),
            await pat.post("/bulks", json={**none, "exceptions": [1], "incident": 1}),
            await pat.post("/bulks", json={**none, "incident": 7}),
            await pat.get("/bulks/b"),
            await pat.post("/bulks/b/next"),
        ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 404, 404]
    assert answers[2].json()["detail"] == "there is no incident 7"
