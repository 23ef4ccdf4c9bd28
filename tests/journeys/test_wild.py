"""The proof of the wild at the smallest size that can fail: a bad line, deaths on our side, files for what is left."""

from __future__ import annotations

import pytest

from tests import prove_wild

pytestmark = pytest.mark.journey


def test_the_store_holds_the_truth_and_the_certificate_is_red_until_nothing_is_missing(seed: int) -> None:
    """2,000 reports with lost sends, copies, PossResends, resets, busts, corrections and 2 deaths."""
    report = prove_wild.run(seed, messages=2_000, kills=2)

    assert "certificate: red" in report
    print(report)
