"""Makes the private Python environment `.venv` out of `uv.lock`, with QuickFIX compiled; relies on no cache.

It refuses to touch the machine's own Python: all that it makes is in the working tree, in folders that git ignores.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import sysconfig
from pathlib import Path

from launch import debian
from launch.steps import StepError, run, say, step

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BUILD = ROOT / ".build"
UV = ROOT / ".uv/bin/uv"
UV_VERSION = "0.13.9"
SYNC_LIMIT = 1800.0
"""Seconds for all downloads and the compilation: ten times what two cores need."""


def make() -> None:
    """Bring `.venv` into the state that `uv.lock` describes; do nothing when it is in that state."""
    stamp = VENV / "sorwatch.stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint():
        return
    compiler = compiler_environment()
    bring_uv()
    log = BUILD / "compiled.txt"
    BUILD.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    with step("bringing the packages and compiling QuickFIX (about a minute and a half on two cores)"):
        sync(log, compiler)
    if not log.exists():
        say("  QuickFIX was there, came out of uv's cache, or was compiled one file after another (slow)")
    stamp.write_text(fingerprint(), encoding="utf-8")


def fingerprint() -> str:
    """Name the state that `.venv` should have: the lock, the interpreter and the place (its scripts hold its path)."""
    digest = hashlib.sha256()
    for part in (
        (ROOT / "uv.lock").read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        f"{sys.version} {sys.base_prefix} {ROOT} {UV_VERSION}".encode(),
    ):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def bring_uv() -> None:
    """Install the pinned uv into `.uv`, without ensurepip and without touching the machine's packages."""
    if UV.exists() and UV_VERSION in _version_of(UV):
        return
    with step(f"bringing uv {UV_VERSION}"):
        shutil.rmtree(ROOT / ".uv", ignore_errors=True)
        python = ROOT / ".uv/bin/python"
        run(sys.executable, "-m", "venv", "--without-pip", ROOT / ".uv", limit=60)
        pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check")
        try:
            run(*pip, "install", "--quiet", f"uv=={UV_VERSION}", limit=300)
        except StepError as failure:
            raise StepError(_why_no_uv(str(failure))) from failure


def _version_of(program: Path) -> str:
    try:
        return run(program, "--version", limit=30)
    except (StepError, OSError):
        return ""


def _why_no_uv(output: str) -> str:
    if "No module named pip" in output:
        return f"{sys.executable} has no pip: `apt-get install python3-pip`, or give another one: PYTHON=..."
    return f"uv could not be brought: is the network there, and a package index that pip can reach?\n{output}"


def sync(log: Path, compiler: dict[str, str]) -> None:
    """Let uv make `.venv`; the flags for QuickFIX are in pyproject.toml, the compilation runs on every core."""
    environment = compiler | {
        "PYTHONPATH": str(ROOT / "deploy/parallel_build"),
        "SORWATCH_BUILD_LOG": str(log),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "UV_NO_PROGRESS": "1",
    }
    if Path("/etc/ssl/certs/ca-certificates.crt").exists():
        environment["UV_SYSTEM_CERTS"] = "1"  # a house with a certificate authority of its own has told the machine
    if not os.access(Path.home(), os.W_OK):
        environment["UV_CACHE_DIR"] = str(BUILD / "uv-cache")
    try:
        run(
            *(UV, "sync", "--frozen", "--python", sys.executable),
            limit=SYNC_LIMIT,
            environment=environment,
            folder=ROOT,
            progress=lambda: progress(log),
        )
    except StepError as failure:
        raise StepError(_why_no_sync(str(failure))) from failure


def compiler_environment() -> dict[str, str]:
    """Check that QuickFIX can be compiled here, and say where the headers of Python are when the machine has none."""
    if shutil.which(os.environ.get("CXX", "g++")) is None:
        msg = "no C++ compiler: QuickFIX is compiled on this machine and needs one; `apt-get install g++`"
        raise StepError(msg)
    if (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        return {}
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    headers = TOOLS / "headers"
    if not (headers / f"usr/include/{version}/Python.h").exists():
        debian.fetch([f"lib{version}-dev"], headers, with_dependencies=False)
    include = headers / "usr/include"
    given = [os.environ["CPATH"]] if os.environ.get("CPATH") else []
    return {"CPATH": os.pathsep.join([str(include / version), str(include), *given])}


def progress(log: Path) -> str:
    """Say how far the compilation is: the log has a line for each file that is done, with the number of all."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    if not lines:
        return "downloading, or compiling the largest files"
    return f"QuickFIX: {len(lines)} of {lines[-1].rpartition('(')[2].rstrip(')')} files compiled"


def _why_no_sync(output: str) -> str:
    if "Python.h" in output:
        return f"the headers of Python {sysconfig.get_python_version()} are missing or of another version\n{output}"
    if any(sign in output for sign in ("dns error", "error sending request", "Connection refused", "timed out")):
        return f"no package index can be reached; is the network there, is HTTPS_PROXY right?\n{output}"
    return f"uv could not make .venv out of uv.lock\n{output}"
