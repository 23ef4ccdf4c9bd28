"""What is kept of the backtest of a proposal."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.backtest.compare import Agreement, RuleDay
from service.backtest.day import DayResult
from service.backtest.kept import STALE, Kept, State
from service.backtest.outcome import decode, digest, encode, outcome
from service.backtest.shown import Backtest
from tests.factories import NOON

LINE = RuleDay(
    day="2026-11-20",
    rule="slow_fill",
    then=3,
    now=2,
    new=1,
    lost=2,
    lost_true=None,
    new_ids=("n1",),
    lost_ids=("l1", "l2"),
    new_sentences=("one that is new",),
    lost_sentences=("one that is lost", "another"),
    then_by_severity={"high": 3},
    now_by_severity={"high": 1, "low": 1},
)


def a_day(day: str = "2026-11-20") -> DayResult:
    """Return a judged day."""
    line = msgspec.structs.replace(LINE, day=day)
    return DayResult(
        day=day, facts={"fill": 40}, lines=(line,), points=(), agreement=Agreement(same=3), second_looks=0, without=0
    )


def a_kept(state: State = State.RUNNING, **changes: object) -> Kept:
    """Return a backtest that somebody asked for at noon."""
    one = Kept(seq=1, proposal=7, asked_by="pat", days=("2026-11-20",), state=state, begun_at=NOON, beat_at=NOON)
    return msgspec.structs.replace(one, **changes)


def test_what_is_kept_is_the_same_bytes_for_the_same_outcome() -> None:
    """And comes back as it was; the sums are over all days."""
    told = Backtest(tried="proposal 7", against="what was in force", days=(a_day(), a_day("2026-11-21")))

    body = encode(outcome(told))

    assert body == encode(decode(body))
    assert digest(body) == digest(encode(outcome(told)))
    assert decode(body).days == ("2026-11-20", "2026-11-21")
    assert decode(body).facts == 80
    total = decode(body).by_rule["slow_fill"]
    assert (total.then, total.now_by_severity, total.lost_true) == (6, {"high": 2, "low": 2}, None)
    assert decode(body).remarks == ('"then" (what was in force) equals what was recorded live: 6 findings',)


def test_one_that_nobody_watches_over_is_broken_off() -> None:
    """After half a minute without a sign; what has ended stays as it ended."""
    late = Nanos(NOON + STALE + 1)

    assert a_kept().as_of(Nanos(NOON + STALE)).state is State.RUNNING
    assert a_kept().as_of(late).state is State.BROKEN_OFF
    assert a_kept(State.CANCELLED).as_of(late).state is State.CANCELLED
