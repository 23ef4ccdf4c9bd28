"""Every route of the page and what it takes to use it; a route that is not named here is closed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from service.access.api_doors import API_DOORS, Door, Open
from service.access.permissions import May

DOORS: Mapping[tuple[str, str], Door] = {
    ("GET", "/static"): Open.TO_ALL,
    ("GET", "/login"): Open.TO_ALL,
    ("POST", "/login"): Open.TO_ALL,
    ("GET", "/login/provider"): Open.TO_ALL,
    ("GET", "/login/provider/back"): Open.TO_ALL,
    ("POST", "/logout"): Open.TO_WHO_IS_IN,
    ("GET", "/logout/provider"): Open.TO_ALL,
    ("GET", "/"): May.READ,
    ("GET", "/rows"): May.READ,
    ("GET", "/exceptions.csv"): May.EXPORT,
    ("GET", "/decide"): May.ACT,
    ("POST", "/decide"): May.ACT,
    ("GET", "/bulks/{bulk_id}"): May.READ,
    ("POST", "/bulks/{bulk_id}/go-on"): May.ACT,
    ("POST", "/views"): May.READ,
    ("POST", "/views/{view_id}/forget"): May.READ,
    ("GET", "/live"): Open.TO_WHO_IS_IN,
    ("GET", "/exceptions/{case_id}"): May.READ,
    ("GET", "/exceptions/{case_id}/now"): May.READ,
    ("GET", "/exceptions/{case_id}/record"): May.READ,
    ("POST", "/exceptions/{case_id}/act/{action}"): May.ACT,
    ("POST", "/exceptions/{case_id}/closing/{action}"): May.APPROVE_CLOSING,
    ("GET", "/exceptions/{case_id}/bundle.zip"): May.EXPORT,
    ("GET", "/exceptions/{case_id}/vendor.zip"): May.EXPORT,
    ("GET", "/days"): May.READ,
    ("GET", "/days/{day}"): May.READ,
    ("POST", "/days/{day}/certify"): May.SIGN,
    ("POST", "/days/{day}/sign"): May.SIGN,
    ("GET", "/readiness"): May.READINESS,
    ("POST", "/readiness/sign"): May.SIGN,
    **API_DOORS,
    ("GET", "/rules"): May.READ,
    ("GET", "/rules/{name}"): May.READ,
    ("GET", "/rules/{name}/change"): May.PROPOSE_CHANGE,
    ("POST", "/rules/{name}/change"): May.PROPOSE_CHANGE,
    ("GET", "/rulebooks"): May.READ,
    ("GET", "/rulebooks/compare"): May.READ,
    ("GET", "/rulebooks/propose"): May.PROPOSE_CHANGE,
    ("POST", "/rulebooks/propose"): May.PROPOSE_CHANGE,
    ("GET", "/rulebooks/{handle}"): May.READ,
    ("GET", "/registers/{name}"): May.READ,
    ("GET", "/registers/{name}/compare"): May.READ,
    ("GET", "/registers/{name}/propose"): May.PROPOSE_CHANGE,
    ("POST", "/registers/{name}/propose"): May.PROPOSE_CHANGE,
    ("GET", "/registers/{name}/{handle}"): May.READ,
    ("GET", "/proposals/{number}"): May.READ,
    ("POST", "/proposals/{number}/approve"): May.APPROVE_CHANGE,
    ("POST", "/proposals/{number}/refuse"): May.APPROVE_CHANGE,
    ("POST", "/proposals/{number}/withdraw"): May.PROPOSE_CHANGE,
    ("POST", "/proposals/{number}/backtest"): May.PROPOSE_CHANGE,
    ("POST", "/proposals/{number}/backtest/cancel"): May.PROPOSE_CHANGE,
    ("GET", "/venues"): May.READ,
    ("GET", "/venues/history"): May.READ,
    ("POST", "/venues/approve"): May.PROPOSE_CHANGE,
    ("POST", "/venues/end"): May.PROPOSE_CHANGE,
    ("POST", "/venues/refuse"): May.ACT,
    ("GET", "/people"): Open.TO_WHO_IS_IN,
    ("GET", "/people/accounts"): May.MANAGE_PEOPLE,
    ("POST", "/people/accounts"): May.MANAGE_PEOPLE,
    ("GET", "/people/account"): May.MANAGE_PEOPLE,
    ("POST", "/people/account/roles"): May.MANAGE_PEOPLE,
    ("POST", "/people/account/password"): May.MANAGE_PEOPLE,
    ("POST", "/people/account/disable"): May.MANAGE_PEOPLE,
    ("POST", "/people/account/enable"): May.MANAGE_PEOPLE,
    ("POST", "/people/account/revoke"): May.MANAGE_PEOPLE,
    ("GET", "/people/log"): May.READ_TRAIL,
    ("GET", "/people/shelvings"): May.READ,
    ("POST", "/people/shelvings"): May.ACT,
    ("POST", "/people/shelvings/{number}/end"): May.ACT,
    ("GET", "/people/principal"): May.READ,
    ("POST", "/people/principal"): May.SIGN,
    ("GET", "/me"): Open.TO_WHO_IS_IN,
    ("POST", "/me/password"): Open.TO_WHO_IS_IN,
    ("POST", "/me/logins/end"): Open.TO_WHO_IS_IN,
    ("POST", "/me/tokens"): Open.TO_WHO_IS_IN,
    ("POST", "/me/tokens/revoke"): Open.TO_WHO_IS_IN,
    ("GET", "/feeds"): May.READINESS,
    ("GET", "/alerts"): May.READINESS,
    ("POST", "/alerts/again"): May.SEND_AGAIN,
    ("POST", "/alerts/set-aside"): May.SEND_AGAIN,
    ("GET", "/report"): May.READ,
    ("GET", "/report/{day}"): May.READ,
    ("GET", "/report/{day}.csv"): May.EXPORT,
}
"""By method and path as the application names it; `/live` says only counts and how far the watch has come."""
WHILE_CHANGING = ("/me", "/me/password", "/logout", "/live")
"""What is open to somebody who has to choose another password first."""
BY_ITSELF = ("/rows", "/live", "/exceptions/{case_id}/now")
"""What an open page asks for by itself."""
ITSELF = "itself"
"""The query by which a page without a script says that nobody asked for it to be loaded again."""
FIRST = {"/": May.READ, "/readiness": May.READINESS}
"""Where somebody is led after the login: the first of these that is allowed."""


def door(method: str, path: str, doors: Mapping[tuple[str, str], Door] = DOORS) -> Door | None:
    """Return what a route takes, None when it is closed; a HEAD is a GET."""
    return doors.get(("GET" if method == "HEAD" else method, path))


def opens(wanted: Door | None, mine: Collection[May] | None) -> bool:
    """Return whether a door opens to somebody who may do `mine`; None is somebody who is not in."""
    if wanted is None or wanted is Open.TO_ALL:
        return wanted is Open.TO_ALL
    return mine is not None and (wanted is Open.TO_WHO_IS_IN or wanted in mine)


def home(mine: Collection[May]) -> str:
    """Return where somebody is led after the login."""
    return next((path for path, may in FIRST.items() if may in mine), "/readiness")


def own_path(path: str) -> str | None:
    """Return a path that a login may lead back to, None for any that could lead to another site (or nowhere)."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\", "/login", "/logout", "/live", "/rows"))
    return path if inside and path.isascii() and path.isprintable() and "\\" not in path else None
