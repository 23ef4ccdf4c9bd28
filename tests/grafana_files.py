"""The shape of Grafana's provisioning files, as Grafana documents it (for version 11), and how it reads a $.

A key that is not documented is refused: Grafana would pass over it without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import yaml
from msgspec import Meta

PROVISIONING = Path(__file__).resolve().parents[1] / "deploy" / "grafana" / "provisioning"
Length = Annotated[str, Meta(pattern=r"^\d+(ms|s|m|h|d)$")]
Uid = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Name = Annotated[str, Meta(min_length=1)]
Time = Annotated[str, Meta(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]
Matcher = tuple[Name, Literal["=", "!=", "=~", "!~"], str]


class _Part(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A part of a file: nothing in it that is not named here."""


class _File(_Part):
    """What every file begins with."""

    api: Literal[1] = msgspec.field(name="apiVersion")


class Source(_Part):
    """A data source."""

    name: Name
    uid: Uid
    type: Literal["prometheus"]
    access: Literal["proxy", "direct"]
    orgId: int  # noqa: N815 - Grafana's own word
    url: Name
    isDefault: bool  # noqa: N815 - Grafana's own word
    editable: bool
    jsonData: dict[str, Any]  # noqa: N815 - Grafana's own word


class Sources(_File):
    """A file of data sources."""

    datasources: list[Source]


class Provider(_Part):
    """Where dashboards come from and into which folder they go."""

    name: Name
    orgId: int  # noqa: N815 - Grafana's own word
    type: Literal["file"]
    folder: Name
    folderUid: Uid  # noqa: N815 - Grafana's own word
    disableDeletion: bool  # noqa: N815 - Grafana's own word
    allowUiUpdates: bool  # noqa: N815 - Grafana's own word
    updateIntervalSeconds: int  # noqa: N815 - Grafana's own word
    options: dict[Literal["path", "foldersFromFilesStructure"], Any]


class Providers(_File):
    """A file of providers of dashboards."""

    providers: list[Provider]


class Asked(_Part):
    """One query or expression of an alert rule."""

    refId: Annotated[str, Meta(pattern="^[A-Z]$")]  # noqa: N815 - Grafana's own word
    datasourceUid: str  # noqa: N815 - Grafana's own word
    model: dict[str, Any]
    relativeTimeRange: dict[Literal["from", "to"], int] | None = None  # noqa: N815 - Grafana's own word


class Rule(_Part):
    """An alert rule."""

    uid: Uid
    title: Name
    condition: str
    data: list[Asked]
    length: Length = msgspec.field(name="for")
    noDataState: Literal["NoData", "Alerting", "OK"]  # noqa: N815 - Grafana's own word
    execErrState: Literal["Error", "Alerting", "OK"]  # noqa: N815 - Grafana's own word
    labels: dict[str, str]
    annotations: dict[str, str]


class Group(_Part):
    """Rules that are evaluated together."""

    orgId: int  # noqa: N815 - Grafana's own word
    name: Name
    folder: Name
    interval: Length
    rules: list[Rule]


class Groups(_File):
    """A file of alert rules."""

    groups: list[Group]


class Receiver(_Part):
    """One way out of a contact point."""

    uid: Uid
    type: Literal["webhook", "email"]
    settings: dict[Literal["url", "httpMethod", "addresses", "singleEmail"], Any]


class Point(_Part):
    """A contact point."""

    orgId: int  # noqa: N815 - Grafana's own word
    name: Name
    receivers: list[Receiver]


class Points(_File):
    """A file of contact points."""

    points: list[Point] = msgspec.field(name="contactPoints")


class Route(_Part):
    """A policy below the first."""

    receiver: Name
    object_matchers: list[Matcher]
    mute_time_intervals: list[str] = []
    routes: list[Route] = []


class Policy(_Part):
    """The first policy, which takes what no other takes and cannot be muted."""

    orgId: int  # noqa: N815 - Grafana's own word
    receiver: Name
    group_by: list[str]
    group_wait: Length
    group_interval: Length
    repeat_interval: Length
    routes: list[Route]


class Policies(_File):
    """A file of notification policies."""

    policies: list[Policy]


class Times(_Part):
    """From when until when, by the clock of the location; 24:00 is the end of the day."""

    start_time: Time
    end_time: Time


class Interval(_Part):
    """Days and times that go together."""

    location: str
    weekdays: list[str] = []
    times: list[Times] = []
    years: list[str] = []
    months: list[str] = []
    days_of_month: list[str] = []


class MuteTiming(_Part):
    """When nobody is told."""

    orgId: int  # noqa: N815 - Grafana's own word
    name: Name
    time_intervals: list[Interval]


class MuteTimings(_File):
    """A file of mute timings."""

    timings: list[MuteTiming] = msgspec.field(name="muteTimes")


Read = TypeVar("Read", bound=_File)


def read(name: str, kind: type[Read]) -> Read:
    """Return a provisioning file, refused when it is not of the documented shape."""
    return msgspec.convert(yaml.safe_load((PROVISIONING / name).read_text(encoding="utf-8")), kind)


def rules() -> list[Rule]:
    """Return every alert rule."""
    return [rule for group in read("alerting/rules.yaml", Groups).groups for rule in group.rules]


def interpolated(text: str, environment: Mapping[str, str]) -> str:
    """Return a value as Grafana reads it: $NAME and ${NAME} from its environment, $$ as $; an unknown name is empty."""
    pieces = text.split("$$")
    return "$".join(re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda m: environment.get(m[1] or m[2], ""), p) for p in pieces)


def names_in(file: str) -> set[str]:
    """Return the names that Grafana looks for in its environment when it reads a file."""
    texts = _texts(yaml.safe_load((PROVISIONING / file).read_text(encoding="utf-8")))
    pieces = [piece for text in texts for piece in text.split("$$")]
    return {braced or bare for piece in pieces for braced, bare in re.findall(r"\$(?:\{(\w+)\}|(\w+))", piece)}


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _texts(inner)
