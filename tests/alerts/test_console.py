"""The console: one line an alert, and a reader that is stuck holds nobody."""

from __future__ import annotations

import asyncio
import io
import os

import pytest

from alerts.alert import encode
from alerts.console import ConsoleChannel
from alerts.ports import Delivery, PublishError
from tests.fakes_alerts import an_alert


def a_delivery(*sentences: str) -> Delivery:
    """Return a delivery of alerts that say this."""
    alerts = tuple(an_alert(number, sentence=words) for number, words in enumerate(sentences, start=1))
    return Delivery(firm="demo", bodies=tuple(map(encode, alerts)), alerts=alerts)


async def test_an_alert_is_one_line_of_json() -> None:
    """Whatever is in its sentence."""
    stream = io.BytesIO()
    told = a_delivery("One.", "Two\nlines.")

    await ConsoleChannel(timeout_s=2.0, stream=lambda: stream).deliver(told)

    assert stream.getvalue() == b"".join(body + b"\n" for body in told.bodies)
    assert stream.getvalue().count(b"\n") == 2


async def test_what_is_written_over_lines_is_made_one(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """By default on our own standard output."""
    seal = Delivery(firm="demo", bodies=(b'{\n"seq":7\n}',), topic="seals", own_key="seals/7")

    await ConsoleChannel(timeout_s=2.0, stream=lambda: open(1, "wb", closefd=False)).deliver(seal)  # noqa: SIM115 - standard output itself

    assert capfdbinary.readouterr().out == b'{ "seq":7 }\n'


async def test_a_reader_that_is_stuck_costs_the_time_out() -> None:
    """The loop goes on, the alert is tried again, and the process can end with the thread stuck."""
    reading, writing = os.pipe()
    with open(reading, "rb"), open(writing, "wb") as stream:  # noqa: PTH123, ASYNC230 - they are pipes
        channel = ConsoleChannel(timeout_s=0.2, stream=lambda: stream)
        with pytest.raises(PublishError, match=r"took nothing for 0\.2 s"):
            await channel.deliver(a_delivery("x" * 1_000_000))
        with pytest.raises(PublishError, match=r"took nothing for 0\.2 s"):
            await channel.deliver(a_delivery("and more"))
        emptied = await asyncio.to_thread(os.read, reading, 2_000_000)
        while len(emptied) < 1_000_000:
            emptied += await asyncio.to_thread(os.read, reading, 2_000_000)

    assert emptied.endswith(b"\n")
