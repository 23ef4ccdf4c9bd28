"""The picture of a finding: the best bid and offer around its execution, and below it the life of its order. Pure.

`picture` returns one `<svg>` as text, for a page (with `static/picture.css`) or, with `style`, as a file of its own.
It has no script and no `style` attribute; without any style sheet it is drawn in the colour of the text around it.
A page shows both forms and lets its style sheet choose: `picture(…, form=WIDE, name="wide")` and `NARROW`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.facts import SECOND, Nanos
from rules.finding import Finding
from service.picture.chart import Chart
from service.picture.form import WIDE, Form
from service.picture.lanes import drawn, lanes_of, listed
from service.picture.life import Family
from service.picture.market import spans
from service.picture.scale import TimeScale
from service.picture.subject import subject_of
from service.picture.svg import element, escaped, text
from service.quote_evidence import FindingQuotes
from service.web.said import instant

AROUND = 5 * SECOND
"""Time on either side of an execution of which no quotes are kept."""
NONE_KEPT = "No quotes are kept with this finding."
AXIS = 34
GAP = 8


def picture(
    finding: Finding,
    kept: FindingQuotes | None,
    family: Family | None,
    *,
    form: Form = WIDE,
    name: str = "picture",
    style: str = "",
) -> str:
    """Return the picture of a finding; `name` begins the ids in it, which must differ within a page."""
    subject = subject_of(finding, family)
    begin, end = (subject.at - AROUND, subject.at + AROUND) if kept is None else (kept.around.begin, kept.around.end)
    times = TimeScale(begin=Nanos(begin), end=Nanos(end), left=form.left, right=form.right)
    market = [] if kept is None else spans(kept.around.quotes, times.begin, times.end)
    lanes = lanes_of(family)
    heading, caveats = _heading(subject.symbol, times), _caveats(kept)
    chart = Chart(subject, market, times, form)
    top = _top(form, heading, [*caveats, *chart.remarks])
    chart.place(top)
    below = [line for line in lanes.key for line in form.wrapped(line)]
    height = chart.bottom + AXIS + lanes.height + GAP + form.line * len(below) + GAP
    body = (
        *_lines([heading], form, 4 + form.size, "heading"),
        *_lines([*caveats, *chart.remarks], form, 4 + form.size + form.line * len(form.wrapped(heading)), "remark"),
        *chart.drawn(name),
        *drawn(lanes, times, form, chart.bottom + AXIS),
        *_lines(list(lanes.key), form, chart.bottom + AXIS + lanes.height + GAP + form.size, "key"),
    )
    told = f"{heading}. {' '.join([*caveats, *chart.remarks, chart.told])} {_life(family)}".strip()
    return _whole(form, height, name, style, heading, told, "".join(body))


def _whole(form: Form, height: float, name: str, style: str, heading: str, told: str, body: str) -> str:
    return element(
        "svg",
        element("title", escaped(heading), id=f"{name}-title"),
        element("desc", escaped(told), id=f"{name}-desc"),
        *([element("style", escaped(style))] if style else []),
        *([element("rect", class_="paper", width="100%", height="100%", fill="none")] if style else []),
        body,
        xmlns="http://www.w3.org/2000/svg",
        class_="picture alone" if style else f"picture {form.word}",
        viewBox=f"0 0 {form.width} {height:.0f}",
        width=form.width,
        height=f"{height:.0f}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_family="Inter, Segoe UI, Helvetica Neue, Arial, DejaVu Sans, sans-serif",
    )


def _heading(symbol: str, times: TimeScale) -> str:
    begin, end = instant(times.begin), instant(times.end)
    return f"{symbol or 'No symbol'}: best bid and offer, {begin.day} {begin.fine} to {end.fine} New York"


def _caveats(kept: FindingQuotes | None) -> list[str]:
    if kept is None:
        return [NONE_KEPT]
    return [] if kept.around.complete else [f"Not complete: {kept.around.reason}."]


def _top(form: Form, heading: str, remarks: list[str]) -> float:
    lines = sum(len(form.wrapped(line)) for line in (heading, *remarks))
    return 4 + form.line * lines + 24


def _lines(lines: list[str], form: Form, y: float, kind: str) -> Iterator[str]:
    wrapped = [part for line in lines for part in form.wrapped(line)]
    for number, line in enumerate(wrapped):
        yield text(line, 4, y + number * form.line, kind, size=form.size)


def _life(family: Family | None) -> str:
    if family is None:
        return ""
    return f"The order: {listed(family.own.points)}."
