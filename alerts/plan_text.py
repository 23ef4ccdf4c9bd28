"""Reads alerts.yaml: channels and routes. Every problem with its line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.alert import REASONS
from alerts.plan import (
    BROKER,
    DEFAULT_GIVE_UP,
    DEFAULT_TIMEOUT,
    DEFAULT_ZONE,
    MQTT,
    Between,
    ChannelKind,
    ChannelSpec,
    Grouping,
    Plan,
    Quiet,
    Route,
    Storm,
    When,
)
from alerts.policy import STILL_WAITING
from rules.finding import Severity
from rules.reading import Block, Node, Reader, ReadingError, Scalar
from rules.rule import Kind, Parameter
from rules.units import setting

NEVER = "never"
_TOP = ("time_zone", "channels", "routes")
_CHANNEL = ("kind", "url", "secret_file", "urls_file", "timeout", "give_up", "quiet", "storm", "group")
_ROUTE = ("name", "when", "to", "repeat", "quiet")
_LISTS = ("severity", "rule", "counterparty", "venue", "symbol", "session", "reason")
_WHEN = (*_LISTS, "incident", "hours", "between")
_GROUPS_BY = ("rule", "severity", "counterparty", "venue", "symbol", "session", "incident")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BETWEEN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")
_HOURS = {"open": True, "closed": False}
_TRUTH = {"true": True, "false": False}
_SHORT = Parameter(kind=Kind.DURATION, default="1 s", minimum="100 ms", maximum="60 s", meaning="")
_LONG = Parameter(kind=Kind.DURATION, default="1 h", minimum="1 s", maximum="8760 h", meaning="")
_COUNT = Parameter(kind=Kind.COUNT, default="60", minimum="1", maximum="1000000", meaning="")


class PlanError(ReadingError):
    """An alerts.yaml cannot be used."""


class Known(NamedTuple):
    """What a plan may speak of: the rules there are, and whether the firm has named a broker."""

    rules: frozenset[str]
    broker: bool


def parse_plan(text: str, known: Known) -> Plan:
    """Return what an alerts.yaml (which may be empty) lays down; raise PlanError with every problem.

    With a broker the channel mqtt is there, whether the text speaks of it or not.
    """
    reading = _Reading(known)
    plan = reading.plan(text)
    if reading.problems:
        raise PlanError(reading.problems)
    return plan


class _Reading(Reader):
    """One text on its way to a plan."""

    def __init__(self, known: Known) -> None:
        super().__init__()
        self._known = known

    def plan(self, text: str) -> Plan:
        top = self.block(self.tree(text), "alerts.yaml", _TOP)
        channels = tuple(self._channels(top.items.get("channels")))
        if self._known.broker and MQTT not in {one.name for one in channels}:
            channels = (BROKER, *channels)
        return Plan(
            channels=channels,
            routes=tuple(self._routes(top.items.get("routes"), {one.name for one in channels})),
            time_zone=self._zone(top.items.get("time_zone")),
        )

    def _zone(self, node: Node | None) -> str:
        name = self.scalar(node, "time_zone")
        if node is None or name is None:
            return DEFAULT_ZONE
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.refuse(node, f'time_zone cannot be "{name}"; expected a name such as America/New_York')
        return name

    def _channels(self, node: Node | None) -> Iterable[ChannelSpec]:
        if node is not None and not isinstance(node, Block):
            self.block(node, "channels", ("name: {kind: …}",))
            return
        for name, item in node.items.items() if node is not None else ():
            yield self._channel(name, item)

    def _channel(self, name: str, node: Node) -> ChannelSpec:
        block = self.block(node, f"the channel {name}", _CHANNEL)
        items = block.items
        if not _NAME.fullmatch(name):
            self.refuse(node, f'a channel cannot be named "{name}"; expected small letters, digits and _')
        kind = self._kind(name, block)
        spec = ChannelSpec(
            name=name,
            kind=kind or ChannelKind.MQTT,
            url=self._text(items.get("url"), "url"),
            secret_file=self._text(items.get("secret_file"), "secret_file"),
            urls_file=self._text(items.get("urls_file"), "urls_file"),
            timeout=self._number(items.get("timeout"), "timeout", _SHORT, DEFAULT_TIMEOUT),
            give_up=self._give_up(items.get("give_up"), None if name == MQTT else DEFAULT_GIVE_UP),
            quiet=self._quiet(items.get("quiet")),
            storm=self._storm(items.get("storm")),
            group=self._group(items.get("group")),
        )
        for problem in () if kind is None else _misfits(spec, broker=self._known.broker):
            self.refuse(node, f"the channel {name} {problem}")
        return spec

    def _kind(self, name: str, block: Block) -> ChannelKind | None:
        if "kind" in block.items:
            return self.word(block.items["kind"], "kind", ChannelKind)
        if name == MQTT:
            return ChannelKind.MQTT
        self.refuse(block, f"the channel {name} has no kind; expected one of {', '.join(ChannelKind)}")
        return None

    def _give_up(self, node: Node | None, usual: int | None) -> int | None:
        if isinstance(node, Scalar) and node.text == NEVER:
            return None
        return usual if node is None else self._number(node, "give_up", _LONG, DEFAULT_GIVE_UP)

    def _quiet(self, node: Node | None) -> Quiet | None:
        if node is None:
            return None
        block = self.block(node, "quiet", ("between", "below"))
        between = self._between(block.items.get("between"), "quiet.between")
        below = self.word(block.items.get("below"), "quiet.below", Severity)
        if between is None or below is None:
            self._lacks(block, "quiet", "between", "below")
            return None
        if between.start == between.end:
            self.refuse(node, "quiet.between is the whole day: what it holds would never go out")
        return Quiet(between, below)

    def _storm(self, node: Node | None) -> Storm | None:
        if node is None:
            return None
        block = self.block(node, "storm", ("more_than", "within", "floor"))
        self._lacks(block, "storm", "more_than", "within", "floor")
        floor = self.word(block.items.get("floor"), "storm.floor", Severity) or Severity.HIGH
        most = self._number(block.items.get("more_than"), "storm.more_than", _COUNT, 1)
        return Storm(most, self._number(block.items.get("within"), "storm.within", _LONG, 1), floor)

    def _group(self, node: Node | None) -> Grouping | None:
        if node is None:
            return None
        block = self.block(node, "group", ("by", "wait"))
        self._lacks(block, "group", "by", "wait")
        by = self._words(block.items.get("by"), "group.by")
        for word in by:
            if word not in _GROUPS_BY:
                self.refuse(block, f'group.by cannot be "{word}"; expected some of {", ".join(_GROUPS_BY)}')
        return Grouping(by, self._number(block.items.get("wait"), "group.wait", _LONG, 1))

    def _routes(self, node: Node | None, channels: set[str]) -> Iterable[Route]:
        names: set[str] = set()
        taken: dict[str, str] = {}
        for item in self.listing(node, "routes"):
            block = self.block(item, "a route", _ROUTE)
            self._lacks(block, "a route", "name", "to")
            route = self._route(block)
            for problem in _oddities(route, block):
                self.refuse(item, problem)
            if route.name in names:
                self.refuse(item, f"the route {route.name} is there twice")
            names.add(route.name)
            for channel in route.to:
                if channel not in channels:
                    there = ", ".join(sorted(channels)) or "none, for there is no channel"
                    self.refuse(item, f'the route {route.name} leads to "{channel}"; expected some of {there}')
            if route.to and set(route.to) <= taken.keys():
                before = " and ".join(dict.fromkeys(taken[channel] for channel in route.to))
                self.refuse(item, f"nothing reaches the route {route.name}: {before} before it takes everything")
            if route.when == When():
                taken |= dict.fromkeys(set(route.to) - taken.keys(), route.name)
            yield route

    def _route(self, block: Block) -> Route:
        repeat = block.items.get("repeat")
        return Route(
            name=(self.scalar(block.items.get("name"), "name") or "").strip(),
            to=self._words(block.items.get("to"), "to"),
            when=self._when(block.items.get("when")),
            repeat=None if repeat is None else self._number(repeat, "repeat", _LONG, 1),
            quiet=self._quiet(block.items.get("quiet")),
        )

    def _when(self, node: Node | None) -> When:
        block = self.block(node, "when", _WHEN)
        lists = {name: frozenset(self._words(block.items.get(name), f"when.{name}")) for name in _LISTS}
        for name in lists["severity"] - set(Severity):
            self.refuse(block, f'when.severity cannot be "{name}"; expected some of {", ".join(Severity)}')
        for name in sorted(lists["rule"] - self._known.rules):
            self.refuse(block, f'when.rule names "{name}", which is no rule')
        for name in sorted(lists["reason"] - set(REASONS)):
            self.refuse(block, f'when.reason cannot be "{name}"; expected some of {", ".join(REASONS)}')
        for name in (name for name, found in lists.items() if name in block.items and not found):
            self.refuse(block, f"when.{name} names none; leave it out where all are meant")
        grave = frozenset(Severity(name) for name in lists.pop("severity") if name in set(Severity))
        return When(
            severity=grave,
            **lists,
            incident=self._choice(block.items.get("incident"), "when.incident", _TRUTH),
            open_hours=self._choice(block.items.get("hours"), "when.hours", _HOURS),
            between=self._between(block.items.get("between"), "when.between"),
        )

    def _between(self, node: Node | None, what: str) -> Between | None:
        text = self.scalar(node, what)
        if node is None or text is None:
            return None
        found = _BETWEEN.fullmatch(text.strip())
        if found is None:
            self.refuse(node, f'{what} cannot be "{text}"; expected a time of day such as "18:00-07:00"')
            return None
        hour, minute, to_hour, to_minute = map(int, found.groups())
        return Between(hour * 60 + minute, to_hour * 60 + to_minute)

    def _choice(self, node: Node | None, what: str, words: dict[str, bool]) -> bool | None:
        text = self.scalar(node, what)
        if node is None or text is None:
            return None
        if text not in words:
            self.refuse(node, f'{what} cannot be "{text}"; expected one of {", ".join(words)}')
        return words.get(text)

    def _words(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Return the words of a list, or of one word that stands for a list of one."""
        items = (node,) if isinstance(node, Scalar) else self.listing(node, what)
        return tuple(word for item in items if (word := self._text(item, what)) is not None)

    def _text(self, node: Node | None, what: str) -> str | None:
        text = self.scalar(node, what)
        return None if text is None else text.strip() or None

    def _number(self, node: Node | None, what: str, parameter: Parameter, usual: int) -> int:
        text = self.scalar(node, what)
        value = usual if node is None or text is None else setting(parameter, text)
        if isinstance(value, str):
            self.refuse(node or 0, f"{what}: {value}")
            return usual
        return value

    def _lacks(self, block: Block, what: str, *keys: str) -> None:
        for key in keys:
            if key not in block.items:
                self.refuse(block, f"{what} has no {key}")


def _oddities(route: Route, block: Block) -> Iterable[str]:
    """Yield what would make a route do nothing, or something else than it says."""
    if "name" in block.items and not route.name:
        yield "a route has an empty name"
    if "to" in block.items and not route.to:
        yield f"the route {route.name} leads to no channel"
    if route.repeat is not None and route.when.reason and STILL_WAITING not in route.when.reason:
        yield f"the route {route.name} repeats what it does not hear: add {STILL_WAITING} to when.reason"


def _misfits(spec: ChannelSpec, *, broker: bool) -> Iterable[str]:
    """Yield what does not belong together in a channel, in words after its name."""
    needs = {ChannelKind.WEBHOOK: ("url", "secret_file"), ChannelKind.NOTIFY: ("urls_file",)}.get(spec.kind, ())
    for key in ("url", "secret_file", "urls_file"):
        there = getattr(spec, key) is not None
        if key in needs and not there:
            yield f"is a {spec.kind.value} and has no {key}"
        if key not in needs and there:
            yield f"is of kind {spec.kind.value}, which has no {key}"
    if (spec.kind is ChannelKind.MQTT) != (spec.name == MQTT):
        yield f"is the broker's only when its name and its kind are both {MQTT}"
    if spec.kind is ChannelKind.MQTT and not broker:
        yield "needs the section [mqtt] of sorwatch.toml, which names the broker"
    if spec.kind is ChannelKind.MQTT and spec.group is not None:
        yield "sends one message an alert, so it has no group"
