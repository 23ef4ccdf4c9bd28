"""One exception over the API: how it stands, its history with hashes, and the evidence behind it."""

from __future__ import annotations

import hashlib

import msgspec

from tests.api_programs import As


async def test_an_exception_says_how_it_stands_and_what_you_may_do_to_it(as_: As) -> None:
    """Amounts are decimal text, times are ISO and nanoseconds."""
    async with as_("pat") as pat, as_("desk") as desk:
        answer, looking = await pat.get("/exceptions/5"), (await desk.get("/exceptions/5")).json()

    told = answer.json()
    assert (told["exception"], told["state"], told["severity"]) == (5, "new", "high")
    assert (told["rule"], told["dollar_harm"], told["findings"]) == ("outside_nbbo", "60", 3)
    assert told["first_at"] == {"utc": "2026-11-20T14:44:45.000000000Z", "ns": 1795185885000000000}
    assert answer.headers["etag"] == f'"{told["n"]}"'
    assert told["allowed"] == looking["allowed"] == ["acknowledge", "assign", "note", "escalate", "shelve"]


async def test_the_history_comes_in_pages_and_its_hashes_can_be_recomputed(as_: As) -> None:
    """By what the answer says alone."""
    async with as_("pat") as pat:
        await pat.post("/exceptions/5/actions", json={"action": "acknowledge", "words": "looking"})
        first = (await pat.get("/exceptions/5/history", params={"limit": 1})).json()
        rest = (await pat.get("/exceptions/5/history", params={"after": first["next"]})).json()

    events = [*first["events"], *rest["events"]]
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    assert rest["next"] is None
    assert events[-1]["body"]["note"] == "looking"
    previous = "00" * 32
    for event in events:
        head = msgspec.json.encode([5, event["n"], event["at"]["ns"], event["actor"], event["action"]])
        told = hashlib.sha256(bytes.fromhex(previous) + head + event["body_text"].encode()).hexdigest()
        assert (event["previous"], event["hash"]) == (previous, told)
        previous = told


async def test_findings_come_in_pages_with_their_values_exactly_and_in_words(as_: As) -> None:
    """The newest first."""
    async with as_("desk") as desk:
        first = (await desk.get("/exceptions/5/findings", params={"limit": 2})).json()
        rest = (await desk.get("/exceptions/5/findings", params={"limit": 2, "after": first["next"]})).json()

    assert (len(first["findings"]), len(rest["findings"]), rest["next"]) == (2, 1, None)
    values = {one["name"]: (one["value"], one["words"]) for one in first["findings"][0]["values"]}
    assert values["outside_price"] == ("0.05", "$0.05")
    assert first["findings"][0]["at"]["ns"] > rest["findings"][0]["at"]["ns"]


async def test_the_raw_messages_are_given_out_with_their_tags_explained(as_: As) -> None:
    """And the quotes, of which the morning keeps none."""
    async with as_("desk") as desk:
        messages = (await desk.get("/exceptions/5/messages")).json()["messages"]
        quotes = (await desk.get("/exceptions/5/quotes")).json()

    symbol = next(field for field in messages[0]["fields"] if field["tag"] == "55")
    assert (symbol["name"], symbol["value"]) == ("Symbol", "INITECH")
    assert messages[0]["raw"].startswith("8=FIX.4.4|")
    assert quotes == {"around": []}


async def test_an_exception_that_is_not_there_is_said_so_whatever_is_asked_of_it(as_: As) -> None:
    """In one form."""
    parts = ("", "/history", "/findings", "/messages", "/quotes")
    async with as_("desk") as desk:
        answers = [await desk.get(f"/exceptions/999{part}") for part in parts]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["detail"] for answer in answers} == {"there is no exception 999"}
