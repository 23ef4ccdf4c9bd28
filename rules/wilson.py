"""Wilson's score interval in integers: the lower bound rounded down, the upper one up. It refuses floats."""

from __future__ import annotations

from math import isqrt

Z_THOUSANDTHS = {950_000: 1960, 990_000: 2576, 999_000: 3291}
"""Two-sided confidence in ppm → the normal quantile in thousandths."""
_MILLION = 1_000_000


def wilson(hits: int, count: int, confidence_ppm: int) -> tuple[int, int]:
    """Return the Wilson score interval of hits / count in ppm, rounded outwards.

    Both bounds are (2k + z² ± √(z²·(z² + 4k(n − k)/n))) / 2(n + z²) with z² in millionths.
    """
    z_squared = Z_THOUSANDTHS[confidence_ppm] ** 2
    centre = (2 * hits * _MILLION + z_squared) * _MILLION
    under_root = z_squared * (z_squared * count + 4 * _MILLION * hits * (count - hits)) * _MILLION**2
    root = isqrt(under_root // count)
    width = 2 * (count * _MILLION + z_squared)
    lower = (centre - root - 1) // width
    upper = -((-centre - root - 1) // width)
    return max(0, lower), min(_MILLION, upper)
