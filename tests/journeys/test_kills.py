"""The kills at the smallest size that can fail: gateway and core die at seeded offsets, the FIX store is lost."""

from __future__ import annotations

import pytest

from tests import prove_kills

pytestmark = pytest.mark.journey


def test_whatever_dies_nothing_is_lost_or_doubled(seed: int) -> None:
    """2,000 messages, 3 deaths: executions equal those sent, the market digest that of an undisturbed run."""
    report = prove_kills.run(seed, messages=2_000, kills=3)

    assert "market digest equal" in report
    print(report)
