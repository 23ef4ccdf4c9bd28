"""The webhook against a real endpoint: signed, bounded, obedient, and it goes nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from alerts.alert import encode
from alerts.ports import Delivery, PublishError, RefusedError
from alerts.webhook import AT_ONCE, WebhookChannel
from tests.fakes_alerts import an_alert
from tests.http_endpoint import Endpoint, running_endpoint
from tests.servers import free_port

pytestmark = pytest.mark.journey

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
PATIENCE_S = 20.0


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Give a real endpoint."""
    with running_endpoint() as found:
        yield found


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Give a file with a secret."""
    file = tmp_path / "desk.secret"
    file.write_text(f"{OLD}\n", encoding="utf-8")
    file.chmod(0o600)
    return file


@contextlib.asynccontextmanager
async def running(url: str, secret: Path, *, timeout_s: float = 5.0) -> AsyncIterator[WebhookChannel]:
    """Run a channel while the block lasts."""
    channel = WebhookChannel(url=url, secret_file=secret, timeout_s=timeout_s, near=True)
    task = asyncio.create_task(channel.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not channel.connected:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def write(file: Path, text: str | None, mode: int = 0o600) -> None:
    """Write a file anew, or take it away."""
    file.unlink()
    if text is not None:
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)


def a_delivery(number: int = 1) -> Delivery:
    """Return a delivery of one alert."""
    alert = an_alert(number, sentence="Filled ≥ 9 s after receipt.")
    return Delivery(firm="demo", bodies=(encode(alert),), alerts=(alert,))


def verified(endpoint: Endpoint, secret: str, which: int = -1) -> dict[str, object]:
    """Verify what was posted as a receiver would, with the specification's own library; return its body."""
    posted = endpoint.posted[which]
    body = Webhook(secret).verify(posted.body, posted.headers)
    assert isinstance(body, dict)
    return body


async def test_the_receiver_verifies_what_comes(endpoint: Endpoint, secret: Path) -> None:
    """One signed POST of JSON, its id the key of the alert."""
    async with running(endpoint.url, secret) as channel:
        await channel.deliver(a_delivery())

    posted = endpoint.posted[0]
    assert (posted.path, posted.headers["content-type"]) == ("/hook", "application/json")
    assert posted.headers["webhook-id"] == "demo/1/1"
    assert abs(int(posted.headers["webhook-timestamp"]) - time.time()) < 60
    assert verified(endpoint, OLD)["alerts"] == [json.loads(a_delivery().bodies[0])]


async def test_a_try_again_has_the_same_id(endpoint: Endpoint, secret: Path) -> None:
    """That is how a receiver drops what came twice."""
    endpoint.status = 500
    async with running(endpoint.url, secret) as channel:
        with pytest.raises(PublishError, match="answered 500"):
            await channel.deliver(a_delivery())
        endpoint.status = 200
        await channel.deliver(a_delivery())

    assert [posted.headers["webhook-id"] for posted in endpoint.posted] == ["demo/1/1", "demo/1/1"]


async def test_a_secret_is_replaced_without_a_restart(endpoint: Endpoint, secret: Path) -> None:
    """First both count, then the new one alone."""
    async with running(endpoint.url, secret) as channel:
        write(secret, f"{NEW}\n{OLD}\n")
        await channel.deliver(a_delivery(1))
        write(secret, f"{NEW}\n")
        await channel.deliver(a_delivery(2))

    assert verified(endpoint, OLD, 0) == verified(endpoint, NEW, 0)
    assert verified(endpoint, NEW, 1)["firm"] == "demo"
    with pytest.raises(Exception, match="No matching signature"):
        verified(endpoint, OLD, 1)


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("", 0o600, "the secret cannot be used: there is no secret in it"),
        (OLD, 0o644, r"desk.secret can be read by others \(mode 644\); expected 600 or 640"),
        (None, 0o600, "desk.secret cannot be read: No such file or directory"),
    ],
)
async def test_without_a_good_secret_nothing_goes_out(
    endpoint: Endpoint, secret: Path, text: str | None, mode: int, said: str
) -> None:
    """It is tried again when the file is mended; the message holds no secret."""
    async with running(endpoint.url, secret) as channel:
        write(secret, text, mode)
        with pytest.raises(PublishError, match=said) as caught:
            await channel.deliver(a_delivery())

    assert endpoint.posted == []
    assert OLD not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403, 404, 408, 410, 429, 500, 502, 503])
async def test_trouble_of_the_way_is_tried_again(endpoint: Endpoint, secret: Path, status: int) -> None:
    """The very message is not at fault."""
    endpoint.status = status
    async with running(endpoint.url, secret) as channel:
        with pytest.raises(PublishError, match=f"answered {status}") as caught:
            await channel.deliver(a_delivery())

    assert not isinstance(caught.value, RefusedError)
    assert caught.value.retry_after_s is None


async def test_the_wait_that_the_receiver_asks_for_is_told(endpoint: Endpoint, secret: Path) -> None:
    """Who throttles us knows best."""
    endpoint.status, endpoint.headers = 429, {"retry-after": "17"}
    async with running(endpoint.url, secret) as channel:
        with pytest.raises(PublishError) as caught:
            await channel.deliver(a_delivery())

    assert caught.value.retry_after_s == 17.0


async def test_a_redirect_is_not_followed(endpoint: Endpoint, secret: Path) -> None:
    """An alert goes where the firm said, and nowhere else."""
    with running_endpoint() as elsewhere:
        endpoint.status, endpoint.headers = 307, {"location": elsewhere.url}
        async with running(endpoint.url, secret) as channel:
            with pytest.raises(PublishError, match=r"answered 307.*redirects are not followed"):
                await channel.deliver(a_delivery())

    assert elsewhere.posted == []


async def test_a_receiver_that_says_nothing_costs_the_time_out_and_no_more(endpoint: Endpoint, secret: Path) -> None:
    """The whole try is bounded, not each read of it."""
    endpoint.go_on.clear()
    async with running(endpoint.url, secret, timeout_s=0.3) as channel:
        began = time.monotonic()
        with pytest.raises(PublishError, match=r"no answer within 0\.3 s"):
            await channel.deliver(a_delivery())
        took = time.monotonic() - began
        endpoint.go_on.set()

    assert took < 3.0


async def test_where_nobody_listens_it_can_be_tried_again(secret: Path) -> None:
    """Refused connections are no answer."""
    async with running(f"http://127.0.0.1:{free_port()}/", secret) as channel:
        with pytest.raises(PublishError, match="ConnectError"):
            await channel.deliver(a_delivery())


async def test_what_is_on_its_way_when_we_leave_can_be_tried_again(endpoint: Endpoint, secret: Path) -> None:
    """The relay hears PublishError and nothing else."""
    endpoint.go_on.clear()
    async with running(endpoint.url, secret) as channel:
        sending = asyncio.create_task(channel.deliver(a_delivery()))
        async with asyncio.timeout(PATIENCE_S):
            while not endpoint.posted:  # noqa: ASYNC110 - what is waited for happens in another thread
                await asyncio.sleep(0.01)
    with pytest.raises(PublishError):
        await asyncio.wait_for(sending, PATIENCE_S)
    with pytest.raises(PublishError, match="the channel is not running"):
        await channel.deliver(a_delivery())


async def test_a_slow_receiver_is_asked_by_a_few_at_one_time(endpoint: Endpoint, secret: Path) -> None:
    """The rest waits here, and its time-out has not begun."""
    endpoint.go_on.clear()
    async with running(endpoint.url, secret) as channel:
        sending = [asyncio.create_task(channel.deliver(a_delivery(number))) for number in range(3 * AT_ONCE)]
        async with asyncio.timeout(PATIENCE_S):
            while len(endpoint.posted) < AT_ONCE:  # noqa: ASYNC110 - what is waited for happens in another thread
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        at_once = len(endpoint.posted)
        endpoint.go_on.set()
        await asyncio.gather(*sending)

    assert at_once == AT_ONCE
    assert len(endpoint.posted) == 3 * AT_ONCE


YES = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nx"


@pytest.mark.parametrize("goes_on", ["silent", "gone", "without end"])
async def test_a_yes_is_a_yes_whatever_comes_of_the_rest_of_the_answer(secret: Path, goes_on: str) -> None:
    """A receiver that never ends its answer has the alert, and is not sent it again and again."""
    asked = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        writer.write(YES if goes_on != "without end" else YES.replace(b"content-length: 1000", b"x: y"))
        with contextlib.suppress(OSError):
            if goes_on == "gone":
                writer.close()
            while goes_on == "without end":
                writer.write(b"x" * 10_000)
                await writer.drain()
            await reader.read()
        writer.transport.abort()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with running(f"http://127.0.0.1:{port}/", secret, timeout_s=2.0) as channel:
            async with asyncio.timeout(PATIENCE_S):
                await channel.deliver(a_delivery())
                await channel.deliver(a_delivery(2))

    assert asked == 2
