"""What is done with accounts and tokens: asked for by the command line or the page, recorded with who asked."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence

import msgspec

from rules.facts import Nanos
from service.access.hashing import hashed, opens
from service.access.passwords import problems
from service.access.permissions import Role, Scope
from service.access.sessions import kept
from service.access.tokens import Token, spelt, token_problems
from service.access.trail import Deed, Draft
from service.access.users import User, name_problems
from service.people import plain
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

    def invite(self, name: str, roles: Sequence[Role], desks: Sequence[str]) -> str:
        """Add an account with a password that is drawn, and changed at the first login; return it: it is not kept."""
        if not roles:
            raise NotDone(["nobody comes in for nothing; give at least one role"])
        password = _drawn(name)
        self._add(name, roles, desks, password, must_change=True)
        return password

    def add(self, name: str, roles: Sequence[Role], desks: Sequence[str], password: str) -> User:
        """Add an account."""
        return self._add(name, roles, desks, password, must_change=False)

    def _add(self, name: str, roles: Sequence[Role], desks: Sequence[str], password: str, *, must_change: bool) -> User:
        _refuse(list(name_problems(name)) + list(problems(password, name)))
        user = User(
            name=name, roles=_once(roles), desks=tuple(desks), password=hashed(password), must_change=must_change
        )
        if not self._accounts.add(user, self._draft(Deed.ADDED, user, _roles(user))):
            _refuse([f"there is an account of the name {name} already"])
        return user

    def set_roles(self, name: str, roles: Sequence[Role], desks: Sequence[str]) -> User:
        """Give an account these roles and desks and no others."""
        found = _ours(self.known(name))
        user = msgspec.structs.replace(found, roles=_once(roles), desks=tuple(desks))
        draft = self._draft(Deed.ROLES_SET, user, f"{_roles(found)} → {_roles(user)}")
        self._accounts.change(user, draft, _keeping_an_admin(found, user))
        return user

    def set_password(self, name: str, password: str) -> User:
        """Give an account another password."""
        found = _ours(self.known(name))
        _refuse(problems(password, name))
        user = msgspec.structs.replace(found, password=hashed(password), must_change=False)
        self._accounts.change(user, self._draft(Deed.PASSWORD_SET, user))
        return user

    def draw_password(self, name: str) -> str:
        """Give an account a password that is drawn, and changed at the next login; return it: it is not kept."""
        found, password = self.known(name), _drawn(name)
        user = msgspec.structs.replace(found, password=hashed(password), must_change=True)
        self._accounts.change(user, self._draft(Deed.PASSWORD_SET, user, "drawn, to be changed"))
        return password

    def choose_password(self, name: str, password: str, again: str) -> User:
        """Give the actor's own account another password, typed twice; who proves to be this person asks for it."""
        found = self.known(name)
        if password != again:
            raise NotDone(["the two new passwords are not the same"])
        if opens(found.password, password):
            raise NotDone(["the new password is the one that you have"])
        return self.set_password(name, password)

    def lock(self, name: str, why: str) -> User:
        """Let nobody in under this name until it is unlocked."""
        found = self.known(name)
        user = msgspec.structs.replace(found, locked=True)
        self._accounts.change(user, self._draft(Deed.LOCKED, user, why), _keeping_an_admin(found, user))
        return user

    def unlock(self, name: str, why: str) -> User:
        """Let the person in again, and forget the failures before now."""
        user = msgspec.structs.replace(self.known(name), locked=False)
        self._accounts.change(user, self._draft(Deed.UNLOCKED, user, why))
        return user

    def link(self, name: str, identity: str) -> User:
        """Let somebody of the firm's provider come in under this account; its password opens nothing any more."""
        found, other = _ours(self.known(name)), self._accounts.user_of(identity)
        if other is not None:
            raise NotDone([f"the account {other.name} is linked to {identity} already"])
        user = msgspec.structs.replace(found, identity=identity, password=None)
        self._accounts.change(user, self._draft(Deed.LINKED, user, identity))
        return user

    def unlink(self, name: str) -> User:
        """Let the provider open this account no more; a password has to be set before anybody comes in."""
        found = self.known(name)
        if found.identity is None:
            raise NotDone([f"{name} is not linked to the firm's provider"])
        user = msgspec.structs.replace(found, identity=None)
        self._accounts.change(user, self._draft(Deed.UNLINKED, user, found.identity))
        return user

    def make_token(self, name: str, label: str, scopes: Sequence[Scope], days: int) -> str:
        """Make a token that acts as this person within its scopes; return its text, which is not kept."""
        user = self.known(name)
        _refuse(token_problems(label, scopes, days))
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

    def revoke(self, token_id: str, *, of: str | None = None) -> Token:
        """Revoke a token; with `of` only one that is this person's."""
        token = self._accounts.token(token_id)
        if token is None or (of is not None and token.user != plain(of)):
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

    def end_login(self, name: str, login: str) -> None:
        """End a login of an account, by the name that it is listed under."""
        user = self.known(name)
        draft = self._draft(Deed.LOGGED_OUT, user, "a login that was open elsewhere")
        if not login or not self._accounts.end_listed(login, user.key, draft):
            raise NotDone(["that login has ended already"])

    def known(self, name: str) -> User:
        """Return the account of a name; raise NotDone when there is none."""
        user = self._accounts.user(name)
        if user is None:
            raise NotDone([f"there is no account of the name {name}; `sorwatch user list` shows them"])
        return user

    def _draft(self, deed: Deed, user: User, words: str = "") -> Draft:
        return Draft(at=self._now, actor=self._actor, deed=deed, subject=user.key, place=self._place, words=words)


def _keeping_an_admin(before: User, after: User) -> Callable[[list[User]], None]:
    """Return what refuses, seeing all accounts, a change that would leave nobody who can manage people."""

    def check(users: list[User]) -> None:
        others = any(one.key != before.key and _manages(one) for one in users)
        if _manages(before) and not _manages(after) and not others:
            raise NotDone([f"{before.name} is the only admin who can come in; make another one first"])

    return check


def _drawn(name: str) -> str:
    """Return a password that nobody chose and that may stand for somebody of that name."""
    while any(problems(password := secrets.token_urlsafe(12), name)):
        pass
    return password


def _refuse(found: Iterable[str]) -> None:
    told = list(found)
    if told:
        raise NotDone(told)


def _ours(user: User) -> User:
    """Return an account whose roles and password are said here; raise NotDone for one of the provider."""
    if user.identity is not None:
        raise NotDone([f"{user.name} comes in by the firm's provider, which says roles and password; unlink it first"])
    return user


def _once(roles: Sequence[Role]) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in roles)


def _roles(user: User) -> str:
    roles = ", ".join(user.roles) or "no role"
    return f"{roles}; desks {', '.join(user.desks)}" if user.desks else roles


def _manages(user: User) -> bool:
    return Role.ADMIN in user.roles and not user.locked
