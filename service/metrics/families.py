"""How one family of numbers is made for a scrape: the name, its help, and a row a set of labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

Labels = tuple[str, ...]


def gauge(name: str, words: str, value: float | None) -> GaugeMetricFamily:
    """Return a gauge of one number; without the number the name and its help are there all the same."""
    return GaugeMetricFamily(f"sorwatch_{name}", words, value=value)


def gauges(name: str, words: str, labels: Labels, rows: Mapping[Any, float | None]) -> GaugeMetricFamily:
    """Return a gauge by labels; what is not known is left out rather than zero."""
    family = GaugeMetricFamily(f"sorwatch_{name}", words, labels=labels)
    for values, number in rows.items():
        if number is not None:
            family.add_metric(values, number)
    return family


def counters(name: str, words: str, labels: Labels, rows: Iterable[tuple[Labels, float]]) -> CounterMetricFamily:
    """Return a counter by labels."""
    family = CounterMetricFamily(f"sorwatch_{name}", words, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
