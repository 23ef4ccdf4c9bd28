"""`sorwatch alerts`: the words of the command line about who is told of what."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.alert import REASONS
from rules.finding import Severity
from service.access.actor import Actor, Way
from service.calling import FOLDER, refusing_bad_configuration
from service.settings import ConfigurationError

if TYPE_CHECKING:
    from service.telling.asked import Said

EXIT_FAILED = 1
FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
ACTOR = click.option("--actor", required=True, help="Who acts; where there are accounts, the name of one.")
CHANNEL = click.option("--channel", help="All that are dead on this channel.")
NUMBERS = click.argument("alerts", type=click.IntRange(min=1, max=2**63 - 1), nargs=-1)
TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


@click.group()
def alerts() -> None:
    """See who is told of what, try a channel, deal with dead letters."""


@alerts.command()
@FORM
@FOLDER
@refusing_bad_configuration
def channels(form: str, folder: Path) -> None:
    """List the channels: connected or not, what waits and since when, the last error, what is dead."""
    from service.telling.asked import channels as asked

    _say(asked(folder, form))


@alerts.command()
@click.argument("channel")
@FOLDER
@refusing_bad_configuration
def test(channel: str, folder: Path) -> None:
    """Send one alert that is marked as a test, and say what the other side answered; exit code 1: it was not taken."""
    from service.logs import on_standard_error
    from service.telling.trial import tried

    with on_standard_error():
        said = tried(folder, channel)
    _say(said)


@alerts.command()
@click.option("--rule", required=True, help="The rule that found it.")
@click.option("--severity", type=click.Choice([one.value for one in Severity]), required=True)
@click.option("--counterparty", help="Whose drop copy it came from.")
@click.option("--venue", help="Where it was filled.")
@click.option("--symbol", help="In which symbol.")
@click.option("--session", default="", help="On which session.")
@click.option(
    "--reason", type=click.Choice(REASONS), default="opened", show_default=True, help="Why the alert is made."
)
@click.option("--incident", is_flag=True, help="It is part of an incident.")
@click.option("--acknowledged", is_flag=True, help="Somebody has it in hand.")
@click.option("--at", type=click.DateTime(TIMES), metavar="YYYY-MM-DDTHH:MM", help="In New York; else now.")
@FOLDER
@refusing_bad_configuration
def explain(folder: Path, at: datetime | None, **said: object) -> None:
    """Say which channels would hear of an exception at a time, by which route, and why the others would not."""
    from service.telling.explained import explained

    _say(explained(folder, at, said))


@alerts.command()
@click.option("--channel", help="Of this channel alone.")
@click.option(
    "--limit", type=click.IntRange(min=1, max=100_000), default=100, show_default=True, help="At most so many."
)
@FORM
@FOLDER
@refusing_bad_configuration
def dead(channel: str | None, limit: int, form: str, folder: Path) -> None:
    """List the dead letters, the newest alert first, with what the other side said."""
    from service.telling.asked import dead as asked

    _say(asked(folder, channel, limit, form))


@alerts.command()
@NUMBERS
@CHANNEL
@ACTOR
@FOLDER
@refusing_bad_configuration
def again(alerts: tuple[int, ...], channel: str | None, actor: str, folder: Path) -> None:
    """Send dead letters again, under the same key; exit code 1 when it was refused of any."""
    from service.telling.asked import again as asked

    _say(asked(folder, _which(alerts, channel), _actor(actor)))


@alerts.command("set-aside")
@NUMBERS
@click.option("--channel", help="All that is left on this channel, which is taken out of the plan.")
@click.option("--words", required=True, help="Why nobody needs to hear of it any more; kept with the alert.")
@ACTOR
@FOLDER
@refusing_bad_configuration
def set_aside(alerts: tuple[int, ...], channel: str | None, words: str, actor: str, folder: Path) -> None:
    """Settle dead letters, or what is left on a channel, without sending; exit code 1 when it was refused of any."""
    from service.telling.asked import set_aside as asked

    _say(asked(folder, _which(alerts, channel), _actor(actor), words))


def _which(alerts: tuple[int, ...], channel: str | None) -> tuple[int, ...] | str:
    if (channel is None) is (not alerts):
        problem = "name alerts by their numbers, or one --channel"
        raise ConfigurationError([problem])
    return alerts if channel is None else channel


def _actor(name: str) -> Actor:
    return Actor(name=name, how=Way.COMMAND)


def _say(said: Said) -> None:
    for line in said.lines:
        click.echo(line)
    if said.failed:
        sys.exit(EXIT_FAILED)
