"""Deliveries and channels in words, for page, bar and command line alike. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from service.cases.clocks import span
from service.telling.delivered import Delivered, Fate, Standing, troubled
from service.web.said import instant, words

GRAVE, UNSURE, FINE = "critical", "medium", "low"
FATES = {
    Fate.WAITING: "waiting",
    Fate.HELD: "held until later",
    Fate.DEAD: "dead",
    Fate.SENT: "sent",
    Fate.WITHHELD: "withheld",
    Fate.SET_ASIDE: "set aside",
}
MARKS = {Fate.WAITING: UNSURE, Fate.HELD: UNSURE, Fate.DEAD: GRAVE, Fate.SENT: FINE}
"""The sign that goes with it; what was not to be sent has none."""


def trouble(standings: Iterable[Standing], now: int) -> str:
    """Return in a sentence which channels somebody has to look at, "" when there is none."""
    said = "; ".join(part for one in troubled(standings, now) for part in _troubles(one, now))
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _troubles(one: Standing, now: int) -> Iterator[str]:
    if one.dead:
        since = "" if one.dead_since is None else f", the first since {moment(one.dead_since)}"
        yield f"{counted(one.dead)} on {one.channel} {'is' if one.dead == 1 else 'are'} dead{since}"
    if one.is_stuck(now) and one.due_since is not None:
        waits = one.waiting - one.held
        verb = "waits" if waits == 1 else "wait"
        yield f"{one.channel} is stuck: {counted(waits)} {verb}, the oldest for {span(now - one.due_since)}"


def stands(one: Standing, now: int, *, connected: bool | None) -> tuple[str, str]:
    """Return in words how a channel stands, and the sign that goes with it; None: the daemon does not say."""
    if not one.configured:
        return "not configured: nobody sends what waits", GRAVE if one.is_troubled(now) else ""
    if connected is False:
        return "not connected", GRAVE
    if one.is_stuck(now):
        return "stuck", GRAVE
    if connected is None:
        return "not known: the daemon does not say", UNSURE
    return "connected", FINE


def fate(one: Delivered) -> tuple[str, str]:
    """Return in a word what became of an alert, and the sign that goes with it."""
    return FATES[one.fate], MARKS.get(one.fate, "")


def reason(one: Delivered) -> str:
    """Return in words why it became that, and who had a hand in it."""
    return "; ".join(part for part in (_why(one), _hand(one)) if part)


def _why(one: Delivered) -> str:
    tried = f"tried {one.attempts:,} time{'' if one.attempts == 1 else 's'}"
    if one.fate in (Fate.WAITING, Fate.DEAD):
        return f"{tried}: {one.error}" if one.error else tried if one.attempts else "not tried yet"
    if one.fate is Fate.HELD and one.rests_until is not None:
        return f"{_said(one.error)}, until {moment(one.rests_until)}"
    by = "" if one.route is None or one.route in (one.reason or "") else f", by the route {one.route}"
    return f"{_said(one.reason)}{by}"


def _said(text: str | None) -> str:
    """Return a reason as it is kept where it is words already, a name of the program as words."""
    return "" if text is None else text if " " in text else words(text)


def _hand(one: Delivered) -> str:
    if one.by is None:
        return ""
    return f"by {one.by}" if one.fate is Fate.SET_ASIDE else f"{one.by} sent it again"


def about(one: Delivered) -> str:
    """Return in words what an alert is about."""
    return words(one.about or one.topic or "")


def counted(alerts: int) -> str:
    """Return how many alerts."""
    return f"{alerts:,} alert{'' if alerts == 1 else 's'}"


def moment(at: int) -> str:
    """Return a time with its day, in New York."""
    told = instant(at)
    return f"{told.day} {told.time}".strip()
