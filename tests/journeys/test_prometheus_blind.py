"""What Prometheus and Alertmanager say while the watch is blind: a daemon that is gone, a number that never came."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fix_peer import FixPeer, an_execution
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.prometheus import until
from tests.watched import Watch, watching

pytestmark = pytest.mark.journey

PATIENCE_S = 60.0
NO_QUOTES = SETTINGS.replace('source = "file"', 'source = "none"').replace('file = "quotes.csv"', "")


@contextlib.contextmanager
def started(daemon: LiveDaemon, peer: FixPeer) -> Iterator[None]:
    """Start the daemon before anybody watches it, and let it log on: what is missed is missed after that."""
    daemon.start()
    peer.wait_logged_on(PATIENCE_S)
    yield


def told_of(watch: Watch, receiver: str, alert: str, status: str = "firing") -> dict[str, Any]:
    """Wait until a receiver of Alertmanager was told of an alert; return it as it was told last."""
    what = f"{alert} comes to {receiver} as {status}"
    found: list[dict[str, Any]] = until(lambda: watch.heard(receiver, alert, status), what, PATIENCE_S)
    return found[-1]


def test_a_killed_daemon_is_missed_and_the_switch_goes_on(tmp_path: Path) -> None:
    """Who is on call hears of it; nothing else is said of a daemon that is gone, and it ends when it is back."""
    peer = FixPeer()
    with (
        LiveDaemon(tmp_path / "folder", settings=NO_QUOTES) as daemon,
        peer.listening(daemon.ports.fix),
        started(daemon, peer),
        watching(tmp_path / "watch", daemon.ports.http, daemon.ports.web) as watch,
    ):
        until(lambda: watch.prometheus.value('up{job="sorwatch"}') == 1, "it is scraped", PATIENCE_S)
        told_of(watch, "heartbeat", "SorwatchWatchdog")

        daemon.kill_core()
        gone = told_of(watch, "on-call", "SorwatchAbsent")
        while_gone = watch.names()
        daemon.start()
        told_of(watch, "on-call", "SorwatchAbsent", "resolved")

    assert gone["labels"]["severity"] == "critical"
    assert gone["annotations"]["runbook_url"].endswith("#sorwatchabsent")
    assert while_gone == {"SorwatchAbsent", "SorwatchWatchdog"}


def test_an_open_gap_is_told_and_said_to_be_closed(tmp_path: Path) -> None:
    """From the number that never came until the vendor sends it again."""
    peer = FixPeer(answers_resend=False)
    with (
        LiveDaemon(tmp_path / "folder", settings=NO_QUOTES) as daemon,
        peer.listening(daemon.ports.fix),
        started(daemon, peer),
        watching(tmp_path / "watch", daemon.ports.http, daemon.ports.web) as watch,
    ):
        peer.send("8", an_execution(1))
        peer.send("8", an_execution(2), lost=True)
        peer.send("8", an_execution(3))

        opened = told_of(watch, "on-call", "SorwatchGapOpen")
        peer.answers_resend = True
        peer.drop()
        closed = told_of(watch, "on-call", "SorwatchGapOpen", "resolved")

    assert opened["labels"]["counterparty"] == "demo"
    assert opened["annotations"]["queue"].endswith("/feeds")
    assert closed["labels"] == opened["labels"]
