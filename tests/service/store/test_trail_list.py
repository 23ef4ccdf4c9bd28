"""The access log as it is asked for, over both stores; and accounts whose change is checked where it is made."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos
from service.access.administer import NotDone, People
from service.access.permissions import Role
from service.access.sessions import Session, kept, listed_name
from service.access.trail import Deed, Draft
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.trail import SqlTrail
from service.store.trail_list import Asked, Listed, listed, newest_links
from tests.factories import NOON
from tests.factories_access import a_draft, a_user

DAY = 86_400 * 1_000_000_000


def an_entry(deed: Deed, actor: str, subject: str, days: int = 0) -> Draft:
    """Return an entry of so many days after noon."""
    return msgspec.structs.replace(a_draft(deed, NOON + days * DAY, subject=subject), actor=actor)


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with six entries of two people on two days."""
    SqlTrail(database).append(
        an_entry(Deed.ADDED, "root", "patjones"),
        an_entry(Deed.LOGGED_IN, "Pat Jones", "patjones"),
        an_entry(Deed.READ, "aud", "aud"),
        an_entry(Deed.READ, "aud", "aud", 1),
        an_entry(Deed.LOCKED, "Pat Jones", "aud", 1),
        an_entry(Deed.READ, "aud", "aud", 1),
    )
    return database


def places(found: Listed) -> list[int]:
    """Return where the entries stand."""
    return [one.seq for one in found.entries]


def test_a_person_is_found_as_who_acted_and_as_whom_it_is_about(database: Database) -> None:
    """Each entry once, the newest first, under any spelling of whom it is about."""
    assert places(listed(database, Asked(person="Pat Jones"))) == [5, 2, 1]
    assert places(listed(database, Asked(person="aud"))) == [6, 5, 4, 3]
    assert places(listed(database, Asked(person="nobody"))) == []
    assert places(listed(database, Asked())) == [6, 5, 4, 3, 2, 1]


def test_deed_and_day_narrow_what_is_listed(database: Database) -> None:
    """Together with the person."""
    assert places(listed(database, Asked(person="aud", deed=Deed.READ, day="2026-11-21"))) == [6, 4]
    assert places(listed(database, Asked(day="2026-11-20"))) == [3, 2, 1]
    assert places(listed(database, Asked(day="2026-11-25"))) == []
    with pytest.raises(ValueError, match="x is no trade date"):
        listed(database, Asked(day="x"))


def test_a_page_says_where_the_next_one_begins(database: Database) -> None:
    """Nothing is shown twice or left out."""
    first = listed(database, Asked(person="aud"), most=2)
    second = listed(database, Asked(person="aud", below=first.more), most=2)

    assert (places(first), first.more) == ([6, 5], 5)
    assert (places(second), second.more) == ([4, 3], None)


def test_the_newest_links_are_looked_at_one_by_one(database: Database) -> None:
    """As many as are asked for; the first of all follows the beginning."""
    every, some = newest_links(database), newest_links(database, most=2)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE access_log SET words = 'other' WHERE seq = 3")
    broken, unseen = newest_links(database), newest_links(database, most=2)

    assert (every.looked, every.newest, every.broken) == (6, 6, None)
    assert (some.looked, some.newest, some.broken) == (2, 6, None)
    assert (broken.broken, unseen.broken) == (3, None)


def test_an_empty_log_has_no_links(empty: Database) -> None:
    """Nothing fits together or does not."""
    links = newest_links(empty)

    assert (links.looked, links.newest, links.broken) == (0, 0, None)


@pytest.fixture
def empty(database: Database) -> Database:
    """Give a store in which nothing is written down."""
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM access_log")
    return database


def test_a_login_is_listed_with_its_place_and_ended_by_its_name(database: Database) -> None:
    """Only one's own, and once."""
    accounts = SqlAccounts(database)
    accounts.begin(kept("one"), Session(user="pat", began=NOON, seen=NOON), a_draft(Deed.LOGGED_IN), instead_of=None)
    later = Session(user="pat", began=Nanos(NOON + 1), seen=NOON)
    accounts.begin(kept("two"), later, a_draft(Deed.LOGGED_IN, place="10.0.0.9"), instead_of=None)
    first, second = listed_name(kept("one")), listed_name(kept("two"))

    before = accounts.logins_of("pat")
    ended = [accounts.end_listed(first, key, a_draft(Deed.LOGGED_OUT)) for key in ("sam", "pat", "pat")]

    assert [(one.name, one.place) for one in before] == [(second, "10.0.0.9"), (first, "127.0.0.1")]
    assert ended == [False, True, False]
    assert [one.name for one in accounts.logins_of("pat")] == [second]
    assert accounts.last_logins() == {"pat": NOON + 1}


def test_of_two_admins_who_take_each_other_away_one_stays(database: Database) -> None:
    """What is refused leaves account, logins and log as they were."""
    accounts = SqlAccounts(database)
    accounts.add(a_user("ada", Role.ADMIN), a_draft())
    accounts.add(a_user("bob", Role.ADMIN), a_draft())
    accounts.begin(kept("bob's"), Session(user="bob", began=NOON, seen=NOON), a_draft(), instead_of=None)
    people = People(accounts, "ada", NOON)
    people.set_roles("ada", [Role.DESK], [])
    log = SqlTrail(database).newest(1)[0].seq

    with pytest.raises(NotDone, match="bob is the only admin who can come in"):
        people.lock("bob", "")

    bob = accounts.user("bob")
    assert bob is not None
    assert not bob.locked
    assert len(accounts.logins_of("bob")) == 1
    assert SqlTrail(database).newest(1)[0].seq == log
    assert SqlTrail(database).verify()[1] is None
