"""The hardened option of deploy/compose.yaml: it names files that exist or that its manual makes, and real settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import read_settings
from tests.test_wheel import command_of

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
MANUAL = (DEPLOY / "mosquitto/README.md").read_text(encoding="utf-8")


class Reader(yaml.SafeLoader):
    """Reads compose's own tag for a list that takes the place of another."""


Reader.add_constructor("!override", lambda loader, node: loader.construct_sequence(node))


def services() -> dict[str, dict[str, Any]]:
    """Read the services of the option."""
    text = (DEPLOY / "mosquitto/compose.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.load(text, Reader)["services"]
    return found


def test_every_file_it_mounts_is_here_or_is_made_by_the_manual() -> None:
    """A missing file would be mounted as an empty folder."""
    mounts = [volume.split(":") for service in services().values() for volume in service.get("volumes", [])]
    files = [(DEPLOY / source, rest) for source, *rest in mounts if source.startswith(".")]
    ours = [file for file, _ in files if file.parent.name != "secrets"]
    made = {file.name for file, _ in files if file.parent.name == "secrets"}

    assert ours == [DEPLOY / "mosquitto/mosquitto.conf", DEPLOY / "mosquitto/acl"]
    assert all(file.is_file() for file in ours)
    assert made == {"passwords", "authority.crt", "server.crt", "server.key", "watch.crt", "watch.key"}
    assert {rest[-1] for _, rest in files} == {"ro"}
    assert all(name.partition(".")[0] in MANUAL for name in made)


@pytest.mark.parametrize("name", ["daemon", "web"])
def test_the_line_to_the_broker_is_read_as_it_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the settings of the container."""
    (tmp_path / "sorwatch.toml").write_bytes((DEPLOY / "container/sorwatch.toml").read_bytes())
    for variable, value in services()[name]["environment"].items():
        monkeypatch.setenv(variable, value)

    mqtt = read_settings(tmp_path).mqtt

    assert mqtt is not None
    assert (mqtt.host, mqtt.port, mqtt.tls) == ("broker", 8884, True)
    assert {file.name for file in mqtt.files.values()} == {"authority.crt", "watch.crt", "watch.key"}


def test_the_simulator_is_told_nothing_that_it_does_not_know() -> None:
    """And no broker, as it speaks no TLS."""
    context = command_of(list(services()["simulator"]["command"]))

    assert context.params["broker"] is None
