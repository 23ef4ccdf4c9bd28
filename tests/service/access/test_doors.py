"""Which door opens to whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.api_doors import Open
from service.access.doors import BY_ITSELF, DOORS, FIRST, door, home, opens, own_path
from service.access.permissions import May, Role, allowed


def test_a_route_that_is_not_named_is_closed_to_everybody() -> None:
    """A forgotten line is a refusal, not a hole."""
    assert door("POST", "/people") is None
    assert not opens(None, set(May))
    assert not opens(None, None)


def test_who_is_not_in_gets_through_the_open_doors_only() -> None:
    """Everything else leads to the login."""
    assert [which for which, wanted in DOORS.items() if opens(wanted, None)] == [
        ("GET", "/static"),
        ("GET", "/login"),
        ("POST", "/login"),
        ("GET", "/login/provider"),
        ("GET", "/login/provider/back"),
        ("GET", "/logout/provider"),
    ]


def test_who_is_in_gets_through_what_is_allowed() -> None:
    """And nothing else."""
    assert opens(May.READ, {May.READ})
    assert not opens(May.ACT, {May.READ})
    assert opens(Open.TO_WHO_IS_IN, set())
    assert opens(Open.TO_ALL, set())


def test_asking_for_the_head_of_a_page_is_reading_it() -> None:
    """No way around by another method."""
    assert door("HEAD", "/") is May.READ
    assert door("OPTIONS", "/") is None


def test_what_a_page_asks_by_itself_is_a_route() -> None:
    """The list names nothing that is not there."""
    assert all(("GET", path) in DOORS for path in (*BY_ITSELF, *FIRST))


@pytest.mark.parametrize(
    ("role", "path"), [(Role.DESK, "/"), (Role.ADMIN, "/readiness"), (Role.AUDITOR, "/"), (None, "/readiness")]
)
def test_everybody_is_led_to_a_page_that_is_allowed(role: Role | None, path: str) -> None:
    """Somebody without a role is told so there."""
    assert home(allowed([role] if role else [])) == path


@pytest.mark.parametrize("path", ["/exceptions/5", "/days/2026-06-01?shown=1", "/"])
def test_a_login_leads_back_to_where_one_wanted_to_go(path: str) -> None:
    """Within this page."""
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/login", "/a\nb", "/é"]
)
def test_a_login_never_leads_to_another_site(path: str) -> None:
    """Nor to itself, nor into a header."""
    assert own_path(path) is None


@given(st.text())
def test_whatever_is_given_a_way_back_stays_here(path: str) -> None:
    """One slash at the beginning, none that a browser would read as a second."""
    kept = own_path(path)

    assert kept is None or (kept[0] == "/" and kept[1:2] not in ("/", "\\"))
