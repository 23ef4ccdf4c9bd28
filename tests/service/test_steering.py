"""The daemon asks once a logon, and moves an engine on only when it has stood still for too long."""

from __future__ import annotations

from rules.facts import SECOND, Nanos
from service.feed.recovery import Question
from service.feed.state import Count
from service.fix.stream import Advance, Send, SessionStatus
from service.steering import Steering

KEY = ("demo", "S")


def status(expected: int = 5, *, logged_on: bool = True) -> dict[tuple[str, str], SessionStatus]:
    """Return what the gateway tells of its session."""
    return {KEY: SessionStatus(session="S", logged_on=logged_on, expected=expected)}


def a_question(logon_at: int = 1) -> Question:
    """Return a question of one logon."""
    return Question(counterparty="demo", session="S", logon_at=Nanos(logon_at), msg_type="BW", fields=((17, "E1"),))


def a_count(*, lost: bool = False) -> Count:
    """Return a session whose numbers are whole up to 8."""
    return Count(counterparty="demo", session="S", epoch="E", next=9, lost=lost)


def at(second: float) -> Nanos:
    """Return an instant."""
    return Nanos(int(second * SECOND))


def test_a_question_goes_out_once_a_logon_and_only_while_logged_on() -> None:
    """What is sent to a session that is down would be kept for a resend."""
    steering = Steering(at(30))
    sent = [
        list(steering.commands(at(0), [a_question()], [], {})),
        list(steering.commands(at(1), [a_question()], [], status(logged_on=False))),
        list(steering.commands(at(2), [a_question()], [], status())),
        list(steering.commands(at(3), [a_question()], [], status())),
        list(steering.commands(at(4), [a_question(2)], [], status())),
    ]

    assert [len(commands) for commands in sent] == [0, 0, 1, 0, 1]
    assert sent[2] == [("demo", Send(session="S", msg_type="BW", fields=((17, "E1"),)))]


def test_an_engine_that_stands_still_is_moved_on_after_the_limit_and_told_again() -> None:
    """One that moves, or is where it should be, is left alone."""
    steering = Steering(at(30))
    seen = [(0, 5), (29, 5), (30, 6), (59, 6), (60, 6), (61, 6), (90, 6), (91, 9), (92, 6), (100, 6)]
    told = [second for second, number in seen if list(steering.commands(at(second), [], [a_count()], status(number)))]

    assert told == [60, 90]
    assert list(steering.commands(at(200), [], [a_count()], status(6))) == [
        ("demo", Advance(session="S", epoch="E", expected=9))
    ]
    assert not list(steering.commands(at(300), [], [a_count()], {}))


def test_where_nothing_comes_again_it_is_moved_on_at_once() -> None:
    """Waiting for a resend that never comes costs a message at each restart."""
    steering = Steering(at(30))
    list(steering.commands(at(0), [], [a_count(lost=True)], status()))

    assert list(steering.commands(at(1), [], [a_count(lost=True)], status()))
