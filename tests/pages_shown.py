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
    Shown("/exceptions/{case_id}", "/exceptions/5"),
    Shown("/exceptions/{case_id}/record", "/exceptions/5/record"),
    Shown("/days", "/days"),
    Shown("/days/{day}", f"/days/{DAY}"),
    Shown("/readiness", "/readiness"),
)
BESIDES = (Shown("", "/exceptions/99"), Shown("", "/nowhere"))
"""What is said where there is nothing."""
NO_PAGES = (
    "/static",
    "/rows",
    "/live",
    "/login/provider",
    "/login/provider/back",
    "/logout/provider",
    "/exceptions/{case_id}/now",
    "/exceptions/{case_id}/bundle.zip",
    "/exceptions/{case_id}/vendor.zip",
)
"""Routes that are read by a person on no page of their own: parts, streams, files, and ways to elsewhere."""
