"""The long proofs: python -m tests.prove [--seed N] [--size small|full] [proof …].

Each prints its figures as they go into a note; what a run must be repeated with stands on its first line. The exit code
is 1 when something was not so.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable

from tests import (
    prove_api,
    prove_broker,
    prove_decode,
    prove_fixtures,
    prove_fuzz,
    prove_kills,
    prove_soak,
    prove_vendors,
    prove_verify,
    prove_wild,
)

PROOFS: dict[str, dict[str, Callable[[int], str]]] = {
    "kills": {
        "small": lambda seed: prove_kills.run(seed, messages=2_000, kills=3),
        "full": lambda seed: prove_kills.run(seed, messages=200_000, kills=50),
    },
    "vendors": {
        "small": lambda seed: prove_vendors.run(seed, messages=2_000, kills=4),
        "full": lambda seed: prove_vendors.run(seed, messages=1_000_000, kills=200),
    },
    "wild": {
        "small": lambda seed: prove_wild.run(seed, messages=2_000, kills=2),
        "full": lambda seed: prove_wild.run(seed, messages=1_000_000, kills=200),
    },
    "verify": {
        "small": lambda seed: prove_verify.run(seed, messages=6_000),
        "full": lambda seed: prove_verify.run(seed, messages=500_000),
    },
    "decode": {
        "small": lambda seed: prove_decode.run(seed, size=5_000),
        "full": lambda seed: prove_decode.run(seed, size=100_000),
    },
    "fuzz": {
        "small": lambda seed: prove_fuzz.run(seed, inputs=5_000),
        "full": lambda seed: prove_fuzz.run(seed, inputs=1_000_000),
    },
    "soak": {
        "small": lambda seed: prove_soak.run(seed, messages=10_000),
        "full": lambda seed: prove_soak.run(seed, messages=2_000_000),
    },
    "fixtures": {
        "small": lambda seed: prove_fixtures.run(seed, messages=10_000),
        "full": lambda seed: prove_fixtures.run(seed, messages=1_000_000),
    },
    "broker": {
        "small": lambda seed: prove_broker.run(seed, rate=100, before_s=2, away_s=3),
        "full": lambda seed: prove_broker.run(seed, rate=500, before_s=10, away_s=60),
    },
    "api": {
        "small": lambda seed: prove_api.run(seed, examples=10),
        "full": lambda seed: prove_api.run(seed, examples=400),
    },
}


def main(words: list[str]) -> int:
    """Run the proofs that were named, all of them when none was; return the exit code."""
    parser = argparse.ArgumentParser(prog="make prove ARGS=…", description=__doc__)
    parser.add_argument("proofs", nargs="*", metavar="proof", help=f"{', '.join(PROOFS)}; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=["small", "full"], default="full")
    wanted = parser.parse_args(words)
    if unknown := [name for name in wanted.proofs if name not in PROOFS]:
        parser.error(f"there is no proof named {', '.join(unknown)}; there are {', '.join(PROOFS)}")
    print(f"seed {wanted.seed}, size {wanted.size}, {os.cpu_count()} cores, Python {platform.python_version()}")
    held = [_prove(name, wanted.size, wanted.seed) for name in wanted.proofs or PROOFS]
    return 0 if all(held) else 1


def _prove(name: str, size: str, seed: int) -> bool:
    """Run one proof, print what it says and how long it took; return whether it held."""
    began = time.monotonic()
    load = os.getloadavg()[0]
    try:
        report = PROOFS[name][size](seed)
    except Exception:  # noqa: BLE001 # the others are still worth knowing
        traceback.print_exc()
        report = None
    seconds = time.monotonic() - began
    verdict = "FAILED" if report is None else "holds"
    print(f"\n== {name}: {verdict} ({seconds:.1f} s; load average before {load:.1f})\n{report or ''}", flush=True)
    return report is not None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
