"""`sorwatch demo`: broker, simulator, daemon and page on free loopback ports, in one folder, ended together.

Prints what was started, where to look, the faults as they are injected and the exceptions as they are found.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiomqtt
import click
import msgspec

from service.simulator.children import Child
from service.simulator.folder import free_ports, write_folder
from service.simulator.publisher import FAULT_TOPIC

ALERT_TOPIC = "sorwatch/demo/exceptions/#"
OPENED = "opened"
READY_WITHIN = 60.0
END_WITHIN = 8.0
ROOT = Path(__file__).resolve().parents[1]
SORWATCH = "from service.cli import main; main()"
BROKER = """
import logging, sys
logging.basicConfig(level=logging.WARNING)
logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
from iotcore import IotCoreBroker
IotCoreBroker(listen="127.0.0.1", port=int(sys.argv[1]), max_payload_size=1_000_000).run_forever()
"""


class DemoError(Exception):
    """Something of the demo did not come up or died; the text says which and why."""


def run(*, minutes: float | None = None, folder: Path | None = None, browser: bool = True) -> int:
    """Show sorwatch at work until Ctrl-C or for some minutes; a folder that was given is kept. Return the exit code."""
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sorwatch-demo-")))
        demo = Demo(folder.resolve(), None if minutes is None else minutes * 60.0)
        return asyncio.run(demo.run(browser=browser))


class Demo:
    """One run of the demo: its children, its clock and what it has seen."""

    def __init__(self, folder: Path, seconds: float | None) -> None:
        self._folder = folder
        self._seconds = seconds
        self._ports = free_ports()
        self._children: list[Child] = []
        self._begin = time.monotonic()
        self._cases: Counter[str] = Counter()

    async def run(self, *, browser: bool) -> int:
        """Start everything, watch until the end, end everything; return the exit code."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        try:
            started = await self._until(stop, self._start())
            if started:
                if browser:
                    _open(self._page)
                await self._until(stop, self._watch(), self._seconds)
        except DemoError as failure:
            self._say(f"stopped: {failure}")
            return 1
        finally:
            await self._end()
        self._say(self._summary())
        return 0

    async def _until(self, stop: asyncio.Event, work: Any, seconds: float | None = None) -> bool:
        """Run the work until it ends, the signal comes or time is up; return whether it ended by itself."""
        working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((working, stopped), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
            return working.done()
        finally:
            for task in (working, stopped):
                task.cancel()
            await asyncio.gather(working, stopped, return_exceptions=True)

    async def _start(self) -> None:
        write_folder(self._folder, self._ports)
        self._say(f"folder        {self._folder}")
        ports = self._ports
        broker = self._child("broker", "-P", "-c", BROKER, str(ports.broker))
        simulator = self._sorwatch("simulator", "simulate", *self._simulation())
        daemon = self._sorwatch("daemon", "run", "--folder", str(self._folder))
        await self._answers(broker, ports.broker)
        self._say(f"MQTT broker   127.0.0.1:{ports.broker}   (topics {ALERT_TOPIC}, sorwatch/quotes/#)")
        await self._answers(simulator, ports.fix)
        self._say(f"simulator     127.0.0.1:{ports.fix}   (FIX.4.4, SOR -> FIRM; its market goes to the broker)")
        await self._ready(daemon, f"http://127.0.0.1:{ports.http}/readyz")
        self._say(f"daemon        http://127.0.0.1:{ports.http}/metrics   (ready)")
        page = self._sorwatch("page", "web", "--folder", str(self._folder))  # the daemon has made the store's tables
        await self._ready(page, self._page)
        self._say(f"page          {self._page}")
        self._say("up; the simulator begins to trade. Ctrl-C ends everything.")

    async def _watch(self) -> None:
        """Print faults and exceptions as they come; raise when a child dies."""
        async with aiomqtt.Client("127.0.0.1", self._ports.broker) as client:
            await client.subscribe(ALERT_TOPIC, qos=1)
            await client.subscribe(FAULT_TOPIC)
            next(child for child in self._children if child.name == "simulator").write("begin")
            listening = asyncio.create_task(self._listen(client))
            try:
                while not listening.done():
                    self._all_alive()
                    await asyncio.wait((listening,), timeout=0.25)
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            self._all_alive()

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            with contextlib.suppress(msgspec.DecodeError, KeyError, TypeError):
                content = msgspec.json.decode(bytes(message.payload))
                self._say(fault_line(content) if message.topic.matches(FAULT_TOPIC) else self._alert_line(content))

    def _alert_line(self, alert: dict[str, Any]) -> str:
        if alert["reason"] == OPENED:
            self._cases[alert["rule"]] += 1
        return alert_line(alert)

    def _simulation(self) -> Iterator[str]:
        ports = self._ports
        yield from ("--port", str(ports.fix), "--broker", f"127.0.0.1:{ports.broker}", "--hold")
        yield from ("--truth", str(self._folder / "truth.jsonl"), "--rate", "30")
        yield "--demo-faults"

    def _sorwatch(self, name: str, *words: str) -> Child:
        return self._child(name, "-P", "-c", SORWATCH, *words)

    def _child(self, name: str, *words: str) -> Child:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        log = self._folder / "logs" / f"{name}.log"
        child = Child(name, [sys.executable, *words], log=log, environment={"PYTHONPATH": path})
        self._children.append(child)
        return child

    def _all_alive(self) -> None:
        for child in self._children:
            if child.code is not None:
                raise DemoError(child.obituary())

    async def _answers(self, child: Child, port: int) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            self._all_alive()
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        msg = f"nothing answered on port {port} within {READY_WITHIN:.0f} s; {child.obituary()}"
        raise DemoError(msg)

    async def _ready(self, child: Child, url: str) -> None:
        deadline = time.monotonic() + READY_WITHIN
        answer = "no answer"
        while time.monotonic() < deadline:
            self._all_alive()
            ok, answer = await asyncio.to_thread(fetch, url)
            if ok:
                return
            await asyncio.sleep(0.1)
        msg = f"{url} was not ready within {READY_WITHIN:.0f} s ({answer}); {child.obituary()}"
        raise DemoError(msg)

    async def _end(self) -> None:
        """End the children, the last started first; whoever does not go is killed with all that it started."""
        for child in reversed(self._children):
            if not await asyncio.to_thread(child.end, END_WITHIN):
                self._say(f"{child.name} did not end within {END_WITHIN:.0f} s and was killed")
        self._children.clear()

    @property
    def _page(self) -> str:
        return f"http://127.0.0.1:{self._ports.web}/"

    def _summary(self) -> str:
        cases = ", ".join(f"{rule} {count}" for rule, count in sorted(self._cases.items())) or "none"
        return f"ended, nothing left running; exceptions opened: {cases}"

    def _say(self, text: str) -> None:
        click.echo(f"[{time.monotonic() - self._begin:6.1f} s] {text}")


def alert_line(alert: dict[str, Any]) -> str:
    """Return an alert as one line: what was found, or by how much an exception that is known has grown."""
    head = f"{'EXCEPTION' if alert['reason'] == OPENED else 'exception':<10} {str(alert['severity']).upper():<8}"
    name = f"{alert['rule']} #{alert['exception']}"
    if alert["reason"] == OPENED:
        return f"{head} {name}: {alert['sentence']}"
    harm = f", ${alert['dollar_harm']} harm" if alert["dollar_harm"] else ""
    return f"{head} {name} {str(alert['reason']).replace('_', ' ')}: {alert['findings']} findings{harm}"


def fault_line(truth: dict[str, Any]) -> str:
    """Return the begin or the end of an injected fault as one line."""
    verb = "begins" if truth["event"] == "begin" else "ends"
    return f"simulator  {truth['fault']} {verb} ({truth['subject']})"


def fetch(url: str) -> tuple[bool, str]:
    """Return whether the URL answers 200, and else what it says."""
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:  # noqa: S310 - our own http URL
            return answer.status == 200, f"status {answer.status}"  # noqa: PLR2004
    except urllib.error.HTTPError as error:
        return False, error.read(500).decode(errors="replace").strip() or f"status {error.code}"
    except OSError as error:
        return False, str(error)


def _open(url: str) -> None:
    """Open the page where there is a screen to open it on."""
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(url)
