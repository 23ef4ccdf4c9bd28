"""The units of everything: prices in 1e-9 dollars, quantities in 1e-6 shares, times in UTC nanoseconds: integers."""

from __future__ import annotations

from typing import NewType

Nanos = NewType("Nanos", int)
"""UTC nanoseconds since the epoch, or a length of time in nanoseconds."""
Price = NewType("Price", int)
"""1e-9 dollars a share (nanodollars)."""
Quantity = NewType("Quantity", int)
"""1e-6 shares."""

PRICE_SCALE = 1_000_000_000
QUANTITY_SCALE = 1_000_000
SECOND = 1_000_000_000
MILLISECOND = 1_000_000
