"""The simulation on disk: messages as a FIX log, quotes as CSV, the truth as JSON lines; and the way back for serving.

`messages.fix` has one message a line behind its receive stamp, `quotes.csv` is the file source's own format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import msgspec

from service.simulator.events import Beat, DropCopy, Event, Gap, Silence
from service.simulator.market import QuoteMoved
from service.simulator.messages import BeginString
from service.simulator.stamps import dollars, stamp
from service.simulator.truth import Truth
from service.simulator.wire import TRANSPORT, body_of, framed, pairs

MESSAGES, QUOTES, TRUTH = "messages.fix", "quotes.csv", "truth.jsonl"


class Totals(msgspec.Struct, kw_only=True):
    """What was written: the last line of the truth."""

    event: str = "totals"
    messages: int = 0
    executions: int = 0
    quotes: int = 0
    last_sequence: int = 0


class TruthLog:
    """Writes the truth line by line, each on the disk's way at once; to nowhere without a path."""

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", buffering=1)

    def write(self, line: Truth | Totals) -> None:
        """Add a line."""
        if self._file is not None:
            self._file.write(msgspec.json.encode(line).decode() + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def write(
    folder: Path,
    events: Iterator[Event],
    messages: int,
    version: BeginString,
    beside: Callable[[Path], Iterable[Truth]] = lambda _: (),
) -> Totals:
    """Write the events until that many messages are written; the quotes go one second further than they.

    `beside` is called with the written log, to write beside it; what it says belongs to the truth.
    """
    folder.mkdir(parents=True, exist_ok=True)
    totals = Totals()
    with (
        (folder / MESSAGES).open("wb") as log,
        (folder / QUOTES).open("w", encoding="utf-8") as quotes,
        TruthLog(folder / TRUTH) as truth,
    ):
        quotes.write("time_ns,symbol,bid,bid_size,offer,offer_size\n")
        sequence, end = 1, None
        for event in events:
            if end is not None and event.at > end:
                break
            match event:
                case QuoteMoved():
                    quotes.write(csv_line(event))
                    totals.quotes += 1
                case DropCopy() if totals.messages < messages:
                    sent = framed(version, event.body, sequence=sequence, sent_at=event.at, resend=event.resend)
                    log.write(f"{stamp(event.at + TRANSPORT, 9)} : ".encode() + sent + b"\n")
                    totals.messages += 1
                    totals.executions += event.trade
                    totals.last_sequence, sequence = sequence, sequence + 1
                    if totals.messages == messages:
                        end = event.at + 1_000_000_000
                case Gap() if end is None:
                    sequence += event.count
                case Truth() if end is None:
                    truth.write(event)
                case DropCopy() | Gap() | Truth() | Beat() | Silence():
                    pass
        log.flush()
        for line in beside(folder / MESSAGES):
            truth.write(line)
        truth.write(totals)
    return totals


def csv_line(quote: QuoteMoved) -> str:
    """Write a quote as a row of the file source's CSV."""
    return (
        f"{quote.at},{quote.symbol},{dollars(quote.bid)},{quote.bid_size},{dollars(quote.offer)},{quote.offer_size}\n"
    )


def read_messages(path: Path) -> Iterator[DropCopy | Gap]:
    """Read a written log back, in order, with its gaps; `at` is 0, because serving has a pace of its own."""
    expected = 1
    with path.open("rb") as log:
        for line in log:
            message = line.rstrip(b"\n").partition(b" : ")[2]
            fields = dict(pairs(message))
            sequence = int(fields[34])
            if sequence > expected:
                yield Gap(0, sequence - expected)
            expected = sequence + 1
            yield DropCopy(0, body_of(message), resend=fields.get(97) == "Y")
