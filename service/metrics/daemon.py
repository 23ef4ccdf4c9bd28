"""All metrics of the daemon, on a registry of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, disable_created_metrics

from service.cases.case import Notice
from service.metrics.channels import Channels
from service.metrics.gauges import Gauges
from service.metrics.people import People
from service.metrics.road import Road
from service.metrics.sight import Sight
from service.metrics.trading import Trading
from service.processed import Processed

disable_created_metrics()  # type: ignore[no-untyped-call] # when a counter began says nothing that the process does not


class Metrics:
    """The daemon's metrics; `look` is asked for the gauges at every scrape, `alerts` and `people` are told theirs."""

    def __init__(
        self,
        rules: Iterable[str],
        look: Callable[[], Sight],
        *,
        counterparties: Iterable[str] = (),
        channels: Iterable[str] = (),
    ) -> None:
        names, ways = tuple(rules), tuple(channels)
        self.registry = CollectorRegistry()
        self._road = Road(self.registry, names, counterparties)
        self.people = People(self.registry, names)
        self.alerts = Channels(self.registry, ways)
        self.registry.register(Trading(self._road.figures))
        self.registry.register(Gauges(look, names, ways))

    def recorded(self, processed: Processed, records: int, seconds: float) -> None:
        """Count one batch after its commit."""
        self._road.recorded(processed, records, seconds)

    def commit_failed(self) -> None:
        """Count a batch that could not be recorded."""
        self._road.commit_failed()

    def noticed(self, notices: Iterable[Notice]) -> None:
        """Count exceptions opened or raised, after their commit."""
        self.people.noticed(notices)
