"""Mail and chat against real servers: one letter a delivery, nobody told twice, no secret in any message."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from alerts.alert import Alert, encode
from alerts.notify import NotifyChannel
from alerts.ports import Delivery, PublishError
from rules.finding import Severity
from tests.fakes_alerts import an_alert
from tests.http_endpoint import Endpoint, running_endpoint
from tests.mail_server import Mailbox, plain, running_mail_server
from tests.servers import free_port

pytestmark = pytest.mark.journey

TOKEN = "s3cr3t-t0k3n-of-the-desk"
TAKEN_BY_JSON = 32_768
"""So many characters of a message the library sends to an address of the kind json."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Give what is a chat to the library."""
    with running_endpoint() as found:
        yield found


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Give a mail server."""
    with running_mail_server() as found:
        yield found


def a_channel(folder: Path, *urls: str, mode: int = 0o600, timeout_s: float = 2.0) -> NotifyChannel:
    """Return a channel to these addresses."""
    file = folder / "on_call.urls"
    file.write_text("# the desk\n" + "\n".join(urls) + "\n", encoding="utf-8")
    file.chmod(mode)
    return NotifyChannel(urls_file=file, timeout_s=timeout_s)


def chat_url(endpoint: Endpoint) -> str:
    """Return the address of a chat that wants a password and a token."""
    return f"json://watch:{TOKEN}@127.0.0.1:{endpoint.port}/{TOKEN}"


def mail_url(mailbox: Mailbox) -> str:
    """Return the address of a mailbox."""
    return f"mailto://127.0.0.1:{mailbox.port}?from=watch@firm.example&to=desk@firm.example&format=text"


def a_delivery(*alerts: Alert) -> Delivery:
    """Return a delivery of these alerts, one by default."""
    told = alerts or (an_alert(),)
    return Delivery(firm="demo", bodies=tuple(map(encode, told)), alerts=told)


async def test_a_mail_has_a_subject_and_sentences(tmp_path: Path, mailbox: Mailbox) -> None:
    """Umlauts and signs survive."""
    alert = an_alert(1, 1042, sentence="Filled ≥ 9 s late.", link="https://watch.example/exceptions/1042")

    await a_channel(tmp_path, mail_url(mailbox)).deliver(a_delivery(alert))

    mail = mailbox.came[0]
    assert str(make_header(decode_header(mail["subject"]))) == "sorwatch demo: high slow_fill, exception 1042"
    assert (mail["to"], "watch@firm.example" in mail["from"]) == ("desk@firm.example", True)
    assert "Filled ≥ 9 s late." in plain(mail)
    assert "https://watch.example/exceptions/1042" in plain(mail)


async def test_a_group_is_one_message(tmp_path: Path, mailbox: Mailbox) -> None:
    """And not one an alert."""
    channel = a_channel(tmp_path, mail_url(mailbox))

    await channel.deliver(a_delivery(*(an_alert(1, number) for number in range(41, 48))))

    assert len(mailbox.came) == 1
    assert all(f"Exception {number}, " in plain(mailbox.came[0]) for number in range(41, 48))


async def test_a_letter_longer_than_its_service_takes_comes_in_parts(tmp_path: Path, endpoint: Endpoint) -> None:
    """None of it is lost: a service refuses what is too long whenever it is tried."""
    alerts = [an_alert(1, number) for number in range(1_000, 1_400)]

    await a_channel(tmp_path, chat_url(endpoint)).deliver(a_delivery(*alerts))

    parts = [str(json.loads(post.body)["message"]) for post in endpoint.posted]
    assert all(len(part) <= TAKEN_BY_JSON for part in parts)
    assert len(parts) > 1
    assert all(f"Exception {number}, " in "".join(parts) for number in range(1_000, 1_400))


async def test_an_address_may_say_that_the_rest_is_cut(tmp_path: Path, endpoint: Endpoint) -> None:
    """Where each part costs money, as with text messages."""
    alerts = [an_alert(1, number) for number in range(1_000, 1_400)]

    await a_channel(tmp_path, f"{chat_url(endpoint)}?overflow=truncate").deliver(a_delivery(*alerts))

    assert len(endpoint.posted) == 1


@pytest.mark.parametrize(
    ("severity", "kind"), [("critical", "failure"), ("high", "failure"), ("medium", "warning"), ("low", "info")]
)
async def test_a_chat_learns_how_grave_it_is(tmp_path: Path, endpoint: Endpoint, severity: str, kind: str) -> None:
    """The library colours by it."""
    await a_channel(tmp_path, chat_url(endpoint)).deliver(a_delivery(an_alert(severity=Severity(severity))))

    body = json.loads(endpoint.posted[0].body)
    assert (body["title"], body["type"]) == (f"sorwatch demo: {severity} slow_fill, exception 1", kind)


async def test_who_has_it_is_not_told_again_when_another_did_not_take_it(tmp_path: Path, mailbox: Mailbox) -> None:
    """Until everybody has it the delivery is tried again; the message names the line."""
    with running_endpoint() as endpoint:
        endpoint.status = 503
        channel = a_channel(tmp_path, mail_url(mailbox), chat_url(endpoint))
        with pytest.raises(PublishError, match=r"^json in line 3 of on_call.urls did not take it: .*503"):
            await channel.deliver(a_delivery())
        endpoint.status = 200
        await channel.deliver(a_delivery())
        tries = len(endpoint.posted)

    assert (len(mailbox.came), tries) == (1, 2)


@pytest.mark.parametrize("status", [401, 500])
async def test_no_message_holds_a_secret(
    tmp_path: Path, endpoint: Endpoint, capfd: pytest.CaptureFixture[str], status: int
) -> None:
    """Not the error, not the log of the library, whether the other side answers or is not there."""
    endpoint.status = status
    gone = f"json://watch:{TOKEN}@127.0.0.1:{free_port()}/{TOKEN}"
    channel = a_channel(tmp_path, chat_url(endpoint), gone, f"telegram://123456789:{TOKEN}/?to=")

    with pytest.raises(PublishError) as whole:
        await channel.deliver(a_delivery())
    with pytest.raises(PublishError) as tried:
        await a_channel(tmp_path, chat_url(endpoint), gone).deliver(a_delivery())

    logging.getLogger("apprise").warning("a line of the library's own with %s", TOKEN)
    printed = capfd.readouterr()
    assert "line 4 is no address" in str(whole.value)
    assert "in line 2" in str(tried.value)
    assert "in line 3" in str(tried.value)
    assert TOKEN not in f"{whole.value}{tried.value}{printed.out}{printed.err}"


@pytest.mark.parametrize(
    ("url", "mode", "said"),
    [
        ("json://127.0.0.1/x", 0o604, r"on_call.urls can be read by others \(mode 604\); expected 600 or 640"),
        ("", 0o600, "on_call.urls has no address"),
        (f"nonsense://{TOKEN}", 0o600, r"on_call.urls: line 2 is no address .* \(nonsense://…\)"),
    ],
)
async def test_a_file_that_is_no_good_is_said(tmp_path: Path, url: str, mode: int, said: str) -> None:
    """It is tried again when the file is mended."""
    with pytest.raises(PublishError, match=said) as caught:
        await a_channel(tmp_path, url, mode=mode).deliver(a_delivery())

    assert TOKEN not in str(caught.value)


async def test_addresses_are_read_anew_at_each_delivery(tmp_path: Path, endpoint: Endpoint) -> None:
    """Whoever goes on call needs no restart."""
    with running_endpoint() as other:
        channel = a_channel(tmp_path, chat_url(endpoint))
        await channel.deliver(a_delivery(an_alert(1)))
        a_channel(tmp_path, chat_url(other))  # which writes the file
        await channel.deliver(a_delivery(an_alert(2)))

        assert (len(endpoint.posted), len(other.posted)) == (1, 1)


async def test_a_chat_that_hangs_holds_neither_the_loop_nor_the_end(tmp_path: Path, endpoint: Endpoint) -> None:
    """It runs in a thread of the channel's own, within a bound; meanwhile the loop does other things."""
    endpoint.go_on.clear()
    channel = a_channel(tmp_path, chat_url(endpoint), timeout_s=0.1)
    turns, began = 0, time.monotonic()
    sending = asyncio.create_task(channel.deliver(a_delivery()))
    while not sending.done():
        await asyncio.sleep(0.01)
        turns += 1

    with pytest.raises(PublishError, match="json in line 2"):
        sending.result()
    assert turns > 3
    assert time.monotonic() - began < 5.0


async def test_a_redirect_is_not_followed(tmp_path: Path, endpoint: Endpoint) -> None:
    """A chat that points elsewhere gets no alert there."""
    with running_endpoint() as elsewhere:
        endpoint.status, endpoint.headers = 307, {"location": elsewhere.url}
        with pytest.raises(PublishError, match="json in line 2"):
            await a_channel(tmp_path, chat_url(endpoint)).deliver(a_delivery())

        assert elsewhere.posted == []
