"""Who may call which route, spelt out and tried one by one; and what a login, a form and a token are worth."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.routing import Mount, Route

from rules.facts import Nanos
from service.access.administer import People
from service.access.doors import DOORS, opens
from service.access.login import NOT_RIGHT
from service.access.permissions import Role, Scope, allowed
from service.access.sessions import kept
from service.access.trail import Deed
from service.cases.states import State
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.trail import SqlTrail
from service.web.entrance import Entrance, while_in
from service.web.live import Live
from service.web.serve import PageServer
from tests.api_doors import EVERYBODY, IN, READERS, SENDERS, WHO_MAY_ASK, WORKERS
from tests.api_programs import a_token
from tests.factories_access import PASSWORD
from tests.factories_cases import a_queue
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import DAY, a_morning
from tests.page_people import ORIGIN, Clock, a_browser, an_account, an_app, hidden, logged_in
from tests.servers import free_port
from tests.stores import ready_store

WHO_MAY_CALL: dict[tuple[str, str], set[str]] = {
    ("GET", "/static"): EVERYBODY,
    ("GET", "/login"): EVERYBODY,
    ("POST", "/login"): EVERYBODY,
    ("GET", "/login/provider"): EVERYBODY,
    ("GET", "/login/provider/back"): EVERYBODY,
    ("POST", "/logout"): IN,
    ("GET", "/logout/provider"): EVERYBODY,
    ("GET", "/"): READERS,
    ("GET", "/rows"): READERS,
    ("GET", "/exceptions.csv"): WORKERS | {Role.AUDITOR},
    ("GET", "/decide"): WORKERS,
    ("POST", "/decide"): WORKERS,
    ("GET", "/bulks/{bulk_id}"): READERS,
    ("POST", "/bulks/{bulk_id}/go-on"): WORKERS,
    ("POST", "/views"): READERS,
    ("POST", "/views/{view_id}/forget"): READERS,
    ("GET", "/live"): IN,
    ("GET", "/exceptions/{case_id}"): READERS,
    ("GET", "/exceptions/{case_id}/now"): READERS,
    ("GET", "/exceptions/{case_id}/record"): READERS,
    ("POST", "/exceptions/{case_id}/act/{action}"): WORKERS,
    ("POST", "/exceptions/{case_id}/closing/{action}"): {Role.COMPLIANCE},
    ("GET", "/exceptions/{case_id}/bundle.zip"): WORKERS | {Role.AUDITOR},
    ("GET", "/exceptions/{case_id}/vendor.zip"): WORKERS | {Role.AUDITOR},
    ("GET", "/days"): READERS,
    ("GET", "/days/{day}"): READERS,
    ("POST", "/days/{day}/certify"): WORKERS,
    ("POST", "/days/{day}/sign"): WORKERS,
    ("GET", "/readiness"): IN,
    ("POST", "/readiness/sign"): WORKERS,
    **WHO_MAY_ASK,
    ("GET", "/rules"): READERS,
    ("GET", "/rules/{name}"): READERS,
    ("GET", "/rules/{name}/change"): WORKERS,
    ("POST", "/rules/{name}/change"): WORKERS,
    ("GET", "/rulebooks"): READERS,
    ("GET", "/rulebooks/compare"): READERS,
    ("GET", "/rulebooks/propose"): WORKERS,
    ("POST", "/rulebooks/propose"): WORKERS,
    ("GET", "/rulebooks/{handle}"): READERS,
    ("GET", "/registers/{name}"): READERS,
    ("GET", "/registers/{name}/compare"): READERS,
    ("GET", "/registers/{name}/propose"): WORKERS,
    ("POST", "/registers/{name}/propose"): WORKERS,
    ("GET", "/registers/{name}/{handle}"): READERS,
    ("GET", "/proposals/{number}"): READERS,
    ("POST", "/proposals/{number}/approve"): {Role.COMPLIANCE},
    ("POST", "/proposals/{number}/refuse"): {Role.COMPLIANCE},
    ("POST", "/proposals/{number}/withdraw"): WORKERS,
    ("POST", "/proposals/{number}/backtest"): WORKERS,
    ("POST", "/proposals/{number}/backtest/cancel"): WORKERS,
    ("GET", "/venues"): READERS,
    ("GET", "/venues/history"): READERS,
    ("POST", "/venues/approve"): WORKERS,
    ("POST", "/venues/end"): WORKERS,
    ("POST", "/venues/refuse"): WORKERS,
    ("GET", "/people"): IN,
    ("GET", "/people/accounts"): {Role.ADMIN},
    ("POST", "/people/accounts"): {Role.ADMIN},
    ("GET", "/people/account"): {Role.ADMIN},
    ("POST", "/people/account/roles"): {Role.ADMIN},
    ("POST", "/people/account/password"): {Role.ADMIN},
    ("POST", "/people/account/disable"): {Role.ADMIN},
    ("POST", "/people/account/enable"): {Role.ADMIN},
    ("POST", "/people/account/revoke"): {Role.ADMIN},
    ("GET", "/people/log"): {Role.ADMIN, Role.AUDITOR},
    ("GET", "/people/shelvings"): READERS,
    ("POST", "/people/shelvings"): WORKERS,
    ("POST", "/people/shelvings/{number}/end"): WORKERS,
    ("GET", "/people/principal"): READERS,
    ("POST", "/people/principal"): WORKERS,
    ("GET", "/me"): IN,
    ("POST", "/me/password"): IN,
    ("POST", "/me/logins/end"): IN,
    ("POST", "/me/tokens"): IN,
    ("POST", "/me/tokens/revoke"): IN,
    ("GET", "/feeds"): IN,
    ("GET", "/alerts"): IN,
    ("POST", "/alerts/again"): SENDERS,
    ("POST", "/alerts/set-aside"): SENDERS,
    ("GET", "/report"): READERS,
    ("GET", "/report/{day}"): READERS,
    ("GET", "/report/{day}.csv"): WORKERS | {Role.AUDITOR},
}
"""Every route of the application and who may call it, said a second time so that the table of doors cannot drift."""
SOME = {
    "case_id": 5,
    "day": DAY,
    "action": "note",
    "name": "slow_fill",
    "handle": "in-force",
    "number": 1,
    "party": "alpha",
    "bulk_id": "b",
    "token_id": "0" * 12,
    "view_id": 1,
    "channel": "desk",
}
"""What stands in an address for what a route leaves open."""


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands at noon."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions and a person of every role, named after it."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        for role in Role:
            an_account(made, role.value, role)
        yield made


@pytest.fixture
def app(database: Database, tmp_path: Path, clock: Clock) -> FastAPI:
    """Give the whole application with a login."""
    folder = a_working_folder(tmp_path / "work", settings=f"{SETTINGS}[http]\nport = {free_port()}\n")
    return an_app(database, folder, clock)


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Return every method and path that the application answers."""
    found = set()
    for route in app.router.routes:
        assert isinstance(route, Route | Mount), f"{route} is of a kind that this test does not know"
        methods = (route.methods or set()) - {"HEAD"} if isinstance(route, Route) else {"GET"}
        found |= {(method, route.path) for method in methods}
    return found


def was_let_in(answer: httpx.Response) -> bool:
    """Tell whether a route ran: not sent to the login, not refused at the entrance."""
    to_login = answer.headers.get("location", "").startswith("/login?why=login")
    return not to_login and answer.status_code not in (401, 403)


async def test_every_route_is_called_by_everybody_and_opens_to_exactly_those_who_may(app: FastAPI) -> None:
    """No route is left out: the list must be the application's, and the doors' too."""
    assert routes_of(app) == set(WHO_MAY_CALL) == set(DOORS)

    for who in sorted(EVERYBODY):
        async with a_browser(app) as browser:
            csrf = ""
            for method, path in sorted(WHO_MAY_CALL):
                by_the_table = opens(DOORS[method, path], None if who == "nobody" else allowed([who]))
                assert by_the_table == (who in WHO_MAY_CALL[method, path]), f"{who}: {method} {path}"
                if path == "/live":
                    continue  # it never ends by itself: the next test
                if who != "nobody" and "sorwatch" not in browser.cookies:
                    csrf = await csrf_of(browser, who)
                field = hidden((await browser.get("/login")).text)["csrf"] if path == "/login" else csrf
                address = path.format_map(SOME).replace("/static", "/static/style.css")
                answer = await browser.request(method, address, data=None if method == "GET" else {"csrf": field})
                right = path == "/login" or was_let_in(answer)
                assert right == (who in WHO_MAY_CALL[method, path]), f"{who}: {method} {path} gave {answer.status_code}"


async def csrf_of(browser: httpx.AsyncClient, who: str) -> str:
    """Log somebody in and return what the forms of that login carry."""
    answer = await logged_in(browser, who)
    assert answer.status_code == 303, answer.text
    page = await browser.get(answer.headers["location"])
    return hidden(page.text, "/logout")["csrf"]


async def test_the_stream_is_closed_to_who_is_not_in(app: FastAPI) -> None:
    """And the page's script is told where to go."""
    async with a_browser(app) as browser:
        answer = await browser.get("/live")

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/login?why=login"


async def test_who_is_no_longer_in_is_led_back_to_the_page_whose_part_asked(app: FastAPI) -> None:
    """Where nothing says which, to the beginning."""
    asked = {"HX-Request": "true", "HX-Current-URL": f"{ORIGIN}/exceptions/5?decided=b"}
    async with a_browser(app) as browser:
        part = await browser.get("/exceptions/5/now", headers=asked)
        unsaid = await browser.get("/exceptions/5/now")

    assert (part.status_code, unsaid.status_code) == (401, 401)
    assert part.headers["hx-redirect"] == "/login?why=login&next=/exceptions/5%3Fdecided%3Db"
    assert unsaid.headers["hx-redirect"] == "/login?why=login"


async def test_a_route_that_the_table_forgot_is_closed_to_everybody(app: FastAPI) -> None:
    """A new page opens only by a line in the table of doors."""

    @app.get("/new")
    def new() -> str:
        return "secret"

    async with a_browser(app) as nobody, a_browser(app) as browser:
        await logged_in(browser, "compliance")
        answers = [await nobody.get("/new"), await browser.get("/new")]

    assert [answer.status_code for answer in answers] == [303, 403]
    assert all("secret" not in answer.text for answer in answers)


async def test_a_path_that_is_not_there_tells_nothing_to_who_is_not_in(app: FastAPI) -> None:
    """And is said not to be there to who is."""
    async with a_browser(app) as nobody, a_browser(app) as browser:
        await logged_in(browser, "desk")

        assert (await nobody.get("/nowhere")).status_code == 303
        assert (await browser.get("/nowhere")).status_code == 404


async def test_a_login_leads_to_where_one_wanted_to_go_and_only_within_this_page(app: FastAPI) -> None:
    """From a link to an exception by way of the form."""
    async with a_browser(app) as browser:
        asked = await browser.get("/exceptions/5?x=1")
        form = await browser.get(asked.headers["location"])
        fields = {**hidden(form.text), "name": "desk", "password": PASSWORD}
        answer = await browser.post("/login", data=fields)
        elsewhere = await logged_in(browser, "desk", back="//evil.example/")
        admins = await logged_in(browser, "admin")

    assert asked.headers["location"] == "/login?why=login&next=/exceptions/5%3Fx%3D1"
    assert answer.headers["location"] == "/exceptions/5?x=1"
    assert elsewhere.headers["location"] == "/"
    assert admins.headers["location"] == "/readiness"


async def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(
    app: FastAPI, database: Database
) -> None:
    """A locked account too: nobody learns from an answer who has one."""
    People(SqlAccounts(database), "root", Nanos(1)).lock("desk", "left")
    tries = (("supervisor", "not this one at all"), ("nobody here", PASSWORD), ("desk", PASSWORD))
    answers = []
    for name, password in tries:
        async with a_browser(app) as browser:
            answers.append(await logged_in(browser, name, password))

    assert {answer.status_code for answer in answers} == {401}
    assert all(NOT_RIGHT in answer.text for answer in answers)
    plain = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(plain) == 1
    assert all(PASSWORD not in answer.text for answer in answers)


@pytest.mark.parametrize("name", ["supervisor", "nobody here"])
async def test_after_five_failures_a_name_waits_whether_it_exists_or_not(
    app: FastAPI, database: Database, clock: Clock, name: str
) -> None:
    """Told calmly and until when; the right password does not help before that, and every attempt is written down."""
    async with a_browser(app) as browser:
        for _ in range(5):
            refused = await logged_in(browser, name, "not this one at all")
            clock.pass_(1)
        paused = await logged_in(browser, name)
        clock.pass_(13.9)
        still = await logged_in(browser, name)
        clock.pass_(0.2)
        after = await logged_in(browser, name)

    assert NOT_RIGHT in refused.text
    assert "There were too many attempts. Try again after 12:19:00 New York." in paused.text
    assert (paused.status_code, still.status_code) == (401, 401)
    assert "too many attempts" in still.text
    assert after.status_code == (303 if name == "supervisor" else 401)
    deeds = [one.deed for one in SqlTrail(database).newest(8)][::-1]
    end = Deed.LOGGED_IN if name == "supervisor" else Deed.LOGIN_REFUSED
    assert deeds == [Deed.LOGIN_REFUSED] * 5 + [Deed.LOGIN_PAUSED] * 2 + [end]


async def test_one_place_that_tries_many_names_waits_and_others_do_not(app: FastAPI) -> None:
    """Fifty failures, ten names each with less than its patience."""
    async with a_browser(app, place="10.0.0.9") as sprayer, a_browser(app) as other:
        for n in range(50):
            await logged_in(sprayer, f"name {n}", "not this one at all")
        paused = await logged_in(sprayer, "supervisor")
        answer = await logged_in(other, "supervisor")

    assert "too many attempts" in paused.text
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("proxy", "told", "place"),
    [
        (None, "203.0.113.7", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("10.0.0.1", "203.0.113.7", "127.0.0.1"),
    ],
)
async def test_where_somebody_is_comes_from_the_connection_or_from_the_one_proxy_that_is_trusted(
    app: FastAPI, database: Database, proxy: str | None, told: str, place: str
) -> None:
    """What a stranger writes before it does not count, and without a proxy nothing of it does."""
    server = PageServer(app, Live(SqlEvidence(database)), proxy)
    server.config.load()
    transport = httpx.ASGITransport(server.config.loaded_app, client=("127.0.0.1", 50_000))
    headers = {"Origin": ORIGIN, **({"X-Forwarded-For": told} if told else {})}

    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as browser:
        await logged_in(browser, "desk", "not this one at all")

    assert SqlTrail(database).newest(1)[0].place == place


async def test_unlocking_forgets_the_failures(app: FastAPI, database: Database, clock: Clock) -> None:
    """An admin helps at once."""
    async with a_browser(app) as browser:
        for _ in range(5):
            await logged_in(browser, "desk", "not this one at all")
        People(SqlAccounts(database), "root", Nanos(clock.now)).unlock("desk", "mistyped")
        answer = await logged_in(browser, "desk")

    assert answer.status_code == 303


async def test_a_login_is_a_new_secret_and_the_old_one_opens_nothing(app: FastAPI, database: Database) -> None:
    """A secret that somebody planted or saw before the login is worth nothing after it; the store keeps none."""
    async with a_browser(app) as browser:
        browser.cookies.set("sorwatch", "planted", domain="127.0.0.1", path="/")
        await logged_in(browser, "desk")
        first = browser.cookies["sorwatch"]
        await logged_in(browser, "desk")
        second = browser.cookies["sorwatch"]
        browser.cookies.clear()
        with_first = await browser.get("/", headers={"Cookie": f"sorwatch={first}"})
        with_second = await browser.get("/", headers={"Cookie": f"sorwatch={second}"})

    assert len({"planted", first, second}) == 3
    assert (with_first.status_code, with_second.status_code) == (303, 200)
    assert second.encode() not in (database.file or Path()).read_bytes()


async def test_the_cookies_are_for_this_site_and_for_no_script(
    app: FastAPI, database: Database, tmp_path: Path
) -> None:
    """Behind TLS only over TLS, and bound to the very host."""
    safe = an_app(database, tmp_path / "work", Clock(), "https://watch.firm.example", "watch.firm.example")
    async with a_browser(app) as near, a_browser(safe, "https://watch.firm.example") as far:
        here, there = await logged_in(near, "desk"), await logged_in(far, "desk")
        page = await far.get("/")

    (mine,) = (one for one in here.headers.get_list("set-cookie") if one.startswith("sorwatch="))
    (theirs,) = (one for one in there.headers.get_list("set-cookie") if one.startswith("__Host-sorwatch="))
    assert "HttpOnly; Path=/; SameSite=lax" in mine
    assert "Secure" not in mine
    assert "HttpOnly; Path=/; SameSite=lax; Secure" in theirs
    assert "Max-Age" not in mine + theirs
    assert page.status_code == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in here.headers


async def test_a_login_ends_when_nobody_asked_for_anything_and_the_page_by_itself_does_not_count(
    app: FastAPI, clock: Clock
) -> None:
    """Questions keep it, its own refreshing does not, and a day's work is its end."""
    async with a_browser(app) as browser:
        await logged_in(browser, "desk")
        clock.pass_(29)
        kept_by_a_question = await browser.get("/days")
        clock.pass_(29)
        by_itself = await browser.get("/rows")
        without_script = await browser.get("/?itself")
        clock.pass_(1)
        late_rows, late = await browser.get("/rows"), await browser.get("/days")
        await logged_in(browser, "desk")
        codes = []
        for _ in range(21):
            clock.pass_(29)
            codes.append((await browser.get("/days")).status_code)

    assert [one.status_code for one in (kept_by_a_question, by_itself, without_script)] == [200] * 3
    assert (late_rows.status_code, late.status_code) == (401, 303)
    assert late.headers["location"] == "/login?why=login&next=/days"
    assert codes == [200] * 20 + [303]


async def test_logging_out_ends_the_login_on_the_server_too(app: FastAPI, database: Database) -> None:
    """A copy of the cookie opens nothing."""
    async with a_browser(app) as browser:
        csrf = await csrf_of(browser, "desk")
        secret = browser.cookies["sorwatch"]
        answer = await browser.post("/logout", data={"csrf": csrf})
        said = await browser.get(answer.headers["location"])
        again = await browser.get("/", headers={"Cookie": f"sorwatch={secret}"})

    assert "You are logged out." in said.text
    assert "sorwatch" not in browser.cookies
    assert again.status_code == 303
    assert SqlTrail(database).newest(1)[0].deed is Deed.LOGGED_OUT


@pytest.mark.parametrize("change", ["lock", "roles", "password"])
async def test_a_change_of_the_account_ends_its_logins_at_once(
    app: FastAPI, database: Database, clock: Clock, change: str
) -> None:
    """Nobody works on as who they were."""
    people = People(SqlAccounts(database), "root", Nanos(clock.now))
    changes = {
        "lock": lambda: people.lock("supervisor", ""),
        "roles": lambda: people.set_roles("supervisor", [Role.DESK], []),
        "password": lambda: people.set_password("supervisor", "quite another sentence"),
    }
    async with a_browser(app) as browser:
        await logged_in(browser, "supervisor")
        before = await browser.get("/")
        changes[change]()
        after = await browser.get("/")

    assert (before.status_code, after.status_code) == (200, 303)


async def test_a_form_without_the_token_of_its_login_changes_nothing(app: FastAPI, database: Database) -> None:
    """Neither without, nor with another login's, nor with the one before; with the right one it does."""
    async with a_browser(app) as other, a_browser(app) as browser:
        theirs = await csrf_of(other, "compliance")
        before = await csrf_of(browser, "supervisor")
        right = await csrf_of(browser, "supervisor")
        address = "/exceptions/5/act/acknowledge"
        refused = [await browser.post(address, data={"csrf": csrf}) for csrf in ("", theirs, before)]
        refused.append(await browser.post(address, files={"csrf": (None, right)}))
        refused.append(await browser.post(address))
        states = [case.state for case in [a_queue(database).case(5)] if case]
        form = await browser.get("/exceptions/5")
        done = await browser.post(address, data={**hidden(form.text, "/act/acknowledge"), "words": "asked"})

    assert [answer.status_code for answer in refused] == [403] * 5
    assert all("older than your login" in answer.text for answer in refused)
    assert states == [State.NEW]
    assert done.status_code == 303
    event = a_queue(database).history(5)[-1]
    assert (event.actor, b"asked" in event.body) == ("supervisor", True)


async def test_every_form_of_every_page_carries_the_token(app: FastAPI) -> None:
    """Also those that come later."""
    async with a_browser(app) as browser:
        csrf = await csrf_of(browser, "supervisor")
        texts = [
            (await browser.get(path)).text for path in ("/", "/exceptions/5", "/days", f"/days/{DAY}", "/readiness")
        ]

    forms = [form for text in texts for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL)]
    assert len(forms) == 14
    assert all(f'name="csrf" value="{csrf}"' in form for form in forms)


async def test_a_login_form_without_its_cookie_is_shown_again(app: FastAPI, database: Database) -> None:
    """Nobody is logged in by another site's form, as somebody else."""
    async with a_browser(app) as browser:
        answer = await browser.post("/login", data={"name": "desk", "password": PASSWORD, "csrf": "x"})
        said = await browser.get(answer.headers["location"])

    assert answer.headers["location"] == "/login?why=form"
    assert "The form had grown old. Try again." in said.text
    assert "sorwatch" not in browser.cookies


async def test_who_only_looks_is_offered_nothing_to_do_and_refused_in_words(app: FastAPI, database: Database) -> None:
    """The page does not show what it would refuse; the refusal is written down."""
    async with a_browser(app) as browser:
        csrf = await csrf_of(browser, "desk")
        page = await browser.get("/exceptions/5")
        answer = await browser.post("/exceptions/5/act/acknowledge", data={"csrf": csrf})

    assert "Acknowledge" not in page.text
    assert answer.status_code == 403
    assert "desk (desk) may not work on exceptions; that is for compliance or supervisor." in answer.text
    entry = SqlTrail(database).newest(1)[0]
    assert (entry.deed, entry.actor, entry.words) == (Deed.REFUSED, "desk", "POST /exceptions/5/act/acknowledge")


async def test_every_read_of_client_data_by_an_auditor_is_written_down_before_it_is_answered(
    app: FastAPI, database: Database
) -> None:
    """With what was read; a supervisor's is not, the style sheet is not; the chain holds."""
    async with a_browser(app) as supervisor, a_browser(app) as auditor:
        await logged_in(supervisor, "supervisor")
        await supervisor.get("/exceptions/5")
        await logged_in(auditor, "auditor")
        for path in ("/", "/rows", "/exceptions/5?x=1", "/exceptions/999", "/static/style.css", f"/days/{DAY}"):
            await auditor.get(path)

    trail = SqlTrail(database)
    reads = [(one.actor, one.words) for one in trail.newest() if one.deed is Deed.READ][::-1]
    paths = ("/", "/rows", "/exceptions/5?x=1", "/exceptions/999", f"/days/{DAY}")
    assert reads == [("auditor", f"GET {path}") for path in paths]
    assert trail.verify()[1] is None


async def test_the_stream_ends_when_the_login_does_and_says_so(app: FastAPI, database: Database, clock: Clock) -> None:
    """A screen that was left on shows nothing of the evening; the page then goes to the login by itself."""
    who = next(one for one in app.user_middleware if one.cls is Entrance).kwargs["who"]
    async with a_browser(app) as browser:
        await logged_in(browser, "desk")
        secret = browser.cookies["sorwatch"]

    async def ticks() -> AsyncIterator[str]:
        for n in range(3):
            yield f"event {n}"

    scope = {"type": "http", "method": "GET", "path": "/live", "headers": [(b"cookie", f"sorwatch={secret}".encode())]}
    heard = []
    async for event in while_in(ticks(), who, Request(scope)):
        heard.append(event)
        clock.pass_(20)

    assert heard == ["event 0", "event 1", "event: signed-out\ndata: {}\n\n"]


async def asked(app: FastAPI, token: str) -> tuple[int, int]:
    """Ask for an exception and for a note on it by a token, as a program does: no cookie, no origin."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as program:
        headers = {"Authorization": f"Bearer {token}"}
        listed = await program.get("/api/v1/exceptions/5", headers=headers)
        done = await program.post(
            "/api/v1/exceptions/5/actions", headers=headers, json={"action": "note", "words": "seen"}
        )
    return listed.status_code, done.status_code


async def test_a_token_does_what_both_its_scopes_and_its_owner_may(
    app: FastAPI, database: Database, clock: Clock
) -> None:
    """And nothing when it is none."""
    supervisors = a_token(database, clock, "supervisor", (Scope.READ, Scope.ACT))
    only_reads = a_token(database, clock, "supervisor", (Scope.READ,))
    desks = a_token(database, clock, "desk", (Scope.READ, Scope.ACT))

    assert await asked(app, supervisors) == (200, 200)
    assert await asked(app, only_reads) == (200, 403)
    assert await asked(app, desks) == (200, 403)
    assert await asked(app, "swt_0123456789ab_" + "a" * 43) == (401, 401)
    assert await asked(app, supervisors[:-1] + "!") == (401, 401)


async def test_a_token_ends_with_its_time_its_revocation_and_its_owners_lock(
    app: FastAPI, database: Database, clock: Clock
) -> None:
    """Whichever comes first."""
    accounts = SqlAccounts(database)
    people = People(accounts, "root", Nanos(clock.now))
    expires, revoked, locked = (a_token(database, clock, who, (Scope.READ,)) for who in ("desk", "desk", "auditor"))
    people.revoke(revoked.split("_")[1])
    people.lock("auditor", "")

    before = await asked(app, expires)
    clock.pass_(24 * 60)

    assert before[0] == 200
    assert [(await asked(app, token))[0] for token in (expires, revoked, locked)] == [401, 401, 401]


async def test_a_token_opens_no_page_and_a_cookie_beside_a_token_is_not_looked_at(
    app: FastAPI, database: Database, clock: Clock
) -> None:
    """Each way in by itself."""
    token = a_token(database, clock, "supervisor", (Scope.READ,))
    async with a_browser(app) as browser:
        page = await browser.get("/", headers={"Authorization": f"Bearer {token}"})
        await logged_in(browser, "supervisor")
        both = await browser.get("/api/v1/exceptions/5", headers={"Authorization": "Bearer swt_x"})
        alone = await browser.get("/api/v1/exceptions/5")
        without_form = await browser.post("/api/v1/exceptions/5/actions")

    assert page.status_code == 303
    assert (both.status_code, both.headers["www-authenticate"]) == (401, "Bearer")
    assert (alone.status_code, alone.json()["exception"]) == (200, 5)
    assert without_form.status_code == 403


async def test_a_secret_that_is_nobodys_is_not_looked_at_twice(app: FastAPI, database: Database) -> None:
    """Whatever stands in a cookie is asked for by its hash."""
    async with a_browser(app) as browser:
        answer = await browser.get("/", headers={"Cookie": b"sorwatch=%00\xff"})

    assert answer.status_code == 303
    assert SqlAccounts(database).session(kept("\0")) is None
