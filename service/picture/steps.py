"""One side of the market as a line of steps, thinned to the pixels losing no extreme nor the last value. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from service.picture.market import Span
from service.picture.scale import PriceScale, TimeScale
from service.picture.svg import short

PIXEL = 0.5
"""Steps closer than this in the picture are drawn as one that goes to their lowest and their highest price."""

Side = Callable[[Span], int | None]


class _Step(NamedTuple):
    x: float
    low: int
    high: int
    last: int
    until: float


def step_path(of: Sequence[Span], side: Side, times: TimeScale, prices: PriceScale) -> str:
    """Return the path of one side; it breaks off where the side is missing."""
    return "".join(_drawn(run, prices) for run in _unbroken(of, side, times))


def band_path(of: Sequence[Span], times: TimeScale, prices: PriceScale) -> str:
    """Return the outline of the band between bid and offer, where both are there."""
    both = [span if span.bid is not None and span.offer is not None else None for span in of]
    return "".join(_outline(run, times, prices) for run in _runs(both))


def _drawn(run: Sequence[_Step], prices: PriceScale) -> str:
    parts = []
    for number, step in enumerate(run):
        low, high, last = (short(prices.y(value)) for value in (step.low, step.high, step.last))
        x = short(step.x)
        parts.append(f"M{x} {last}" if number == 0 else f"H{x}V{last}")
        if not low == high == last:
            parts.append(f"V{low}V{high}V{last}")
    return "".join(parts) + f"H{short(run[-1].until)}"


def _unbroken(of: Iterable[Span], side: Side, times: TimeScale) -> Iterator[list[_Step]]:
    for run in _runs([span if side(span) is not None else None for span in of]):
        steps: list[_Step] = []
        for span in run:
            value = side(span)
            assert value is not None
            x, until = times.x(span.begin), times.x(span.end)
            if steps and x - steps[-1].x < PIXEL:
                before = steps.pop()
                steps.append(_Step(before.x, min(before.low, value), max(before.high, value), value, until))
            else:
                steps.append(_Step(x, value, value, value, until))
        yield steps


def _outline(run: Sequence[Span], times: TimeScale, prices: PriceScale) -> str:
    corners = [corner for span in _thinned(run, times) for corner in _corners(span, times, prices)]
    above = [f"{x} {offer}" for x, offer, _ in corners]
    below = [f"{x} {bid}" for x, _, bid in reversed(corners)]
    return f"M{'L'.join([*above, *below])}Z"


def _thinned(run: Sequence[Span], times: TimeScale) -> list[Span]:
    kept: list[Span] = []
    for span in run:
        if kept and times.x(span.begin) - times.x(kept[-1].begin) < PIXEL:
            kept.pop()
        kept.append(span)
    return kept


def _corners(span: Span, times: TimeScale, prices: PriceScale) -> list[tuple[str, str, str]]:
    assert span.bid is not None
    assert span.offer is not None
    offer, bid = short(prices.y(span.offer)), short(prices.y(span.bid))
    return [(short(times.x(at)), offer, bid) for at in (span.begin, span.end)]


def _runs(of: Iterable[Span | None]) -> Iterator[list[Span]]:
    run: list[Span] = []
    for span in of:
        if span is not None:
            run.append(span)
        elif run:
            yield run
            run = []
    if run:
        yield run
