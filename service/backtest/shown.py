"""How a backtest is told: lines for a person, CSV for a spreadsheet, JSON for a program. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import msgspec

from service.backtest.compare import Agreement, RuleDay
from service.backtest.day import DayResult

ALL_DAYS = "all days"
NOT_KNOWN = "not known"
_HEAD = ("then", "now", "new", "lost", "lost true")
_NUMBERS = "{:>9} {:>9} {:>9} {:>9} {:>10}"


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """A whole backtest: what was tried against what, and what came of each day."""

    tried: str
    against: str
    days: tuple[DayResult, ...]
    parameter: str | None = None

    @property
    def facts(self) -> int:
        """Return how many facts were judged."""
        return sum(sum(day.facts.values()) for day in self.days)

    @property
    def agreement(self) -> Agreement:
        """Return how the side "then" agrees with what was recorded, over all days."""
        total = Agreement()
        for day in self.days:
            total = total.plus(day.agreement)
        return total

    @property
    def rows(self) -> list[tuple[str | None, RuleDay]]:
        """Return every line with the point that it is of, None where nothing was swept."""
        swept = [(point.point.words, point.line) for day in self.days for point in day.points]
        return [*((None, line) for day in self.days for line in day.lines), *swept]


def lines(told: Backtest) -> Iterator[str]:
    """Yield it line by line."""
    days = f"{told.days[0].day} to {told.days[-1].day}" if told.days else "no day"
    yield f"rulebook {told.tried} against {told.against}: {days}, {told.facts:,} facts"
    yield f"{'day':<10} {told.parameter or 'rule':<24} {_NUMBERS.format(*_HEAD)}"
    rows = told.rows
    for point, line in rows:
        yield f"{line.day:<10} {point or line.rule:<24} {_numbers(line)}"
    for name, line in totals(rows).items():
        yield f"{ALL_DAYS:<10} {name:<24} {_numbers(line)}"
    yield from _examples(rows)
    yield from remarks(told)


def remarks(told: Backtest) -> Iterator[str]:
    """Yield how far the side "then" is what was recorded live, and what neither side has."""
    yield _agreed(told.agreement, told.against)
    yield from _left_out(told.days)


def totals(rows: Iterable[tuple[str | None, RuleDay]]) -> dict[str, RuleDay]:
    """Return the sums over all days, by point where something was swept, else by rule."""
    sums: dict[str, RuleDay] = {}
    for point, line in rows:
        name = point or line.rule
        before = sums.get(name)
        sums[name] = line if before is None else _plus(before, line)
    return {name: msgspec.structs.replace(line, day=ALL_DAYS) for name, line in sums.items()}


def table(told: Backtest) -> str:
    """Return it as CSV: one row per day and rule, or per day and point."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("day", "rule", "point", "then", "now", "new", "lost", "lost_true", "new_ids", "lost_ids"))
    for point, line in told.rows:
        ids = (" ".join(line.new_ids), " ".join(line.lost_ids))
        true = "" if line.lost_true is None else line.lost_true
        writer.writerow((line.day, line.rule, point or "", line.then, line.now, line.new, line.lost, true, *ids))
    return written.getvalue()


def as_json(told: Backtest) -> bytes:
    """Return it as one JSON object."""
    rows = [{"point": point, **msgspec.to_builtins(line)} for point, line in told.rows]
    whole = {
        "tried": told.tried,
        "against": told.against,
        "facts": told.facts,
        "rows": rows,
        "agreement": {"equal": told.agreement.equal, **msgspec.to_builtins(told.agreement)},
    }
    return msgspec.json.encode(whole)


def _plus(one: RuleDay, other: RuleDay) -> RuleDay:
    true = None if one.lost_true is None or other.lost_true is None else one.lost_true + other.lost_true
    return msgspec.structs.replace(
        one,
        then=one.then + other.then,
        now=one.now + other.now,
        new=one.new + other.new,
        lost=one.lost + other.lost,
        lost_true=true,
        then_by_severity=_sum(one.then_by_severity, other.then_by_severity),
        now_by_severity=_sum(one.now_by_severity, other.now_by_severity),
    )


def _sum(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in one | other}


def _numbers(line: RuleDay) -> str:
    true = NOT_KNOWN if line.lost_true is None else f"{line.lost_true:,}"
    return _NUMBERS.format(*(f"{number:,}" for number in (line.then, line.now, line.new, line.lost)), true)


def _examples(rows: Iterable[tuple[str | None, RuleDay]]) -> Iterator[str]:
    for point, line in rows:
        name = f"{line.rule} {point}" if point else line.rule
        for which, ids in (("new", line.new_ids), ("lost", line.lost_ids)):
            if ids:
                yield f"{which} on {line.day} by {name}: {', '.join(ids)}"


def _agreed(agreed: Agreement, against: str) -> str:
    elsewhere = f"; {agreed.elsewhere:,} that only a second look made are in neither" if agreed.elsewhere else ""
    if agreed.equal:
        return f'"then" ({against}) equals what was recorded live: {agreed.same:,} findings{elsewhere}'
    return (
        f'"then" ({against}) differs from what was recorded live: {agreed.same:,} findings are the same, '
        f"{agreed.otherwise:,} say something else, {agreed.not_made:,} were recorded and are not made again, "
        f"{agreed.not_recorded:,} are made and were not recorded, for example {agreed.example}{elsewhere}"
    )


def _left_out(days: Iterable[DayResult]) -> Iterator[str]:
    days = list(days)
    looks, without = sum(day.second_looks for day in days), sum(day.without for day in days)
    if looks:
        yield f"second looks were taken at {looks:,} records; neither side has what they came to"
    if without:
        yield f"{without:,} corrections of an earlier version were recorded without their fact; neither side has them"
