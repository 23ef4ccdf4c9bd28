"""What is done with accounts and tokens: asked for by the command line or the page, recorded with who asked."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

import msgspec

from rules.facts import Nanos
from service.access.hashing import hashed
from service.access.passwords import problems
from service.access.permissions import Role, Scope
from service.access.sessions import kept
from service.access.tokens import Token, spelt
from service.access.trail import Deed, Draft
from service.access.users import User, name_problems
from service.store.accounts import SqlAccounts

DAY = 86_400 * 1_000_000_000


class NotDone(Exception):  # noqa: N818 - it says what happened
    """What was asked for was not done; the problems say why."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class People:
    """Changes accounts and tokens under the name of `actor`, at one instant."""

    def __init__(self, accounts: SqlAccounts, actor: str, now: Nanos, place: str = "") -> None:
        self._accounts = accounts
        self._actor = actor
        self._now = now
        self._place = place

    def add(self, name: str, roles: Sequence[Role], desks: Sequence[str], password: str) -> User:
        """Add an account."""
        _refuse(list(name_problems(name)) + list(problems(password, name)))
        user = User(name=name, roles=_once(roles), desks=tuple(desks), password=hashed(password))
        if not self._accounts.add(user, self._draft(Deed.ADDED, user, _roles(user))):
            _refuse([f"there is an account of the name {name} already"])
        return user

    def set_roles(self, name: str, roles: Sequence[Role], desks: Sequence[str]) -> User:
        """Give an account these roles and desks and no others."""
        found = self.known(name)
        user = msgspec.structs.replace(found, roles=_once(roles), desks=tuple(desks))
        self._keep_an_admin(found, user)
        self._accounts.change(user, self._draft(Deed.ROLES_SET, user, f"{_roles(found)} → {_roles(user)}"))
        return user

    def set_password(self, name: str, password: str) -> User:
        """Give an account another password."""
        found = self.known(name)
        _refuse(problems(password, name))
        user = msgspec.structs.replace(found, password=hashed(password))
        self._accounts.change(user, self._draft(Deed.PASSWORD_SET, user))
        return user

    def lock(self, name: str, why: str) -> User:
        """Let nobody in under this name until it is unlocked."""
        found = self.known(name)
        user = msgspec.structs.replace(found, locked=True)
        self._keep_an_admin(found, user)
        self._accounts.change(user, self._draft(Deed.LOCKED, user, why))
        return user

    def unlock(self, name: str, why: str) -> User:
        """Let the person in again, and forget the failures before now."""
        user = msgspec.structs.replace(self.known(name), locked=False)
        self._accounts.change(user, self._draft(Deed.UNLOCKED, user, why))
        return user

    def make_token(self, name: str, label: str, scopes: Sequence[Scope], days: int) -> str:
        """Make a token that acts as this person within its scopes; return its text, which is not kept."""
        user = self.known(name)
        secret, token_id = secrets.token_urlsafe(32), secrets.token_hex(6)
        token = Token(
            token_id=token_id,
            hash=kept(secret),
            user=user.key,
            label=label,
            scopes=tuple(dict.fromkeys(scopes)),
            created=self._now,
            expires=Nanos(self._now + days * DAY),
        )
        words = f"{token_id} {label}: {', '.join(token.scopes)}, {days} days"
        self._accounts.make_token(token, self._draft(Deed.TOKEN_MADE, user, words))
        return spelt(token_id, secret)

    def revoke(self, token_id: str) -> Token:
        """Revoke a token."""
        token = self._accounts.token(token_id)
        if token is None:
            raise NotDone([f"there is no token {token_id}; `sorwatch token list` shows them"])
        draft = Draft(
            at=self._now,
            actor=self._actor,
            deed=Deed.TOKEN_REVOKED,
            subject=token.user,
            place=self._place,
            words=f"{token.token_id} {token.label}",
        )
        self._accounts.revoke(token, draft)
        return token

    def known(self, name: str) -> User:
        """Return the account of a name; raise NotDone when there is none."""
        user = self._accounts.user(name)
        if user is None:
            raise NotDone([f"there is no account of the name {name}; `sorwatch user list` shows them"])
        return user

    def _keep_an_admin(self, before: User, after: User) -> None:
        """Refuse what would leave nobody who can manage people."""
        others = [one for one in self._accounts.users() if one.key != before.key and _manages(one)]
        if _manages(before) and not _manages(after) and not others:
            raise NotDone([f"{before.name} is the only admin who can come in; make another one first"])

    def _draft(self, deed: Deed, user: User, words: str = "") -> Draft:
        return Draft(at=self._now, actor=self._actor, deed=deed, subject=user.key, place=self._place, words=words)


def _refuse(found: Iterable[str]) -> None:
    told = list(found)
    if told:
        raise NotDone(told)


def _once(roles: Sequence[Role]) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in roles)


def _roles(user: User) -> str:
    roles = ", ".join(user.roles) or "no role"
    return f"{roles}; desks {', '.join(user.desks)}" if user.desks else roles


def _manages(user: User) -> bool:
    return Role.ADMIN in user.roles and not user.locked
