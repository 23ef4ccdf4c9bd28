"""The proof of verify-day at the smallest size that can fail: a kill and another rulebook in the middle of a day."""

from __future__ import annotations

import pytest

from tests import prove_verify

pytestmark = pytest.mark.journey


def test_a_day_with_a_kill_and_another_rulebook_is_the_same_again(seed: int) -> None:
    """6,000 messages through a real session and daemon: both digests and the second looks are equal."""
    report = prove_verify.run(seed, messages=6_000)

    assert "market digest" in report
    print(report)
