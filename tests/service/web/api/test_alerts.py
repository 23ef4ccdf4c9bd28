"""Channels, deliveries and dead letters over the API."""

from __future__ import annotations

from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from tests.api_programs import As
from tests.factories_telling import REFUSED, a_dead_letter, an_alert


async def test_the_channels_are_told_as_they_stand(as_: As, database: Database) -> None:
    """Also one that is no longer configured while alerts are left on it; the daemon alone knows what is connected."""
    letter = a_dead_letter(database, channel="gone")
    an_alert(database, channel="long_gone", sent_at=2**60, decision="sent")
    an_alert(database, channel="gone", decision="held", not_before=2**62)
    async with as_("root") as root:
        told = (await root.get("/channels")).json()["channels"]

    gone = next(one for one in told if one["channel"] == "gone")
    assert (gone["configured"], gone["connected"], gone["stuck"], gone["waiting"], gone["held"], gone["dead"]) == (
        *(False, None, False, 1, 1, 1),
    )
    assert (gone["last_error"], gone["last_sent"], letter > 0) == (REFUSED, None, True)
    assert "long_gone" not in {one["channel"] for one in told}


async def test_who_was_told_of_an_exception_is_told(as_: As, database: Database) -> None:
    """The newest first; an exception that is not there is said so."""
    alert = an_alert(database, case_id=5, sent_at=1_763_650_000_000_000_000, decision="withheld", reason="no route")
    async with as_("desk") as desk:
        told = (await desk.get("/exceptions/5/deliveries")).json()["deliveries"]
        missing = await desk.get("/exceptions/99/deliveries")

    assert (told[0]["alert"], told[0]["fate"], told[0]["reason"], told[0]["about"]) == (
        *(alert, "withheld", "no route", "opened"),
    )
    assert told[0]["settled"]["utc"] == "2025-11-20T14:46:40.000000000Z"
    assert told[-1]["channel"] == "mqtt"
    assert missing.status_code == 404


async def test_the_dead_letters_come_in_pages(as_: As, database: Database) -> None:
    """Of all channels or of one; to whom may look after machines too."""
    letters = [a_dead_letter(database) for _ in range(3)]
    a_dead_letter(database, channel="log")
    async with as_("root") as root:
        first = (await root.get("/dead-letters", params={"limit": 2, "channel": "desk"})).json()
        rest = (await root.get("/dead-letters", params={"after": first["next"], "channel": "desk"})).json()
        nonsense = await root.get("/dead-letters", params={"after": "x"})

    assert [one["alert"] for one in first["dead_letters"] + rest["dead_letters"]] == letters[::-1]
    assert rest["next"] is None
    assert nonsense.status_code == 422


async def test_letters_are_sent_again_and_the_second_is_told_who_was_first(as_: As, database: Database) -> None:
    """Some by their numbers, or a whole channel."""
    one, two, three = (a_dead_letter(database) for _ in range(3))
    async with as_("pat") as pat, as_("root") as root:
        done = (await pat.post("/dead-letters/again", json={"alerts": [one, 999]})).json()
        second = await root.post("/dead-letters/again", json={"alerts": [one]})
        rest = (await root.post("/channels/desk/dead-letters/again")).json()
        none = await root.post("/channels/desk/dead-letters/again")

    assert done == {"alerts": [one], "refused": [{"alert": 999, "words": "there is no such alert"}]}
    assert (second.status_code, second.json()["detail"]) == (
        409,
        f"alert {one}: pat sent it again before you; it waits",
    )
    assert rest["alerts"] == [two, three]
    assert (none.status_code, none.json()["detail"]) == (409, "nothing is dead on desk")


async def test_letters_are_set_aside_with_words(as_: As, database: Database) -> None:
    """And not without."""
    letter = a_dead_letter(database)
    async with as_("pat") as pat:
        wordless = await pat.post("/dead-letters/set-aside", json={"alerts": [letter], "words": ""})
        blank = await pat.post("/dead-letters/set-aside", json={"alerts": [letter], "words": "\u00a0"})
        done = (await pat.post("/dead-letters/set-aside", json={"alerts": [letter], "words": "a test"})).json()

    assert (wordless.status_code, blank.status_code) == (422, 409)
    assert done["alerts"] == [letter]
    assert SqlDeliveries(database).dead() == []
