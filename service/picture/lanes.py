"""The life of the order along the bottom of the picture: one lane for each clock, points numbered for the key. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from service.picture.form import Form
from service.picture.life import Family, Life, Point, Role
from service.picture.marks import mark
from service.picture.scale import TimeScale
from service.picture.svg import element, text
from service.web.said import instant

LANE = 34
MOST_KEYS = 14
"""Points that have a line of the key; the timeline has all."""
CLOSE = 15
"""Points nearer to each other than this have their numbers written together."""


class Keyed(NamedTuple):
    """A point with its number in the key."""

    number: int
    point: Point


class Lane(NamedTuple):
    """One clock's lane: its name, its points, and which of a point's times it shows."""

    name: str
    points: tuple[Keyed, ...]
    at: Callable[[Point], int | None]


class Lanes(NamedTuple):
    """The lanes and the lines of their key."""

    lanes: tuple[Lane, ...]
    key: tuple[str, ...]

    @property
    def height(self) -> int:
        """Return how much room the lanes take."""
        return LANE * len(self.lanes)


def lanes_of(family: Family | None) -> Lanes:
    """Return the lanes of a family: its order by both clocks, and its parent by the vendor's."""
    if family is None:
        return Lanes((), ())
    own = [Keyed(n, point) for n, point in enumerate(family.own.points, start=1)]
    of_parent = [] if family.parent is None else [*family.parent.points]
    parent = [Keyed(n, point) for n, point in enumerate(of_parent, start=len(own) + 1)]
    wanted = (
        Lane("vendor", tuple(own), _vendor),
        Lane("ours", tuple(own), _ours),
        Lane("parent", tuple(parent), _vendor),
    )
    lanes = tuple(lane for lane in wanted if any(lane.at(one.point) is not None for one in lane.points))
    lines = [_line(one, family.own) for one in own]
    lines += [] if family.parent is None else [_line(one, family.parent) for one in parent]
    left_out = len(lines) - MOST_KEYS
    return Lanes(lanes, (*lines[:MOST_KEYS], *([f"and {left_out} more in the timeline"] if left_out > 0 else [])))


def drawn(of: Lanes, times: TimeScale, form: Form, top: float) -> Iterator[str]:
    """Yield the elements of the lanes, the first one's line half a lane below `top`."""
    for number, lane in enumerate(of.lanes):
        y = top + LANE * (number + 0.6)
        yield element(
            "path", class_="lane", d=f"M{form.left} {y:.0f}H{form.right}", stroke="currentColor", stroke_opacity=0.3
        )
        yield text(lane.name, form.left - 8, y + 4, "axis", anchor="end", size=form.size)
        yield from _points(lane, times, form, y)


def _points(lane: Lane, times: TimeScale, form: Form, y: float) -> Iterator[str]:
    numbers: dict[float, list[int]] = {}
    for number, point in lane.points:
        at = lane.at(point)
        if at is None:
            continue
        x = times.x(at)
        yield mark(point.what, x, y) if times.shows(at) else _outside(x, y, before=at < times.begin)
        if number <= MOST_KEYS:
            together = next((other for other in numbers if abs(x - other) < CLOSE), x)
            numbers.setdefault(together, []).append(number)
    for x, told in numbers.items():
        yield text(_joined(told), x, y - 9, "number", anchor="middle", size=form.size - 1)


def _joined(numbers: Sequence[int]) -> str:
    """Return numbers as they stand above a point: a few with commas, many as from and to."""
    if len(numbers) > 2:  # noqa: PLR2004 - two numbers still fit
        return f"{min(numbers)}–{max(numbers)}"
    return ",".join(map(str, numbers))


def _outside(x: float, y: float, *, before: bool) -> str:
    """Return an arrow at the edge to a point that lies before or after the picture."""
    way = -1 if before else 1
    path = f"M{x - 5 * way:.1f} {y - 5:.1f}L{x + 2 * way:.1f} {y:.1f}L{x - 5 * way:.1f} {y + 5:.1f}"
    return element("path", class_="mark outside", d=path, fill="none", stroke="currentColor", stroke_width=1.4)


def _line(one: Keyed, of: Life) -> str:
    whose = "parent " if of.role is Role.PARENT else ""
    return f"{one.number} {whose}{said(one.point)}"


def said(point: Point) -> str:
    """Return a point in words with its times by both clocks."""
    told = [
        f"{instant(at).fine} {clock}"
        for clock, at in (("vendor", point.at), ("ours", point.received_at))
        if at is not None
    ]
    venue = f" at {point.venue}" if point.venue else ""
    return f"{point.words}{venue}: {', '.join(told) or 'time not told'}"


def listed(points: Sequence[Point]) -> str:
    """Return points as one sentence, for who hears the picture."""
    return "; ".join(map(said, points))


def _vendor(point: Point) -> int | None:
    return point.at


def _ours(point: Point) -> int | None:
    return point.received_at
