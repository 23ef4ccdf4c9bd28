"""A backtest in lines, as CSV and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from service.backtest.compare import Agreement, RuleDay
from service.backtest.day import DayResult, SweptPoint
from service.backtest.plan import Point
from service.backtest.shown import Backtest, as_json, lines, table


def a_line(**named: Any) -> RuleDay:
    """Return slow fills of the first day, of which one is new and two are lost."""
    usual: dict[str, Any] = {
        "day": "2026-11-20",
        "rule": "slow_fill",
        "then": 10,
        "now": 9,
        "new": 1,
        "lost": 2,
        "lost_true": None,
        "new_ids": ("n1",),
        "lost_ids": ("l1", "l2"),
    }
    return RuleDay(**{**usual, **named})


def a_result(*found: RuleDay, **named: Any) -> DayResult:
    """Return a day with these lines."""
    usual: dict[str, Any] = {
        "day": found[0].day if found else "2026-11-20",
        "facts": {"Fill": 1_000},
        "lines": found,
        "points": (),
        "agreement": Agreement(same=10),
        "second_looks": 0,
        "without": 0,
    }
    return DayResult(**{**usual, **named})


def a_backtest(*days: DayResult, **named: Any) -> Backtest:
    """Return a backtest of these days."""
    return Backtest(**{"tried": "new.yaml (abc)", "against": "what was in force", "days": days, **named})


def test_each_rule_and_day_is_a_line_and_all_days_are_summed() -> None:
    """With examples, and a line on whether the side "then" equals what was recorded."""
    second = a_line(day="2026-11-21", new=0, lost=1, new_ids=(), lost_ids=("l9",))

    told = list(lines(a_backtest(a_result(a_line()), a_result(second))))

    assert told == [
        "rulebook new.yaml (abc) against what was in force: 2026-11-20 to 2026-11-21, 2,000 facts",
        "day        rule                          then       now       new      lost  lost true",
        "2026-11-20 slow_fill                       10         9         1         2  not known",
        "2026-11-21 slow_fill                       10         9         0         1  not known",
        "all days   slow_fill                       20        18         1         3  not known",
        "new on 2026-11-20 by slow_fill: n1",
        "lost on 2026-11-20 by slow_fill: l1, l2",
        "lost on 2026-11-21 by slow_fill: l9",
        '"then" (what was in force) equals what was recorded live: 20 findings',
    ]


def test_lost_findings_that_were_true_are_summed_only_where_all_days_know() -> None:
    """One day that does not know makes the sum unknown."""
    known, unknown = a_line(lost_true=1), a_line(day="2026-11-21")

    sums = [
        next(line for line in lines(a_backtest(*map(a_result, days))) if line.startswith("all days"))
        for days in ((known, known), (known, unknown))
    ]

    assert [line.split()[-1] for line in sums] == ["2", "known"]


def test_a_side_that_is_not_what_was_recorded_says_how_much() -> None:
    """And what second looks and earlier versions leave out."""
    agreed = Agreement(same=5, otherwise=1, not_made=2, not_recorded=3, elsewhere=4, example="f1")

    told = list(lines(a_backtest(a_result(a_line(), agreement=agreed, second_looks=6, without=7))))

    assert told[-3].startswith(
        '"then" (what was in force) differs from what was recorded live: 5 findings are the same, '
    )
    assert told[-3].endswith(
        "1 say something else, 2 were recorded and are not made again, 3 are made and were not recorded, "
        "for example f1; 4 that only a second look made are in neither"
    )
    assert told[-2:] == [
        "second looks were taken at 6 records; neither side has what they came to",
        "7 corrections of an earlier version were recorded without their fact; neither side has them",
    ]


def test_a_sweep_is_told_by_point() -> None:
    """In the table and in CSV."""
    points = tuple(
        SweptPoint(point=Point(value=n, words=f"{n} s"), line=a_line(now=n, lost_true=n, new_ids=(), lost_ids=()))
        for n in (1, 2)
    )
    told = a_backtest(a_result(points=points), parameter="slow_fill.at_most")

    shown, rows = list(lines(told)), table(told).splitlines()

    assert shown[1].split()[1] == "slow_fill.at_most"
    assert [line.split()[:5] for line in shown[2:4]] == [
        ["2026-11-20", "1", "s", "10", "1"],
        ["2026-11-20", "2", "s", "10", "2"],
    ]
    assert rows == [
        "day,rule,point,then,now,new,lost,lost_true,new_ids,lost_ids",
        "2026-11-20,slow_fill,1 s,10,1,1,2,1,,",
        "2026-11-20,slow_fill,2 s,10,2,1,2,2,,",
    ]


def test_ids_stand_in_one_cell_and_what_is_not_known_is_empty() -> None:
    """A spreadsheet reads it."""
    assert table(a_backtest(a_result(a_line()))).splitlines()[1] == "2026-11-20,slow_fill,,10,9,1,2,,n1,l1 l2"


def test_json_has_the_rows_and_the_agreement() -> None:
    """For a program; nothing to show is told too."""
    told = msgspec.json.decode(as_json(a_backtest(a_result(a_line()))))

    assert told["rows"][0]["rule"] == "slow_fill"
    assert told["rows"][0]["lost_true"] is None
    assert told["agreement"]["equal"] is True
    assert next(lines(a_backtest())).endswith(": no day, 0 facts")
