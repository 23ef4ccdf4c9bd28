"""The plan of alerts: which ways out there are, and who hears of what. Pure; its text is read in plan_text.py.

Of every route that an alert matches, each channel named by `to` hears of it; of one channel the first such route
governs. A plan without routes tells everything to every channel.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.finding import Severity

SECOND = 1_000_000_000
DEFAULT_ZONE = "America/New_York"
DEFAULT_TIMEOUT = 5 * SECOND
DEFAULT_GIVE_UP = 24 * 3_600 * SECOND
MQTT = "mqtt"
"""The name of the channel that is there by itself when the firm has named a broker."""


class ChannelKind(StrEnum):
    """By what a channel speaks."""

    MQTT = "mqtt"
    WEBHOOK = "webhook"
    NOTIFY = "notify"
    CONSOLE = "console"


class Between(msgspec.Struct, frozen=True):
    """A time of day, in minutes from midnight of the plan's zone; it may span midnight. The end is outside."""

    start: int
    end: int


class Quiet(msgspec.Struct, frozen=True):
    """Hours in which what is less grave than `below` is held."""

    between: Between
    below: Severity


class Storm(msgspec.Struct, frozen=True):
    """When a channel says less: after `more_than` were sent within `within` ns only `floor` and above go one by one."""

    more_than: int
    within: int
    floor: Severity


class Grouping(msgspec.Struct, frozen=True):
    """Alerts with the same values of `by` go out in one piece, `wait` ns after the first of them was made."""

    by: tuple[str, ...]
    wait: int


class ChannelSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One way out as the firm laid it down; lengths of time in ns, files as paths from the working folder.

    `give_up` is how long after it was made an alert that is not taken becomes a dead letter; None: never.
    """

    name: str
    kind: ChannelKind
    url: str | None = None
    secret_file: str | None = None
    urls_file: str | None = None
    timeout: int = DEFAULT_TIMEOUT
    give_up: int | None = DEFAULT_GIVE_UP
    quiet: Quiet | None = None
    storm: Storm | None = None
    group: Grouping | None = None


class When(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert must be for a route: all that is set must hold, and of a list one."""

    severity: frozenset[Severity] = frozenset()
    rule: frozenset[str] = frozenset()
    counterparty: frozenset[str] = frozenset()
    venue: frozenset[str] = frozenset()
    symbol: frozenset[str] = frozenset()
    session: frozenset[str] = frozenset()
    reason: frozenset[str] = frozenset()
    incident: bool | None = None
    open_hours: bool | None = None
    between: Between | None = None


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Who hears of what; `repeat` is after how many ns an exception that nobody acknowledged is told again."""

    name: str
    to: tuple[str, ...]
    when: When = When()
    repeat: int | None = None
    quiet: Quiet | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All of alerts.yaml; `time_zone` is that of every time of day in it."""

    channels: tuple[ChannelSpec, ...] = ()
    routes: tuple[Route, ...] = ()
    time_zone: str = DEFAULT_ZONE

    def channel(self, name: str) -> ChannelSpec | None:
        """Return the channel of that name."""
        return next((one for one in self.channels if one.name == name), None)


BROKER = ChannelSpec(name=MQTT, kind=ChannelKind.MQTT, give_up=None)
"""The channel of a broker of which the plan says nothing: it waits for ever."""
