"""Days over the API: certified, closed and signed as they were shown, and the start of this one."""

from __future__ import annotations

from tests.api_programs import As
from tests.factories_page import DAY


async def test_a_day_is_certified_and_its_statements_are_chained(as_: As) -> None:
    """Under the name of who asked."""
    async with as_("pat") as pat:
        made = await pat.post(f"/days/{DAY}/certificates")
        newest = (await pat.get(f"/days/{DAY}/certificates")).json()
        all_ = (await pat.get(f"/days/{DAY}/statements")).json()
        days = (await pat.get("/days")).json()["days"]

    told = made.json()["statements"]
    assert made.status_code == 201
    assert newest["statements"]
    assert newest == all_ == made.json()
    assert {(one["kind"], one["actor"], one["previous"]) for one in told[:1]} == {("completeness", "pat", "00" * 32)}
    day = next(one for one in days if one["day"] == DAY)
    assert [one["state"] for one in day["sessions"]] == [one["state"] for one in told]
    assert day["signed_by"] == []


async def test_a_close_is_signed_as_it_was_shown_and_not_when_it_changed_since(as_: As) -> None:
    """And with a comment where something has to be explained."""
    async with as_("pat") as pat:
        await pat.post(f"/days/{DAY}/certificates")
        close = (await pat.get(f"/days/{DAY}/close")).json()
        silent = await pat.post(f"/days/{DAY}/signatures", json={"shown": close["shown"]})
        await pat.post("/exceptions/5/actions", json={"action": "acknowledge"})
        late = await pat.post(f"/days/{DAY}/signatures", json={"shown": close["shown"], "comment": "known"})
        fresh = (await pat.get(f"/days/{DAY}/close")).json()["shown"]
        signed = await pat.post(f"/days/{DAY}/signatures", json={"shown": fresh, "comment": "known"})
        days = (await pat.get("/days")).json()["days"]

    assert close["needs_comment"] is True
    assert "no exception other than those listed was found." in " ".join(close["sentences"])
    assert (silent.status_code, late.status_code, signed.status_code) == (422, 409, 201)
    assert late.json()["detail"] == "it has changed since you saw it; look at it again"
    assert signed.json()["signature"]["body"]["hash"] == signed.json()["statement"]["hash"]
    assert [one["signed_by"] for one in days if one["day"] == DAY] == [["pat"]]


async def test_the_report_of_a_day_is_told_in_words(as_: As) -> None:
    """In the parts that the page has."""
    async with as_("desk") as desk:
        told = (await desk.get(f"/days/{DAY}/report")).json()

    assert told["day"] == DAY
    assert any("INITECH" in " ".join(row) for part in told["sections"] for row in part["rows"])


async def test_the_start_of_day_is_looked_at_now_and_signed(as_: As) -> None:
    """Without a daemon it fails, so it takes a comment."""
    async with as_("pat") as pat, as_("root") as root:
        ready = (await root.get("/readiness")).json()
        silent = await pat.post("/readiness/signatures", json={"shown": ready["shown"]})
        signed = await pat.post("/readiness/signatures", json={"shown": ready["shown"], "comment": "we know"})
        other = await pat.post("/readiness/signatures", json={"shown": "00" * 32, "comment": "we know"})

    assert (ready["verdict"], ready["needs_comment"]) == ("fail", True)
    assert [one["verdict"] for one in ready["lines"] if one["subject"] == "daemon"] == ["fail"]
    assert (silent.status_code, signed.status_code, other.status_code) == (422, 201, 409)


async def test_what_is_no_day_is_said_so_whatever_is_asked_of_it(as_: As) -> None:
    """A date that the calendar does not have, and a word."""
    async with as_("pat") as pat:
        answers = [
            await pat.get("/days/2026-02-30/statements"),
            await pat.get("/days/2026-02-30/certificates"),
            await pat.get("/days/2026-02-30/close"),
            await pat.get("/days/2026-02-30/report"),
            await pat.post("/days/2026-02-30/certificates"),
            await pat.post("/days/2026-02-30/signatures", json={"shown": "00" * 32}),
            await pat.get("/days/yesterday/close"),
        ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404, 404, 404, 422]


async def test_who_only_looks_signs_nothing(as_: As) -> None:
    """Neither a day nor the start of one."""
    async with as_("desk") as desk:
        answers = [
            await desk.post(f"/days/{DAY}/certificates"),
            await desk.post(f"/days/{DAY}/signatures", json={"shown": "00" * 32}),
            await desk.post("/readiness/signatures", json={"shown": "00" * 32}),
        ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
