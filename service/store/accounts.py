"""Accounts, logins and API tokens on a database; every change goes together with its entry in the access log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from rules.facts import Nanos
from service.access.permissions import Role, Scope
from service.access.sessions import ListedLogin, Session, listed_name
from service.access.tokens import Token
from service.access.trail import Draft
from service.access.users import User
from service.people import plain
from service.store.cells import clean_text
from service.store.engine import Database
from service.store.tables import api_tokens, logins, users
from service.store.trail import append_in

MOST_LOGINS = 50


class SqlAccounts:
    """Keeps who may come in and who is in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def user(self, name: str) -> User | None:
        """Return the account of a name, None when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(users).where(users.c.key == clean_text(plain(name)))).one_or_none()
        return None if row is None else _user(row)

    def user_of(self, identity: str) -> User | None:
        """Return the account of somebody of the firm's provider, None when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(users).where(users.c.identity == clean_text(identity))).one_or_none()
        return None if row is None else _user(row)

    def users(self) -> list[User]:
        """Return every account, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(users).order_by(users.c.key)).all()
        return [_user(row) for row in rows]

    def any_user(self) -> bool:
        """Return whether there is an account at all."""
        with self._database.reading() as connection:
            return bool(connection.execute(select(func.count()).select_from(users)).scalar_one())

    def add(self, user: User, draft: Draft) -> bool:
        """Add an account; return whether it was added: a second of one name is not."""
        with self._database.writing() as connection:
            if connection.execute(select(users.c.key).where(users.c.key == user.key)).first() is not None:
                return False
            connection.execute(insert(users).values(**_user_values(user)))
            append_in(connection, draft)
        return True

    def change(self, user: User, draft: Draft, check: Callable[[list[User]], None] | None = None) -> None:
        """Change an account and end every login of it, so that nobody goes on as who they were.

        `check` sees all accounts before the change, and nobody changes one meanwhile; what it raises undoes everything.
        """
        with self._database.writing() as connection:
            append_in(connection, draft)
            if check is not None:
                check([_user(row) for row in connection.execute(select(users).order_by(users.c.key))])
            connection.execute(update(users).where(users.c.key == user.key).values(**_user_values(user)))
            mine = logins.c.user == user.key, logins.c.ended.is_(None)
            connection.execute(update(logins).where(*mine).values(ended=draft.at))

    def rehash(self, user: User, password: str) -> None:
        """Keep the same password in the present form of its hash."""
        with self._database.writing() as connection:
            mine = users.c.key == user.key, users.c.password == user.password
            connection.execute(update(users).where(*mine).values(password=password))

    def begin(
        self, kept: bytes, session: Session, draft: Draft, *, instead_of: bytes | None, forget: Nanos | None = None
    ) -> None:
        """Keep a login, end the one that the same browser had, and delete those that were over before `forget`."""
        with self._database.writing() as connection:
            connection.execute(delete(logins).where(func.coalesce(logins.c.ended, logins.c.seen) < (forget or 0)))
            if instead_of is not None:
                _end(connection, instead_of, session.began)
            connection.execute(insert(logins).values(_login_values(kept, session, draft.place)))
            append_in(connection, draft)

    def session(self, kept: bytes) -> Session | None:
        """Return the login whose secret has this hash."""
        with self._database.reading() as connection:
            row = connection.execute(select(logins).where(logins.c.hash == kept.hex())).one_or_none()
        return None if row is None else _session(row)

    def logins_of(self, key: str, most: int = MOST_LOGINS) -> list[ListedLogin]:
        """Return the logins of an account that nobody ended, the newest first."""
        mine = select(logins).where(logins.c.user == key, logins.c.ended.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(mine.order_by(logins.c.began.desc()).limit(most)).all()
        return [ListedLogin(name=_name(row), session=_session(row), place=row.place) for row in rows]

    def last_logins(self) -> dict[str, Nanos]:
        """Return when each account logged in last, by its key; who never did is not there."""
        newest = select(logins.c.user, func.max(logins.c.began)).group_by(logins.c.user)
        with self._database.reading() as connection:
            return {key: Nanos(began) for key, began in connection.execute(newest)}

    def end_listed(self, name: str, key: str, draft: Draft) -> bool:
        """End the login of an account that is listed under this name; return whether there was one."""
        with self._database.writing() as connection:
            its_own = logins.c.user == key, logins.c.ended.is_(None), func.substr(logins.c.hash, 1, len(name)) == name
            ended = connection.execute(update(logins).where(*its_own).values(ended=draft.at)).rowcount
            if ended:
                append_in(connection, draft)
        return bool(ended)

    def seen(self, kept: bytes, at: Nanos) -> None:
        """Note that a person asked for something; a later note is never undone by an earlier one."""
        with self._database.writing() as connection:
            mine = logins.c.hash == kept.hex(), logins.c.seen < at
            connection.execute(update(logins).where(*mine).values(seen=at))

    def end(self, kept: bytes, draft: Draft) -> None:
        """End a login."""
        with self._database.writing() as connection:
            _end(connection, kept, draft.at)
            append_in(connection, draft)

    def make_token(self, token: Token, draft: Draft) -> None:
        """Keep a token."""
        told = msgspec.structs.asdict(token) | {"scopes": _json(token.scopes), "label": clean_text(token.label)}
        with self._database.writing() as connection:
            connection.execute(insert(api_tokens).values(**told))
            append_in(connection, draft)

    def token(self, token_id: str) -> Token | None:
        """Return the token of an id."""
        with self._database.reading() as connection:
            row = connection.execute(select(api_tokens).where(api_tokens.c.token_id == token_id)).one_or_none()
        return None if row is None else _token(row)

    def tokens(self) -> list[Token]:
        """Return every token, the newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(api_tokens).order_by(api_tokens.c.created.desc())).all()
        return [_token(row) for row in rows]

    def revoke(self, token: Token, draft: Draft) -> None:
        """Revoke a token; the first revocation stands."""
        with self._database.writing() as connection:
            mine = api_tokens.c.token_id == token.token_id, api_tokens.c.revoked.is_(None)
            connection.execute(update(api_tokens).where(*mine).values(revoked=draft.at))
            append_in(connection, draft)


def _login_values(kept: bytes, session: Session, place: str) -> dict[str, Any]:
    return msgspec.structs.asdict(session) | {"hash": kept.hex(), "place": clean_text(place)}


def _session(row: Row[Any]) -> Session:
    return Session(user=row.user, began=row.began, seen=row.seen, ended=row.ended)


def _name(row: Row[Any]) -> str:
    return listed_name(bytes.fromhex(row.hash))


def _end(connection: Connection, kept: bytes, at: Nanos) -> None:
    mine = logins.c.hash == kept.hex(), logins.c.ended.is_(None)
    connection.execute(update(logins).where(*mine).values(ended=at))


def _json(texts: tuple[str, ...]) -> str:
    return msgspec.json.encode(texts).decode()


def _user_values(user: User) -> dict[str, Any]:
    identity = None if user.identity is None else clean_text(user.identity)
    lists = {"roles": _json(user.roles), "desks": clean_text(_json(user.desks))}
    return msgspec.structs.asdict(user) | lists | {"key": user.key, "identity": identity}


def _user(row: Row[Any]) -> User:
    """Return the account of a row; a role that this version does not know is a broken store."""
    return User(
        name=row.name,
        roles=msgspec.json.decode(row.roles, type=tuple[Role, ...]),
        desks=msgspec.json.decode(row.desks, type=tuple[str, ...]),
        password=row.password,
        locked=bool(row.locked),
        must_change=bool(row.must_change),
        identity=row.identity,
    )


def _token(row: Row[Any]) -> Token:
    scopes = msgspec.json.decode(row.scopes, type=tuple[Scope, ...])
    return Token(**row._asdict() | {"scopes": scopes, "hash": bytes(row.hash)})
