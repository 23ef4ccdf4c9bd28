"""The pages about people over a real store: who is added, changed, kept out; own passwords, logins and tokens."""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from rules.facts import Nanos
from service.access.permissions import Role
from service.access.trail import Deed
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.principals import SqlPrincipals
from service.store.trail import SqlTrail
from tests.factories_access import PASSWORD
from tests.factories_cases import a_queue
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import DAY, a_morning
from tests.page_people import Clock, a_browser, an_account, an_app, an_open_app, hidden, logged_in
from tests.servers import free_port
from tests.stores import ready_store

CHOSEN = "nine blue herons at dusk"
SECRET = re.compile(r"<code>([^<]+)</code>")


@pytest.fixture
def clock() -> Clock:
    """Give a clock that a test moves."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions, and four people."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        an_account(made, "Ada Root", Role.ADMIN)
        an_account(made, "Pat Jones", Role.SUPERVISOR)
        an_account(made, "sam", Role.DESK)
        an_account(made, "aud", Role.AUDITOR)
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a sound working folder."""
    return a_working_folder(tmp_path / "work", settings=f"{SETTINGS}[http]\nport = {free_port()}\n")


@pytest.fixture
def app(database: Database, folder: Path, clock: Clock) -> FastAPI:
    """Give the whole application with a login."""
    return an_app(database, folder, clock)


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Give the browser of an admin who is in."""
    async with a_browser(app) as browser:
        await logged_in(browser, "Ada Root")
        yield browser


@pytest.fixture
async def pat(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Give the browser of a supervisor who is in."""
    async with a_browser(app) as browser:
        await logged_in(browser, "Pat Jones")
        yield browser


async def sent(browser: httpx.AsyncClient, page: str, action: str, **fields: object) -> httpx.Response:
    """Open a page, fill in its form that goes to an address ending so, and send it."""
    shown = (await browser.get(page)).text
    found = hidden(shown, action) or hidden(shown, "/logout")
    return await browser.post(action, data={**found, **fields})


async def test_an_admin_adds_somebody_who_chooses_a_password_before_anything_else(
    app: FastAPI, admin: httpx.AsyncClient, database: Database
) -> None:
    """The first password is shown once, opens nothing but the choice of another, and is nowhere after that."""
    added = await sent(
        admin, "/people/accounts", "/people/accounts", name="New One", roles=["supervisor"], desks="cash, etf"
    )
    (first,) = SECRET.findall(added.text)
    listed = (await admin.get("/people/accounts")).text
    async with a_browser(app) as browser:
        await logged_in(browser, "new one", html.unescape(first))
        led = await browser.get("/")
        shown = (await browser.get("/me")).text
        refused = await browser.post("/exceptions/5/acknowledge", data=hidden(shown, "/logout"))
        chosen = await sent(browser, "/me", "/me/password", present=first, chosen=CHOSEN, again=CHOSEN)
        old = await logged_in(browser, "New One", first)
        new = await logged_in(browser, "New One", CHOSEN)
        queue = await browser.get("/")

    assert first not in listed
    assert "has to choose a password" in listed
    assert (led.status_code, led.headers["location"]) == (303, "/me")
    assert "Choose your own to go on" in shown
    assert "Where I am logged in" not in shown
    assert (refused.status_code, "Choose another password first" in refused.text) == (403, True)
    assert chosen.headers["location"] == "/login?why=password"
    assert (old.status_code, new.headers["location"], queue.status_code) == (401, "/", 200)
    user = SqlAccounts(database).user("newone")
    assert user is not None
    assert (user.must_change, user.desks) == (False, ("cash", "etf"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "max"}, "Nobody comes in for nothing"),
        ({"name": "SAM", "roles": ["desk"]}, "There is an account of the name SAM already"),
        ({"name": "sorwatch", "roles": ["desk"]}, "own name; act under your own"),
    ],
)
async def test_what_was_written_stays_when_somebody_cannot_be_added(
    admin: httpx.AsyncClient, fields: dict[str, object], said: str
) -> None:
    """And it is said why."""
    answer = await sent(admin, "/people/accounts", "/people/accounts", desks="cash, etf", **fields)

    assert answer.status_code == 409
    assert said in html.unescape(answer.text)
    assert f'value="{fields["name"]}"' in answer.text
    assert 'value="cash, etf"' in answer.text
    assert answer.text.count(" checked") == len(list(fields.get("roles", [])))  # type: ignore[call-overload]


async def test_roles_are_changed_and_the_logins_end(admin: httpx.AsyncClient, pat: httpx.AsyncClient) -> None:
    """Nobody goes on as who they were."""
    changed = await sent(
        admin, "/people/account?name=Pat Jones", "/people/account/roles", name="Pat Jones", roles=["desk"], desks="etf"
    )
    page = (await admin.get(changed.headers["location"])).text

    assert (changed.status_code, changed.headers["location"]) == (303, "/people/account?name=Pat+Jones")
    assert 'value="desk" checked' in page
    assert (await pat.get("/")).headers["location"] == "/login?why=login&next=/"


@pytest.mark.parametrize(("what", "fields"), [("roles", {"roles": ["desk"]}), ("disable", {"why": "holiday"})])
async def test_the_last_admin_cannot_be_taken_away(
    admin: httpx.AsyncClient, database: Database, what: str, fields: dict[str, object]
) -> None:
    """What was chosen stays on the page, and the account as it was."""
    action = f"/people/account/{what}"

    answer = await sent(admin, "/people/account?name=Ada Root", action, name="Ada Root", **fields)

    assert answer.status_code == 409
    assert "Ada Root is the only admin who can come in; make another one first." in answer.text
    assert ('value="holiday"' in answer.text) is (what == "disable")
    user = SqlAccounts(database).user("Ada Root")
    assert user is not None
    assert (user.roles, user.locked) == ((Role.ADMIN,), False)


async def test_somebody_is_kept_out_and_let_in_again(
    app: FastAPI, admin: httpx.AsyncClient, pat: httpx.AsyncClient, database: Database
) -> None:
    """With the reason in the access log."""
    page = "/people/account?name=Pat Jones"
    await sent(admin, page, "/people/account/disable", name="Pat Jones", why="left the firm")
    disabled = (await admin.get(page)).text
    out = await pat.get("/")
    await sent(admin, page, "/people/account/enable", name="Pat Jones", why="came back")
    async with a_browser(app) as browser:
        back = await logged_in(browser, "Pat Jones")

    assert "disabled" in disabled
    assert (out.status_code, back.headers["location"]) == (303, "/")
    told = [(one.deed, one.words, one.actor) for one in SqlTrail(database).newest(3)]
    assert (Deed.LOCKED, "left the firm", "Ada Root") in [*told, *_told(database)]


def _told(database: Database) -> list[tuple[Deed, str, str]]:
    return [(one.deed, one.words, one.actor) for one in SqlTrail(database).newest(20)]


async def test_failed_logins_are_seen_and_forgotten_by_an_admin(app: FastAPI, admin: httpx.AsyncClient) -> None:
    """The person comes in at once."""
    async with a_browser(app) as browser:
        for _ in range(5):
            await logged_in(browser, "sam", "not this one at all")
        listed, page = (await admin.get("/people/accounts")).text, (await admin.get("/people/account?name=sam")).text
        await sent(admin, "/people/account?name=sam", "/people/account/enable", name="sam")
        answer = await logged_in(browser, "sam")

    assert "locked until 12:15:00 after failed logins" in listed
    assert "Unlock now" in page
    assert answer.status_code == 303


async def test_a_password_is_drawn_and_shown_once(app: FastAPI, admin: httpx.AsyncClient) -> None:
    """The old one opens nothing any more."""
    page = "/people/account?name=sam"
    drawn = await sent(admin, page, "/people/account/password", name="sam")
    (password,) = SECRET.findall(drawn.text)
    again = (await admin.get(page)).text
    async with a_browser(app) as browser:
        old = await logged_in(browser, "sam")
        await logged_in(browser, "sam", password)
        led = await browser.get("/days")

    assert password not in again
    assert (old.status_code, led.headers["location"]) == (401, "/me")


async def test_an_account_that_is_not_there_is_said_not_to_be(admin: httpx.AsyncClient) -> None:
    """Whatever is asked of it."""
    page = await admin.get("/people/account?name=nobody")
    answers = [
        await sent(admin, "/people/accounts", f"/people/account/{what}", name="nobody", roles=["desk"])
        for what in ("roles", "password", "disable", "enable", "revoke")
    ]

    assert page.status_code == 404
    assert [answer.status_code for answer in answers] == [409] * 5
    assert all("There is no account of the name nobody" in answer.text for answer in answers)


async def test_an_admin_revokes_a_token_of_another(admin: httpx.AsyncClient, pat: httpx.AsyncClient) -> None:
    """And only of the one who is named."""
    made = await sent(pat, "/me", "/me/tokens", label="blotter", scopes=["read"], days="30")
    token = SECRET.findall(made.text)[0].split("_")[1]
    page = "/people/account?name=Pat Jones"
    of_another = await sent(admin, "/people/account?name=sam", "/people/account/revoke", name="sam", token=token)
    revoked = await sent(admin, page, "/people/account/revoke", name="Pat Jones", token=token)
    shown = (await admin.get(page)).text

    assert (of_another.status_code, revoked.status_code) == (409, 303)
    assert "revoked" in shown


@pytest.mark.parametrize(
    ("present", "chosen", "again", "said"),
    [
        ("not this one at all", CHOSEN, CHOSEN, "The present password is not right."),
        (PASSWORD, CHOSEN, f"{CHOSEN}!", "The two new passwords are not the same."),
        (PASSWORD, PASSWORD, PASSWORD, "The new password is the one that you have."),
        (PASSWORD, "short", "short", "The password has 5 characters; at least 12 are expected."),
    ],
)
async def test_a_password_is_not_changed_without_the_present_one_or_to_a_bad_one(
    pat: httpx.AsyncClient, present: str, chosen: str, again: str, said: str
) -> None:
    """No password is ever shown again, and the login goes on."""
    answer = await sent(pat, "/me", "/me/password", present=present, chosen=chosen, again=again)

    assert answer.status_code == 409
    assert said in html.unescape(answer.text)
    assert present not in answer.text
    assert f'value="{chosen}"' not in answer.text
    assert (await pat.get("/")).status_code == 200


async def test_whoever_found_a_screen_open_cannot_guess_the_password(pat: httpx.AsyncClient) -> None:
    """The same patience as at the login."""
    guess = {"present": "not this one at all", "chosen": CHOSEN, "again": CHOSEN}
    for _ in range(5):
        await sent(pat, "/me", "/me/password", **guess)

    answer = await sent(pat, "/me", "/me/password", **{**guess, "present": PASSWORD})

    assert answer.status_code == 409
    assert "There were too many attempts. Try again after" in answer.text


async def test_a_login_elsewhere_is_seen_and_ended(app: FastAPI, pat: httpx.AsyncClient, clock: Clock) -> None:
    """One's own only; the one that asks stands as this one."""
    async with a_browser(app, place="10.0.0.9") as other:
        clock.pass_(1)
        await logged_in(other, "Pat Jones")
        page = (await pat.get("/me")).text
        names = re.findall(r'name="login" value="(\w+)"', page)
        ended = await sent(pat, "/me", "/me/logins/end", login=names[0])
        out = await other.get("/")
        again = await sent(pat, "/me", "/me/logins/end", login=names[0])
        nothing = await sent(pat, "/me", "/me/logins/end", login="")

    assert "10.0.0.9" in page
    assert page.count("<b>this one</b>") == 1
    assert len(names) == 1
    assert (ended.status_code, out.status_code) == (303, 303)
    assert (again.status_code, nothing.status_code) == (409, 409)
    assert "That login has ended already." in again.text
    assert (await pat.get("/")).status_code == 200


async def test_a_token_is_shown_once_and_ends_with_its_revocation(pat: httpx.AsyncClient, database: Database) -> None:
    """Of its secret nothing is kept."""
    made = await sent(pat, "/me", "/me/tokens", label="nightly blotter", scopes=["read", "export"], days="30")
    (token,) = SECRET.findall(made.text)
    later = (await pat.get("/me")).text
    revoked = await sent(pat, "/me", "/me/tokens/revoke", token=token.split("_")[1])
    shown = (await pat.get("/me")).text

    assert token.startswith("swt_")
    assert token not in later
    assert "nightly blotter" in later
    assert revoked.status_code == 303
    assert ">revoked<" in shown
    (kept,) = SqlAccounts(database).tokens()
    assert kept.expires - kept.created == 30 * 86_400 * 1_000_000_000


async def test_beside_the_tokens_stands_the_way_to_what_programs_can_ask(pat: httpx.AsyncClient) -> None:
    """To the list of every operation."""
    page = (await pat.get("/me")).text
    (address,) = re.findall(r'<a href="([^"]+)">What programs can ask</a>', page.partition('id="tokens"')[2])
    listed = await pat.get(address)

    assert listed.status_code == 200
    assert "/api/v1/exceptions" in listed.text


async def test_what_was_written_stays_when_a_token_is_not_made(pat: httpx.AsyncClient) -> None:
    """Everything that is wrong is said at once."""
    answer = await sent(pat, "/me", "/me/tokens", label="", scopes=["read"], days="400")

    assert answer.status_code == 409
    assert "Say in at most 80 characters what the token is for." in answer.text
    assert "A token holds for 1 to 366 days." in answer.text
    assert 'value="read" checked' in answer.text
    assert 'value="400"' in answer.text


async def test_nobody_revokes_what_is_anothers(app: FastAPI, pat: httpx.AsyncClient, database: Database) -> None:
    """The id alone opens nothing."""
    made = await sent(pat, "/me", "/me/tokens", label="blotter", scopes=["read"], days="30")
    token = SECRET.findall(made.text)[0].split("_")[1]
    async with a_browser(app) as other:
        await logged_in(other, "sam")
        answer = await sent(other, "/me", "/me/tokens/revoke", token=token)

    assert answer.status_code == 409
    assert SqlAccounts(database).tokens()[0].revoked is None


async def test_without_a_login_there_is_no_account_to_change(database: Database, folder: Path) -> None:
    """The page says so; shelvings and principals are there."""
    async with a_browser(an_open_app(database, folder)) as browser:
        page = (await browser.get("/me")).text
        answer = await browser.post("/me/password", data={"present": "x", "chosen": CHOSEN, "again": CHOSEN})
        first = await browser.get("/people")
        people = await browser.get("/people/accounts")

    assert "there is no account to change" in page
    assert (answer.status_code, first.headers["location"], people.status_code) == (409, "/people/principal", 403)


async def test_the_access_log_is_filtered_and_read_page_by_page(app: FastAPI, admin: httpx.AsyncClient) -> None:
    """An auditor's looking at it stands in it too."""
    async with a_browser(app) as auditor:
        await logged_in(auditor, "aud")
        for _ in range(102):
            await auditor.get("/days")
        first = (await auditor.get("/people/log?person=aud&deed=read")).text
        older = html.unescape(re.findall(r'<a href="([^"]+)" rel="next"', first)[0])
        second = (await auditor.get(older)).text
    everything = (await admin.get("/people/log")).text
    none = (await admin.get("/people/log?person=aud&day=1999-01-04")).text
    no_day = (await admin.get("/people/log?day=yesterday")).text
    whole = (await admin.get("/people/log?whole=1")).text

    assert (first.count("GET /days"), second.count("GET /days")) == (99, 3)
    assert 'rel="next"' not in second
    assert "entries fit together." in everything
    assert "All" in whole
    assert "Nothing of this kind is written down." in none
    assert "yesterday is no trade date" in no_day
    assert "logged in" in no_day


async def test_a_changed_log_is_said_to_be_one(admin: httpx.AsyncClient, database: Database) -> None:
    """By its newest links alone."""
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE access_log SET words = 'nothing' WHERE seq = 2")

    page = (await admin.get("/people/log")).text

    assert "Entry 2 does not fit the one before it: the log was changed." in page


async def test_a_scope_is_shelved_seen_with_what_it_hid_and_ended_early(
    pat: httpx.AsyncClient, database: Database
) -> None:
    """What it hid comes back under the person's name."""
    fields = {"rule": "no_quote", "until": "2 h", "why": "listed tomorrow"}
    made = await sent(pat, "/people/shelvings", "/people/shelvings", **fields)
    a_queue(database).tend(Nanos(time.time_ns()))
    page = (await pat.get("/people/shelvings")).text
    ended = await sent(pat, "/people/shelvings", "/people/shelvings/1/end", words="listed now")
    after = (await pat.get("/people/shelvings")).text

    assert (made.status_code, ended.status_code) == (303, 303)
    assert "rule no_quote" in page
    assert "hid 1, 1 still on the shelf" in page
    assert "could not be compared with the market" in page
    assert "No scope is shelved now" in after
    assert "ended early by Pat Jones" in after


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rule": "no_quote", "until": "soon", "why": "later"}, "“soon” is no time"),
        ({"rule": "no_quote", "until": "2099-01-04T10:00", "why": "later"}, "may last 5 d at most"),
        ({"until": "2 h", "why": "later"}, "needs a scope"),
        ({"rule": "no_quote", "until": "2 h", "why": " "}, "needs words that say why"),
    ],
)
async def test_what_was_written_stays_when_a_scope_is_not_shelved(
    pat: httpx.AsyncClient, fields: dict[str, str], said: str
) -> None:
    """With the reason."""
    answer = await sent(pat, "/people/shelvings", "/people/shelvings", **fields)

    shown = html.unescape(answer.text).replace('"soon"', "“soon”")
    assert answer.status_code == 409
    assert said in shown
    assert f'name="until" maxlength="40" autocomplete="off" required value="{fields["until"]}"' in answer.text


async def test_a_shelving_that_is_not_there_cannot_be_ended(app: FastAPI, pat: httpx.AsyncClient) -> None:
    """And a desk only looks."""
    answer = await sent(pat, "/people/shelvings", "/people/shelvings/9/end")
    async with a_browser(app) as desk:
        await logged_in(desk, "sam")
        page = (await desk.get("/people/shelvings")).text

    assert (answer.status_code, "there is no shelving 9" in answer.text) == (409, True)
    assert "Shelve a scope" not in page


async def test_a_single_exception_on_the_shelf_stands_with_who_and_why(
    pat: httpx.AsyncClient, database: Database
) -> None:
    """Until when it is away."""
    from service.cases.actor import Actor  # noqa: PLC0415 - this test alone acts by itself
    from service.cases.given import Given  # noqa: PLC0415 - as above
    from service.cases.states import Action  # noqa: PLC0415 - as above

    now = Nanos(time.time_ns())
    given = Given(words="the vendor mends it", until=Nanos(now + 3_600_000_000_000))
    a_queue(database).act(5, Action.SHELVE, Actor(name="Pat Jones"), given, now)

    page = (await pat.get("/people/shelvings")).text

    assert "the vendor mends it" in page
    assert 'href="/exceptions/5"' in page


async def test_the_principal_of_a_day_is_named_and_the_newest_word_counts(
    pat: httpx.AsyncClient, database: Database
) -> None:
    """What was said before stays; the account of who is named must be one that may sign."""
    page = f"/people/principal?day={DAY}"
    nobody = (await pat.get(page)).text
    refused = await sent(pat, page, "/people/principal", day=DAY, name="sam", deputies="Pat Jones", note="swapped")
    first = await sent(pat, page, "/people/principal", day=DAY, name="Pat Jones")
    second = await sent(pat, page, "/people/principal", day=DAY, name="pat jones", note="again")
    shown = (await pat.get(page)).text
    today = await pat.get("/people/principal")
    no_day = await pat.get("/people/principal?day=x")
    sent_no_day = await sent(pat, page, "/people/principal", day="x", name="Pat Jones")

    assert "Nobody is named for this day." in nobody
    assert refused.status_code == 409
    assert "may not sign days and cannot answer for one" in refused.text
    assert 'value="Pat Jones"' in refused.text
    assert 'value="swapped"' in refused.text
    assert (first.status_code, second.headers["location"]) == (303, f"/people/principal?day={DAY}")
    assert "Said before of this day" in shown
    assert (today.status_code, no_day.status_code, sent_no_day.status_code) == (200, 404, 404)
    assert [one.name for one in SqlPrincipals(database).newest(5)] == ["pat jones"]
