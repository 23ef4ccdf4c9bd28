"""Reads a counterparty's session.cfg, in QuickFIX's own format, and lists everything that is wrong with it at once.

Refuses to start anything: the gateway hands the result to the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from service.fix.session_keys import NUMBERED, canonical, complaint

OURS = frozenset({"TimeZone", "Username", "PasswordFile", "FileStorePath", "FileLogPath", "FileLogBackupPath"})
"""Keys that the engine itself is not given."""

DEFAULTS = {
    "CheckLatency": "N",  # a vendor's clock that is off is a finding, not a reason to log out
    "ReconnectInterval": "5",
    "SocketNodelay": "Y",
    "ValidateFieldsOutOfOrder": "N",
    "ValidateFieldsHaveValues": "N",
    "ValidateUserDefinedFields": "N",
    "AllowUnknownMsgFields": "Y",
}
"""What we set where session.cfg is silent: the engine must let through what our own decoder can judge."""

Settings = dict[str, str]


class SessionConfigError(Exception):
    """The session.cfg cannot be used; `problems` lists everything that is wrong with it, in words."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ConnectionType(StrEnum):
    """Who opens the connection: we do (initiator) or the counterparty does (acceptor)."""

    INITIATOR = "initiator"
    ACCEPTOR = "acceptor"


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One [SESSION] with the [DEFAULT] section merged in; keys are spelled as the manual spells them."""

    begin_string: str
    sender: str
    target: str
    qualifier: str
    values: Settings

    @property
    def name(self) -> str:
        """Return the text of the SessionID, for example FIX.4.4:FIRM->SOR."""
        suffix = f":{self.qualifier}" if self.qualifier else ""
        return f"{self.begin_string}:{self.sender}->{self.target}{suffix}"

    @property
    def file_stem(self) -> str:
        """Return what the names of the session's files in the FIX store begin with."""
        suffix = f"-{self.qualifier}" if self.qualifier else ""
        return f"{self.begin_string}-{self.sender}-{self.target}{suffix}"

    @property
    def non_stop(self) -> bool:
        """Return whether the session has no schedule."""
        return self.values.get("NonStopSession") == "Y"

    def engine_values(self) -> Settings:
        """Return what the engine is given: our defaults, the file's settings, without what is ours alone."""
        values = DEFAULTS | {key: value for key, value in self.values.items() if key not in OURS}
        if "TimeZone" in self.values:
            values["UseLocalTime"] = "Y"  # the gateway's own TZ is that zone
        return values


class SessionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A counterparty's sessions: all of them initiators or all of them acceptors, in one time zone."""

    connection: ConnectionType
    sessions: tuple[SessionSettings, ...]
    folder: Path

    @property
    def time_zone(self) -> str:
        """Return the zone in which StartTime and EndTime are meant."""
        return self.sessions[0].values.get("TimeZone", "UTC")


def read_session_cfg(path: Path) -> SessionConfig:
    """Read the file; raise SessionConfigError with every problem in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SessionConfigError([f"cannot be read: {error}"]) from None
    return parse_session_cfg(text, path.parent)


def parse_session_cfg(text: str, folder: Path) -> SessionConfig:
    """Return the sessions of the text, paths in it taken from `folder`; raise SessionConfigError with every problem."""
    problems: list[str] = []
    defaults, sections = _sections(text, problems)
    if not sections:
        problems.append("no [SESSION] section")
    sessions = [_session(defaults | section, folder, problems) for section in sections]
    problems += _between(sessions)
    if problems:
        raise SessionConfigError(list(dict.fromkeys(problems)))
    connection = ConnectionType(sessions[0].values["ConnectionType"])
    return SessionConfig(connection=connection, sessions=tuple(sessions), folder=folder)


def _sections(text: str, problems: list[str]) -> tuple[Settings, list[Settings]]:
    found: dict[str, list[Settings]] = {"DEFAULT": [], "SESSION": []}
    current: Settings | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            current = {}
            name = line[1:-1].strip()
            found.setdefault(name, []).append(current)
            if name not in ("DEFAULT", "SESSION"):
                problems.append(f"line {number}: section [{name}] is neither [DEFAULT] nor [SESSION]")
        else:
            problems += _setting(line, number, current)
    if len(found["DEFAULT"]) > 1:
        problems.append("more than one [DEFAULT] section; the engine reads only the first")
    return (found["DEFAULT"] or [{}])[0], found["SESSION"]


def _setting(line: str, number: int, section: Settings | None) -> Iterator[str]:
    key, equals, value = (part.strip() for part in line.partition("="))
    key = canonical(key)
    if not equals:
        yield f"line {number}: neither a section nor key=value: {line[:40]}"
    elif section is None:
        yield f"line {number}: {key} stands before any section"
    elif key in section:
        yield f"line {number}: {key} is set twice in one section"
    else:
        section[key] = value
        if (wrong := complaint(key, value)) is not None:
            yield f"line {number}: {wrong}"


def _session(values: Settings, folder: Path, problems: list[str]) -> SessionSettings:
    session = SessionSettings(
        begin_string=values.get("BeginString", ""),
        sender=values.get("SenderCompID", ""),
        target=values.get("TargetCompID", ""),
        qualifier=values.get("SessionQualifier", ""),
        values=values,
    )
    checks = (_required, _connection, _schedule, _dictionaries, _password)
    problems += [f"{session.name}: {problem}" for check in checks for problem in check(values, folder)]
    return session


def _required(values: Settings, _: Path) -> Iterator[str]:
    for key in ("ConnectionType", "BeginString", "SenderCompID", "TargetCompID"):
        if key not in values:
            yield f"{key} is missing"
    if values.get("BeginString") == "FIXT.1.1" and "DefaultApplVerID" not in values:
        yield "DefaultApplVerID is missing; FIXT.1.1 needs it, for example FIX.5.0SP2"


def _connection(values: Settings, _: Path) -> Iterator[str]:
    initiator = values.get("ConnectionType") == "initiator"
    wanted = ("HeartBtInt", "SocketConnectHost", "SocketConnectPort") if initiator else ("SocketAcceptPort",)
    if "ConnectionType" not in values:
        return
    for key in wanted:
        if key not in values:
            yield f"{key} is missing; {'an initiator' if initiator else 'an acceptor'} needs it"
    if not initiator and "SessionQualifier" in values:
        yield "SessionQualifier cannot be used by an acceptor"
    for key in values:
        if NUMBERED.fullmatch(key) and not initiator:
            yield f"{key} cannot be used by an acceptor"


def _schedule(values: Settings, _: Path) -> Iterator[str]:
    timed = [key for key in ("StartTime", "EndTime", "StartDay", "EndDay") if key in values]
    if values.get("NonStopSession") == "Y":
        if timed:
            yield f"NonStopSession=Y contradicts {', '.join(timed)}"
        return
    for key in ("StartTime", "EndTime"):
        if key not in values:
            yield f"{key} is missing; expected StartTime and EndTime, or NonStopSession=Y"
    for first, second in (("StartDay", "EndDay"), ("LogonDay", "LogoutDay")):
        if (first in values) != (second in values):
            yield f"{first} and {second} go together; one is missing"


def _dictionaries(values: Settings, folder: Path) -> Iterator[str]:
    keys = ("DataDictionary", "TransportDataDictionary", "AppDataDictionary")
    for key in keys:
        if key in values and not (folder / values[key]).is_file():
            yield f"{key}: there is no file {values[key]} beside session.cfg"
        if key in values and values.get("UseDataDictionary") == "N":
            yield f"{key} contradicts UseDataDictionary=N"


def _password(values: Settings, folder: Path) -> Iterator[str]:
    if "PasswordFile" in values and not (folder / values["PasswordFile"]).is_file():
        yield f"PasswordFile: there is no file {values['PasswordFile']}"


def _between(sessions: list[SessionSettings]) -> Iterator[str]:
    names = [session.name for session in sessions]
    yield from (f"{name} is there more than once" for name in sorted({n for n in names if names.count(n) > 1}))
    for key, words in (("ConnectionType", "initiators or all be acceptors"), ("TimeZone", "in one TimeZone")):
        if len({session.values.get(key) for session in sessions}) > 1:
            yield f"the sessions of one counterparty must all be {words}; {key} differs"
