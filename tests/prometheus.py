"""Starts a real Prometheus and a real Alertmanager: private, on free loopback ports, ended with the block."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.servers import PATIENCE, Program, free_port, program

TOOL_S = 60.0
EXEMPLARS = "--enable-feature=exemplar-storage"


class Served(NamedTuple):
    """A server that answers at `url`; `log` is what it says."""

    url: str
    log: Path

    def get(self, path: str, **words: str) -> Any:
        """Return the answer to a question of its interface, as it came; raise httpx.HTTPError."""
        return httpx.get(f"{self.url}{path}", params=words, timeout=PATIENCE).raise_for_status().json()


class Prometheus(Served):
    """A Prometheus: asks it in PromQL."""

    def query(self, expression: str, at: float | None = None) -> list[dict[str, Any]]:
        """Return the samples of an instant query; raise ValueError with Prometheus's words when it refuses it."""
        words = {"query": expression, **({} if at is None else {"time": str(at)})}
        answer = httpx.post(f"{self.url}/api/v1/query", data=words, timeout=PATIENCE).json()
        if answer["status"] != "success":
            msg = f"{expression}: {answer['error']}"
            raise ValueError(msg)
        result = answer["data"]["result"]
        return result if answer["data"]["resultType"] == "vector" else [{"metric": {}, "value": result}]

    def value(self, expression: str) -> float | None:
        """Return the one value of an expression, None when there is none; raise ValueError when there are several."""
        found = self.query(expression)
        if len(found) > 1:
            msg = f"{expression} has {len(found)} values"
            raise ValueError(msg)
        return float(found[0]["value"][1]) if found else None

    def firing(self) -> list[dict[str, str]]:
        """Return the labels of the alerts that fire."""
        return [alert["labels"] for alert in self.get("/api/v1/alerts")["data"]["alerts"] if alert["state"] == "firing"]

    def reload(self) -> None:
        """Let it read its configuration again."""
        httpx.post(f"{self.url}/-/reload", timeout=PATIENCE).raise_for_status()


@contextlib.contextmanager
def running_prometheus(
    folder: Path, configuration: str, *, options: Sequence[str] = (EXEMPLARS,)
) -> Iterator[Prometheus]:
    """Run a Prometheus with this text as its prometheus.yml; rule files are found from the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(configuration, encoding="utf-8")
    words = (f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}")
    # what fires before Alertmanager was found is told again after a second, not after a minute
    again = "--rules.alert.resend-delay=1s"
    with _running("prometheus", folder, *words, "--web.enable-lifecycle", again, *options) as (url, log):
        yield Prometheus(url, log)


@contextlib.contextmanager
def running_alertmanager(folder: Path, configuration: str, *, options: Sequence[str] = ()) -> Iterator[Served]:
    """Run an Alertmanager of its own, in no cluster, with this text as its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alertmanager.yml").write_text(configuration, encoding="utf-8")
    words = (f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}")
    with _running("alertmanager", folder, *words, "--cluster.listen-address=", *options) as (url, log):
        yield Served(url, log)


@contextlib.contextmanager
def _running(name: str, folder: Path, *words: str) -> Iterator[tuple[str, Path]]:
    port, log, found = free_port(), folder / f"{name}.log", program(name)
    command = [found.path, *words, f"--web.listen-address=127.0.0.1:{port}"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=_home(found), stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=_environment(found)
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _ready(url, process, lambda: log.read_text(encoding="utf-8", errors="replace"))
        yield url, log
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=PATIENCE)


def tool(name: str, *words: str | Path, folder: Path | None = None) -> str:
    """Run promtool or amtool; return what it said, raise AssertionError with that when it ends with anything but 0."""
    found = program(name)
    files = [str(word.absolute()) if isinstance(word, Path) else word for word in words]
    ended = subprocess.run(
        [found.path, *files],
        cwd=folder or _home(found),
        env=_environment(found),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=TOOL_S,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, f"{name} {' '.join(files)} ended with {ended.returncode}:\n{said}"
    return said


def until(true: Callable[[], object], what: str, limit_s: float = PATIENCE) -> Any:
    """Wait, bounded, until something is true, and return what it was; raise AssertionError saying what never was."""
    end = time.monotonic() + limit_s
    while not (found := true()):
        assert time.monotonic() < end, f"not within {limit_s:g} s: {what}"
        time.sleep(0.05)
    return found


def _home(found: Program) -> Path:
    """Return the folder that a private copy finds its template in."""
    return Path(found.path).parent


def _environment(found: Program) -> dict[str, str]:
    return {**os.environ, **found.environment}


def _ready(url: str, process: subprocess.Popen[bytes], log: Callable[[], str]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError, json.JSONDecodeError):
            if httpx.get(f"{url}/-/ready", timeout=1).is_success:
                return
        time.sleep(0.05)
    msg = f"no answer at {url}:\n{log()}"
    raise RuntimeError(msg)
