"""Every page of the application with an address that shows something of the morning: a new page is a line here."""

from __future__ import annotations

from typing import NamedTuple

from tests.factories_page import DAY


class Shown(NamedTuple):
    """A page: the route as the application names it, and an address at which the morning has it."""

    route: str
    path: str
    log_in: bool = True


PAGES = (
    Shown("/login", "/login?why=form", log_in=False),
    Shown("/", "/"),
    Shown("/decide", "/decide?action=close&case=5"),
    Shown("/bulks/{bulk_id}", "/bulks/none"),
    Shown("/exceptions/{case_id}", "/exceptions/5"),
    Shown("/exceptions/{case_id}/record", "/exceptions/5/record"),
    Shown("/days", "/days"),
    Shown("/days/{day}", f"/days/{DAY}"),
    Shown("/readiness", "/readiness"),
    Shown("/rules", "/rules"),
    Shown("/rules/{name}", "/rules/outside_nbbo"),
    Shown("/rules/{name}/change", "/rules/outside_nbbo/change"),
    Shown("/rulebooks", "/rulebooks"),
    Shown("/rulebooks/compare", "/rulebooks/compare"),
    Shown("/rulebooks/propose", "/rulebooks/propose"),
    Shown("/rulebooks/{handle}", "/rulebooks/none"),
    Shown("/registers/{name}", "/registers/alpha"),
    Shown("/registers/{name}/compare", "/registers/alpha/compare"),
    Shown("/registers/{name}/propose", "/registers/alpha/propose"),
    Shown("/registers/{name}/{handle}", "/registers/alpha/none"),
    Shown("/proposals/{number}", "/proposals/1"),
    Shown("/venues", "/venues"),
    Shown("/venues/history", "/venues/history"),
    Shown("/people", "/people"),
    Shown("/people/accounts", "/people/accounts"),
    Shown("/people/account", "/people/account?name=pat"),
    Shown("/people/log", "/people/log"),
    Shown("/people/shelvings", "/people/shelvings"),
    Shown("/people/principal", "/people/principal"),
    Shown("/me", "/me"),
    Shown("/feeds", "/feeds"),
    Shown("/alerts", "/alerts"),
    Shown("/report", "/report"),
    Shown("/report/{day}", f"/report/{DAY}"),
    Shown("/api", "/api"),
)
BESIDES = (Shown("", "/exceptions/99"), Shown("", "/nowhere"))
"""What is said where there is nothing."""
NO_PAGES = (
    "/static",
    "/rows",
    "/exceptions.csv",
    "/live",
    "/login/provider",
    "/login/provider/back",
    "/logout/provider",
    "/exceptions/{case_id}/now",
    "/exceptions/{case_id}/bundle.zip",
    "/exceptions/{case_id}/vendor.zip",
    "/report/{day}.csv",
)
"""Routes that are read by a person on no page of their own: parts, streams, files, and ways to elsewhere."""
