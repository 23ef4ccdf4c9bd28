"""Accounts, logins and tokens over both stores: what is kept comes back, and every change is in the trail."""

from __future__ import annotations

import msgspec
from sqlalchemy import select, update

from rules.facts import Nanos
from service.access.permissions import Role, Scope
from service.access.sessions import Session, kept
from service.access.tokens import Token
from service.access.trail import Deed
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.tables import access_log, logins
from service.store.trail import SqlTrail
from tests.factories import NOON
from tests.factories_access import a_draft, a_user

SECRET = "s3cret" * 7
SESSION = Session(user="pat", began=NOON, seen=NOON)


def test_an_account_comes_back_as_it_was_added_under_any_spelling_of_its_name(database: Database) -> None:
    """And there is no second of that name."""
    accounts = SqlAccounts(database)
    user = msgspec.structs.replace(a_user("Pat Jones", Role.DESK, password="$argon2id$"), desks=("cash", "etf"))

    added = accounts.add(user, a_draft())
    again = accounts.add(a_user("patjones"), a_draft())

    assert (added, again) == (True, False)
    assert accounts.user(" PAT jones") == user
    assert accounts.users() == [user]
    assert accounts.any_user()


def test_a_store_without_accounts_says_so(database: Database) -> None:
    """Nobody comes in."""
    assert not SqlAccounts(database).any_user()
    assert SqlAccounts(database).user("pat\0") is None


def test_changing_an_account_ends_its_logins_and_nobody_elses(database: Database) -> None:
    """Nobody goes on as who they were."""
    accounts = SqlAccounts(database)
    accounts.add(a_user("pat"), a_draft())
    accounts.begin(kept("pat's"), SESSION, a_draft(Deed.LOGGED_IN), instead_of=None)
    accounts.begin(kept("sam's"), msgspec.structs.replace(SESSION, user="sam"), a_draft(), instead_of=None)

    accounts.change(a_user("pat", Role.AUDITOR), a_draft(Deed.ROLES_SET, NOON + 5))

    pats, sams = accounts.session(kept("pat's")), accounts.session(kept("sam's"))
    assert pats is not None
    assert pats.ended == NOON + 5
    assert sams is not None
    assert sams.ended is None
    assert accounts.user("pat") == a_user("pat", Role.AUDITOR)


def test_a_login_replaces_the_one_that_the_browser_had(database: Database) -> None:
    """The old secret opens nothing any more."""
    accounts = SqlAccounts(database)
    accounts.begin(kept("old"), SESSION, a_draft(), instead_of=None)

    accounts.begin(kept("new"), SESSION, a_draft(), instead_of=kept("old"))

    old, new = accounts.session(kept("old")), accounts.session(kept("new"))
    assert old is not None
    assert old.ended == NOON
    assert new == SESSION


def test_somebody_of_a_provider_is_found_by_what_never_changes(database: Database) -> None:
    """And by the name."""
    accounts = SqlAccounts(database)
    user = msgspec.structs.replace(a_user("kim"), identity="https://id.example u-1")
    accounts.add(user, a_draft())
    accounts.add(a_user("pat"), a_draft())

    assert accounts.user_of("https://id.example u-1") == accounts.user("KIM") == user
    assert accounts.user_of("https://id.example u-2") is None


def test_logins_that_are_long_over_are_deleted_and_the_trail_keeps_its_lines(database: Database) -> None:
    """When the next one begins; one that was ended is remembered as long as one that ran out."""
    accounts = SqlAccounts(database)
    for name, seen, ended in (("ran out", 10, None), ("ended", 5, 10), ("late", 10, 40), ("good", 30, None)):
        session = msgspec.structs.replace(SESSION, seen=Nanos(seen), ended=None if ended is None else Nanos(ended))
        accounts.begin(kept(name), session, a_draft(Deed.LOGGED_IN), instead_of=None)

    accounts.begin(kept("new"), SESSION, a_draft(Deed.LOGGED_IN), instead_of=None, forget=Nanos(20))

    assert [accounts.session(kept(name)) is not None for name in ("ran out", "ended", "late", "good", "new")] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert SqlTrail(database).verify() == (5, None)


def test_of_a_secret_only_its_hash_is_kept(database: Database) -> None:
    """A copy of the store lets nobody in."""
    accounts = SqlAccounts(database)
    accounts.begin(kept(SECRET), SESSION, a_draft(), instead_of=None)

    with database.reading() as connection:
        rows = connection.execute(select(logins)).all()

    assert rows[0].hash == kept(SECRET).hex()
    assert SECRET not in repr(rows)


def test_that_a_person_was_there_never_goes_back_in_time(database: Database) -> None:
    """Two questions at once are noted in any order."""
    accounts = SqlAccounts(database)
    accounts.begin(kept(SECRET), SESSION, a_draft(), instead_of=None)

    accounts.seen(kept(SECRET), Nanos(NOON + 9))
    accounts.seen(kept(SECRET), Nanos(NOON + 3))

    session = accounts.session(kept(SECRET))
    assert session is not None
    assert session.seen == NOON + 9


def test_the_first_end_of_a_login_stands(database: Database) -> None:
    """Logging out twice is no later logging out; a login that never was has no end."""
    accounts = SqlAccounts(database)
    accounts.begin(kept(SECRET), SESSION, a_draft(), instead_of=None)

    accounts.end(kept(SECRET), a_draft(Deed.LOGGED_OUT, NOON + 1))
    accounts.end(kept(SECRET), a_draft(Deed.LOGGED_OUT, NOON + 2))

    session = accounts.session(kept(SECRET))
    assert session is not None
    assert session.ended == NOON + 1
    assert accounts.session(kept("another")) is None


def test_a_token_comes_back_and_is_revoked_once(database: Database) -> None:
    """The first revocation stands."""
    accounts = SqlAccounts(database)
    token = Token(
        token_id="0123456789ab",
        hash=kept(SECRET),
        user="pat",
        label="blotter",
        scopes=(Scope.READ, Scope.EXPORT),
        created=NOON,
        expires=Nanos(NOON + 10),
    )
    accounts.make_token(token, a_draft(Deed.TOKEN_MADE))

    accounts.revoke(token, a_draft(Deed.TOKEN_REVOKED, NOON + 4))
    accounts.revoke(token, a_draft(Deed.TOKEN_REVOKED, NOON + 5))

    assert accounts.token("0123456789ab") == msgspec.structs.replace(token, revoked=Nanos(NOON + 4))
    assert [one.token_id for one in accounts.tokens()] == ["0123456789ab"]
    assert accounts.token("unknown") is None


def test_a_password_is_hashed_anew_only_while_it_is_the_same(database: Database) -> None:
    """A login that read an older hash does not undo a change of password."""
    accounts = SqlAccounts(database)
    before = a_user("pat", password="old")
    accounts.add(before, a_draft())

    accounts.rehash(before, "newer form")
    accounts.rehash(before, "too late")

    user = accounts.user("pat")
    assert user is not None
    assert user.password == "newer form"


def test_the_trail_is_a_chain_and_a_change_in_it_is_found(database: Database) -> None:
    """Every change of an account stands in it, newest first."""
    accounts, trail = SqlAccounts(database), SqlTrail(database)
    accounts.add(a_user("pat"), a_draft(Deed.ADDED))
    accounts.change(a_user("pat", locked=True), a_draft(Deed.LOCKED))
    trail.append(a_draft(Deed.REFUSED, subject="p\0t"))

    whole = trail.verify()
    with database.writing() as connection:
        connection.execute(update(access_log).where(access_log.c.seq == 2).values(actor="sam"))

    assert whole == (3, None)
    assert trail.verify() == (2, 2)
    assert [one.deed for one in trail.newest()] == [Deed.REFUSED, Deed.LOCKED, Deed.ADDED]
    assert trail.newest(1)[0].subject == "p\\x00t"


def test_attempts_are_told_by_name_and_by_place_newest_first(database: Database) -> None:
    """What was paused was not judged; a success or an unlocking ends the row of a name, not that of a place."""
    trail = SqlTrail(database)
    deeds = (Deed.LOGIN_REFUSED, Deed.UNLOCKED, Deed.LOGIN_REFUSED, Deed.LOGIN_PAUSED)
    trail.append(*(a_draft(deed, NOON + n) for n, deed in enumerate(deeds)))
    trail.append(a_draft(Deed.LOGIN_REFUSED, NOON + 9, subject="sam"))

    assert [(one.at - NOON, one.failed) for one in trail.tries_of("pat", 10)] == [(2, True), (1, False), (0, True)]
    assert [one.at - NOON for one in trail.failures_from("127.0.0.1", 10)] == [9, 2, 0]
    assert len(trail.failures_from("127.0.0.1", 2)) == 2
    assert trail.tries_of("nobody\0", 5) == []
