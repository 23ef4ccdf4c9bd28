"""The invariant of decode (tests/decode_invariant.py), asked of anything; `make prove` asks it a million times."""

from __future__ import annotations

import re
from importlib.util import find_spec
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.fix.events import Execution, Undecodable
from tests import decode_invariant, prove_fuzz
from tests.factories_messages import framed
from tests.prove_decode import MUTATIONS

SEEDS = prove_fuzz.seeds()


@given(st.binary(max_size=300))
def test_any_bytes_end_as_one_outcome(body: bytes) -> None:
    """Garbage is undecodable, with a reason and without a number."""
    assert decode_invariant.hold(body)


@given(st.binary(max_size=300))
def test_any_content_in_an_intact_frame_ends_as_one_outcome(content: bytes) -> None:
    """The frame holds, so every dialect is asked."""
    assert decode_invariant.hold(framed(content + b"\x01"))


@settings(max_examples=200)
@given(st.sampled_from(SEEDS), st.sampled_from(sorted(MUTATIONS)), st.integers(0, 2**32))
def test_any_damage_to_a_message_ends_as_one_outcome(body: bytes, damage: str, chance: int) -> None:
    """Of every shipped dialect, by every shipped dialect."""
    assert decode_invariant.hold(MUTATIONS[damage](body, Random(chance)))


def test_the_shipped_messages_reach_every_promise() -> None:
    """Or the properties would hold of nothing: each dialect has executions and something it cannot read."""
    for name, bodies in decode_invariant.shipped_messages().items():
        place = list(decode_invariant.DIALECTS).index(name)
        kinds = {type(decode_invariant.hold(body)[place]) for body in bodies}

        assert {Execution, Undecodable} <= kinds


@pytest.mark.journey
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this machine")
def test_the_guided_fuzzer_finds_more_than_it_was_given() -> None:
    """A few inputs in a process of its own; `make prove` tries a million."""
    report = prove_fuzz.run(1, 500)

    seeds, kept = map(int, re.findall(r"(\d+) seeds grew to (\d+) inputs", report)[0])
    assert kept > seeds > 50
    assert report.endswith("no promise broken, no crash")


def test_without_atheris_the_same_is_asked_blindly(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the report says that nothing guided it."""
    monkeypatch.setattr(prove_fuzz.importlib.util, "find_spec", lambda _: None)

    assert "50 blind inputs, seed 3 (atheris is not here: nothing guided them)" in prove_fuzz.run(3, 50)


def test_a_broken_promise_names_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it can be repeated."""

    def broken(_body: bytes) -> None:
        msg = "broken"
        raise ValueError(msg)

    monkeypatch.setattr(prove_fuzz.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(decode_invariant, "hold", broken)

    with pytest.raises(AssertionError, match="seed 3, input 0: b'8=FIX"):
        prove_fuzz.run(3, 1)
