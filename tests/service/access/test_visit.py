"""Somebody who is in: what is allowed, and what the forms carry."""

from __future__ import annotations

from service.access.actor import Actor
from service.access.permissions import May, Role
from service.access.sessions import same_token
from service.access.visit import named_visit, visit


def test_a_visit_may_what_its_roles_may_and_its_forms_are_its_own() -> None:
    """By name, for a page that offers only that."""
    made = visit(Actor(name="pat", roles=(Role.DESK,)), "secret")

    assert made.can["read"]
    assert not made.can["act"]
    assert len(made.can) == len(May)
    assert same_token("secret", made.form)
    assert not made.is_read_by_an_auditor


def test_what_an_auditor_reads_is_to_be_written_down_whatever_else_the_person_is() -> None:
    """A second role is no way around."""
    assert visit(Actor(name="pat", roles=(Role.SUPERVISOR, Role.AUDITOR)), "secret").is_read_by_an_auditor


def test_a_page_without_a_login_works_on_exceptions_and_manages_nobody() -> None:
    """Its forms carry nothing: there is no login that could be abused."""
    made = named_visit("demo supervisor")

    assert made.can["act"]
    assert not made.can["manage_people"]
    assert made.form == ""
