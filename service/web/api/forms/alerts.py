"""Channels, deliveries and dead letters on the wire. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from service.telling.delivered import Delivered, Fate, Standing
from service.telling.words import about, reason, stands
from service.web.api.forms.common import Asked, Instant, Number, Told, Word, instant, instant_of
from service.web.api.forms.pages import Page

MOST_NAMED = 500

Why = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00-\x20\x7f][^\x00]*$")]
Alerts = Annotated[list[Number], Field(min_length=1, max_length=MOST_NAMED)]


class ChannelTold(Told):
    """How one channel stands."""

    channel: str
    configured: bool = Field(description="false: nobody sends what waits here.")
    connected: bool | None = Field(description="null: the daemon does not say.")
    stuck: bool = Field(description="Something that may go out has waited for too long.")
    words: str = Field(examples=["connected"])
    waiting: int
    held: int = Field(description="How many of those that wait are held until later by a route.")
    oldest: Instant | None = Field(description="When the oldest of those that wait was made; null: none waits.")
    last_sent: Instant | None
    last_error: str | None
    dead: int
    dead_since: Instant | None = Field(description="When the first of the dead letters died; null: there are none.")


class Channels(Told):
    """Every channel that is configured, and each of which alerts are left."""

    channels: list[ChannelTold]


class DeliveryTold(Told):
    """What became of one alert on one channel."""

    alert: int
    channel: str
    exception: int | None = Field(description="null: it is about none.")
    key: str = Field(description="As it is kept here; the idempotency key on the wire has the firm before it.")
    about: str = Field(description="Why it was made.", examples=["opened"])
    rule: str
    severity: str
    fate: Fate
    reason: str = Field(description="Why it became that, in words.")
    route: str | None = Field(description="The route that governed it; null: none did yet, or there are none.")
    by: str | None = Field(description="Who sent it again or set it aside.")
    attempts: int
    error: str | None = Field(description="Of the last attempt.")
    made: Instant
    rests_until: Instant | None = Field(description="Before then it is not tried.")
    dead: Instant | None = Field(description="Since when it is not tried any more.")
    settled: Instant | None = Field(description="When it was sent, withheld or set aside.")


class Deliveries(Told):
    """The alerts about an exception on every channel, the newest first."""

    deliveries: list[DeliveryTold]


class DeadLetters(Told):
    """Alerts that the other side did not take, the newest first."""

    dead_letters: list[DeliveryTold]
    next: int | None = Field(description="For `after`; null: that was the last page.")


class LettersAsked(Page):
    """How many dead letters, behind which, and of which channel."""

    channel: Word = Field(default="", description="Of this channel alone.")


class AgainAsked(Asked):
    """Which alerts, by their numbers."""

    alerts: Alerts


class SetAsideAsked(Asked):
    """Which alerts nobody needs to hear of any more, and why."""

    alerts: Alerts
    words: Why


class NotDone(Told):
    """An alert to which it was not done."""

    alert: int
    words: str = Field(examples=["pat sent it again before you; it waits"])


class DealtTold(Told):
    """What came of it."""

    alerts: list[int] = Field(description="To these it was done.")
    refused: list[NotDone]


def channel_told(one: Standing, now: int, *, connected: bool | None) -> ChannelTold:
    """Return how a channel stands."""
    return ChannelTold(
        channel=one.channel,
        configured=one.configured,
        connected=connected,
        stuck=one.is_stuck(now),
        words=stands(one, now, connected=connected)[0],
        waiting=one.waiting,
        held=one.held,
        oldest=instant_of(one.oldest),
        last_sent=instant_of(one.last_sent),
        last_error=one.last_error,
        dead=one.dead,
        dead_since=instant_of(one.dead_since),
    )


def delivery_told(one: Delivered) -> DeliveryTold:
    """Return what became of an alert."""
    return DeliveryTold(
        alert=one.alert,
        channel=one.channel,
        exception=one.exception,
        key=one.key,
        about=about(one),
        rule=one.rule,
        severity=one.severity,
        fate=one.fate,
        reason=reason(one),
        route=one.route,
        by=one.by,
        attempts=one.attempts,
        error=one.error,
        made=instant(one.made_at),
        rests_until=instant_of(one.rests_until),
        dead=instant_of(one.dead_at),
        settled=instant_of(one.settled_at),
    )
