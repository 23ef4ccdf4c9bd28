"""Sessions, gateways and their configuration for tests, with only what matters to a test named in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from service.fix.child import GatewaySpec
from service.fix.children import Gateways
from service.fix.session_cfg import read_session_cfg
from service.journal import Frame, Record, RecordKind, SessionPoint
from tests.fakes_store import FakeJournal
from tests.fix_peer import FixPeer

SESSION = "FIX.4.4:FIRM->SOR"


def a_session_cfg(**values: object) -> str:
    """Return a good session.cfg of an initiator; a value of None leaves a key out."""
    known: dict[str, object] = {
        "ConnectionType": "initiator",
        "BeginString": "FIX.4.4",
        "SenderCompID": "FIRM",
        "TargetCompID": "SOR",
        "HeartBtInt": 30,
        "SocketConnectHost": "127.0.0.1",
        "SocketConnectPort": 9876,
        "NonStopSession": "Y",
        "ReconnectInterval": 1,
    }
    lines = [f"{key}={value}" for key, value in (known | values).items() if value is not None]
    return "[DEFAULT]\n\n[SESSION]\n" + "\n".join(lines) + "\n"


def an_acceptor_cfg(port: int, **values: object) -> str:
    """Return a good session.cfg of an acceptor on a port."""
    absent = dict.fromkeys(("HeartBtInt", "SocketConnectHost", "SocketConnectPort", "ReconnectInterval"))
    return a_session_cfg(**{"ConnectionType": "acceptor", "SocketAcceptPort": port, **absent, **values})


class WatchedJournal(FakeJournal):
    """A journal in memory that a test can wait for, and stall as a slow disk would."""

    def __init__(self) -> None:
        super().__init__()
        self.appended = threading.Condition()
        self.flows = threading.Event()
        self.flows.set()
        self.frames: list[Frame] = []

    def append(self, frame: Frame) -> int:
        """Keep the frame and wake who waits."""
        self.flows.wait(30)
        offset = super().append(frame)
        with self.appended:
            self.frames.append(frame)
            self.appended.notify_all()
        return offset

    def wait(self, condition: Callable[[], object], timeout_s: float = 20) -> None:
        """Wait until the condition holds of what was appended; a failed wait fails the test."""
        with self.appended:
            assert self.appended.wait_for(lambda: bool(condition()), timeout_s), "the journal never got there"

    def of(self, kind: RecordKind) -> list[Record]:
        """Return the records of one kind, in order."""
        return [record for record in self.records if record.kind is kind]

    def events(self, kind: RecordKind = RecordKind.SESSION) -> list[dict[str, Any]]:
        """Return the decoded bodies of control records, in order."""
        return [msgspec.json.decode(record.body) for record in self.of(kind)]

    def happened(self, event: str, kind: RecordKind = RecordKind.SESSION) -> int:
        """Return how often an event is journalled."""
        return sum(body["event"] == event for body in self.events(kind))

    def exec_ids(self) -> list[str]:
        """Return ExecID (17) of every message, in order, as often as it came."""
        bodies = (record.body.decode("latin-1") for record in self.of(RecordKind.MESSAGE))
        return [field[3:] for body in bodies for field in body.split("\x01") if field.startswith("17=")]

    def reaches(self, expected: int, session: str = SESSION) -> bool:
        """Return whether the journal is known to hold every message below a number."""
        point = self.point("demo", session)
        return point is not None and point.expected >= expected


def gateways(
    journal: FakeJournal,
    folder: Path,
    cfg: str,
    *,
    silence_s: float = 10,
    allowed: tuple[str, ...] = (),
    on_receipt: bool = False,
) -> Gateways:
    """Return the gateways of one counterparty, `demo`, with its files in `folder`."""
    config = folder / "session.cfg"
    config.write_text(cfg, encoding="utf-8")
    sessions = read_session_cfg(config)
    spec = GatewaySpec(
        counterparty="demo",
        config=config,
        store=folder / "fixstore",
        allowed=allowed,
        on_receipt=on_receipt,
        time_zone=sessions.time_zone,
    )

    def points(counterparty: str) -> tuple[SessionPoint, ...]:
        found = (journal.point(counterparty, session.name) for session in sessions.sessions)
        return tuple(point for point in found if point is not None)

    return Gateways(
        [spec], points=points, on_frame=journal.append, restart_min_s=0.05, restart_max_s=0.5, silence_s=silence_s
    )


def wait_until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    """Wait for something that tells nobody when it happens; a failed wait fails the test."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def initiator_for(peer: FixPeer, **values: object) -> str:
    """Return the session.cfg that connects to a listening peer."""
    return a_session_cfg(**{"SocketConnectPort": peer.port, "BeginString": peer.begin, **values})
