"""People over the API: accounts, tokens and the access log, for who manages people."""

from __future__ import annotations

from service.access.permissions import Scope
from service.access.trail import Deed
from service.store.engine import Database
from service.store.trail import SqlTrail
from tests.api_programs import As, a_token
from tests.page_people import Clock


async def test_everybody_is_told_who_they_are_and_what_they_may(as_: As) -> None:
    """By their token."""
    async with as_("desk") as desk:
        told = (await desk.get("/me")).json()

    assert told == {
        "name": "desk",
        "roles": ["desk"],
        "desks": [],
        "way": "api",
        "may": ["look at the start of day", "read exceptions and days"],
    }


async def test_an_account_is_made_changed_locked_and_unlocked(as_: As, database: Database) -> None:
    """Each under the name of who did it, in the access log; a drawn password is told once and must be changed."""
    async with as_("root") as root:
        made = await root.post("/users", json={"name": "sam", "roles": ["desk"]})
        roles = await root.put("/users/sam/roles", json={"roles": ["supervisor"], "desks": ["cash"]})
        drawn = await root.post("/users/sam/password")
        locked = await root.post("/users/sam/lock", json={"why": "left"})
        unlocked = await root.post("/users/sam/unlock", json={"why": "came back"})
        listed = await root.get("/users")

    assert (made.status_code, made.json()["roles"], made.json()["must_change"]) == (201, ["desk"], True)
    assert (roles.json()["roles"], roles.json()["desks"]) == (["supervisor"], ["cash"])
    assert (drawn.json()["must_change"], locked.json()["locked"], unlocked.json()["locked"]) == (True, True, False)
    assert made.json()["drawn_password"] != drawn.json()["drawn_password"]
    assert drawn.json()["drawn_password"] not in listed.text
    assert unlocked.json() in listed.json()["users"]
    deeds = [one.deed for one in SqlTrail(database).newest(5) if one.actor == "root" and one.subject == "sam"]
    assert deeds == [Deed.UNLOCKED, Deed.LOCKED, Deed.PASSWORD_SET, Deed.ROLES_SET, Deed.ADDED]


async def test_what_stands_against_an_account_is_said_in_words(as_: As) -> None:
    """A name that is there, no role, the last admin, somebody who is not there, a role that is none."""
    async with as_("root") as root:
        answers = [
            await root.post("/users", json={"name": "pat", "roles": ["desk"]}),
            await root.post("/users", json={"name": "sam", "roles": []}),
            await root.post("/users/root/lock", json={}),
            await root.put("/users/nobody/roles", json={"roles": []}),
            await root.post("/users/nobody/password"),
            await root.post("/users/nobody/lock", json={}),
            await root.post("/users/nobody/unlock", json={}),
            await root.post("/users", json={"name": "sam", "roles": ["king"]}),
        ]

    assert [answer.status_code for answer in answers] == [409, 409, 409, 404, 404, 404, 404, 422]
    assert answers[0].json()["detail"] == "there is an account of the name pat already"


async def test_a_token_is_listed_without_its_secret_and_revoked_and_makes_no_other(as_: As, database: Database) -> None:
    """What could make a token could do more than it may."""
    text = a_token(database, Clock(), "pat", (Scope.READ,))
    _, token_id, secret = text.split("_", 2)
    async with as_("root") as root:
        listed = await root.get("/tokens")
        revoked = await root.post(f"/tokens/{token_id}/revoke")
        unknown = await root.post("/tokens/0123456789ab/revoke")
        another = await root.post("/tokens", json={"user": "kim", "label": "x", "scopes": ["approve"]})

    mine = next(one for one in listed.json()["tokens"] if one["token_id"] == token_id)
    assert (mine["user"], mine["scopes"], mine["revoked"]) == ("pat", ["read"], None)
    assert secret not in listed.text
    assert revoked.json()["revoked"] is not None
    assert (unknown.status_code, another.status_code) == (404, 405)


async def test_the_access_log_comes_in_pages_the_newest_first(as_: As) -> None:
    """To who may read it; an auditor's reading of it stands in it."""
    async with as_("examiner") as examiner, as_("pat") as pat:
        first = (await examiner.get("/access-log", params={"limit": 3})).json()
        rest = (await examiner.get("/access-log", params={"after": first["next"]})).json()
        refused = await pat.get("/access-log")

    seqs = [one["seq"] for one in first["entries"] + rest["entries"]]
    assert seqs == list(range(seqs[0], 0, -1))
    assert first["entries"][0]["words"] == "GET /api/v1/access-log?limit=3"
    assert (rest["next"], refused.status_code) == (None, 403)
