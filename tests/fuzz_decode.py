"""The coverage-guided target: python -m tests.fuzz_decode CORPUS -runs=N -seed=S, libFuzzer's own words behind it.

Bytes that reach a new branch of the room of decode are kept and changed on; half of what is changed field by field has
its frame put right again, or nothing behind the check of the frame would be reached.
"""

from __future__ import annotations

import sys
from random import Random

import atheris

with atheris.instrument_imports(include=["service.fix"]):
    from tests import decode_invariant

from tests.prove_decode import MUTATIONS, duplicated, emptied, mistyped, refielded

_GROUPS = (b"453=2", b"448=CDED", b"452=17", b"768=3", b"769=20131007-14:30:00.1", b"770=1", b"382=1", b"375=JNST")
_FEWEST = 4
_FRAMED = {name: change for name, change in MUTATIONS.items() if name not in ("none", "bit flips", "truncations")}


def grouped(fields: list[bytes], dice: Random) -> None:
    """Put members of repeating groups anywhere."""
    for _ in range(dice.randint(1, 4)):
        fields.insert(dice.randrange(len(fields) + 1), dice.choice(_GROUPS))


def spliced(fields: list[bytes], dice: Random) -> None:
    """Put a stretch of the message somewhere else in it, once more."""
    at, end = sorted(dice.randrange(len(fields) + 1) for _ in range(2))
    to = dice.randrange(len(fields) + 1)
    fields[to:to] = fields[at:end]


_CHANGES = (*_FRAMED.values(), *map(refielded, (grouped, spliced, duplicated, emptied, mistyped)))


def changed(body: bytes, most: int, seed: int) -> bytes:
    """Change it by fields with a frame that holds, or blindly; about half and half."""
    dice = Random(seed)
    if body.count(b"\x01") > _FEWEST and dice.random() < 0.5:
        try:
            return dice.choice(_CHANGES)(body, dice)[:most]
        except (ValueError, IndexError, UnicodeDecodeError):
            pass  # nothing left in it that could be called a field
    return bytes(atheris.Mutate(body, most))


def target(body: bytes) -> None:
    """Ask the invariant of one input; whatever it raises is a find."""
    decode_invariant.hold(body)


if __name__ == "__main__":
    atheris.Setup(sys.argv, target, custom_mutator=changed)
    atheris.Fuzz()
