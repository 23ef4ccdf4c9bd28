"""What the whole catalogue costs for each kind of fact, beside a loop that does the least that could be called judging.

The toy loop compares two integers of the fact and counts: nothing is remembered, explained or bounded. The ratio is
taken in one run, interleaved, so that the load of the machine falls on both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random
from statistics import median
from typing import Any

import pytest

from rules.engine import Engine
from rules.facts import AnyFact, Nanos
from tests.factories import NOON, a_change, a_fill, an_outcome
from tests.factories_marks import a_fade, a_markout
from tests.factories_rules import a_register, an_engine

FACTS = 20_000
ROUNDS = 5
VENUES = ("XNYS", "XNAS", "ARCX", "BATS", "IEXG")


def _fills(dice: Random) -> list[AnyFact]:
    return [
        a_fill(
            offset=n,
            execution_id=f"E{n}",
            executed_at=Nanos(NOON + n * 1_000_000),
            clock=Nanos(NOON + n * 1_000_000),
            venue=dice.choice(VENUES),
            time_to_fill=f"{dice.randrange(1, 900)} ms",
        )
        for n in range(FACTS)
    ]


def _outcomes(dice: Random) -> list[AnyFact]:
    return [
        an_outcome(
            offset=n,
            order_key=f"O{n}",
            at=Nanos(NOON + n * 1_000_000),
            clock=Nanos(NOON + n * 1_000_000),
            venue=dice.choice(VENUES),
        )
        for n in range(FACTS)
    ]


def _changes(dice: Random) -> list[AnyFact]:
    del dice
    return [a_change(offset=n) for n in range(FACTS)]


def _markouts(dice: Random) -> list[AnyFact]:
    return [a_markout(offset=n, execution_id=f"E{n}", venue=dice.choice(VENUES)) for n in range(FACTS)]


def _fades(dice: Random) -> list[AnyFact]:
    del dice
    return [a_fade(offset=n) for n in range(FACTS)]


KINDS: dict[str, Callable[[Random], list[AnyFact]]] = {
    "fill": _fills,
    "order_outcome": _outcomes,
    "order_changed": _changes,
    "markout": _markouts,
    "fade": _fades,
}


def _toy(facts: Sequence[Any]) -> int:
    """Count the facts that lie above a limit: what a script would do."""
    above = 0
    for fact in facts:
        if fact.offset > FACTS // 2 and fact.trade_date:
            above += 1
    return above


def _assessed(engine: Engine, facts: Sequence[AnyFact]) -> int:
    return sum(len(engine.assess(fact)) for fact in facts)


def _rate(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return FACTS / (time.perf_counter() - began)


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_catalogue_beside_a_toy_loop(kind: str) -> None:
    """Facts a second with every rule on, the toy loop's, and the ratio: medians of interleaved rounds."""
    facts = KINDS[kind](Random(7))
    register = a_register()
    engines, toys = [], []
    for _ in range(ROUNDS):
        engine = Engine(an_engine().rulebook, {"demo": register})
        engines.append(_rate(lambda engine=engine: _assessed(engine, facts)))
        toys.append(_rate(lambda: _toy(facts)))

    whole, toy = median(engines), median(toys)
    print(f"\n{kind}: {whole:,.0f} facts/s with the whole catalogue, toy loop {toy:,.0f}/s, ratio 1:{toy / whole:,.0f}")
    assert whole > 1_000
