"""What somebody whom the provider knows is here: the account, its roles and desks, or words why not. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from service.access.oidc import claim, texts
from service.access.permissions import Role
from service.access.users import User, identity_key, name_problems


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """Which claims say what, and what a group may do here."""

    name_claim: str
    groups_claim: str
    roles: dict[str, tuple[Role, ...]]
    desks_claim: str | None = None
    desks: dict[str, tuple[str, ...]] = {}


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody as the provider tells it; `key` is what never changes, whatever the person is called."""

    key: str
    name: str
    roles: tuple[Role, ...]
    desks: tuple[str, ...]


class Refusal(msgspec.Struct, frozen=True):
    """Why somebody does not come in; `without` is the account that has no role from now on."""

    words: str
    without: User | None = None


def identity(claims: dict[str, Any], issuer: str, mapping: Mapping) -> Identity | Refusal:
    """Return who the claims of an ID token speak of."""
    name = claim(claims, mapping.name_claim)
    if not isinstance(name, str) or not name.strip():
        return Refusal(f"The provider does not say your name: the claim {mapping.name_claim} is missing.")
    groups = texts(claim(claims, mapping.groups_claim))
    mapped = {role for group in groups for role in mapping.roles.get(group, ())}
    desks = [desk for group in groups for desk in mapping.desks.get(group, ())]
    desks += texts(claim(claims, mapping.desks_claim)) if mapping.desks_claim else ()
    return Identity(
        key=identity_key(issuer, str(claims["sub"])),
        name=name.strip(),
        roles=tuple(role for role in Role if role in mapped),
        desks=tuple(dict.fromkeys(desks)),
    )


def account_of(who: Identity, known: User | None, same_name: User | None) -> User | Refusal:
    """Return the account as it is from now on; `known` is that of this identity, `same_name` whoever has the name."""
    if known is not None and known.locked:
        return Refusal(f"The account {known.name} is locked here. An admin can unlock it.")
    if not who.roles:
        words = f"You are known as {who.name}, and in none of the groups that may come in here."
        without = None if known is None else msgspec.structs.replace(known, roles=(), desks=())
        return Refusal(f"{words} Ask whoever looks after the groups.", without)
    if known is not None:
        return msgspec.structs.replace(known, roles=who.roles, desks=who.desks)
    if same_name is not None:
        words = f"There is an account {same_name.name} here already, and it is not linked to you."
        return Refusal(f"{words} An admin can link it.")
    wrong = [*name_problems(who.name)]
    if wrong:
        return Refusal(f"The provider calls you {who.name}, which cannot be an account: {'; '.join(wrong)}.")
    return User(name=who.name, roles=who.roles, desks=who.desks, identity=who.key)
