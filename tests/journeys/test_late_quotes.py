"""Quotes that came late, over a real broker: what was judged without them is judged again, told and shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import pytest

from rules.facts import SECOND
from rules.finding import Finding
from rules.reassessment import Reassessment
from service.journal import Record, RecordKind
from service.store.journal import SqlJournal
from service.store.quote_evidence import SqlQuoteEvidence
from service.store.record import SqlStore
from service.web.said import instant
from tests.factories import price
from tests.fix_peer import FixPeer, an_execution
from tests.journeys.test_road_live import PATIENCE_S, a_page
from tests.live_daemon import LiveDaemon
from tests.servers import Mosquitto

pytestmark = pytest.mark.journey

SETTINGS = """
firm = "{firm}"
calendar = "always"
[quotes]
source = "mqtt"
topic = "{firm}/quotes"
grace_ms = 20
evidence_s = 1
dead_after_ms = 60000
[mqtt]
port = {broker}
[http]
port = {{ports.http}}
[web]
port = {{ports.web}}
login = "none"
actor = "pat"
"""


class Road:
    """A vendor, a publisher of quotes, and the daemon between them."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.firm = folder.name
        self.broker = broker
        self.vendor = FixPeer()
        self.daemon = LiveDaemon(folder, settings=SETTINGS.format(firm=self.firm, broker=broker.port))

    async def say(self, bid: str | None = None, offer: str | None = None, *, at: int | None = None) -> None:
        """Publish a quote of IBM, or only how far the source has come."""
        at = time.time_ns() if at is None else at
        told: dict[str, Any] = {"time_ns": at}
        if bid is not None:
            told |= {"symbol": "IBM", "bid": bid, "bid_size": 100, "offer": offer, "offer_size": 100}
        async with aiomqtt.Client(self.broker.host, self.broker.port) as client:
            await client.publish(f"{self.firm}/quotes", msgspec.json.encode(told), qos=1)

    async def traded(self, number: int, price: str, venue: str) -> None:
        """Send an execution of IBM and let the quotes pass it, until it is recorded."""
        await asyncio.to_thread(
            self.vendor.send, "8", an_execution(number, t31=price, t6=price, t526=f"P{number}", t30=venue)
        )
        await self.until(lambda: f"E{number}" in self.daemon.executions(), passing=True)

    async def until(self, true: Callable[[], bool], *, passing: bool = False) -> None:
        """Wait until something is true, the source going on meanwhile where that is asked for."""
        async with asyncio.timeout(PATIENCE_S):
            while not await asyncio.to_thread(true):
                if passing:
                    await self.say()
                await asyncio.sleep(0.05)

    def records(self, kind: RecordKind) -> list[Record]:
        """Return the journal's records of a kind."""
        return [record for record in SqlJournal(self.daemon.database).read(0, 10_000) if record.kind is kind]

    def findings(self, exec_id: str) -> list[Finding]:
        """Return what was found of an execution's price."""
        rule = "outside_nbbo"
        return [one for one in self.daemon.findings() if one.rule == rule and one.subject.endswith(f"/{exec_id}")]

    def looks(self, finding: Finding) -> list[Reassessment]:
        """Return the second looks at a finding."""
        looks = SqlStore(self.daemon.database).reassessments(finding.trade_date)
        return [look for look in looks if look.finding_id == finding.finding_id]


@pytest.fixture
def road(tmp_path_factory: pytest.TempPathFactory, mosquitto: Mosquitto) -> Iterator[Road]:
    """Run vendor and daemon, logged on to each other."""
    made = Road(tmp_path_factory.mktemp("late"), mosquitto)
    with made.vendor.listening(made.daemon.ports.fix), made.daemon:
        made.daemon.start()
        made.vendor.wait_logged_on(PATIENCE_S)
        yield made


async def test_a_late_quote_withdraws_a_finding_and_another_brings_one(road: Road) -> None:
    """The alert says withdrawn, the page says why; the second finding has an alert of its own."""
    async with aiomqtt.Client(road.broker.host, road.broker.port) as client:
        await client.subscribe(f"sorwatch/{road.firm}/exceptions/#", qos=1)
        await road.until(lambda: bool(road.records(RecordKind.QUOTE_SOURCE)), passing=True)
        began = time.time_ns()
        await road.say("10.00", "10.02", at=began)
        await road.traded(1, "10.10", "XNYS")
        opened = await alert_of(client, "opened")
        (first,) = await asyncio.to_thread(road.findings, "E1")

        await road.say("10.08", "10.12", at=began + 1_000)
        withdrawn = await alert_of(client, "withdrawn")
        (look,) = await asyncio.to_thread(road.looks, first)

        await road.traded(2, "10.10", "XNAS")
        await road.say("10.00", "10.05", at=first.at + 1_000)
        again = await alert_of(client, "opened")

    kept = SqlQuoteEvidence(road.daemon.database)
    await road.until(lambda: bool(kept.of([first.finding_id])), passing=True)
    around = (await asyncio.to_thread(kept.of, [first.finding_id]))[first.finding_id].around
    async with a_page(road.daemon) as page:
        shown = await page.get(f"/exceptions/{opened['exception']}")
    (second,) = await asyncio.to_thread(road.findings, "E2")
    requotes = road.records(RecordKind.REQUOTE)
    assert withdrawn["exception"] == opened["exception"]
    assert (look.why, look.verdict, look.missing) == ("quotes", "withdrawn", "the quote at execution")
    assert look.reason == ("the quote at execution is 10.08 × 10.12 and was 10.00 × 10.02: it is within the limits")
    assert "A quote came late (the quote at execution); assessed again" in shown.text
    assert look.reason in shown.text
    assert f"IBM from {instant(around.begin).fine}" in shown.text
    assert around.begin == first.at - SECOND
    assert {(quote.bid, quote.offer) for quote in around.quotes} >= {(price("10.00"), price("10.02"))}
    assert again["sentence"] == second.sentence
    assert second.offset == requotes[-1].offset
    assert len(requotes) == 2


async def alert_of(client: aiomqtt.Client, reason: str) -> dict[str, Any]:
    """Return the next alert about prices outside the market that was sent for a reason, bounded."""
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            alert: dict[str, Any] = msgspec.json.decode(message.payload)
            if (alert["rule"], alert["reason"]) == ("outside_nbbo", reason):
                return alert
    msg = "the broker ended"
    raise AssertionError(msg)
