"""Reads one working folder whole: settings, counterparties, rulebook. Lists every problem at once, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import msgspec

from alerts.broker import Broker
from alerts.plan import Plan
from alerts.tls import tls_context
from rules.facts import MILLISECOND
from rules.register import RegisterError, parse_register
from rules.rulebook import RulebookError, parse_rulebook
from service.cases.rules_file import Laid, QueueFileError, parse_queue_file
from service.fix.dialect import DialectError, parse_dialect
from service.fix.habits import Role
from service.fix.session_cfg import ConnectionType, SessionConfig, SessionConfigError, read_session_cfg
from service.market.fee_schedule import FeeSchedule, FeeScheduleError, parse_fee_schedule
from service.marks import MARK_MARGIN
from service.plans import read_plan
from service.settings import SETTINGS_FILE, ConfigurationError, QuoteSourceKind, Settings, read_settings
from service.versions import Version, VersionKind

T = TypeVar("T")
_OWN_ORDERS = Role.OWN_ORDERS.value.encode()
RULEBOOK = "rulebook.yaml"
FEES = "fees.yaml"
QUEUE = "queue.yaml"
FILES_ALONE = "files"
"""The name of the session of a counterparty that has none: all of it comes from files."""


class Counterparty(msgspec.Struct, frozen=True, kw_only=True):
    """One counterparty's files, read: the FIX sessions, the dialect's text, the venue register's text.

    A copy of the firm's own orders trades nowhere, so it needs no register, and no session when files bring it; `sends`
    are the counterparties that its orders go to.
    """

    name: str
    session_cfg: Path
    sessions: SessionConfig
    dialect: str
    venues: str | None
    sends: frozenset[str] = frozenset()


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a daemon needs to know before it starts."""

    settings: Settings
    counterparties: tuple[Counterparty, ...]
    rulebook: str
    queue: Laid = Laid()
    plan: Plan = Plan()

    @property
    def sessions(self) -> list[tuple[str, str]]:
        """Return (counterparty, session) of every configured session."""
        return [(party.name, one.name) for party in self.counterparties for one in party.sessions.sessions]

    def versions(self, calendar: str) -> list[Version]:
        """Return what the journal must say is in force; `calendar` is the text of the trading calendar."""
        return [
            Version(kind=VersionKind.CALENDAR, name=self.settings.calendar, text=calendar),
            Version(kind=VersionKind.LIMITS, name="feed", text=limits_text(self.settings)),
            Version(kind=VersionKind.RULEBOOK, name="rulebook", text=self.rulebook),
            *(v for party in self.counterparties for v in party_versions(party.name, party.dialect, party.venues)),
        ]


def party_versions(name: str, dialect: str, venues: str | None) -> Iterator[Version]:
    """Yield the versions of one counterparty: dialect first, then its register if it has one."""
    yield Version(kind=VersionKind.DIALECT, name=name, text=dialect)
    if venues is not None:
        yield Version(kind=VersionKind.REGISTER, name=name, text=venues)


def limits_text(settings: Settings) -> str:
    """Return the feed's limits as canonical JSON, lengths of time in nanoseconds."""
    limits: dict[str, int] = {
        key.removesuffix("_s"): round(value * 1e9) if key.endswith("_s") else value
        for key, value in settings.feed.model_dump().items()
    }
    limits["mark_after"] = settings.quotes.grace_ms * MILLISECOND + MARK_MARGIN
    return msgspec.json.encode(limits).decode()


def plain_dialect(begin_string: str) -> str | None:
    """Return the text of the plain dialect that is shipped for a BeginString, None when there is none."""
    resource = files("fix_configs") / "plain" / f"{begin_string}.yaml"
    return resource.read_text(encoding="utf-8") if resource.is_file() else None


def read_configuration(folder: Path) -> Configuration:
    """Read the folder; raise ConfigurationError with every problem in every file."""
    problems: list[str] = []
    settings = collect(problems, "", lambda: read_settings(folder))
    folders = _party_folders(folder, problems)
    parties = [party for path in folders if (party := read_party(path, problems))]
    problems.extend(_nobody(parties, {path.name for path in folders}))
    rulebook = read_rulebook(folder, settings, problems)
    queue = collect(problems, "", lambda: read_queue(folder))
    plan = None if settings is None else collect(problems, "", partial(read_plan, settings))
    problems.extend(_missing_files(settings))
    if settings is None or queue is None or plan is None or problems:
        raise ConfigurationError(problems)
    return Configuration(settings=settings, counterparties=tuple(parties), rulebook=rulebook, queue=queue, plan=plan)


def read_queue(folder: Path) -> Laid:
    """Return what the firm lays down for the work on exceptions; raise ConfigurationError with every problem."""
    problems: list[str] = []
    text = _text(folder / QUEUE, "", problems) if (folder / QUEUE).exists() else ""
    laid = collect(problems, f"{QUEUE}: ", lambda: parse_queue_file(text))
    if laid is None or problems:
        raise ConfigurationError(problems)
    return laid


def _party_folders(folder: Path, problems: list[str]) -> list[Path]:
    root = folder / Settings.folder_name
    found = sorted(path for path in root.iterdir() if _is_party(path)) if root.is_dir() else []
    if not found:
        problems.append(f"{Settings.folder_name}/: no counterparty; expected {Settings.folder_name}/<name>/session.cfg")
    return found


def _is_party(path: Path) -> bool:
    """Return whether a folder holds a counterparty: with sessions, or of own orders that come as files."""
    dialect = path / "dialect.yaml"
    return (path / "session.cfg").exists() or (dialect.is_file() and _OWN_ORDERS in dialect.read_bytes())


def read_party(path: Path, problems: list[str]) -> Counterparty | None:
    """Read one counterparty's folder; add what is wrong with it to `problems`."""
    where = f"{Settings.folder_name}/{path.name}"
    cfg = path / "session.cfg"
    dialect = _text(path / "dialect.yaml", f"{where}/", problems)
    read = collect(problems, f"{where}/dialect.yaml: ", lambda: parse_dialect(dialect))
    own = read is not None and read.role is Role.OWN_ORDERS
    venues = None
    if not own or (path / "venues.yaml").exists():
        venues = register = _text(path / "venues.yaml", f"{where}/", problems)
        collect(problems, f"{where}/venues.yaml: ", lambda: parse_register(register))
    collect(problems, "", lambda: read_fees(path))
    sessions: SessionConfig | None = SessionConfig(connection=ConnectionType.INITIATOR, sessions=(), folder=path)
    if not own or cfg.exists():
        sessions = collect(problems, f"{where}/session.cfg: ", lambda: read_session_cfg(cfg))
    if sessions is None:
        return None
    sends = read.own_orders.vendors if own and read is not None else frozenset[str]()
    return Counterparty(name=path.name, session_cfg=cfg, sessions=sessions, dialect=dialect, venues=venues, sends=sends)


def read_fees(path: Path) -> FeeSchedule:
    """Return the fee schedule in a counterparty's folder, an empty one where there is none."""
    problems: list[str] = []
    where = f"{Settings.folder_name}/{path.name}/"
    text = _text(path / FEES, where, problems) if (path / FEES).exists() else ""
    schedule = collect(problems, f"{where}{FEES}: ", lambda: parse_fee_schedule(text))
    if schedule is None or problems:
        raise ConfigurationError(problems)
    return schedule


def fee_schedules(folder: Path) -> dict[str, FeeSchedule]:
    """Return the fee schedule of every counterparty in a working folder; raise ConfigurationError with all problems."""
    problems: list[str] = []
    root = folder / Settings.folder_name
    folders = sorted(path.parent for path in root.glob(f"*/{FEES}"))
    read = {path.name: collect(problems, "", partial(read_fees, path)) for path in folders}
    if problems:
        raise ConfigurationError(problems)
    return {name: schedule for name, schedule in read.items() if schedule is not None}


def _nobody(parties: list[Counterparty], known: set[str]) -> Iterator[str]:
    """Yield a problem for each counterparty that own orders are said to go to and that is not there."""
    sources = {party.name for party in parties if party.sends}
    for party in parties:
        for vendor in sorted(party.sends - (known - sources)):
            expected = ", ".join(sorted(known - sources)) or "a folder with that name"
            yield (
                f"{Settings.folder_name}/{party.name}/dialect.yaml: own_orders: {vendor} is no counterparty whose "
                f"copy is watched here; expected {expected}"
            )


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
    wanted = quotes.file if QuoteSourceKind.FILE in quotes.by_priority else None
    if wanted is not None and not (settings.folder / wanted).exists():
        yield f"{SETTINGS_FILE}: quotes.file: there is no file {settings.folder / wanted}"
    named = {
        "quotes.watchlist": settings.folder / quotes.watchlist if quotes.watchlist else None,
        **(mqtt.files if mqtt else {}),
    }
    for key, path in named.items():
        if path is not None and not path.is_file():
            yield f"{SETTINGS_FILE}: {key}: there is no file {path}"
    if mqtt and all(file.is_file() for file in mqtt.files.values()):
        yield from _bad_certificates(mqtt.broker)


def _bad_certificates(broker: Broker) -> Iterator[str]:
    try:
        tls_context(broker)
    except OSError as error:
        yield f"{SETTINGS_FILE}: {error}"


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
    except (
        ConfigurationError,
        DialectError,
        FeeScheduleError,
        QueueFileError,
        RegisterError,
        RulebookError,
        SessionConfigError,
    ) as error:
        problems.extend(f"{prefix}{problem}" for problem in error.problems)
        return None
