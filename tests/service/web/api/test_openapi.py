"""The OpenAPI: kept in the repository as it is, complete, and with an operation for every deed of the pages."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from service.access.api_doors import is_api
from service.access.doors import DOORS
from service.web.api.forms.operations import operations
from tests.api_programs import As
from tests.openapi import KEPT, described, text
from tests.page_people import a_browser, logged_in

PAGES: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/"): ("list_exceptions", "count_open"),
    ("GET", "/exceptions/{case_id}"): (
        "get_exception",
        "get_history",
        "get_findings",
        "get_messages",
        "get_quotes",
        "get_incident",
        "list_deliveries",
    ),
    ("GET", "/exceptions/{case_id}/record"): ("get_exception", "get_history", "get_findings", "get_messages"),
    ("POST", "/exceptions/{case_id}/act/{action}"): ("act",),
    ("POST", "/exceptions/{case_id}/closing/{action}"): ("decide_closing",),
    ("GET", "/exceptions/{case_id}/bundle.zip"): ("get_bundle",),
    ("GET", "/exceptions/{case_id}/vendor.zip"): ("get_vendor_extract",),
    ("GET", "/exceptions.csv"): ("list_exceptions",),
    ("POST", "/decide"): ("begin_bulk", "begin_bulk_of_closings"),
    ("GET", "/bulks/{bulk_id}"): ("get_bulk",),
    ("POST", "/bulks/{bulk_id}/go-on"): ("go_on_with_bulk",),
    ("GET", "/report"): ("get_report",),
    ("GET", "/report/{day}"): ("get_report",),
    ("GET", "/report/{day}.csv"): ("get_report",),
    ("GET", "/me"): ("get_me",),
    ("GET", "/people/accounts"): ("list_users",),
    ("POST", "/people/accounts"): ("add_user",),
    ("GET", "/people/account"): ("list_users", "list_tokens"),
    ("POST", "/people/account/roles"): ("set_roles",),
    ("POST", "/people/account/password"): ("draw_password",),
    ("POST", "/people/account/disable"): ("lock_user",),
    ("POST", "/people/account/enable"): ("unlock_user",),
    ("POST", "/people/account/revoke"): ("revoke_token",),
    ("GET", "/people/log"): ("list_access_log",),
    ("GET", "/people/principal"): ("list_principals",),
    ("POST", "/people/principal"): ("name_principal",),
    ("GET", "/people/shelvings"): ("list_shelvings", "get_shelving"),
    ("POST", "/people/shelvings"): ("shelve_scope",),
    ("POST", "/people/shelvings/{number}/end"): ("end_shelving",),
    ("GET", "/rules"): ("list_rules", "list_precision"),
    ("GET", "/rules/{name}"): ("get_rule",),
    ("POST", "/rules/{name}/change"): ("propose_rulebook",),
    ("GET", "/rulebooks"): ("list_rulebooks",),
    ("GET", "/rulebooks/compare"): ("compare_rulebooks",),
    ("POST", "/rulebooks/propose"): ("propose_rulebook",),
    ("GET", "/rulebooks/{handle}"): ("get_rulebook",),
    ("GET", "/registers/{name}"): ("list_registers",),
    ("GET", "/registers/{name}/compare"): ("compare_registers",),
    ("POST", "/registers/{name}/propose"): ("propose_register",),
    ("GET", "/registers/{name}/{handle}"): ("get_register",),
    ("GET", "/proposals/{number}"): ("get_proposal",),
    ("POST", "/proposals/{number}/approve"): ("decide_proposal",),
    ("POST", "/proposals/{number}/refuse"): ("decide_proposal",),
    ("POST", "/proposals/{number}/withdraw"): ("withdraw_proposal",),
    ("POST", "/proposals/{number}/backtest"): ("begin_backtest",),
    ("POST", "/proposals/{number}/backtest/cancel"): ("cancel_backtest",),
    ("GET", "/venues"): ("list_venues",),
    ("GET", "/venues/history"): ("list_venue_changes",),
    ("POST", "/venues/approve"): ("propose_approval",),
    ("POST", "/venues/end"): ("propose_ending",),
    ("POST", "/venues/refuse"): ("act",),
    ("GET", "/days"): ("list_days",),
    ("GET", "/days/{day}"): ("get_close", "list_certificates", "list_statements"),
    ("POST", "/days/{day}/certify"): ("certify_day",),
    ("POST", "/days/{day}/sign"): ("sign_day",),
    ("GET", "/readiness"): ("get_readiness",),
    ("POST", "/readiness/sign"): ("sign_readiness",),
    ("GET", "/alerts"): ("list_channels", "list_dead_letters"),
    ("POST", "/alerts/again"): ("send_again", "send_channel_again"),
    ("POST", "/alerts/set-aside"): ("set_aside",),
    ("GET", "/feeds"): ("get_feeds", "list_exceptions"),
}
"""By a deed of the pages the operations that do the same for a program."""
ONLY_PAGES = {
    ("GET", "/static"): "style and script",
    ("GET", "/login"): "a program has a token",
    ("POST", "/login"): "a program has a token",
    ("POST", "/logout"): "a token is revoked",
    ("GET", "/live"): "it says only when to look again",
    ("GET", "/exceptions/{case_id}/now"): "a part of the page that it loads again by itself",
    ("GET", "/rules/{name}/change"): "an empty form",
    ("GET", "/rulebooks/propose"): "an empty form",
    ("GET", "/registers/{name}/propose"): "an empty form",
    ("GET", "/login/provider"): "a program has a token",
    ("GET", "/login/provider/back"): "a program has a token",
    ("GET", "/logout/provider"): "a program has a token",
    ("POST", "/me/password"): "a password is changed where its owner types it",
    ("POST", "/me/logins/end"): "a program has no login",
    ("POST", "/me/tokens"): "a token makes no token: it could do more than it may",
    ("POST", "/me/tokens/revoke"): "a token is revoked by its owner at the page, or by who manages people",
    ("GET", "/people"): "it leads to one of its parts",
    ("GET", "/decide"): "an empty form",
    ("POST", "/views"): "a view is an address by a name; a program keeps its own",
    ("POST", "/views/{view_id}/forget"): "a view is an address by a name; a program keeps its own",
    ("GET", "/rows"): "a part of the queue's page",
    ("GET", "/api"): "this list for people",
}


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    """Give the OpenAPI as it is now."""
    return described()


def told(openapi: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and description of every operation."""
    return [(path, method, one) for path, methods in openapi["paths"].items() for method, one in methods.items()]


def test_the_file_in_the_repository_is_current() -> None:
    """`python -m tests.openapi` writes it."""
    assert KEPT.read_text(encoding="utf-8") == text()


def test_every_route_of_the_api_is_described_and_nothing_else(openapi: dict[str, Any]) -> None:
    """The doors are the list; the OpenAPI does not describe itself."""
    doors = {(method.lower(), path) for method, path in DOORS if is_api(path)} - {("get", "/api/v1/openapi.json")}

    assert {(method, path) for path, method, _ in told(openapi)} == doors


def test_every_operation_has_a_name_of_its_own_words_and_declared_refusals(openapi: dict[str, Any]) -> None:
    """What changes something may conflict; what is not there may be asked for."""
    names = [one["operationId"] for _, _, one in told(openapi)]

    assert len(set(names)) == len(names)
    for path, method, one in told(openapi):
        assert one["summary"], path
        assert one["description"].endswith(("in.", ".")), path
        assert {"401", "403", "421"} <= set(one["responses"]), path
        assert "409" in one["responses"] or method == "get", path
        assert "404" in one["responses"] or "{" not in path, path


def test_no_answer_and_no_question_holds_a_float() -> None:
    """Amounts are decimal text."""
    assert '"type": "number"' not in text()


def test_what_every_page_shows_and_does_a_program_can_too(openapi: dict[str, Any]) -> None:
    """A page without an operation says here why it needs none."""
    pages = {route for route in DOORS if not is_api(route[1])}
    names = {one["operationId"] for _, _, one in told(openapi)}

    assert pages == {*PAGES, *ONLY_PAGES}
    assert {name for counterparts in PAGES.values() for name in counterparts} <= names


async def test_who_is_in_reads_the_openapi_and_who_is_not_does_not(app: FastAPI, as_: As) -> None:
    """As an answer like any other."""
    async with as_("root") as root, a_browser(app) as nobody:
        answer = await root.get("/openapi.json")
        refused = await nobody.get("/api/v1/openapi.json")

    assert (answer.json()["openapi"], answer.json()["info"]["title"]) == ("3.1.0", "sorwatch")
    assert refused.status_code == 401


async def test_the_page_lists_every_operation_with_a_line_for_a_shell(app: FastAPI, openapi: dict[str, Any]) -> None:
    """Without a script, to who is in."""
    async with a_browser(app) as browser:
        await logged_in(browser, "desk")
        page = (await browser.get("/api")).text

    assert all(f'<details id="{one["operationId"]}">' in page for _, _, one in told(openapi))
    assert "/api/v1/exceptions/7/actions</code></pre>" in page


def test_a_line_for_a_shell_holds_what_must_be_sent(openapi: dict[str, Any]) -> None:
    """Known examples, and capitals where something is to be filled in."""
    found = {one.name: one for listed in operations(openapi).values() for one in listed}

    assert found["get_me"].curl == 'curl -H "Authorization: Bearer $TOKEN" $SORWATCH/api/v1/me'
    assert found["act"].curl == (
        "curl -H \"Authorization: Bearer $TOKEN\" -X POST -H 'Content-Type: application/json' "
        '-d \'{"action":"acknowledge"}\' $SORWATCH/api/v1/exceptions/7/actions'
    )
    assert "until: A length of time (`2 h`)" in " ".join(found["shelve_scope"].fields)
    assert "409:" in " ".join(found["act"].answers)
