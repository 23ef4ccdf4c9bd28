"""The few colours of the dashboards and what each says; a severity has the same one everywhere, and calm is grey."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import FieldColorModeId, Threshold, ThresholdsMode

SEVERITIES = {"critical": "#e0455a", "high": "#d9762b", "medium": "#ad8a16", "low": "#7c8b9a"}
"""The gravest first. Each stands out on Grafana's dark canvas and on white."""
BAD, ATTENTION = SEVERITIES["critical"], SEVERITIES["high"]
CALM = "text"
"""The theme's own colour of text: nothing to look at."""
LINE = "#4a8fd6"
"""What is neither good nor bad."""
QUANTILES = {"p50": "#7c8b9a", "p90": LINE, "p95": LINE, "p99": "#a06be0"}
"""From what is usual to what is rare, the same on every panel."""

Steps = tuple[tuple[float, str], ...]
"""From which value on which colour; below the first, CALM."""


def thresholds(steps: Steps) -> ThresholdsConfig:
    """Return the steps as Grafana's thresholds, with CALM from the bottom."""
    bottom = Threshold(value=None, color=CALM)
    above = [Threshold(value=value, color=color) for value, color in steps]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps([bottom, *above])


def fixed(color: str) -> FieldColor:
    """Return one colour for all."""
    return FieldColor().mode(FieldColorModeId.FIXED).fixed_color(color)


def by_name() -> FieldColor:
    """Return a colour a name, the same on every panel, for series of which none is worse than another by itself."""
    return FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME)


def any_above(value: float, color: str) -> Steps:
    """Return the one step of a number that ought to stay below a value."""
    return ((value, color),)
