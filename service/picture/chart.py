"""The chart of the market: both sides as steps with the band between them, the execution, what is not normal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules.words import dollars
from service.picture.form import Form, apart
from service.picture.market import Span, Stand, in_force, runs, troubles
from service.picture.marks import execution
from service.picture.scale import TimeScale, price_scale, price_words
from service.picture.stands import shaded
from service.picture.steps import band_path, step_path
from service.picture.subject import Subject
from service.picture.svg import element, short, text
from service.web.said import instant

EMPTY_HEIGHT = 64


class Chart:
    """One chart: `remarks` are what must be said above it, `told` what it shows, in a sentence; then `place` it."""

    def __init__(self, subject: Subject, market: Sequence[Span], times: TimeScale, form: Form) -> None:
        self._subject = subject
        self._market = market
        self._times = times
        self._form = form
        self._quoted = [price for span in market for price in (span.bid, span.offer) if price is not None]
        self._place(0)

    def place(self, top: float) -> None:
        """Let the chart begin at a height of the picture."""
        self._place(top)

    def _place(self, top: float) -> None:
        height = self._form.height if self._quoted or self._subject.price is not None else EMPTY_HEIGHT
        self.top, self.bottom = top, top + height
        known = (self._subject.price, self._subject.limit)
        self._prices = price_scale(self._quoted, known, top, self.bottom)

    @property
    def remarks(self) -> list[str]:
        """Return what the picture must say in words: what is not normal, what is beyond it, what came late."""
        said = troubles(self._market)
        return [remark for remark in (f"{said.capitalize()}." if said else "", *self._beyond(), self._late()) if remark]

    @property
    def told(self) -> str:
        """Return the market and the execution in words."""
        told = [self._range("bid", [span.bid for span in self._market])]
        told.append(self._range("offer", [span.offer for span in self._market]))
        return " ".join([line for line in told if line] + self._executed())

    def drawn(self, name: str) -> Iterator[str]:
        """Yield the elements of the chart from the back to the front."""
        yield from shaded(runs(self._market), self._times, self._form, (self.top, self.bottom), name)
        yield from self._price_axis()
        yield from self._time_axis()
        yield from self._sides()
        yield from self._limit()
        yield from self._execution()
        yield from self._labels()

    def _price_axis(self) -> Iterator[str]:
        if not self._quoted and self._subject.price is None:
            return
        ticks, form = self._prices.ticks, self._form
        step = ticks[1] - ticks[0] if len(ticks) > 1 else 1
        for price in ticks:
            y = self._prices.y(price)
            yield _line(f"M{form.left} {short(y)}H{form.right}", "grid", opacity=0.14)
            yield text(price_words(price, step), form.left - 8, y + 4, "axis", anchor="end", size=form.size)

    def _time_axis(self) -> Iterator[str]:
        form, y = self._form, self.bottom
        yield _line(f"M{form.left} {short(y)}H{form.right}", "base", opacity=0.5)
        seconds = self._times.seconds
        middle = len(seconds) // 2
        for number, at in enumerate(seconds):
            x = self._times.x(at)
            yield _line(f"M{short(x)} {short(y)}v5", "base", opacity=0.5)
            if number in (0, middle, len(seconds) - 1):
                anchor = "start" if number == 0 else "middle" if number == middle else "end"
                yield text(instant(at).fine, x, y + 18, "axis", anchor=anchor, size=form.size)
            elif form.word == "wide" and 1 < number < len(seconds) - 2:
                away = (at - seconds[middle]) / 1_000_000_000
                yield text(f"{away:+g} s".replace("-", "−"), x, y + 18, "axis", anchor="middle", size=form.size)

    def _sides(self) -> Iterator[str]:
        if not self._quoted:
            return
        band = band_path(self._market, self._times, self._prices)
        if band:
            yield element("path", class_="band", d=band, fill="currentColor", fill_opacity=0.09)
        for kind, side in (("bid", _bid), ("offer", _offer)):
            path = step_path(self._market, side, self._times, self._prices)
            if path:
                yield _line(path, f"side {kind}", width=1.6)

    def _limit(self) -> Iterator[str]:
        limit, form = self._subject.limit, self._form
        if limit is not None and not self._prices.beyond(limit):
            path = f"M{form.left} {short(self._prices.y(limit))}H{form.right}"
            yield _line(path, "limit", dashes="7 3 1.5 3", opacity=0.75)

    def _execution(self) -> Iterator[str]:
        made, form = self._subject, self._form
        yield from self._receipt()
        if made.price is None:
            return
        x, y = self._times.x(made.at), self._prices.y(made.price)
        yield _line(f"M{form.left} {short(y)}H{short(x)}V{short(self.bottom)}", "cross", dashes="2 3", opacity=0.6)
        yield execution(x, y, self._prices.beyond(made.price))
        below = y + form.size + 8
        over = y - 10 if self._is_high(made.price) or below > self.bottom else below
        anchor = "start" if x < (form.left + form.right) / 2 + 1 else "end"
        yield text(made.words, x + (9 if anchor == "start" else -9), over, "execution", anchor=anchor, size=form.size)

    def _receipt(self) -> Iterator[str]:
        at = self._subject.received_at
        if at is not None and self._times.shows(at):
            x = self._times.x(at)
            yield _line(f"M{short(x)} {short(self.top)}V{short(self.bottom)}", "receipt", dashes="1 3", opacity=0.8)
            anchor = "start" if x < self._form.right - self._form.wide_of("our receipt") else "end"
            yield text("our receipt", x, self.top - 5, "axis", anchor=anchor, size=self._form.size - 1)

    def _labels(self) -> Iterator[str]:
        last = self._market[-1] if self._market else None
        wanted = [] if last is None else [("offer", last.offer), ("bid", last.bid)]
        wanted.append(("limit", self._subject.limit))
        shown = [(name, price) for name, price in wanted if price is not None and not self._prices.beyond(price)]
        places = apart([self._prices.y(price) + 4 for _, price in shown], self._form.line)
        for (name, price), y in zip(shown, places, strict=True):
            yield text(f"{name} {dollars(price)}", self._form.right + 6, y, f"label {name}", size=self._form.size)

    def _is_high(self, price: int) -> bool:
        """Return whether words about a price stand above it: away from the quotes."""
        quote = in_force(self._market, self._subject.at)
        known = [] if quote is None else [side for side in (quote.bid, quote.offer) if side is not None]
        return self._prices.y(price) - self.top > self._form.line and 2 * price * len(known) >= 2 * sum(known)

    def _beyond(self) -> Iterator[str]:
        for name, price in (("execution", self._subject.price), ("limit", self._subject.limit)):
            way = 0 if price is None else self._prices.beyond(price)
            if price is not None and way:
                yield f"The {name} price of {dollars(price)} lies {'above' if way > 0 else 'below'} the picture."
        outside = [price for price in self._quoted if self._prices.beyond(price)]
        if outside:
            lowest, highest = dollars(min(outside)), dollars(max(outside))
            yield f"{len(outside):,} quoted prices lie beyond the picture, from {lowest} to {highest}."

    def _late(self) -> str:
        at = self._subject.received_at
        if at is None or self._times.shows(at):
            return ""
        return f"Our receipt at {instant(at).full} lies outside the picture."

    def _range(self, name: str, seen: Sequence[int | None]) -> str:
        known = [price for price in seen if price is not None]
        if not known:
            return ""
        low, high = dollars(min(known)), dollars(max(known))
        return f"Best {name} {low}." if low == high else f"Best {name} {low} to {high}."

    def _executed(self) -> list[str]:
        made = self._subject
        if not made.words:
            return []
        quote, words = in_force(self._market, made.at), f"{made.words.capitalize()} at {instant(made.at).fine}"
        if quote is None or quote.stand is Stand.EMPTY:
            return [f"{words}; no quote was in force."]
        both = (("bid", quote.bid), ("offer", quote.offer))
        sides = [f"{name} {dollars(price)}" for name, price in both if price is not None]
        return [f"{words}; in force: {', '.join(sides)}."]


def _line(path: str, kind: str, *, opacity: float | None = None, dashes: str | None = None, width: float = 1) -> str:
    return element(
        "path",
        class_=kind,
        d=path,
        fill="none",
        stroke="currentColor",
        stroke_width=width,
        stroke_opacity=None if opacity is None else f"{opacity:g}",
        stroke_dasharray=dashes,
    )


def _bid(span: Span) -> int | None:
    return span.bid


def _offer(span: Span) -> int | None:
    return span.offer
