"""Incidents, shelvings, principals, precision and the firm's own rules over the API."""

from __future__ import annotations

from service.store.engine import Database
from tests.api_programs import As
from tests.factories_cases import a_queue
from tests.factories_page import DAY, an_incident

SHELVE = {"scope": {"rule": "no_quote"}, "until": "2 h", "why": "the vendor maps symbols anew"}


async def test_an_incident_is_told_with_its_exceptions_in_pages(as_: As, database: Database) -> None:
    """And what is none is said so."""
    number, cases = an_incident(database)
    async with as_("desk") as desk:
        listed = (await desk.get("/incidents")).json()
        one = (await desk.get(f"/incidents/{number}")).json()
        first = (await desk.get(f"/incidents/{number}/exceptions", params={"limit": 1})).json()
        rest = (await desk.get(f"/incidents/{number}/exceptions", params={"after": first["next"]})).json()
        missing = await desk.get("/incidents/999")

    assert listed == {"incidents": [one], "next": None}
    assert (one["kind"], one["exceptions"]) == ("venue", len(cases))
    assert [line["exception"] for line in first["exceptions"] + rest["exceptions"]] == cases
    assert missing.status_code == 404


async def test_one_decision_over_an_incident_is_taken_on_each_of_its_exceptions(as_: As, database: Database) -> None:
    """By the number of the incident."""
    number, cases = an_incident(database)
    async with as_("pat") as pat:
        told = (await pat.post("/bulks", json={"bulk": "b", "action": "acknowledge", "incident": number})).json()

    assert (told["exceptions"], told["done"]) == (len(cases), len(cases))


async def test_a_scope_is_shelved_listed_with_what_it_hid_and_ended(as_: As, database: Database) -> None:
    """Under the name of who did it."""
    async with as_("pat") as pat:
        made = await pat.post("/shelvings", json=SHELVE)
        number = made.json()["number"]
        a_queue(database).tend(made.json()["at"]["ns"] + 1)
        one = (await pat.get(f"/shelvings/{number}")).json()
        ended = await pat.post(f"/shelvings/{number}/end", json={"words": "mapped"})
        now, all_ = (await pat.get("/shelvings")).json(), (await pat.get("/shelvings", params={"over": True})).json()

    assert (made.status_code, made.json()["scope"], made.json()["by"]) == (201, {"rule": "no_quote"}, "pat")
    assert (one["hid"], one["hides"], one["in_force"]) == (1, 1, True)
    assert [line["rule"] for line in one["exceptions"]] == ["no_quote"]
    assert (ended.json()["ended_by"], ended.json()["hides"], ended.json()["in_force"]) == ("pat", 0, False)
    assert now == {"shelvings": []}
    assert [line["number"] for line in all_["shelvings"]] == [number]


async def test_a_shelving_without_a_scope_an_end_or_a_reason_is_refused_in_words(as_: As) -> None:
    """And one that is not there cannot be ended."""
    async with as_("pat") as pat:
        answers = [
            await pat.post("/shelvings", json={**SHELVE, "scope": {}}),
            await pat.post("/shelvings", json={**SHELVE, "until": "for ever"}),
            await pat.post("/shelvings", json={**SHELVE, "until": "90 days"}),
            await pat.post("/shelvings", json={**SHELVE, "why": " "}),
            await pat.post("/shelvings/9/end", json={}),
        ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 404]
    assert "one that names nothing would hide all" in answers[0].json()["detail"]


async def test_who_answers_for_a_day_is_appended_and_the_newest_word_is_first(as_: As) -> None:
    """With who covers and who said so."""
    async with as_("pat") as pat:
        await pat.post(f"/principals/{DAY}", json={"name": "kim"})
        made = await pat.post(f"/principals/{DAY}", json={"name": "pat", "deputies": ["kim"], "note": "kim is away"})
        told = (await pat.get(f"/principals/{DAY}")).json()["principals"]
        no_day = await pat.get("/principals/2026-02-30")

    assert made.status_code == 201
    assert [(one["name"], one["deputies"], one["said_by"]) for one in told] == [
        ("pat", ["kim"], "pat"),
        ("kim", [], "pat"),
    ]
    assert no_day.status_code == 404


async def test_only_somebody_who_may_sign_days_answers_for_one(as_: As) -> None:
    """As on the page: everything that stands against it is said, and nothing is kept."""
    async with as_("pat") as pat:
        refused = await pat.post(f"/principals/{DAY}", json={"name": "nobody", "deputies": ["nobody"]})
        told = (await pat.get(f"/principals/{DAY}")).json()["principals"]

    assert refused.status_code == 409
    assert "nobody answers for the day and cannot cover for themselves too" in refused.json()["detail"]
    assert told == []


async def test_how_often_a_rule_was_right_follows_from_the_closings(as_: As) -> None:
    """Two decided, one of them true; what was not decided counts for neither."""
    closings = {9: "justified", 10: "wrong_data", 3: "duplicate"}
    async with as_("pat") as pat, as_("kim") as kim:
        for number, reason in closings.items():
            await pat.post(f"/exceptions/{number}/actions", json={"action": "acknowledge"})
            closing = {"reason": reason, "words": "looked at"}
            await pat.post(f"/exceptions/{number}/actions", json={"action": "propose_close", **closing})
            await kim.post(f"/exceptions/{number}/closing", json={"action": "approve_close"})
        told = {one["rule"]: one for one in (await pat.get("/precision")).json()["rules"]}

    assert sum(one["closed"] for one in told.values()) == 3
    assert sum(one["true"] for one in told.values()) == sum(one["false"] for one in told.values()) == 1
    assert {one["precision"] for one in told.values()} == {None, "1.0000", "0.0000"}


async def test_what_the_firm_laid_down_is_told(as_: As) -> None:
    """Reason codes first of all, for whoever closes."""
    async with as_("desk") as desk:
        told = (await desk.get("/work-rules")).json()

    assert {"code": "wrong_data", "words": "What the rule looked at was wrong", "counts_as": "false"} in told["reasons"]
    assert told["four_eyes"] == ["high", "critical"]
