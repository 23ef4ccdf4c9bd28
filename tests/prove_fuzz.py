"""The proof by fuzzing: so many inputs, guided by the branches that they reach; a broken promise fails it.

Where atheris has no wheel (it is a dependency of development on Linux x86-64 alone) the same number of blind mutations
is asked the same, and the report says that nothing guided them.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests import decode_invariant
from tests.factories_messages import fix_message
from tests.prove_decode import MUTATIONS, VALID
from tests.simulations import ENVIRONMENT, ROOT

LONGEST = 4_096
OWN = tuple(
    fix_message(_35=kind, _34=9, _52="20131007-14:30:00", _11="C2", _41="C1", _55="IBM", _54="1", _38=100, _40="1")
    for kind in "DFG"
)
_STATE = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/")
_EACH_SECOND = 200


def seeds() -> list[bytes]:
    """Return what the corpus begins with: whole messages of every dialect."""
    return [*VALID, *OWN, *(body for bodies in decode_invariant.shipped_messages().values() for body in bodies)]


def run(seed: int, inputs: int = 1_000_000) -> str:
    """Return the figures; an AssertionError holds the input that broke a promise."""
    return _guided(seed, inputs) if importlib.util.find_spec("atheris") else _blind(seed, inputs)


def _guided(seed: int, inputs: int) -> str:
    with tempfile.TemporaryDirectory(prefix="sorwatch-fuzz-") as name:
        corpus = Path(name) / "corpus"
        corpus.mkdir()
        for number, body in enumerate(seeds()):
            (corpus / f"{number:04}").write_bytes(body)
        words = [f"-runs={inputs}", f"-seed={seed}", f"-max_len={LONGEST}", "-timeout=10", f"-artifact_prefix={name}/"]
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz_decode", str(corpus), *words],
            cwd=ROOT,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=300 + inputs / _EACH_SECOND,
        )
        seconds = time.monotonic() - began
    assert done.returncode == 0, f"seed {seed}: {done.stdout[-2_000:]}\n{done.stderr[-4_000:]}"
    states = [tuple(map(int, state)) for state in _STATE.findall(done.stderr)]
    assert states, f"the fuzzer said nothing of its state:\n{done.stderr[-2_000:]}"
    asked, branches, features, kept = states[-1]
    assert asked >= inputs, f"only {asked:,} of {inputs:,} inputs were tried"
    return (
        f"{asked:,} inputs, seed {seed}, {seconds:.0f} s, {len(decode_invariant.DIALECTS)} dialects each; "
        f"{len(seeds())} seeds grew to {kept:,} inputs\n"
        f"branches reached in service/fix: {branches:,} (first {states[0][1]:,}), features {features:,}\n"
        "no promise broken, no crash"
    )


def _blind(seed: int, inputs: int) -> str:
    dice, found = Random(seed), Counter[str]()
    bodies = seeds()
    for number in range(inputs):
        body = dice.choice(tuple(MUTATIONS.values()))(dice.choice(bodies), dice)
        try:
            found[type(decode_invariant.hold(body)[0]).__name__] += 1
        except Exception as error:
            msg = f"seed {seed}, input {number}: {body!r}"
            raise AssertionError(msg) from error
    counts = ", ".join(f"{kind} {count:,}" for kind, count in found.most_common())
    return (
        f"{inputs:,} blind inputs, seed {seed} (atheris is not here: nothing guided them); {counts}; no promise broken"
    )
