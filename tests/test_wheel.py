"""What is delivered: the wheel, installed away from the source tree, and the container's files that go with it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
import yaml

from service.cli import main

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 120
PACKAGES = ("service", "rules", "alerts", "fix_configs")
INSTALLED = "from importlib.metadata import entry_points as found; found(group='console_scripts')['sorwatch'].load()()"
"""What the script that an installer writes does."""


class Installed(NamedTuple):
    """The wheel in an environment of its own: its Python, and where the packages are."""

    python: Path
    packages: Path

    def sorwatch(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the installed command to its end."""
        command: list[str | Path] = [self.python, "-P", "-c", INSTALLED, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel out of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    build: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE_S)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel beside the packages that we have (compiled ones among them), without the source tree."""
    place = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True, timeout=PATIENCE_S)
    packages = place / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    zipfile.ZipFile(wheel).extractall(packages)
    # a folder that a .pth file names is searched, but the .pth files in it, such as our own tree's, are not read
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return Installed(place / "bin/python", packages)


@pytest.fixture
def folder(installed: Installed, tmp_path: Path) -> Path:
    """Lay out the working folder of deploy/compose.yaml, its counterparty as the wheel brings it."""
    party = tmp_path / "fix_configs/demo"
    shutil.copytree(installed.packages / "fix_configs/demo", party)
    shutil.copy(ROOT / "deploy/container/sorwatch.toml", tmp_path)
    shutil.copy(ROOT / "deploy/container/session.cfg", party)
    return tmp_path


def compose() -> dict[str, dict[str, Any]]:
    """Read the services of deploy/compose.yaml."""
    services: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))["services"]
    return services


def ours() -> dict[str, dict[str, Any]]:
    """Pick the services that run our image."""
    return {name: service for name, service in compose().items() if service["image"].startswith("sorwatch")}


def command_of(words: list[str]) -> click.Context:
    """Let the command line read words as `sorwatch` would, without doing what they say."""
    name, command, rest = main.resolve_command(click.Context(main), words)
    assert command is not None
    return command.make_context(name, rest)


def files_of(package: str) -> set[str]:
    """Name every file of a package that git would keep."""
    found = (path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in found}


def test_the_wheel_holds_every_file_of_the_four_packages(wheel: Path) -> None:
    """Cards, templates, migrations and counterparties are as needed as code."""
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert held == set().union(*map(files_of, PACKAGES))


def test_check_works_from_the_installed_wheel(installed: Installed, folder: Path) -> None:
    """The container's own configuration is sound, and is read by what the container installs."""
    checked = installed.sorwatch("check", "--folder", folder)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "firm demo: the configuration is sound" in checked.stdout


@pytest.mark.parametrize("name", ["broker_sor_42", "ats_44", "exchange_50sp2"])
def test_an_example_can_be_checked_and_replayed_from_the_installed_wheel(
    installed: Installed, tmp_path: Path, name: str
) -> None:
    """What an operator copies out of the wheel on the first day works as it is."""
    shutil.copytree(installed.packages / "fix_configs" / name, tmp_path / "fix_configs" / name)
    (tmp_path / "sorwatch.toml").write_text('firm = "demo"\n', encoding="utf-8")
    log = tmp_path / "fix_configs" / name / "messages/day.fix"

    checked = installed.sorwatch("check", "--folder", tmp_path)
    replayed = installed.sorwatch("replay", log, "--counterparty", name, "--folder", tmp_path)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert (replayed.returncode, f"{name}: warning" in checked.stdout) == (0, False)


def test_the_store_is_made_from_the_installed_wheel(installed: Installed, tmp_path: Path) -> None:
    """The migrations are found where no source tree is."""
    made = installed.sorwatch("store", "upgrade", "--store", f"sqlite:///{tmp_path / 'new.db'}")

    assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / "new.db").exists()


def test_the_installed_wheel_does_not_lean_on_this_tree(installed: Installed) -> None:
    """The proof above would prove nothing if the source tree were found."""
    probe = "import service, rules, alerts, fix_configs as f; print(*(p.__file__ for p in (service, rules, alerts, f)))"

    said = subprocess.run(
        [installed.python, "-P", "-c", probe], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )

    assert all(Path(file).is_relative_to(installed.packages) for file in said.stdout.split())


@pytest.mark.parametrize("name", sorted(ours()))
def test_compose_says_only_words_that_the_command_line_knows(name: str) -> None:
    """A service with a stale option would end as soon as it starts, again and again."""
    words = list(ours()[name]["command"])

    context = command_of(words)

    assert context.info_name == words[0]


def test_compose_lets_the_daemon_log_on_to_the_simulator() -> None:
    """The simulator refuses other addresses unless it is told otherwise, and the daemon has one of its own."""
    allowed = command_of(list(ours()["simulator"]["command"])).params["allow"]

    assert allowed == ("any",)


def test_the_health_check_tells_an_answer_from_silence() -> None:
    """What watches the container learns which of the two it is from the exit code."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        while_listening = health(address)

    afterwards = health(address)

    assert (while_listening, afterwards) == (0, 1)


def health(address: str) -> int:
    """Run the container's health check; return its exit code."""
    check: list[str | Path] = [sys.executable, ROOT / "deploy/health.py", address]
    return subprocess.run(check, timeout=PATIENCE_S, check=False).returncode


def test_every_file_that_compose_mounts_exists_and_is_mounted_read_only() -> None:
    """A missing file would be mounted as an empty folder."""
    mounts = [volume.split(":") for service in compose().values() for volume in service.get("volumes", [])]
    files = [(ROOT / "deploy" / source, rest) for source, *rest in mounts if source.startswith(".")]

    assert [str(file) for file, _ in files if not file.exists()] == []
    assert {rest[-1] for _, rest in files} == {"ro"}


def test_compose_sets_no_variable_that_the_settings_would_refuse() -> None:
    """Whatever begins with SORWATCH_ is taken for a setting."""
    variables = [name for service in ours().values() for name in service.get("environment", {})]

    assert [name for name in variables if name.startswith("SORWATCH_") and "__" not in name] == []


def test_the_lock_knows_what_the_project_depends_on() -> None:
    """A dependency that was added without `uv lock` is missing from the image, and nobody else notices."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    ours_locked = next(package for package in locked if package["name"] == "sorwatch")

    wanted = {requirement_name(text) for text in project["dependencies"]}

    assert {package["name"] for package in ours_locked["dependencies"]} == wanted


def requirement_name(requirement: str) -> str:
    """Take the name out of a requirement such as `psycopg[binary]>=3.2`."""
    return "".join(letter if letter.isalnum() or letter in "-_" else " " for letter in requirement).split()[0]
