"""How long a login lasts, and what is kept of it."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.access.lockout import MINUTE
from service.access.sessions import (
    Lasts,
    Session,
    Standing,
    form_token,
    kept,
    listed_name,
    same_token,
    standing,
    worth_noting,
)

LASTS = Lasts(idle=30 * MINUTE, absolute=600 * MINUTE)
SESSION = Session(user="pat", began=Nanos(0), seen=Nanos(0))


def test_a_session_ends_at_the_very_instant_of_its_idle_limit() -> None:
    """A question before it moves the limit, but not beyond the absolute one."""
    seen = msgspec.structs.replace(SESSION, seen=Nanos(590 * MINUTE))

    assert standing(SESSION, Nanos(30 * MINUTE - 1), LASTS) is Standing.GOOD
    assert standing(SESSION, Nanos(30 * MINUTE), LASTS) is Standing.IDLE
    assert standing(seen, Nanos(600 * MINUTE - 1), LASTS) is Standing.GOOD
    assert standing(seen, Nanos(600 * MINUTE), LASTS) is Standing.OVER


def test_a_session_that_was_ended_stays_ended() -> None:
    """However fresh it was."""
    assert standing(msgspec.structs.replace(SESSION, ended=Nanos(1)), Nanos(2), LASTS) is Standing.ENDED


@given(st.lists(st.integers(0, 40 * MINUTE), max_size=40), st.integers(0, 40 * MINUTE))
def test_nobody_stays_in_beyond_either_limit(gaps: list[int], rest: int) -> None:
    """Whatever is asked when: good means asked within the idle limit and begun within the absolute one."""
    now, session = 0, SESSION
    for gap in gaps:
        now += gap
        if standing(session, Nanos(now), LASTS) is Standing.GOOD:
            session = msgspec.structs.replace(session, seen=Nanos(now))
    now += rest

    good = standing(session, Nanos(now), LASTS) is Standing.GOOD

    assert good == (now - session.seen < LASTS.idle and now < LASTS.absolute)


def test_that_somebody_is_there_is_noted_twice_a_minute_at_most() -> None:
    """A page that is read does not write with every click."""
    assert not worth_noting(SESSION, Nanos(MINUTE // 2 - 1))
    assert worth_noting(SESSION, Nanos(MINUTE // 2))


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_form_of_one_session_is_good_in_that_session_alone(mine: str, other: str) -> None:
    """And its token is not what the store keeps."""
    assert same_token(mine, form_token(mine))
    assert same_token(mine, form_token(other)) == (mine == other)
    assert form_token(mine) != kept(mine).hex()


def test_without_a_secret_no_form_is_good() -> None:
    """Not even one with the token of nothing."""
    assert not same_token("", form_token(""))
    assert not same_token("secret", "\ud800")


def test_the_name_of_a_login_in_a_list_opens_nothing() -> None:
    """It is the beginning of a hash, the same for the same login."""
    name = listed_name(kept("secret"))

    assert name == kept("secret").hex()[:16]
    assert kept(name) != kept("secret")


def test_a_login_is_never_deleted_while_it_may_be_good() -> None:
    """However short the firm keeps those that are over."""
    assert Lasts(idle=1, absolute=100, kept=10).remembered == 100
    assert Lasts(idle=1, absolute=10, kept=100).remembered == 100
