"""Letting people and programs in: by password, by a login's secret, by a token; who is unknown reads the same words."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime
from enum import Enum

import msgspec

from rules.facts import Nanos
from service.access.actor import Way
from service.access.hashing import hashed, is_dated, opens
from service.access.lockout import OF_A_NAME, OF_A_PLACE, waits_until
from service.access.permissions import Role, allowed
from service.access.sessions import Lasts, ListedLogin, Session, Standing, kept, standing, worth_noting
from service.access.tokens import holds, read
from service.access.trail import Deed, Draft
from service.access.users import LONGEST_NAME, User
from service.access.visit import Visit, visit
from service.market.calendar import NEW_YORK
from service.people import plain
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.trail import SqlTrail

NOT_RIGHT = "Name or password is not right."
SECOND = 1_000_000_000


class Passwords(Enum):
    """Whom a password lets in."""

    OF_ALL = "everybody who has one"
    OF_ADMINS = "admins, for the day on which the provider is down"
    OF_NOBODY = "nobody"

    def open_to(self, user: User) -> bool:
        """Return whether a password lets this person in."""
        return self is Passwords.OF_ALL or (self is Passwords.OF_ADMINS and Role.ADMIN in user.roles)


class Entered(msgspec.Struct, frozen=True):
    """Somebody came in: the secret for the browser to keep, and the visit that began."""

    secret: str
    visit: Visit


class TurnedAway(msgspec.Struct, frozen=True):
    """Somebody did not come in, in words that do not tell whether there is such an account."""

    words: str


class Login:
    """Who may come in to one store."""

    def __init__(
        self,
        database: Database,
        lasts: Lasts,
        clock: Callable[[], int] = time.time_ns,
        passwords: Passwords = Passwords.OF_ALL,
    ) -> None:
        self.passwords = passwords
        self._accounts = SqlAccounts(database)
        self._trail = SqlTrail(database)
        self._lasts = lasts
        self._clock = clock
        self._one_at_a_time = threading.Lock()  # who asks side by side gets no more attempts than who asks in turn

    def log_in(self, name: str, password: str, place: str, had: str | None = None) -> Entered | TurnedAway:
        """Judge one attempt; `had` is the secret of the login that the browser has and that ends now."""
        with self._one_at_a_time:
            found = self._judged(name[:LONGEST_NAME], password, place)
            return found if isinstance(found, TurnedAway) else self.enter(found, place, had)

    def enter(self, user: User, place: str, had: str | None, words: str = "") -> Entered:
        """Let in whoever was found to be the person of this account."""
        secret, now = secrets.token_urlsafe(32), self._now
        session = Session(user=user.key, began=now, seen=now)
        draft = self.draft(Deed.LOGGED_IN, user.name, place, words)
        forget = Nanos(now - self._lasts.remembered)
        before = None if had is None else kept(had)
        self._accounts.begin(kept(secret), session, draft, instead_of=before, forget=forget)
        return Entered(secret, visit(user.acting(Way.PAGE), secret, must_change=user.must_change))

    def visit(self, secret: str, *, by_a_person: bool) -> Visit | None:
        """Return the visit that a login's secret opens, None when it opens none; note that a person was there."""
        now, hash_ = self._now, kept(secret)
        session = self._accounts.session(hash_)
        if session is None or standing(session, now, self._lasts) is not Standing.GOOD:
            return None
        user = self._accounts.user(session.user)
        if user is None or user.locked:
            return None
        if by_a_person and worth_noting(session, now):
            self._accounts.seen(hash_, now)
        return visit(user.acting(Way.PAGE), secret, must_change=user.must_change)

    def proves(self, visit: Visit, password: str, place: str) -> TurnedAway | None:
        """Judge whether who is in knows the password, as at a login and with the same patience; None: they do."""
        with self._one_at_a_time:
            found = self._judged(visit.actor.name, password, place)
        return found if isinstance(found, TurnedAway) else None

    def open_logins(self, name: str) -> list[ListedLogin]:
        """Return the logins of an account that are good now, the newest first."""
        found, now = self._accounts.logins_of(plain(name)), self._now
        return [one for one in found if standing(one.session, now, self._lasts) is Standing.GOOD]

    def token_visit(self, text: str) -> Visit | None:
        """Return the visit that a token opens, None when it opens none."""
        found = read(text)
        token = None if found is None else self._accounts.token(found[0])
        if found is None or token is None or not holds(token, found[1], self._now):
            return None
        user = self._accounts.user(token.user)
        if user is None or user.locked:
            return None
        return Visit(actor=user.acting(Way.API), may=allowed(user.roles, token.scopes))

    def log_out(self, visit: Visit, place: str) -> None:
        """End the login of a visit."""
        if visit.secret is not None:
            self._accounts.end(kept(visit.secret), self.draft(Deed.LOGGED_OUT, visit.actor.name, place))

    def note(self, deed: Deed, visit: Visit, place: str, words: str) -> None:
        """Write down what somebody who is in read, or was refused."""
        self._trail.append(self.draft(deed, visit.actor.name, place, words))

    def write(self, deed: Deed, name: str, place: str, words: str) -> None:
        """Write down what happened at the door to somebody who is not in."""
        self._trail.append(self.draft(deed, name, place, words))

    @property
    def has_accounts(self) -> bool:
        """Return whether anybody can come in at all."""
        return self._accounts.any_user()

    @property
    def _now(self) -> Nanos:
        return Nanos(self._clock())

    def _judged(self, name: str, password: str, place: str) -> User | TurnedAway:
        until = self._waits(plain(name), place)
        if until is not None:
            self._trail.append(self.draft(Deed.LOGIN_PAUSED, name, place))
            at = datetime.fromtimestamp(until // SECOND, NEW_YORK)
            return TurnedAway(f"There were too many attempts. Try again after {at:%H:%M:%S} New York.")
        user = self._accounts.user(name)
        right = opens(None if user is None else user.password, password)
        if user is None or user.locked or not right or not self.passwords.open_to(user):
            self._trail.append(self.draft(Deed.LOGIN_REFUSED, name, place))
            return TurnedAway(NOT_RIGHT)
        self._keep_hash_young(user, password)
        return user

    def waits(self, name: str) -> Nanos | None:
        """Return until when a name has to wait after failed attempts, None when it has not."""
        return waits_until(self._trail.tries_of(plain(name), OF_A_NAME.failures), self._now)

    def _waits(self, subject: str, place: str) -> Nanos | None:
        """Return until when this name or this place has to wait."""
        now = self._now
        of_name = waits_until(self._trail.tries_of(subject, OF_A_NAME.failures), now)
        of_place = waits_until(self._trail.failures_from(place, OF_A_PLACE.failures), now, OF_A_PLACE)
        return max((until for until in (of_name, of_place) if until is not None), default=None)

    def _keep_hash_young(self, user: User, password: str) -> None:
        if user.password is not None and is_dated(user.password):
            self._accounts.rehash(user, hashed(password))

    def draft(self, deed: Deed, name: str, place: str, words: str = "") -> Draft:
        """Return an entry for the access log, at this instant."""
        return Draft(at=self._now, actor=name, deed=deed, subject=plain(name), place=place, words=words)
