"""What the simulator's tests start from: a short run with or without faults, and what is read out of its messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from rules.facts import SECOND
from service.simulator.events import DropCopy, Event
from service.simulator.faults import Fault
from service.simulator.messages import SOH, BeginString
from service.simulator.stream import generate

START = 1_767_623_400 * SECOND


def a_run(
    *,
    seconds: float = 10.0,
    seed: int = 7,
    rate: float = 100.0,
    faults: Iterable[Fault] = (),
    version: BeginString = BeginString.FIX44,
) -> list[Event]:
    """Return all events of the first seconds of a simulation."""
    end = START + int(seconds * SECOND)
    events = generate(seed, START, rate, faults, version=version)
    return list(takewhile(lambda event: event.at < end, events))


def copies(events: Iterable[Event]) -> Iterator[tuple[DropCopy, dict[str, str]]]:
    """Yield the execution reports with their fields (of repeated tags the last)."""
    for event in events:
        if isinstance(event, DropCopy):
            yield event, fields_of(event.body)


def fields_of(body: str) -> dict[str, str]:
    """Return a body's fields; of repeated tags the last."""
    return dict(part.split("=", 1) for part in body.split(SOH)[:-1])
