"""Channels, dead letters and who was told of an exception, as lines of a page. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from service.cases.clocks import span
from service.telling.delivered import Delivered, Fate, Standing
from service.telling.words import FATES, about, counted, fate, reason, stands
from service.web.said import Instant, instant, words

FOLDED = 8
"""So many alerts of one exception on one channel are shown without being asked for."""


class ChannelLine(msgspec.Struct, frozen=True, kw_only=True):
    """One channel: `waits` and `oldest` are "" when nothing waits, `dead` is how many to send again.

    `left` is how many wait or are dead on a channel that the plan knows no more.
    """

    channel: str
    mark: str
    stands: str
    waits: str
    oldest: str
    last_sent: Instant | None
    last_error: str
    dead: int
    dead_since: Instant | None
    left: int = 0


class DeadLine(msgspec.Struct, frozen=True, kw_only=True):
    """One dead letter; `about` is what it was made for, `exception` None for what is about none."""

    alert: int
    channel: str
    exception: int | None
    severity: str
    rule: str
    about: str
    made: Instant
    dead: Instant | None
    tried: str
    error: str
    by: str


class ToldLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one alert of an exception; `at` is when, `made` when there was something to tell."""

    alert: int
    about: str
    made: Instant
    mark: str
    fate: str
    at: Instant | None
    reason: str


class ToldBy(msgspec.Struct, frozen=True, kw_only=True):
    """What one channel told of an exception, the newest first, and how many became what."""

    channel: str
    counts: str
    lines: tuple[ToldLine, ...]

    @property
    def folded(self) -> bool:
        """Return whether it is shown only when asked for."""
        return len(self.lines) > FOLDED


def channel_line(one: Standing, now: int, *, connected: bool | None) -> ChannelLine:
    """Return one channel; `connected` as the daemon says, None where it does not."""
    words_of, mark = stands(one, now, connected=connected)
    held = (
        "" if not one.held else ", held until later" if one.held == one.waiting else f", {one.held:,} held until later"
    )
    return ChannelLine(
        channel=one.channel,
        mark=mark,
        stands=words_of,
        waits=f"{one.waiting:,}{held}" if one.waiting else "",
        oldest="" if one.oldest is None else span(max(0, now - one.oldest)),
        last_sent=instant_of(one.last_sent),
        last_error=one.last_error or "",
        dead=one.dead,
        dead_since=instant_of(one.dead_since),
        left=0 if one.configured else one.waiting + one.dead,
    )


def dead_line(one: Delivered) -> DeadLine:
    """Return one dead letter."""
    return DeadLine(
        alert=one.alert,
        channel=one.channel,
        exception=one.exception,
        severity=one.severity,
        rule=words(one.rule),
        about=about(one),
        made=instant(one.made_at),
        dead=instant_of(one.dead_at),
        tried=f"{one.attempts:,}",
        error=one.error or "",
        by=f"{one.by} sent it again before" if one.by else "",
    )


def told_by(found: Iterable[Delivered]) -> list[ToldBy]:
    """Return what each channel told of an exception, in the order of their names."""
    mine: Mapping[str, list[Delivered]] = _by_channel(found)
    return [
        ToldBy(channel=channel, counts=", ".join(_counts(mine[channel])), lines=tuple(map(told_line, mine[channel])))
        for channel in sorted(mine)
    ]


def told_line(one: Delivered) -> ToldLine:
    """Return what became of one alert."""
    became, mark = fate(one)
    return ToldLine(
        alert=one.alert,
        about=about(one),
        made=instant(one.made_at),
        mark=mark,
        fate=became,
        at=instant_of(one.settled_at if one.settled_at is not None else one.dead_at),
        reason=reason(one),
    )


def outcome(again: int, aside: int) -> str:
    """Return in words what was done by the form that led here, "" when none did."""
    if again:
        return f"{counted(again)} {'goes' if again == 1 else 'go'} out again, under the same key as before."
    return f"{counted(aside)} {'is' if aside == 1 else 'are'} set aside." if aside else ""


def instant_of(at: int | None) -> Instant | None:
    """Return a time for people, None where there is none."""
    return None if at is None else instant(at)


def _by_channel(found: Iterable[Delivered]) -> dict[str, list[Delivered]]:
    mine: dict[str, list[Delivered]] = {}
    for one in found:
        mine.setdefault(one.channel, []).append(one)
    return mine


def _counts(found: Iterable[Delivered]) -> Iterator[str]:
    many = Counter(one.fate for one in found)
    yield from (f"{many[one]:,} {FATES[one]}" for one in Fate if many[one])
