"""The words after `sorwatch simulate`: live behind the acceptor, into a folder, or a written folder served again.

Calls the rest of the simulator only when it runs, so that the command line stays quick.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.simulator.faults import SHOWN, Fault, demo_faults, parse
from service.simulator.messages import BeginString

if TYPE_CHECKING:
    from service.simulator.files import Totals
    from service.simulator.publisher import Broker

WRITTEN_DAY = 1_767_623_400 * 1_000_000_000
"""Monday 2026-01-05, 09:30 in New York: where written simulations begin unless told otherwise."""
LARGEST_PORT = 65_535
LONGEST = 24 * 3_600
"""Seconds for which the demo's faults are planned."""


def _faults(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> tuple[Fault, ...]:
    results = [parse(text) for text in texts]
    wrong = [result for result in results if isinstance(result, str)]
    if wrong:
        raise click.BadParameter("; ".join(wrong))
    return tuple(result for result in results if isinstance(result, Fault))


def _broker(_: click.Context, __: click.Parameter, text: str | None) -> Broker | None:
    from service.simulator.publisher import Broker  # noqa: PLC0415 - only when asked for

    if text is None:
        return None
    host, _colon, port = text.rpartition(":")
    if not (host and port.isdigit() and 0 < int(port) <= LARGEST_PORT):
        msg = f"{text!r} is no host:port; expected for example 127.0.0.1:1883"
        raise click.BadParameter(msg)
    return Broker(host=host, port=int(port))


@click.command()
@click.option(
    "--port", type=click.IntRange(1, LARGEST_PORT), default=9876, show_default=True, help="Port to listen on."
)
@click.option(
    "--begin-string",
    type=click.Choice([version.value for version in BeginString]),
    default=BeginString.FIX44.value,
    show_default=True,
    help="FIX version; FIXT.1.1 carries 5.0SP2.",
)
@click.option("--sender", default="SOR", show_default=True, help="Our SenderCompID.")
@click.option("--target", default="FIRM", show_default=True, help="Our TargetCompID.")
@click.option("--allow", multiple=True, metavar="ADDRESS", help="Who may log on (127.0.0.1); `any` for everybody.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Folder for the FIX store; else memory.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same simulation.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Messages a second (30; written: 1000).")
@click.option("--quote-rate", type=click.FloatRange(min=0, min_open=True), help="Quotes a second (200; written: 500).")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    callback=_faults,
    metavar="NAME@SECONDS[+LENGTH][:VENUE][=STRENGTH]",
    help=f"Inject a fault: {', '.join(SHOWN)}.",
)
@click.option("--demo-faults", "programme", is_flag=True, help="Inject the faults of the demo, again and again.")
@click.option("--broker", callback=_broker, metavar="HOST:PORT", help="Publish the market to this MQTT broker.")
@click.option("--truth", type=click.Path(dir_okay=False, path_type=Path), help="Log the injected faults as JSON lines.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="End after this time; else run on.")
@click.option("--hold", is_flag=True, help="Begin when a line comes on standard input, end when the input ends.")
@click.option("--write", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write files, serve nothing.")
@click.option("--messages", type=click.IntRange(min=1), default=10_000, show_default=True, help="How many to write.")
@click.option(
    "--own-orders",
    type=click.Choice(["sound", "faulty"]),
    help="Write own_orders.csv too: the firm's orders; faulty: some never acknowledged, some dropped by the OMS.",
)
@click.option("--start-ns", type=int, default=WRITTEN_DAY, help="UTC ns at which a written simulation begins.")
@click.option(
    "--serve",
    "log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve this messages.fix, at --rate or as fast as it goes.",
)
def simulate(
    *,
    port: int,
    begin_string: str,
    sender: str,
    target: str,
    allow: tuple[str, ...],
    keep: Path | None,
    seed: int,
    rate: float | None,
    quote_rate: float | None,
    faults: tuple[Fault, ...],
    programme: bool,
    broker: Broker | None,
    truth: Path | None,
    seconds: float | None,
    hold: bool,
    folder: Path | None,
    messages: int,
    own_orders: str | None,
    start_ns: int,
    log: Path | None,
) -> None:
    """Be a Smart Order Router: a FIX acceptor that sends drop copies, its market, and faults on request."""
    from service.simulator import simulate as simulator  # noqa: PLC0415 - loads the FIX engine
    from service.simulator.acceptor import Line  # noqa: PLC0415 - loads the FIX engine

    version = BeginString(begin_string)
    if programme:
        faults += demo_faults(LONGEST)
    if folder is not None:
        day = partial(
            simulator.write_files,
            folder,
            messages=messages,
            seed=seed,
            start_ns=start_ns,
            version=version,
            own_orders=own_orders,
        )
        _written(folder, partial(day, rate=rate or 1_000.0, quote_rate=quote_rate or 500.0, faults=faults))
        return
    line = Line(port=port, version=version, sender=sender, target=target, store=keep, peers=_peers(allow))
    if log is not None:
        click.echo(f"{simulator.serve(line, log, rate=rate, stop=_stop_on_signals())} messages served")
        return
    settings = simulator.SimulatorSettings(
        line=line,
        seed=seed,
        rate=rate or 30.0,
        quote_rate=quote_rate or 200.0,
        faults=faults,
        broker=broker,
        truth=truth,
        seconds=seconds,
        hold=hold,
    )
    sys.exit(simulator.run(settings))


def _written(folder: Path, write: Callable[[], Totals]) -> None:
    begin = time.monotonic()
    totals = write()
    words = f"{totals.messages} messages, {totals.executions} executions, {totals.quotes} quotes"
    click.echo(f"{words} written to {folder} in {time.monotonic() - begin:.1f} s")


def _peers(allowed: tuple[str, ...]) -> tuple[str, ...]:
    if "any" in allowed:
        return ()
    return allowed or ("127.0.0.1",)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
