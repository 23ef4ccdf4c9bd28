"""The demo's working folder: settings on free ports, and the demo counterparty as it is shipped, at our port."""

from __future__ import annotations

import re
import socket
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import msgspec

COUNTERPARTY = "demo"
SETTINGS = """\
# Written by `sorwatch demo`: everything on this machine, on free ports.
firm = "demo"
calendar = "always"

[store]
url = "sqlite:///sorwatch.db"

[quotes]
source = "mqtt"
topic = "sorwatch/quotes/#"

[mqtt]
host = "127.0.0.1"
port = {ports.broker}
version = "3.1.1"  # the broker of the demo does not speak 5

[http]
host = "127.0.0.1"
port = {ports.http}

[web]
host = "127.0.0.1"
port = {ports.web}
login = "none"
actor = "demo supervisor"

[feed]
silence_after_s = 10
gap_overdue_after_s = 15
"""


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """The demo's ports, all on the loopback address."""

    fix: int
    broker: int
    http: int
    web: int


def free_ports() -> Ports:
    """Return four ports that nobody listens on at this moment, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(4)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        fix, broker, http, web = (one.getsockname()[1] for one in sockets)
    return Ports(fix=fix, broker=broker, http=http, web=web)


def write_folder(folder: Path, ports: Ports) -> None:
    """Write settings and counterparty; what an earlier demo left there of its store goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sorwatch.toml").write_text(SETTINGS.format(ports=ports), encoding="utf-8")
    (folder / "logs").mkdir(exist_ok=True)
    target = folder / "fix_configs" / COUNTERPARTY
    with as_file(files("fix_configs") / COUNTERPARTY) as shipped:
        copytree(shipped, target, dirs_exist_ok=True)
    session = target / "session.cfg"
    session.write_text(at_port(session.read_text(encoding="utf-8"), ports.fix), encoding="utf-8")


def at_port(session_cfg: str, port: int) -> str:
    """Point the session at our acceptor and let it come back quickly."""
    changed = session_cfg
    for key, value in (
        ("SocketConnectHost", "127.0.0.1"),
        ("SocketConnectPort", str(port)),
        ("ReconnectInterval", "1"),
        ("HeartBtInt", "30"),  # above the demo's silence: the silent feed must not be broken by a heartbeat
    ):
        line = f"{key}={value}"
        changed, count = re.subn(rf"(?m)^{key}\s*=.*$", line, changed)
        if not count:
            changed = changed.replace("[DEFAULT]", f"[DEFAULT]\n{line}", 1)
    return changed
