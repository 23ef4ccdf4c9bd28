"""Three vendors at the smallest size that can fail: bad lines, deaths of core and gateways, one back-fill."""

from __future__ import annotations

import pytest

from tests import prove_vendors

pytestmark = pytest.mark.journey


def test_the_store_holds_the_truth_and_only_the_torn_session_is_certified_red(seed: int) -> None:
    """2,000 reports with lost sends, duplicates, PossResends, resets, busts, corrections and 4 deaths."""
    report = prove_vendors.run(seed, messages=2_000, kills=4)

    assert "certificate of torn: red" in report
    print(report)
