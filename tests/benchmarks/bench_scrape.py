"""What a scrape costs: python -m tests.benchmarks.bench_scrape; also by `make bench`.

The metrics of a large house: three counterparties at forty venues and `other`, every rule, six channels, sixteen
sessions. And what counting a batch costs the road, as executions a second.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable

import msgspec
from prometheus_client import generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from rules.finding import Severity
from rules.rulebook import parse_rulebook
from service.health import GZIP_LEVEL
from service.metrics.daemon import Metrics
from service.metrics.labels import VENUES_AT_MOST
from service.metrics.sight import Disk, SessionSight, Sight
from service.metrics.tally import AGES, Tally, Work
from service.processed import Processed
from service.telling.delivered import Standing
from tests.factories import NOON
from tests.factories_store import a_recorded_fill

PARTIES = ("alpha", "beta", "gamma")
CHANNELS = ("mqtt", "desk", "on_call", "mail", "chat", "console")
SCRAPES = 200
BATCHES = 200
BATCH = 512


def test_what_a_scrape_costs() -> None:
    """Print the table; nothing is asserted of a time."""
    main()


def main() -> None:
    """Print size and time of a scrape, and what counting costs."""
    metrics = a_large_house()
    batch = _batch()
    counting = _times(lambda: metrics.recorded(batch, BATCH, 0.01), BATCHES)
    print(f"\ncounting: {BATCH / _quantile(counting, 0.5):,.0f} executions/s ({BATCHES} batches of {BATCH})")
    for title, encode in (("text", generate_latest), ("OpenMetrics", openmetrics.generate_latest)):
        text = encode(metrics.registry)
        lines = sum(not line.startswith(b"#") for line in text.splitlines())
        times = _times(lambda encode=encode: encode(metrics.registry), SCRAPES)  # type: ignore[misc]
        found = " ".join(f"{name} {1e3 * _quantile(times, q):.1f}" for name, q in (("p50", 0.5), ("p99", 0.99)))
        small = len(gzip.compress(text, GZIP_LEVEL))
        print(f"{title:>12}: {lines:,} series, {len(text):,} bytes, {small:,} by gzip; ms {found}")


def a_large_house() -> Metrics:
    """Return metrics in which every label has every value that it may have."""
    rules = [rule.name for rule in parse_rulebook("").rules]
    severities = [severity.value for severity in Severity]
    work = Work(
        opened={(severity, age): 7 for severity in severities for age in AGES},
        newest={(rule, severity): 1_234_567 for rule in rules for severity in severities},
    )
    sight = Sight(
        at=NOON,
        sessions=tuple(
            SessionSight(
                counterparty=party,
                session=f"FIX.4.4:FIRM->{party}{number}",
                logged_on=True,
                last_inbound_age=0.3,
                gap_open=False,
                clock_offset=0.001,
                heartbeat=30.0,
            )
            for party in PARTIES
            for number in range(5)
        ),
        quote_lag={"mqtt": 0.1, "file": 0.2},
        quote_live={"mqtt": True, "file": True},
        connected=dict.fromkeys(CHANNELS, True),
        disk=Disk(free=10**11, size=10**12),
        tally=Tally(
            work=work,
            channels={name: Standing(channel=name, configured=True, waiting=3, due_since=NOON) for name in CHANNELS},
        ),
    )
    metrics = Metrics(rules, lambda: sight, counterparties=PARTIES, channels=CHANNELS)
    metrics.recorded(_batch(), BATCH, 0.01)
    return metrics


def _batch() -> Processed:
    """Return a batch of executions of every counterparty at more venues than are told apart."""
    fills = []
    for number in range(BATCH):
        recorded = a_recorded_fill(number + 1)
        venue = f"X{number // len(PARTIES) % (VENUES_AT_MOST + 5):03d}"
        fill = msgspec.structs.replace(recorded.fill, counterparty=PARTIES[number % len(PARTIES)], venue=venue)
        fills.append(msgspec.structs.replace(recorded, fill=fill))
    return Processed(upto=BATCH, fills=fills)


def _times(work: Callable[[], object], times: int) -> list[float]:
    """Return how long each of so many runs took, in seconds, sorted."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return sorted(found)


def _quantile(found: list[float], share: float) -> float:
    return found[min(len(found) - 1, int(len(found) * share))]


if __name__ == "__main__":
    main()
