"""The firm's settings: `sorwatch.toml` and `SORWATCH_…`, read once, frozen, every problem listed at once."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

SETTINGS_FILE = "sorwatch.toml"
ENVIRONMENT_PREFIX = "SORWATCH_"

PortNumber = Annotated[int, Field(ge=0, le=65535)]


class ConfigurationError(Exception):
    """The configuration cannot be used; `problems` lists everything that is wrong with it, in words."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems; the message is one a line."""
        super().__init__("\n".join(problems))
        self.problems = problems


class Durability(StrEnum):
    """When a message counts: `pipelined` (committed moments later) or `on_receipt` (the engine waits)."""

    PIPELINED = "pipelined"
    ON_RECEIPT = "on_receipt"


class QuoteSourceKind(StrEnum):
    """Where the NBBO comes from."""

    NONE = "none"
    MQTT = "mqtt"
    FILE = "file"


class Section(BaseModel):
    """A frozen part of the settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreSettings(Section):
    """Where facts, findings and cases are kept."""

    url: str = Field(
        "sqlite:///sorwatch.db",
        description="SQLAlchemy URL of the store; SQLite paths are relative to the working folder",
    )


class JournalSettings(Section):
    """How the journal commits."""

    durability: Durability = Field(
        Durability.PIPELINED, description="`pipelined`, or `on_receipt`: the FIX engine waits for the commit"
    )
    batch: int = Field(512, ge=1, le=10_000, description="records processed in one transaction at most")


class QuotesSettings(Section):
    """Which NBBO the executions are judged by, and how long a fact waits for it."""

    source: QuoteSourceKind = Field(QuoteSourceKind.NONE, description="`none`, `mqtt` or `file`")
    file: str | None = Field(None, description='CSV of quotes, for source = "file"')
    topic: str = Field("sorwatch/quotes/#", description='topic filter, for source = "mqtt"')
    grace_ms: int = Field(
        50, ge=0, description="the source must have passed the event by this much before it is judged"
    )
    bound_ms: int = Field(
        2_000, ge=0, description="a fact waits for its quotes at most this long after receipt"
    )
    dead_after_ms: int = Field(
        5_000, ge=1, description="a source without quote or heartbeat for this long is not live"
    )

    @model_validator(mode="after")
    def _file_named(self) -> Self:
        if self.source is QuoteSourceKind.FILE and not self.file:
            msg = 'source is "file", so file must name the CSV of quotes'
            raise ValueError(msg)
        return self


class MqttSettings(Section):
    """The broker for quotes and alerts."""

    host: str = Field("127.0.0.1", description="host of the broker")
    port: PortNumber = Field(1883, description="port of the broker")
    username: str | None = Field(None, description="user name, when the broker asks for one")
    password_file: Path | None = Field(None, description="file that holds the password")


class HttpSettings(Section):
    """The daemon's own endpoint: /metrics, /healthz, /readyz."""

    host: str = Field("127.0.0.1", description="address to bind")
    port: PortNumber = Field(9464, description="port to bind; 0 takes a free one")


class WebSettings(Section):
    """The page. Loopback only until there is a login."""

    host: str = Field("127.0.0.1", description="loopback address to bind")
    port: PortNumber = Field(8080, description="port to bind; 0 takes a free one")
    actor: str | None = Field(
        None, description="name under which this page acknowledges; required by `sorwatch web`"
    )

    @model_validator(mode="after")
    def _loopback_only(self) -> Self:
        if not is_loopback(self.host):
            msg = f"{self.host} is not a loopback address; the page has no login yet, so it is refused"
            raise ValueError(msg)
        return self


class GatewaySettings(Section):
    """How a gateway that died or wedged is brought back."""

    restart_min_s: float = Field(1.0, gt=0, description="first wait before a dead gateway is started again")
    restart_max_s: float = Field(60.0, gt=0, description="longest wait between two starts")


class FeedSettings(Section):
    """When the silence of a feed, or a gap in it, becomes a finding."""

    silence_after_s: float = Field(
        60.0, gt=0, description="no inbound traffic for this long in hours is a finding"
    )
    gap_overdue_after_s: float = Field(30.0, gt=0, description="a gap open for this long is critical")
    orphan_after_s: float = Field(
        300.0, gt=0, description="a bust without its execution for this long is a finding"
    )


def is_loopback(host: str) -> bool:
    """Return whether `host` names this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """All that a firm may set; the working folder is where the relative paths start."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
    )
    folder_name: ClassVar[str] = "fix_configs"

    folder: Path = Field(Path(), exclude=True, description="working folder; set by --folder, not in the file")
    firm: str = Field("firm", pattern=r"^[A-Za-z0-9_-]+$", description="name of the firm in topics and pages")
    calendar: str = Field(
        "XNYS", pattern=r"^(XNYS|always)$", description="`XNYS`, or `always` for demos and tests"
    )
    rulebook: str = Field(
        "rulebook.yaml", description="the firm's rulebook; absent file: the catalogue's defaults"
    )
    store: StoreSettings = StoreSettings()
    journal: JournalSettings = JournalSettings()
    quotes: QuotesSettings = QuotesSettings()
    mqtt: MqttSettings | None = Field(
        None, description="broker for quotes and alerts; absent: alerts wait in the outbox"
    )
    http: HttpSettings = HttpSettings()
    web: WebSettings = WebSettings()
    gateway: GatewaySettings = GatewaySettings()
    feed: FeedSettings = FeedSettings()

    @model_validator(mode="after")
    def _broker_named(self) -> Self:
        if self.quotes.source is QuoteSourceKind.MQTT and self.mqtt is None:
            msg = 'quotes.source is "mqtt", so the section [mqtt] must name the broker'
            raise ValueError(msg)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment override the file, and read nothing else."""
        del dotenv_settings, file_secret_settings, settings_cls
        return env_settings, init_settings

    @property
    def counterparties_folder(self) -> Path:
        """Return the folder that holds one folder a counterparty."""
        return self.folder / self.folder_name

    @property
    def store_url(self) -> str:
        """Return the store's URL with a relative SQLite path made absolute from the working folder."""
        return resolve_store_url(self.store.url, self.folder)


def resolve_store_url(url: str, folder: Path) -> str:
    """Return `url`, a relative SQLite path in it taken from `folder`."""
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if not url.startswith(prefix) or path.startswith(("/", ":memory:")) or not path:
        return url
    return f"{prefix}{(folder / path).absolute()}"


def read_settings(folder: Path) -> Settings:
    """Read `sorwatch.toml` of the folder and the environment; raise ConfigurationError with every problem.

    A missing file means the defaults.
    """
    path = folder / SETTINGS_FILE
    values = _read_toml(path)
    problems = unknown_environment()
    try:
        settings = Settings(**{**values, "folder": folder})
    except ValidationError as error:
        raise ConfigurationError(_words(error, path) + problems) from None
    if problems:
        raise ConfigurationError(problems)
    return settings


def unknown_environment() -> list[str]:
    """Return a problem for every `SORWATCH_…` variable that names no setting."""
    known = {f"{ENVIRONMENT_PREFIX}{name}".upper() for name in Settings.model_fields}
    reserved = {"SORWATCH_TEST_POSTGRES", "SORWATCH_FOLDER"}
    return [
        f"environment variable {name} names no setting"
        for name in sorted(os.environ)
        if name.startswith(ENVIRONMENT_PREFIX)
        and name.upper() not in reserved
        and name.upper().split("__")[0] not in known
    ]


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path.name}: cannot be read: {error}"]) from None


def _words(error: ValidationError, path: Path) -> list[str]:
    problems = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"]) or "settings"
        reason = (
            "unknown key" if item["type"] == "extra_forbidden" else item["msg"].removeprefix("Value error, ")
        )
        given = (
            ""
            if item["type"] in ("extra_forbidden", "missing", "value_error")
            else f" (it is {item['input']!r})"
        )
        problems.append(f"{path.name}: {key}: {reason}{given}")
    return problems
