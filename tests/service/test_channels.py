"""From the plan to the channel: what is opened, and every problem of it in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.console import ConsoleChannel
from alerts.mqtt import MqttChannel
from alerts.notify import NotifyChannel
from alerts.plan import BROKER, ChannelKind, ChannelSpec
from alerts.webhook import WebhookChannel
from service.channels import channel_problems, opened_channel
from service.settings import ConfigurationError, MqttSettings, Settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NO_URL = "alerts.yaml: the channel it: url: expected https://…, or http:// on this machine, and no user name or "


def a_spec(kind: ChannelKind, **named: Any) -> ChannelSpec:
    """Return a channel as the plan names it."""
    return ChannelSpec(name="it", kind=kind, **named)


def a_file(folder: Path, name: str, text: str, mode: int = 0o600) -> None:
    """Write a file of the working folder."""
    (folder / name).write_text(text, encoding="utf-8")
    (folder / name).chmod(mode)


async def test_every_kind_has_its_channel(tmp_path: Path) -> None:
    """Files are taken from the working folder."""
    settings = Settings(folder=tmp_path, mqtt=MqttSettings())
    a_file(tmp_path, "desk.secret", SECRET)
    a_file(tmp_path, "on_call.urls", "json://127.0.0.1/x")

    opened = [
        opened_channel(BROKER, settings),
        opened_channel(
            a_spec(ChannelKind.WEBHOOK, url="https://desk.example/hook", secret_file="desk.secret"), settings
        ),
        opened_channel(a_spec(ChannelKind.NOTIFY, urls_file="on_call.urls"), settings),
        opened_channel(a_spec(ChannelKind.CONSOLE), settings),
    ]

    assert [type(one) for one in opened] == [MqttChannel, WebhookChannel, NotifyChannel, ConsoleChannel]


@pytest.mark.parametrize(
    "url",
    ["http://desk.example/hook", "ftp://127.0.0.1/x", "https://watch:pass@desk.example/", "https://", "nonsense", None],
)
def test_a_webhook_leaves_this_machine_by_https_only(tmp_path: Path, url: str | None) -> None:
    """And with its secret in a file, not in its address."""
    a_file(tmp_path, "desk.secret", SECRET)

    problems = channel_problems(
        a_spec(ChannelKind.WEBHOOK, url=url, secret_file="desk.secret"), Settings(folder=tmp_path)
    )

    assert [problem.startswith(NO_URL) for problem in problems] == [True]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/hook", "http://[::1]/", "http://localhost/x", "https://a.b/c"])
def test_an_address_of_this_machine_needs_no_tls(tmp_path: Path, url: str) -> None:
    """A sidecar speaks it."""
    a_file(tmp_path, "desk.secret", SECRET)
    spec = a_spec(ChannelKind.WEBHOOK, url=url, secret_file="desk.secret")

    assert list(channel_problems(spec, Settings(folder=tmp_path))) == []


def test_all_that_is_wrong_is_said_at_once_and_no_secret_of_it(tmp_path: Path) -> None:
    """Before the start, by `sorwatch check`."""
    a_file(tmp_path, "bad.secret", "hunter2")
    a_file(tmp_path, "open.secret", SECRET, 0o644)
    a_file(tmp_path, "on_call.urls", f"json://127.0.0.1/x\nnonsense://{SECRET}\n")
    a_file(tmp_path, "empty.urls", "# nobody\n")
    near = "http://127.0.0.1/"
    specs = [
        a_spec(ChannelKind.WEBHOOK, url=near, secret_file="bad.secret"),
        a_spec(ChannelKind.WEBHOOK, url=near, secret_file="open.secret"),
        a_spec(ChannelKind.WEBHOOK, url=near, secret_file="none.secret"),
        a_spec(ChannelKind.WEBHOOK, url=near),
        a_spec(ChannelKind.NOTIFY, urls_file="on_call.urls"),
        a_spec(ChannelKind.NOTIFY, urls_file="empty.urls"),
        a_spec(ChannelKind.NOTIFY, urls_file="none.urls"),
        a_spec(ChannelKind.MQTT),
    ]

    problems = [words for spec in specs for words in channel_problems(spec, Settings(folder=tmp_path))]

    assert [problem.removeprefix("alerts.yaml: the channel it: ") for problem in problems] == [
        "secret_file: bad.secret: line 1 is no secret; expected whsec_… with 24 to 64 bytes in base64",
        "secret_file: open.secret can be read by others (mode 644); expected 600 or 640",
        "secret_file: none.secret cannot be read: No such file or directory",
        "secret_file: expected the name of a file",
        "urls_file: on_call.urls: line 2 is no address of mail or chat that can be used (nonsense://…)",
        "urls_file: empty.urls has no address",
        "urls_file: none.urls cannot be read: No such file or directory",
        "there is no section [mqtt] in sorwatch.toml that names the broker",
    ]


def test_a_channel_with_problems_is_not_opened(tmp_path: Path) -> None:
    """The daemon does not start with it."""
    with pytest.raises(ConfigurationError, match="there is no section"):
        opened_channel(BROKER, Settings(folder=tmp_path))
