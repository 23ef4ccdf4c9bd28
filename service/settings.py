"""The firm's settings: `sorwatch.toml` and `SORWATCH_…`, read once, frozen, every problem listed at once."""

from __future__ import annotations

import os
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from alerts.broker import MqttVersion
from service.settings_feed import FeedSettings, Section
from service.settings_mqtt import MqttSettings as MqttSettings
from service.settings_quotes import QuoteSourceKind as QuoteSourceKind
from service.settings_quotes import QuotesSettings
from service.settings_web import OidcSettings as OidcSettings
from service.settings_web import PageLogin as PageLogin
from service.settings_web import PortNumber
from service.settings_web import WebSettings as WebSettings
from service.settings_web import is_loopback as is_loopback
from service.settings_words import problem_words, unknown_variables

SETTINGS_FILE = "sorwatch.toml"
ENVIRONMENT_PREFIX = "SORWATCH_"
OURS = ("SORWATCH_FOLDER", "SORWATCH_TEST_POSTGRES")
"""Variables that are read elsewhere: by the command line, and by the tests."""
NOT_A_FIRM = ("quotes", "simulator")
PASSWORD = re.compile(r"[^:/]+://[^/@:]*:[^/@]+@")


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


class StoreSettings(Section):
    """Where facts, findings and cases are kept."""

    url: str = Field(
        "sqlite:///sorwatch.db",
        repr=False,
        description="SQLAlchemy URL of the store; SQLite paths are relative to the working folder",
    )

    @field_validator("url")
    @classmethod
    def _readable(cls, url: str) -> str:
        from service.store.engine import parse_url  # noqa: PLC0415 - the database's library waits until it is needed

        try:
            parse_url(url)
        except ValueError as error:
            raise ValueError(str(error).removeprefix("store.url ")) from None
        return url


class JournalSettings(Section):
    """How the journal commits."""

    durability: Durability = Field(
        Durability.PIPELINED, description="`pipelined`, or `on_receipt`: the FIX engine waits for the commit"
    )
    batch: int = Field(512, ge=1, le=10_000, description="records processed in one transaction at most")


class HttpSettings(Section):
    """The daemon's own endpoint: /metrics, /healthz, /readyz."""

    host: str = Field("127.0.0.1", description="address to bind")
    port: PortNumber = Field(9464, description="port to bind; 0 takes a free one")


class GatewaySettings(Section):
    """How a gateway that died or wedged is brought back."""

    restart_min_s: float = Field(1.0, gt=0, description="first wait before a dead gateway is started again")
    restart_max_s: float = Field(60.0, gt=0, description="longest wait between two starts")

    @field_validator("restart_max_s")
    @classmethod
    def _not_below_the_first(cls, longest: float, info: ValidationInfo) -> float:
        first = info.data.get("restart_min_s", 0.0)
        if longest < first:
            msg = f"{longest:g} is less than gateway.restart_min_s, {first:g}"
            raise ValueError(msg)
        return longest


class CloseSettings(Section):
    """When a trading day is certified and the record sealed."""

    certificate_after_s: float = Field(
        1_800.0,
        ge=0,
        description="a day is certified this long after its close, and again this long after the date is over",
    )
    seal_after_s: float = Field(3_600.0, ge=0, description="the record is sealed this long after the close of a day")
    seals: Path = Field(
        Path("seals"), description="folder of seals.jsonl, a line a seal; take copies of it out of the house"
    )


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
    calendar: str = Field("XNYS", pattern=r"^(XNYS|always)$", description="`XNYS`, or `always` for demos and tests")
    rulebook: str = Field("rulebook.yaml", description="the firm's rulebook; absent file: the catalogue's defaults")
    store: StoreSettings = StoreSettings()
    journal: JournalSettings = JournalSettings()
    quotes: QuotesSettings = QuotesSettings()
    mqtt: MqttSettings | None = Field(
        None, validate_default=True, description="broker for quotes and alerts; absent: alerts wait in the outbox"
    )
    http: HttpSettings = HttpSettings()
    web: WebSettings = WebSettings()
    gateway: GatewaySettings = GatewaySettings()
    feed: FeedSettings = FeedSettings()
    close: CloseSettings = CloseSettings()

    @field_validator("firm")
    @classmethod
    def _not_a_topic(cls, firm: str) -> str:
        if firm in NOT_A_FIRM:
            msg = f"sorwatch/{firm}/ is a topic of its own at the broker; expected another name"
            raise ValueError(msg)
        return firm

    @field_validator("mqtt")
    @classmethod
    def _broker_named(cls, mqtt: MqttSettings | None, info: ValidationInfo) -> MqttSettings | None:
        quotes = info.data.get("quotes")
        if mqtt is None and quotes is not None and QuoteSourceKind.MQTT in quotes.by_priority:
            msg = 'quotes.source is "mqtt", so the section [mqtt] must name the broker'
            raise ValueError(msg)
        if mqtt is not None and quotes is not None and quotes.session_expiry_s and mqtt.version is MqttVersion.V311:
            msg = 'mqtt.version is "3.1.1", and quotes.session_expiry_s needs "5"'
            raise ValueError(msg)
        return mqtt

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
    def seals_folder(self) -> Path:
        """Return the folder of the file of seals."""
        return self.folder / self.close.seals

    @property
    def page(self) -> str | None:
        """Return the address of the page for people, None while its port is a free one that nobody knows."""
        web = self.web
        return web.url or (f"http://{web.host}:{web.port}/" if web.port else None)

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
    problems = unknown_variables(set(Settings.model_fields) - {"folder"}, ENVIRONMENT_PREFIX, os.environ, OURS)
    problems += _out_of_place(values, path.name)
    try:
        settings = Settings(**{**values, "folder": folder})
    except ValidationError as error:
        words = problem_words(map(dict, error.errors()), path.name, ENVIRONMENT_PREFIX, os.environ)
        raise ConfigurationError(words + problems) from None
    if problems:
        raise ConfigurationError(problems)
    return settings.model_copy(update={"folder": folder, "mqtt": settings.mqtt and settings.mqtt.in_folder(folder)})


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{path.name}: cannot be read: {error}"]) from None


def _out_of_place(values: dict[str, Any], file: str) -> list[str]:
    """Return what may not stand in the file: the folder it lies in, and a secret."""
    problems = [f"{file}: folder: unknown key"] if "folder" in values else []
    store = values.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if isinstance(url, str) and PASSWORD.match(url):
        where = "give the whole URL in the environment, as SORWATCH_STORE__URL, or the password in a PGPASSFILE"
        problems.append(f"{file}: store.url: a password does not belong in this file; {where}")
    return problems
