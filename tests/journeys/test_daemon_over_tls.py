"""A real daemon at the shipped broker: alerts, summaries and quotes over TLS, and every channel tried by command."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import ExitStack
from pathlib import Path

import aiomqtt
import pytest
from standardwebhooks import Webhook

from alerts.broker import Broker
from alerts.mqtt_line import connection
from rules.cards import catalogue
from service.journal import Frame
from service.store.journal import SqlJournal
from service.versions import Version, VersionKind
from tests.factories_cases import NOON
from tests.hardened_mosquitto import running_hardened
from tests.http_endpoint import running_endpoint
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.mail_server import plain, running_mail_server
from tests.simulations import run_sorwatch

pytestmark = pytest.mark.journey

PATIENCE_S = 60
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def settings_of(line: Broker) -> str:
    """Return the settings of a daemon that takes quotes and tells alerts over a line."""
    quotes = SETTINGS.replace('firm = "proof"', 'firm = "demo"').replace('"file"\nfile = "quotes.csv"', '"mqtt"')
    files = "\n".join(f'{name} = "{getattr(line, name)}"' for name in ("ca_file", "cert_file", "key_file"))
    return f'{quotes}[mqtt]\nhost = "{line.host}"\nport = {line.port}\ntls = true\n{files}\n'


async def heard_until(client: aiomqtt.Client, topics: set[str]) -> dict[str, bytes]:
    """Return the messages by topic, the last of each, as soon as all these topics were heard."""
    found: dict[str, bytes] = {}
    async with asyncio.timeout(PATIENCE_S):
        while not topics <= found.keys():
            message = await anext(aiter(client.messages))
            assert isinstance(message.payload, bytes)
            found[message.topic.value] = message.payload
    return found


async def test_a_daemon_speaks_and_listens_over_tls(tmp_path: Path) -> None:
    """Presence, a summary of every rule, the seal of the record from its outbox; quotes come in by the same door."""
    rules = {f"sorwatch/demo/rules/{rule}" for rule in catalogue()}
    with ExitStack() as stack:
        broker = stack.enter_context(running_hardened(tmp_path / "broker"))
        with LiveDaemon(tmp_path / "firm", settings=settings_of(broker.machine("watch"))) as daemon:
            daemon.start_store()
            seed = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="", actor="seed")
            SqlJournal(daemon.database).append(Frame(entries=(seed.entry(NOON),)))
            async with connection(broker.desk()) as desk, connection(broker.machine("quotes")) as quotes:
                await desk.subscribe("sorwatch/demo/#", qos=1)
                await asyncio.to_thread(daemon.start)
                found = await heard_until(desk, {"sorwatch/demo/presence", "sorwatch/demo/seals", *rules})
                heartbeat = json.dumps({"time_ns": time.time_ns()})
                await quotes.publish_once("sorwatch/quotes/heartbeat", heartbeat, within=PATIENCE_S)
                lag = "sorwatch_quote_source_lag_seconds"
                await asyncio.to_thread(daemon.wait, lambda: 0 < daemon.metric(lag) < PATIENCE_S, "a quote came")
                assert await asyncio.to_thread(daemon.stop) == 0
                gone = await heard_until(desk, {"sorwatch/demo/presence"})

    assert found["sorwatch/demo/presence"] == b"online"
    assert json.loads(found["sorwatch/demo/seals"])["firm"] == "demo"
    assert gone["sorwatch/demo/presence"] == b"offline"


async def test_every_channel_is_tried_by_command(tmp_path: Path) -> None:
    """What is in alerts.yaml works from end to end, before anything has happened that it would tell."""
    with running_hardened(tmp_path / "broker") as broker, running_endpoint() as hook, running_mail_server() as mailbox:
        folder = tmp_path / "firm"
        with LiveDaemon(folder, settings=settings_of(broker.machine("watch"))) as daemon:
            daemon.start_store()
        secret_file(folder / "desk.secret", SECRET)
        secret_file(folder / "on_call.urls", f"mailto://127.0.0.1:{mailbox.port}?from=w@firm.example&to=d@firm.example")
        (folder / "alerts.yaml").write_text(
            f"""channels:
  desk: {{kind: webhook, url: "{hook.url}", secret_file: desk.secret}}
  on_call: {{kind: notify, urls_file: on_call.urls}}
  log: {{kind: console}}
""",
            encoding="utf-8",
        )
        async with connection(broker.desk()) as desk:
            await desk.subscribe("sorwatch/demo/#", qos=1)
            tried = {name: await asyncio.to_thread(alerts_test, folder, name) for name in ("mqtt", "desk", "on_call")}
            printed = await asyncio.to_thread(alerts_test, folder, "log")
            found = await heard_until(desk, {"sorwatch/demo/test"})

    posted = hook.posted[0]
    assert {name: said[0] for name, said in tried.items()} == {"mqtt": 0, "desk": 0, "on_call": 0}, tried
    assert set(found) == {"sorwatch/demo/test"}
    assert Webhook(SECRET).verify(posted.body, posted.headers)["topic"] == "test"
    assert len(mailbox.came) == 1
    assert plain(mailbox.came[0])
    assert printed[0] == 0
    assert any(line.startswith("{") and json.loads(line) for line in printed[1].splitlines())


def secret_file(file: Path, text: str) -> None:
    """Write a file that only we may read."""
    file.write_text(f"{text}\n", encoding="utf-8")
    file.chmod(0o600)


def alerts_test(folder: Path, channel: str) -> tuple[int, str]:
    """Try a channel by command; return its exit code and what it printed."""
    done = run_sorwatch("alerts", "test", channel, "--folder", str(folder))
    return done.returncode, (done.stdout + done.stderr).decode()
