"""What a quote source of others is, and what it is given: the protocol of the entry points `sorwatch.quote_sources`.

A package names a function under that group, `quotes.source` (or `quotes.second`) chooses it by its name, and the table
`[quotes.options.<name>]` of the settings is handed to it as it stands:

    [project.entry-points."sorwatch.quote_sources"]
    ours = "our_package.quotes:opened"

The function looks at its options and returns the source; it raises an error in words when they are wrong, which stops
the start. Everything else belongs into `run`, which is called on an asyncio loop in a thread of the source's own: what
it raises is logged, the source counts as dead, and `run` is called again after a while. The watch goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from rules.facts import Nanos
from service.market.tape import QuoteUpdate

GROUP = "sorwatch.quote_sources"


class QuoteSink(Protocol):
    """Takes what a source hears; never raises. What cannot be a quote is counted and left out."""

    def quotes(self, quotes: Iterable[QuoteUpdate], *, mark: Nanos | None = None, sequence: int | None = None) -> None:
        """Take quotes in the order of the source.

        `mark` says that the source has passed that plan time on every symbol (alone, it is a heartbeat); `sequence`
        numbers the calls without a hole, so that one shows.
        """
        ...

    def payload(self, body: bytes) -> None:
        """Take quotes, a batch or a heartbeat as JSON, in the form of the MQTT messages."""
        ...

    def lost(self, messages: int = 0) -> None:
        """Note that `messages` were lost, or (0) that the connection is gone."""
        ...


class QuoteSource(Protocol):
    """Feeds its sink while `run` lasts."""

    async def run(self) -> None:
        """Run until cancelled; it is called again after it returned or raised."""
        ...


Opening = Callable[[Mapping[str, Any], QuoteSink], QuoteSource]
"""What an entry point names."""
