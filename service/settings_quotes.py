"""The settings of the quotes: where they come from, how long a fact waits for them, what is kept of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from service.market.symbols import COMMON, SymbolStyle
from service.settings_feed import Section


class QuoteSourceKind(StrEnum):
    """Where the NBBO comes from; any other name is a source that an installed package brings."""

    NONE = "none"
    MQTT = "mqtt"
    FILE = "file"


class QuotesSettings(Section):
    """Which NBBO the executions are judged by, and how long a fact waits for it."""

    source: str = Field(
        QuoteSourceKind.NONE.value, description="`none`, `mqtt`, `file`, `zeromq` or a source that a package brings"
    )
    second: str | None = Field(
        None, validate_default=True, description="a second source, taken where the first has no answer, else compared"
    )
    file: str | None = Field(
        None,
        validate_default=True,
        description='CSV or Parquet of quotes, or a folder with one such file a date, for source = "file"',
    )
    options: dict[str, dict[str, Any]] = Field({}, description="what a source that a package brings is told, by name")
    topic: str = Field("sorwatch/quotes/#", description='topic filter, for source = "mqtt"')
    grace_ms: int = Field(
        50, ge=0, description="the source must have passed the event by this much before it is judged"
    )
    bound_ms: int = Field(2_000, ge=0, description="a fact waits for its quotes at most this long after receipt")
    amend_for_s: int = Field(
        60, ge=0, le=3_600, description="a quote that comes at most this late is judged by after all; 0 switches it off"
    )
    evidence_s: int = Field(
        5, ge=0, le=60, description="so many seconds of quotes on either side are kept with a finding; 0: none"
    )
    dead_after_ms: int = Field(5_000, ge=1, description="a source without quote or heartbeat for this long is not live")
    client_id: str | None = Field(
        None,
        pattern="^[ -~]+$",
        max_length=64,
        description="name of our session at the broker, which keeps the quotes while we restart; by default made of "
        "firm, machine and working folder",
    )
    session_expiry_s: int = Field(
        0,
        ge=0,
        le=86_400,
        description="the broker keeps that session for so long (MQTT 5); 0: MQTT 3.1.1, as the broker is configured",
    )
    watchlist: str | None = Field(
        None,
        description="file of symbols, one a line: only these, and those in which orders are seen, get a history on the "
        "tape; by default every symbol",
    )
    symbols: tuple[SymbolStyle, ...] = Field(
        COMMON,
        description="how the source writes suffixes, the first that reads a symbol wins: "
        "`separators`, `nasdaq`, `cqs`, `underscore`, `yahoo`, `exact`",
    )

    @field_validator("file")
    @classmethod
    def _file_named(cls, file: str | None, info: ValidationInfo) -> str | None:
        named = (info.data.get("source"), info.data.get("second"))
        if QuoteSourceKind.FILE in named and not file:
            msg = 'quotes.source is "file", so this must name the CSV of quotes'
            raise ValueError(msg)
        return file

    @field_validator("second")
    @classmethod
    def _another(cls, second: str | None, info: ValidationInfo) -> str | None:
        first = info.data.get("source")
        if second is not None and (first == QuoteSourceKind.NONE or second in (first, QuoteSourceKind.NONE)):
            msg = f"quotes.source is {first!r} and this is {second!r}; expected two sources that are not the same"
            raise ValueError(msg)
        return second

    @property
    def by_priority(self) -> tuple[str, ...]:
        """Return the names of the sources, the first by priority first; none for "none"."""
        named = (self.source, self.second)
        return tuple(name for name in named if name is not None and name != QuoteSourceKind.NONE)
