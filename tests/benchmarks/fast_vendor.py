"""A vendor that costs nothing to serve: whole messages made beforehand, written to the socket as fast as it takes them.

`python -m tests.benchmarks.fast_vendor LOG PORT [--rate N] [--runs N] [--pause S]`: without a rate the receiver alone
sets the pace. The session layer is that of tests/fix_peer.py; it keeps nothing to send again.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path

from tests.fix_peer import SOH, FixPeer, seal, stamp

PIECE = 512
STEP_S = 0.001


def prepared(log: Path, first: int) -> list[bytes]:
    """Return the log's messages under new numbers from `first` on, sent now, sealed."""
    head, now = f"35=8{SOH}49=SOR{SOH}56=FIRM{SOH}", stamp()
    return [
        seal("FIX.4.4", f"{head}34={number}{SOH}52={now}{SOH}{_body(line.decode('latin-1'))}")
        for number, line in enumerate(log.read_bytes().splitlines(), start=first)
    ]


def _body(line: str) -> str:
    """Return what follows TargetCompID up to the checksum."""
    return line.partition(f"{SOH}56=FIRM{SOH}")[2].rpartition("10=")[0]


def serve(peer: FixPeer, messages: list[bytes], rate: float | None) -> None:
    """Write all messages, at `rate` a second or as fast as they are taken."""
    if rate is None:
        for start in range(0, len(messages), PIECE):
            peer.send_bytes(b"".join(messages[start : start + PIECE]))
        return
    began, sent = time.monotonic(), 0
    while sent < len(messages):
        due = min(len(messages), int((time.monotonic() - began) * rate) + 1)
        if due > sent:
            peer.send_bytes(b"".join(messages[sent:due]))
            sent = due
        time.sleep(STEP_S)


def main(words: list[str]) -> None:
    """Serve a log once, in so many runs, and keep the session until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--pause", type=float, default=1.0)
    wanted = parser.parse_args(words)
    messages = prepared(wanted.log, first=2)
    peer = FixPeer(next_out=1)
    with peer.listening(wanted.port):
        peer.wait_logged_on(120)
        peer.next_out = 2 + len(messages)
        time.sleep(wanted.pause)
        size = -(-len(messages) // wanted.runs)
        for start in range(0, len(messages), size):
            serve(peer, messages[start : start + size], wanted.rate)
            time.sleep(wanted.pause)
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
