"""Brings Debian packages into a private folder: nothing is installed, started or configured, and root is not needed.

It refuses to replace what the machine has: a program found on the machine is used as it is.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from launch.steps import StepError, run, step

PACKAGES = {
    "mosquitto": ("mosquitto",),
    "chromium": ("chromium", "fonts-dejavu-core"),
    "prometheus": ("prometheus",),
    "promtool": ("prometheus",),
    "alertmanager": ("prometheus-alertmanager",),
    "amtool": ("prometheus-alertmanager",),
}
"""The Debian packages behind each real server of the tests, and behind the tools that come with it."""

ALONE = ("prometheus", "prometheus-alertmanager")
"""Packages whose programs need nothing of what the package depends on: that is for their pages."""

ALONE_PROGRAMS = tuple(name for name, packages in PACKAGES.items() if set(packages) <= set(ALONE))

NAMES = {
    "mosquitto": ("mosquitto",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "prometheus": ("prometheus",),
    "promtool": ("promtool",),
    "alertmanager": ("alertmanager", "prometheus-alertmanager"),
    "amtool": ("amtool",),
}
"""The names under which a machine may have it already."""

BINARIES = {
    "mosquitto": "usr/sbin/mosquitto",
    "chromium": "usr/lib/chromium/chromium",
    "prometheus": "usr/bin/prometheus",
    "promtool": "usr/bin/promtool",
    "alertmanager": "usr/bin/prometheus-alertmanager",
    "amtool": "usr/bin/amtool",
}
"""Where the program itself is in the unpacked packages (Debian's `chromium` is a script with fixed paths)."""

TEMPLATES = "usr/share/prometheus/alertmanager"
READS_TEMPLATES = ("alertmanager",)
"""Programs that open their templates at this place of the machine, where nothing of ours may be put."""

SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{tree}/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{tree}/var/cache/fontconfig</cachedir></fontconfig>
"""


def bring_servers(tools: Path) -> None:
    """Write `programs.json`: for each real server its path and the environment that it needs."""
    listing = tools / "programs.json"
    if listing.exists() and _complete(_read(listing)):
        return
    listing.unlink(missing_ok=True)
    programs = {server: _on_this_machine(server) for server in PACKAGES}
    missing = [server for server, found in programs.items() if found is None]
    if missing:
        tree = tools / "debian"
        packages = dict.fromkeys(package for server in missing for package in PACKAGES[server])
        fetch(
            [name for name in packages if name not in ALONE], tree, alone=[name for name in packages if name in ALONE]
        )
        programs.update({server: _unpacked(tree, server) for server in missing})
    tools.mkdir(parents=True, exist_ok=True)
    listing.write_text(json.dumps(programs, indent=1), encoding="utf-8")


def _complete(programs: dict[str, dict[str, str]]) -> bool:
    return all(server in programs and Path(programs[server]["path"]).exists() for server in PACKAGES)


def _read(listing: Path) -> dict[str, dict[str, str]]:
    return dict(json.loads(listing.read_text(encoding="utf-8")))


def _on_this_machine(server: str) -> dict[str, object] | None:
    for name in NAMES[server]:
        if path := shutil.which(name, path=SEARCH_PATH):
            return {"path": path, "environment": {}}
    return None


def _unpacked(tree: Path, server: str) -> dict[str, object]:
    path = tree / BINARIES[server]
    if not path.exists():
        msg = f"Debian's package {PACKAGES[server][0]} came without {BINARIES[server]}; install it by hand"
        raise StepError(msg)
    if server in ALONE_PROGRAMS:
        return {"path": str(_unbound(path, tree) if server in READS_TEMPLATES else path), "environment": {}}
    fonts = tree / "fonts.conf"
    fonts.write_text(FONTS.format(tree=tree), encoding="utf-8")
    found = [library for base in ("usr/lib", "lib") for library in (tree / base).glob("*-linux-gnu/**/*.so*")]
    libraries = sorted({str(library.parent) for library in found})
    environment = {"LD_LIBRARY_PATH": os.pathsep.join(libraries), "FONTCONFIG_FILE": str(fonts)}
    return {"path": str(path), "environment": environment}


def _unbound(program: Path, tree: Path) -> Path:
    """Make a copy of a program that opens its templates in the folder that it is started in; return that."""
    fixed = f"/{TEMPLATES}".encode()
    near = (b"./" * len(fixed))[: len(fixed)]
    content = program.read_bytes()
    if fixed not in content:
        return program
    copy = tree / "unbound" / program.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(content.replace(fixed, near))
    copy.chmod(0o755)
    for template in (tree / TEMPLATES).glob("*.tmpl"):
        shutil.copy(template, copy.parent)
    return copy


def fetch(packages: Sequence[str], tree: Path, *, with_dependencies: bool = True, alone: Sequence[str] = ()) -> None:
    """Download packages, with what they need beyond the machine's own but for `alone`, and unpack them into `tree`."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        names = ", ".join([*packages, *alone])
        msg = f"this machine has no apt-get: install by hand what Debian calls {names}, then run again"
        raise StepError(msg)
    private = tree.parent / "apt"
    archives = private / "archives"
    for folder in (private / "lists/partial", archives / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-y", "-q", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=",
           "-o", f"Dir::State::lists={private / 'lists'}", "-o", f"Dir::Cache={private}",
           "-o", f"Dir::Cache::archives={archives}", "-o", "Acquire::Retries=3"]  # fmt: skip
    with step("reading Debian's list of packages"):
        run(*apt, "update", limit=180)
    alone = [*alone, *(() if with_dependencies else packages)]
    with step(f"downloading {', '.join(dict.fromkeys([*packages, *alone]))}"):
        if with_dependencies and packages:
            run(*apt, "install", "--download-only", "--no-install-recommends", *packages, limit=300)
        if alone:
            run(*apt, "download", *alone, limit=300, folder=archives)
    with step("unpacking them"):
        for archive in sorted(archives.glob("*.deb")):
            run("dpkg", "-x", archive, tree, limit=120)
    shutil.rmtree(private)
