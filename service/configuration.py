"""Reads one working folder whole: settings, counterparties, rulebook. Lists every problem at once, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import msgspec

from rules.register import RegisterError, parse_register
from rules.rulebook import RulebookError, parse_rulebook
from service.fix.dialect import DialectError, parse_dialect
from service.fix.session_cfg import SessionConfig, SessionConfigError, read_session_cfg
from service.settings import SETTINGS_FILE, ConfigurationError, QuoteSourceKind, Settings, read_settings
from service.versions import Version, VersionKind

T = TypeVar("T")
RULEBOOK = "rulebook.yaml"


class Counterparty(msgspec.Struct, frozen=True, kw_only=True):
    """One counterparty's files, read: the FIX sessions, the dialect's text, the venue register's text."""

    name: str
    session_cfg: Path
    sessions: SessionConfig
    dialect: str
    venues: str


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a daemon needs to know before it starts."""

    settings: Settings
    counterparties: tuple[Counterparty, ...]
    rulebook: str

    def versions(self, calendar: str) -> list[Version]:
        """Return what the journal must say is in force; `calendar` is the text of the trading calendar."""
        return [
            Version(kind=VersionKind.CALENDAR, name=self.settings.calendar, text=calendar),
            Version(kind=VersionKind.LIMITS, name="feed", text=limits_text(self.settings)),
            Version(kind=VersionKind.RULEBOOK, name="rulebook", text=self.rulebook),
            *(v for party in self.counterparties for v in party_versions(party.name, party.dialect, party.venues)),
        ]


def party_versions(name: str, dialect: str, venues: str) -> Iterator[Version]:
    """Yield the versions of one counterparty: dialect first, then register."""
    yield Version(kind=VersionKind.DIALECT, name=name, text=dialect)
    yield Version(kind=VersionKind.REGISTER, name=name, text=venues)


def limits_text(settings: Settings) -> str:
    """Return the feed's limits as canonical JSON, in nanoseconds."""
    seconds = settings.feed.model_dump()
    return msgspec.json.encode({key.removesuffix("_s"): int(value * 1e9) for key, value in seconds.items()}).decode()


def plain_dialect(begin_string: str) -> str | None:
    """Return the text of the plain dialect that is shipped for a BeginString, None when there is none."""
    resource = files("fix_configs") / "plain" / f"{begin_string}.yaml"
    return resource.read_text(encoding="utf-8") if resource.is_file() else None


def read_configuration(folder: Path) -> Configuration:
    """Read the folder; raise ConfigurationError with every problem in every file."""
    problems: list[str] = []
    settings = collect(problems, "", lambda: read_settings(folder))
    parties = [party for path in _party_folders(folder, problems) if (party := read_party(path, problems))]
    rulebook = read_rulebook(folder, settings, problems)
    problems.extend(_missing_files(settings))
    if settings is None or problems:
        raise ConfigurationError(problems)
    return Configuration(settings=settings, counterparties=tuple(parties), rulebook=rulebook)


def _party_folders(folder: Path, problems: list[str]) -> list[Path]:
    root = folder / Settings.folder_name
    found = sorted(path for path in root.iterdir() if (path / "session.cfg").exists()) if root.is_dir() else []
    if not found:
        problems.append(f"{Settings.folder_name}/: no counterparty; expected {Settings.folder_name}/<name>/session.cfg")
    return found


def read_party(path: Path, problems: list[str]) -> Counterparty | None:
    """Read one counterparty's folder; add what is wrong with it to `problems`."""
    where = f"{Settings.folder_name}/{path.name}"
    cfg = path / "session.cfg"
    dialect = _text(path / "dialect.yaml", f"{where}/", problems)
    venues = _text(path / "venues.yaml", f"{where}/", problems)
    collect(problems, f"{where}/dialect.yaml: ", lambda: parse_dialect(dialect))
    collect(problems, f"{where}/venues.yaml: ", lambda: parse_register(venues))
    sessions = collect(problems, f"{where}/session.cfg: ", lambda: read_session_cfg(cfg))
    if sessions is None:
        return None
    return Counterparty(name=path.name, session_cfg=cfg, sessions=sessions, dialect=dialect, venues=venues)


def read_rulebook(folder: Path, settings: Settings | None, problems: list[str]) -> str:
    """Return the text of the firm's rulebook, "" when the default file is absent; add what is wrong to `problems`."""
    name = settings.rulebook if settings else RULEBOOK
    path = folder / name
    text = "" if name == RULEBOOK and not path.exists() else _text(path, "", problems)
    collect(problems, f"{name}: ", lambda: parse_rulebook(text))
    return text


def _missing_files(settings: Settings | None) -> Iterator[str]:
    """Yield a problem for each file that the settings name and that cannot be opened."""
    if settings is None:
        return
    quotes, mqtt = settings.quotes, settings.mqtt
    named = {
        "quotes.file": settings.folder / quotes.file if quotes.source is QuoteSourceKind.FILE and quotes.file else None,
        "mqtt.password_file": mqtt.password_file if mqtt else None,
    }
    for key, path in named.items():
        if path is not None and not path.is_file():
            yield f"{SETTINGS_FILE}: {key}: there is no file {path}"


def _text(path: Path, where: str, problems: list[str]) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        problems.append(f"{where}{path.name}: cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        problems.append(f"{where}{path.name}: cannot be read: it is not UTF-8 at byte {error.start}")
    return ""


def collect(problems: list[str], prefix: str, read: Callable[[], T]) -> T | None:
    """Return what `read` gives, or None with its problems added, each with the prefix."""
    try:
        return read()
    except (ConfigurationError, DialectError, RegisterError, RulebookError, SessionConfigError) as error:
        problems.extend(f"{prefix}{problem}" for problem in error.problems)
        return None
