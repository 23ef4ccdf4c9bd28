"""Working folders and FIX logs on disk, for the tests of configuration and command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.factories_fix import a_session_cfg
from tests.factories_messages import execution_report, fix_message
from tests.factories_road import REGISTER, plain_dialect, stamp
from tests.servers import free_port

SETTINGS = 'firm = "demo"\ncalendar = "always"\n'


def settings_on(store: str, port: int | None = None) -> str:
    """Return settings of a watch on that store; nobody answers for its daemon unless a port is named."""
    return f'{SETTINGS}[store]\nurl = "{store}"\n[http]\nport = {port or free_port()}\n'


def a_working_folder(folder: Path, *, settings: str = SETTINGS, party: str = "demo") -> Path:
    """Write a sound working folder with one counterparty; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sorwatch.toml").write_text(settings, encoding="utf-8")
    home = folder / "fix_configs" / party
    home.mkdir(parents=True)
    (home / "session.cfg").write_text(a_session_cfg(), encoding="utf-8")
    (home / "dialect.yaml").write_text(plain_dialect(), encoding="utf-8")
    (home / "venues.yaml").write_text(REGISTER, encoding="utf-8")
    return folder


def messages(begin_string: str = "FIX.4.4") -> list[bytes]:
    """Return an order with two fills, a bust of one of them, and a message that nobody can read."""

    def report(number: int, seconds: float, **tags: object) -> bytes:
        when = stamp(seconds)
        return execution_report(begin_string, **{"_34": number, "_52": when, "_60": when, "_37": "O1"} | tags)  # type: ignore[arg-type]

    old = begin_string == "FIX.4.2"
    trade = {"_150": "2", "_20": "0"} if old else {}
    return [
        report(1, 1, _150="0", _39="0", _17="N1", _32=None, _31=None, _30=None, **({"_20": "0"} if old else {})),
        report(2, 2, _17="E1", _32=60, **trade),
        report(3, 3, _17="E2", _32=40, **trade),
        report(4, 4, _17="B1", _32=None, _31=None, _30=None, _19="E1", **({"_20": "1"} if old else {"_150": "H"})),
        report(5, 5, _17="E3", _31="dear", **trade),
        fix_message(begin_string, _35="0", _34=6, _49="SOR", _52=stamp(6), _56="FIRM"),
    ]


def a_fix_log(path: Path, lines: Sequence[bytes], *, bars: bool = False, stamped: bool = False) -> Path:
    """Write a log, one message a line: with SOH or `|`, with or without a time stamp before each."""
    text = b""
    for number, line in enumerate(lines, start=1):
        shown = line.replace(b"\x01", b"|") if bars else line
        text += (f"{stamp(number + 0.005)} : ".encode() if stamped else b"") + shown + b"\n"
    path.write_bytes(text)
    return path
