"""The frame itself: launcher, private servers, the boundary between pure and shell."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aiomqtt
import pytest
from launch import debian, environment, steps
from purity import is_shell, shell_patterns

from tests import servers

if TYPE_CHECKING:
    from playwright.async_api import Browser

ROOT = Path(__file__).resolve().parents[1]
BOOTSTRAP = ROOT / "deploy/bootstrap.py"


def launcher_files() -> list[Path]:
    """List the files that run before anything is installed."""
    return [BOOTSTRAP, *sorted((ROOT / "deploy/launch").glob("*.py"))]


def imports_of(file: Path) -> set[str]:
    """Name the top-level packages that a file imports."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    from_them = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | from_them}


async def test_a_private_mosquitto_carries_a_message(mosquitto: servers.Mosquitto) -> None:
    """What is published on the private broker arrives at a subscriber."""
    async with aiomqtt.Client(mosquitto.host, mosquitto.port) as client:
        await client.subscribe("frame/hello", qos=1)

        await client.publish("frame/hello", b"good morning", qos=1)

        message = await anext(aiter(client.messages))
    assert message.payload == b"good morning"


def test_a_stopped_mosquitto_comes_back_on_its_port(private_mosquitto: servers.Mosquitto) -> None:
    """A test can take the broker away and give it back under the same address."""
    port = private_mosquitto.port

    private_mosquitto.stop()
    answered_while_stopped = servers.is_answering(port)
    private_mosquitto.start()

    assert not answered_while_stopped
    assert servers.is_answering(port)


async def test_a_private_chromium_draws_a_page(browser: Browser) -> None:
    """The headless browser lays out text, so it found a font."""
    page = await browser.new_page()
    await page.set_content("<h1 style='display:inline-block'>unexpected venue</h1>")

    box = await page.locator("h1").bounding_box()

    assert box is not None
    assert box["width"] > 100


def test_the_launcher_needs_nothing_but_the_standard_library() -> None:
    """It runs on a machine where nothing is installed."""
    known = sys.stdlib_module_names | {"launch"}

    foreign = {file.name: sorted(imports_of(file) - known) for file in launcher_files() if imports_of(file) - known}

    assert foreign == {}


def test_a_step_that_takes_too_long_is_ended_with_all_it_started() -> None:
    """No wait of the set-up is without an end: the output closes only when the last child is gone."""
    start = time.monotonic()

    with pytest.raises(steps.StepError, match="still running after 0 s"):
        steps.run("sh", "-c", "sleep 60 & sleep 60", limit=0.3)

    assert time.monotonic() - start < steps.PATIENCE


def test_a_failing_step_shows_what_the_program_said() -> None:
    """The person who sets up reads the cause, not only a number."""
    with pytest.raises(steps.StepError, match="ended with 3:\nno such luck"):
        steps.run("sh", "-c", "echo no such luck; exit 3", limit=10)


def test_a_machine_without_a_compiler_is_told_which_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commonest trap of a bare machine has its own words."""
    monkeypatch.setenv("CXX", "no-such-compiler")

    with pytest.raises(steps.StepError, match=r"apt-get install g\+\+"):
        environment.compiler_environment()


def test_a_machine_without_apt_is_told_what_to_install_by_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where Debian's tools are missing, the launcher says what it would have brought."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(steps.StepError, match="install by hand what Debian calls mosquitto"):
        debian.fetch(["mosquitto"], tmp_path / "tree")


def test_another_place_or_another_lock_is_another_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A copied or updated tree is set up anew instead of running what belongs elsewhere."""
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    here = environment.fingerprint()

    monkeypatch.setattr(environment, "ROOT", tmp_path)
    elsewhere = environment.fingerprint()
    (tmp_path / "uv.lock").write_text("changed", encoding="utf-8")
    changed = environment.fingerprint()

    assert len({here, elsewhere, changed}) == 3


def test_the_launcher_refuses_an_unknown_word_and_lists_the_known_ones() -> None:
    """A slip of the keyboard starts no installation."""
    ended = subprocess.run(
        [sys.executable, BOOTSTRAP, "dance"], capture_output=True, text=True, timeout=30, check=False
    )

    assert ended.returncode == 2
    assert "demo" in ended.stderr


def test_the_entry_file_can_be_read_by_an_old_python() -> None:
    """It must be able to say in words that the interpreter is too old."""
    tree = ast.parse(BOOTSTRAP.read_text(encoding="utf-8"), feature_version=(3, 6))

    assert tree.body


@pytest.mark.parametrize("pattern", [name for name in shell_patterns() if not name.endswith(".*")])
def test_every_name_on_the_list_of_the_shell_exists(pattern: str) -> None:
    """A stale name would exempt the next file that happens to be called so."""
    path = ROOT / pattern.replace(".", "/")

    assert path.is_dir() or path.with_suffix(".py").is_file()


def test_what_is_not_named_as_shell_is_pure() -> None:
    """A new file is held to the stricter law until somebody decides otherwise."""
    shell, pure, unknown = is_shell("service.store.engine"), is_shell("rules.engine"), is_shell("service.tomorrow")

    assert shell
    assert not pure
    assert not unknown


def test_make_lists_every_word_of_the_launcher() -> None:
    """The Makefile is only a door to the launcher, and has the same rooms behind it."""
    ended = subprocess.run(["make", "-C", ROOT, "help"], capture_output=True, text=True, timeout=30, check=False)

    listed = {line.split()[1] for line in ended.stdout.splitlines() if line.strip().startswith("make ")}
    assert listed == {"help", "setup", "demo", "test", "lint", "bench", "prove"}


def test_image_and_launcher_pin_the_same_uv() -> None:
    """What is tested on a machine is what builds the image."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert f"uv=={environment.UV_VERSION}" in dockerfile


def test_the_image_build_sees_only_what_it_needs() -> None:
    """Stores, environments and secrets of a working tree never reach a builder."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert all((ROOT / rule.removeprefix("!")).exists() for rule in rules if rule.startswith("!"))
