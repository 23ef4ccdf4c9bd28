"""`sorwatch alerts test` against a real other side: what goes there, and what is said of its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests.factories_folder import SETTINGS, a_working_folder
from tests.http_endpoint import Endpoint, running_endpoint
from tests.servers import free_port

SECRET = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n"
PLAN = """\
channels:
  desk: {{kind: webhook, url: "{url}", secret_file: desk.secret, timeout: 1 s}}
  nobody: {{kind: webhook, url: "http://127.0.0.1:{port}/", secret_file: desk.secret, timeout: 1 s}}
  log: {{kind: console}}
"""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Give the other side of the channel desk."""
    with running_endpoint() as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path, endpoint: Endpoint) -> Path:
    """Give a working folder with the channels; it has no store, and none is needed."""
    made = a_working_folder(tmp_path, settings=f"{SETTINGS}[http]\nport = {free_port()}\n")
    (made / "alerts.yaml").write_text(PLAN.format(url=endpoint.url, port=free_port()), encoding="utf-8")
    (made / "desk.secret").write_text(SECRET, encoding="utf-8")
    (made / "desk.secret").chmod(0o600)
    return made


def tried(folder: Path, channel: str) -> Result:
    """Try a channel of the folder."""
    return CliRunner().invoke(main, ["alerts", "test", channel, "--folder", str(folder)])


def test_one_delivery_marked_as_a_test_goes_out(folder: Path, endpoint: Endpoint) -> None:
    """A real payload about exception 0, under a key of its own; nothing is kept."""
    said = tried(folder, "desk")

    (posted,) = endpoint.posted
    body = json.loads(posted.body)
    (alert,) = body["alerts"]
    assert (said.exit_code, said.output) == (0, f"desk: the other side took it (key {alert['key']})\n")
    assert body["topic"] == "test"
    assert (alert["reason"], alert["exception"], alert["firm"], alert["schema"]) == ("test", 0, "demo", 2)
    assert posted.headers["webhook-id"] == alert["key"]
    assert alert["key"].startswith("demo/test/")
    assert not (folder / "sorwatch.db").exists()


@pytest.mark.parametrize(
    ("status", "words"),
    [(422, "refused with 422 Unprocessable"), (401, "answered 401 Unauthorized"), (503, "answered 503 Service Un")],
)
def test_what_the_other_side_does_not_take_is_a_failure_in_words(
    folder: Path, endpoint: Endpoint, status: int, words: str
) -> None:
    """Whether it refuses this message or all."""
    endpoint.status = status

    said = tried(folder, "desk")

    assert said.exit_code == 1
    assert said.output.startswith(f"desk: not taken: {words}")


def test_an_other_side_that_hangs_or_is_not_there_is_said_so(folder: Path, endpoint: Endpoint) -> None:
    """Within the channel's own time."""
    endpoint.go_on.clear()

    hangs, nobody = tried(folder, "desk"), tried(folder, "nobody")

    assert (hangs.exit_code, hangs.output) == (1, "desk: not taken: no answer within 1 s\n")
    assert nobody.exit_code == 1
    assert nobody.output.startswith("nobody: not taken: ConnectError")


def test_on_the_console_the_test_is_a_line_of_its_own(folder: Path) -> None:
    """As every alert there."""
    said = tried(folder, "log")

    line, told = said.output.splitlines()
    assert json.loads(line)["reason"] == "test"
    assert told.startswith("log: the other side took it (key demo/test/")
