"""What is not normal in the market, marked: halts hatched over the whole height, the rest on a bar above. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.picture.form import Form
from service.picture.market import Span, Stand
from service.picture.scale import TimeScale
from service.picture.svg import element, short, text

BAR = 5
LEAST = 1.5
"""Pixels that the shortest of them is wide: it must be seen."""
_WHOLE = (Stand.HALTED, Stand.CLOSED, Stand.EMPTY)
_TILT = {
    Stand.HALTED: "M0 7L7 0",
    Stand.CLOSED: "M0 7L7 0M0 0L7 7",
    Stand.EMPTY: "M3 3h1",
    Stand.LOCKED: "M0 3.5H7",
    Stand.CROSSED: "M0 7L7 0M0 0L7 7",
    Stand.ONE_SIDED: "M3.5 0V7",
    Stand.BANDED: "M0 0L7 7",
}


def shaded(of: Sequence[Span], times: TimeScale, form: Form, heights: tuple[float, float], name: str) -> Iterator[str]:
    """Yield for each kind of trouble its hatching, its stretches as one path, and its word at the longest of them."""
    for stand in dict.fromkeys(span.stand for span in of if span.stand is not Stand.NORMAL):
        its = [span for span in of if span.stand is stand]
        top, bottom = heights if stand in _WHOLE else (heights[0] + 2, heights[0] + 2 + BAR)
        stretches = _stretches(its, times)
        hatch = f"{name}-{stand.name.lower()}"
        yield _hatch(hatch, stand)
        path = "".join(
            f"M{short(left)} {short(top)}H{short(right)}V{short(bottom)}H{short(left)}Z" for left, right in stretches
        )
        kind = f"stand {stand.name.lower()}"
        yield element("path", class_=kind, d=path, fill=f"url(#{hatch})", stroke="currentColor", stroke_opacity="0.35")
        yield from _word(stand, stretches, form, bottom - 7 if stand in _WHOLE else bottom + form.size + 2)


def _hatch(hatch: str, stand: Stand) -> str:
    lines = element("path", d=_TILT[stand], fill="none", stroke="currentColor", stroke_opacity="0.45")
    return element("pattern", lines, id=hatch, width=7, height=7, patternUnits="userSpaceOnUse")


def _stretches(its: Sequence[Span], times: TimeScale) -> list[tuple[float, float]]:
    """Return from where to where, those joined that touch each other in the picture."""
    joined: list[tuple[float, float]] = []
    for span in its:
        left = times.x(span.begin)
        right = max(times.x(span.end), left + LEAST)
        if joined and left <= joined[-1][1]:
            left, right = joined[-1][0], max(joined.pop()[1], right)
        joined.append((left, right))
    return joined


def _word(stand: Stand, stretches: Sequence[tuple[float, float]], form: Form, y: float) -> Iterator[str]:
    left, right = max(stretches, key=lambda one: one[1] - one[0])
    if right - left >= form.wide_of(stand.value):
        yield text(stand.value, (left + right) / 2, y, "stand-word", anchor="middle", size=form.size - 1)
