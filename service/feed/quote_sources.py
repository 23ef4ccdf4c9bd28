"""Whether the watch sees the market: what a quote source says of its own state, told when it comes or goes. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import FeedEvent, FeedEventKind
from service.feed.page import Detail, Page
from service.journal import Record

_LIVE = "live"


class _Said(msgspec.Struct, frozen=True):
    source: str = ""
    state: str = ""


def quote_source(states: dict[str, str], record: Record, page: Page) -> list[FeedEvent]:
    """Note the state of a source by its name in `states`; return that it went down, or is up again."""
    said = msgspec.json.decode(record.body, type=_Said)
    before = states.get(said.source)
    states[said.source] = said.state
    live, was_live = said.state == _LIVE, before in (None, _LIVE)
    if live == was_live:
        return []
    kind = FeedEventKind.QUOTES_UP if live else FeedEventKind.QUOTES_DOWN
    of = (record.counterparty, record.session)
    detail: Detail = {"state": said.state, "before": before}
    return [page.state(kind, of, subject=said.source, at=page.clock, detail=detail, related=(record.offset,))]
