"""The ways out of the house by what the plan says of them: the one place that names the real channels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from alerts.plan import SECOND, ChannelKind, ChannelSpec
from alerts.ports import Channel
from alerts.summary import Summary
from service.session_names import alerts_name
from service.settings import ConfigurationError, Settings
from service.settings_web import is_loopback, is_safe_address

Summaries = Callable[[], Awaitable[Sequence[Summary]]]


def opened_channel(
    spec: ChannelSpec, settings: Settings, *, presence: bool = True, summaries: Summaries | None = None
) -> Channel:
    """Return the channel that a spec names; raise ConfigurationError with all that is wrong with it.

    Without `presence` it does not say that the watch is there: for whoever is not the daemon. `summaries` returns what
    is open of each rule now, for a channel that keeps them.
    """
    if problems := list(channel_problems(spec, settings)):
        raise ConfigurationError(problems)
    timeout_s = spec.timeout / SECOND
    match spec.kind:
        case ChannelKind.MQTT:
            from alerts.mqtt import MqttChannel

            assert settings.mqtt is not None  # else it is one of the problems
            firm, broker = settings.firm, settings.mqtt.broker
            name = alerts_name(firm, settings.folder) if presence else None
            return MqttChannel(firm=firm, broker=broker, presence=presence, name=name, summaries=summaries)
        case ChannelKind.WEBHOOK:
            from alerts.webhook import WebhookChannel

            secret_file, url = settings.folder / str(spec.secret_file), str(spec.url)
            near = is_loopback(urlsplit(url).hostname or "")
            return WebhookChannel(url=url, secret_file=secret_file, timeout_s=timeout_s, near=near)
        case ChannelKind.NOTIFY:
            from alerts.notify import NotifyChannel

            return NotifyChannel(urls_file=settings.folder / str(spec.urls_file), timeout_s=timeout_s)
        case ChannelKind.CONSOLE:
            from alerts.console import ConsoleChannel

            return ConsoleChannel(timeout_s=timeout_s)


def channel_problems(spec: ChannelSpec, settings: Settings) -> Iterator[str]:
    """Yield what keeps a channel from being used: an address that is not safe, a file that is missing or no good."""
    where = f"alerts.yaml: the channel {spec.name}"
    if spec.kind is ChannelKind.MQTT and settings.mqtt is None:
        yield f"{where}: there is no section [mqtt] in sorwatch.toml that names the broker"
    if spec.kind is ChannelKind.WEBHOOK:
        if not is_safe_address(spec.url or ""):
            yield f"{where}: url: expected https://…, or http:// on this machine, and no user name or password in it"
        yield from _file_problems(f"{where}: secret_file", spec.secret_file, settings.folder, _secret_problems)
    if spec.kind is ChannelKind.NOTIFY:
        yield from _file_problems(f"{where}: urls_file", spec.urls_file, settings.folder, _address_problems)


def _file_problems(
    where: str, name: str | None, folder: Path, problems: Callable[[Path], Iterator[str]]
) -> Iterator[str]:
    if name is None:
        yield f"{where}: expected the name of a file"
        return
    yield from (f"{where}: {words}" for words in problems(folder / name))


def _secret_problems(file: Path) -> Iterator[str]:
    from alerts.secret_file import SecretFileError, read_secret_file
    from alerts.signature import SecretError, read_secrets

    try:
        read_secrets(read_secret_file(file))
    except SecretFileError as error:
        yield str(error)
    except SecretError as error:
        yield f"{file.name}: {error}"


def _address_problems(file: Path) -> Iterator[str]:
    from alerts.addresses import read_addresses
    from alerts.notify import AddressError, opened_address
    from alerts.secret_file import SecretFileError, read_secret_file

    try:
        addresses = read_addresses(read_secret_file(file))
    except SecretFileError as error:
        yield str(error)
        return
    if not addresses:
        yield f"{file.name} has no address"
    for address in addresses:
        try:
            opened_address(address, file.name, 1.0)
        except AddressError as error:
            yield str(error)
