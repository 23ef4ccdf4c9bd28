"""Bounds of the histograms: from what is good to what is hopeless, about two and a half steps to the decade. Pure.

Prometheus can take them over into native histograms with custom buckets as they are.
"""

from __future__ import annotations

BATCH = (1, 4, 16, 64, 128, 256, 512, 1024, 4096)
COMMIT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
"""A commit is bound by the disk: 1 ms on a good one, seconds on one that is full."""
DELAY = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800)
"""Some vendors hold their copy back by as much as fifteen minutes."""
DELIVERY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 14400, 86400)
"""From a broker next door to a channel that was dead for a day."""
ACKNOWLEDGED = (15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200, 604800)
CLOSED = (300, 900, 3600, 14400, 28800, 86400, 259200, 604800, 1209600, 2592000, 7776000)
"""People: minutes to weeks."""
