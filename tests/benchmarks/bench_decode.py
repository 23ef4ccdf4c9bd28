"""Decode beside a plain split: python -m tests.benchmarks.bench_decode [--rounds N] [--turns N]; also by `make bench`.

A cuts the message at SOH and at the first `=` into a dict and checks nothing; B is the whole decode: frame, sums, ids,
stamps, venue, key and hash. Both over the same bytes, in turn, A B A B; only the ratio within a pair counts.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from statistics import median

from service.fix.decode import decode
from service.fix.events import Execution
from tests.decode_invariant import DIALECTS, shipped_messages
from tests.factories_messages import execution_report

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
TURNS = int(os.environ.get("BENCH_TURNS", "2000"))
PARTIES = "453=2|448=CDED|447=D|452=17|448=DESK|452=76"
STAMPS = "768=2|769=20131007-14:30:00.100000001|770=2|769=20131007-14:30:00.125000001|770=1"
PLAIN: dict[str, bytes] = {
    "FIX.4.2": execution_report("FIX.4.2", _150="2", _20="0", _47="A", _18="1", _9730="R"),
    "FIX.4.4": execution_report(more=PARTIES, _18="1", _528="A", _851="2"),
    "FIXT.1.1": execution_report("FIXT.1.1", more=f"{PARTIES}|{STAMPS}", _18="1", _528="A", _851="2"),
}
DAY = "2013-10-07"


def test_decode_against_a_plain_split() -> None:
    """Print the table; nothing is asserted of a time."""
    main(ROUNDS, TURNS)


def main(rounds: int, turns: int) -> None:
    """Print for each dialect what both cost a message, and the ratio of each pair: median, least and most."""
    print(f"\n{rounds} pairs of about {turns:,} messages each, load {os.getloadavg()[0]:.1f}")
    heads = ("bytes", "fields", "A split µs", "B decode µs", "B/A", "from", "to")
    print(f"{'dialect':<18}" + "".join(f"{head:>13}" for head in heads))
    for name, bodies in samples().items():
        pairs = measured(name, bodies, rounds, turns)
        ratios = [both / plain for plain, both in pairs]
        size, fields = (sum(map(count, bodies)) / len(bodies) for count in (len, lambda body: body.count(b"\x01")))
        costs = [median(cost) * 1e6 for cost in zip(*pairs, strict=True)]
        shown = (f"{size:.0f}", f"{fields:.0f}", *(f"{cost:.2f}" for cost in costs))
        spread = (f"{ratio:.2f}" for ratio in (median(ratios), min(ratios), max(ratios)))
        print(f"{name:<18}" + "".join(f"{word:>13}" for word in (*shown, *spread)), flush=True)


def samples() -> dict[str, list[bytes]]:
    """Return dialect → executions that it reads: one of ours for a plain one, its example day for a shipped one."""
    found = {name: [body] for name, body in PLAIN.items()} | shipped_messages()
    executions = {name: [body for body in bodies if _is_execution(name, body)] for name, bodies in found.items()}
    assert all(executions.values()), "a dialect without an execution would measure something else"
    return executions


def _is_execution(name: str, body: bytes) -> bool:
    return isinstance(decode(body, DIALECTS[name], DAY), Execution)


def measured(name: str, bodies: list[bytes], rounds: int, turns: int) -> list[tuple[float, float]]:
    """Return seconds a message of the split and of decode, pair by pair."""
    dialect, times = DIALECTS[name], max(turns // len(bodies), 1)
    messages = bodies * times

    def whole(body: bytes) -> object:
        return decode(body, dialect, DAY)

    timed(plain_split, messages), timed(whole, messages)  # the first pass fills caches
    return [(timed(plain_split, messages), timed(whole, messages)) for _ in range(rounds)]


def timed(work: Callable[[bytes], object], messages: list[bytes]) -> float:
    """Return the seconds that it takes a message."""
    begin = time.perf_counter()
    for body in messages:
        work(body)
    return (time.perf_counter() - begin) / len(messages)


def plain_split(body: bytes) -> dict[bytes, bytes]:
    """Return tag → value, nothing checked."""
    return dict(field.split(b"=", 1) for field in body.split(b"\x01") if field)  # type: ignore[misc] # two parts
    # a field without an equals sign would raise; there is none in what is measured


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--turns", type=int, default=TURNS)
    wanted = parser.parse_args()
    main(wanted.rounds, wanted.turns)
