"""Who comes in by the provider and as what: the table of groups, accounts of the same name, locked ones."""

from __future__ import annotations

import msgspec
import pytest

from service.access.oidc_roles import Identity, Refusal, account_of, identity
from service.access.permissions import Role
from service.access.users import User
from tests.factories_oidc import ISSUER, MAPPING, claims, somebody

KEY = f"{ISSUER} u-17"
KNOWN = User(name="kim", roles=(Role.DESK,), identity=KEY)


@pytest.mark.parametrize(
    ("groups", "roles", "desks"),
    [
        (["sor-supervisors"], (Role.SUPERVISOR,), ("program",)),
        (["sor-compliance", "sor-supervisors"], (Role.SUPERVISOR, Role.COMPLIANCE, Role.AUDITOR), ("program",)),
        (["cooks"], (), ()),
        ("sor-supervisors", (Role.SUPERVISOR,), ("program",)),
        (None, (), ()),
    ],
)
def test_the_groups_say_roles_and_desks(groups: object, roles: tuple[Role, ...], desks: tuple[str, ...]) -> None:
    """All that are mapped, and nothing for the others."""
    who = identity(claims(groups=groups), ISSUER, MAPPING)

    assert who == Identity(key=KEY, name="kim", roles=roles, desks=desks)


def test_desks_may_be_a_claim_of_their_own() -> None:
    """Beside those of the groups, each once."""
    mapping = msgspec.structs.replace(MAPPING, desks_claim="firm.desks")

    who = identity(claims(firm={"desks": ["cash", "program"]}), ISSUER, mapping)

    assert isinstance(who, Identity)
    assert who.desks == ("program", "cash")


@pytest.mark.parametrize("name", [None, "", "  ", 7])
def test_somebody_without_a_name_does_not_come_in(name: object) -> None:
    """And the claim that is missing is named."""
    who = identity(claims(preferred_username=name), ISSUER, MAPPING)

    assert who == Refusal("The provider does not say your name: the claim preferred_username is missing.")


def test_somebody_new_gets_an_account_without_a_password() -> None:
    """Linked to what never changes."""
    account = account_of(somebody(), None, None)

    assert account == User(name="kim", roles=(Role.SUPERVISOR,), desks=("program",), identity=KEY)


def test_roles_and_desks_are_taken_anew_and_the_name_stays() -> None:
    """Whatever the provider calls the person by now."""
    account = account_of(somebody("kim-smith", Role.COMPLIANCE), KNOWN, None)

    assert account == User(name="kim", roles=(Role.COMPLIANCE,), desks=("program",), identity=KEY)


def test_who_is_in_no_group_any_more_is_told_so_and_loses_the_roles() -> None:
    """A token or another browser must not go on."""
    nobody = msgspec.structs.replace(somebody(), roles=())

    refused, new = account_of(nobody, KNOWN, None), account_of(nobody, None, None)

    words = "You are known as kim, and in none of the groups that may come in here. Ask whoever looks after the groups."
    assert refused == Refusal(words, User(name="kim", identity=KEY))
    assert new == Refusal(words)


@pytest.mark.parametrize(
    ("who", "known", "same_name", "words"),
    [
        (somebody(), msgspec.structs.replace(KNOWN, locked=True), None, "The account kim is locked here."),
        (
            somebody(),
            None,
            User(name="Kim", password="x"),
            "There is an account Kim here already, and it is not linked",
        ),
        (somebody(), None, User(name="kim", identity="https://old.example u-17"), "it is not linked to you"),
        (somebody("k\nm"), None, None, "cannot be an account: a name has at most 80 printable characters"),
    ],
)
def test_an_account_is_never_taken_over(who: Identity, known: User | None, same_name: User | None, words: str) -> None:
    """Not by a name, not past a lock."""
    refused = account_of(who, known, same_name)

    assert isinstance(refused, Refusal)
    assert words in refused.words
    assert refused.without is None
