"""Letting in whom the firm's OpenID provider knows: account, roles and login, each written into the access log."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog

from service.access.login import Entered, Login, TurnedAway
from service.access.oidc import Attempt, attempt, authorization_address, goodbye_address, same_state
from service.access.oidc_issuer import Issuer, ProviderDown
from service.access.oidc_roles import Mapping, Refusal, account_of, identity
from service.access.oidc_token import Doubted
from service.access.trail import Deed
from service.access.users import User
from service.store.accounts import SqlAccounts
from service.store.engine import Database

log = structlog.get_logger()

DOWN = "The firm's provider of logins does not answer as it should. Nothing was done; try again in a moment."
STRANGE = "This answer of the provider belongs to no login that was begun here. Nothing was done; try again."
DOUBTED = "The answer of the firm's provider could not be believed. Nothing was done; try again."
NOBODY = "somebody"
"""Who acts in the access log before it is known who it is."""


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody comes back from the provider: with what, by which secret of the browser, from where."""

    secret: str
    state: str
    code: str
    error: str
    issuer: str
    back: str
    place: str
    had: str | None


class OidcLogin:
    """The way in by the firm's provider."""

    def __init__(self, database: Database, login: Login, issuer: Issuer, mapping: Mapping) -> None:
        self._accounts = SqlAccounts(database)
        self._login = login
        self._issuer = issuer
        self._mapping = mapping

    def begin(self, secret: str, back: str) -> str | TurnedAway:
        """Return where the provider asks the person, for an attempt that `secret` stands for."""
        try:
            return authorization_address(self._issuer.endpoints(), self._issuer.client, back, attempt(secret))
        except ProviderDown as error:
            log.warning("provider_down", why=str(error))
            return TurnedAway(DOWN)

    def goodbye(self, back: str) -> str | None:
        """Return where the provider ends its own login, None when it cannot be told."""
        try:
            return goodbye_address(self._issuer.endpoints(), self._issuer.client, back)
        except ProviderDown as error:
            log.warning("provider_down", why=str(error))
            return None

    def finish(self, came: Came) -> Entered | TurnedAway:
        """Judge what somebody came back with."""
        if came.error:
            why = came.error if came.error.isidentifier() else "for a reason that it does not name"
            return self._refused(NOBODY, came.place, f"The provider did not let you in: {why}.", "at the provider")
        if not same_state(came.secret, came.state):
            return self._refused(NOBODY, came.place, STRANGE, "a state that is not of this browser")
        if came.issuer not in ("", self._issuer.client.issuer):
            return self._refused(NOBODY, came.place, STRANGE, f"sent by {came.issuer}")
        claims = self._claims(came, attempt(came.secret))
        if isinstance(claims, TurnedAway):
            return claims
        return self._judged(claims, came.place, came.had)

    def _claims(self, came: Came, now: Attempt) -> dict[str, Any] | TurnedAway:
        try:
            claims = self._issuer.claims(came.code, came.back, now)
        except ProviderDown as error:
            log.warning("provider_down", why=str(error))
            return self._refused(NOBODY, came.place, DOWN, "the provider does not answer as it should")
        if isinstance(claims, Doubted):
            return self._refused(NOBODY, came.place, DOUBTED, claims.why)
        return claims

    def _judged(self, claims: dict[str, Any], place: str, had: str | None) -> Entered | TurnedAway:
        subject = str(claims["sub"])
        who = identity(claims, self._issuer.client.issuer, self._mapping)
        if isinstance(who, Refusal):
            return self._refused(subject, place, who.words, f"subject {subject}")
        known = self._accounts.user_of(who.key)
        found = account_of(who, known, self._accounts.user(who.name))
        if isinstance(found, Refusal):
            self._keep(found.without, known, place)
            return self._refused(who.name, place, found.words, f"subject {subject}: {found.words}")
        if not self._keep(found, known, place):
            return self._refused(who.name, place, STRANGE, f"subject {subject}: two at once")
        return self._login.enter(found, place, had, f"by the provider as {_told(found)}")

    def _keep(self, user: User | None, before: User | None, place: str) -> bool:
        """Keep what the provider says of an account; return False when its name was taken meanwhile."""
        if user is None or user == before:
            return True
        if before is None:
            return self._accounts.add(
                user, self._login.draft(Deed.ADDED, user.name, place, f"by the provider: {_told(user)}")
            )
        words = f"by the provider: {_told(before)} → {_told(user)}"
        self._accounts.change(user, self._login.draft(Deed.ROLES_SET, user.name, place, words))
        return True

    def _refused(self, name: str, place: str, said: str, words: str) -> TurnedAway:
        self._login.write(Deed.PROVIDER_REFUSED, name, place, words)
        return TurnedAway(said)


def _told(one: User) -> str:
    roles = ", ".join(one.roles) or "no role"
    return f"{roles}; desks {', '.join(one.desks)}" if one.desks else roles
