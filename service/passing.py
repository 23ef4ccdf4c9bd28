"""Journal and store of a run that is recorded nowhere: they keep only what the road itself asks for. Pure."""

from __future__ import annotations

from rules.facts import Fact
from service.journal import Frame, Record, SessionPoint
from service.orders.snapshot import KnownExecution
from service.ports import Checkpoint
from service.processed import Amendment, Decision, Processed, RecordedOwnOrder
from service.requote import Decided


class PassingJournal:
    """A journal that forgets what was read: enough for a replay that is recorded nowhere."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._last = 0

    def append(self, frame: Frame) -> int:
        """Number the entries and keep them until they are read."""
        for entry in frame.entries:
            self._last += 1
            self._records.append(
                Record(
                    offset=self._last,
                    kind=entry.kind,
                    counterparty=entry.counterparty,
                    session=entry.session,
                    epoch=entry.epoch,
                    received_at=entry.received_at,
                    body=entry.body,
                )
            )
        return self._last

    def read(self, after: int, limit: int) -> list[Record]:
        """Hand out what follows `after`, and forget what came before it."""
        self._records = [record for record in self._records if record.offset > after]
        return self._records[:limit]

    def last_offset(self) -> int:
        """Return the last offset given out."""
        return self._last

    def point(self, counterparty: str, session: str) -> SessionPoint | None:
        """Know nothing of sessions."""
        del counterparty, session
        return None


class PassingStore:
    """A store that keeps nothing but how far it is, and the keys by which a copy is known on a later day."""

    def __init__(self) -> None:
        self._processed = 0
        self._keys: dict[tuple[str, str], dict[str, bytes]] = {}

    def record(self, processed: Processed) -> None:
        """Remember the offset and the keys."""
        self._processed = processed.upto
        for recorded in processed.fills:
            self._keep(recorded.fill, recorded.dedup_key, recorded.content_hash)
        for event in processed.order_events:
            self._keep(event.changed, event.dedup_key, event.content_hash)
        for own in processed.own_orders:
            self._keep(own, own.dedup_key, own.content_hash)
        for made in processed.amendments:
            self._keep(made, made.dedup_key, made.content_hash)

    def processed_offset(self) -> int:
        """Return how far the replay is."""
        return self._processed

    def decisions(self, after: int, upto: int) -> dict[int, Decision]:
        """Have none."""
        del after, upto
        return {}

    def known_keys(self, counterparty: str, trade_date: str, before: int) -> dict[str, bytes]:
        """Return the keys of that day; all that was recorded came before."""
        del before
        return self._keys.get((counterparty, trade_date), {})

    def known_execution(self, counterparty: str, exec_id: str, before: int) -> KnownExecution | None:
        """Know none: a bust that comes two closes after its execution waits for it and is raised."""
        del counterparty, exec_id, before
        return None

    def decided(self, offset: int, before: int) -> Decided:
        """Know nothing: a file has no late quotes."""
        del offset, before
        return Decided()

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Drop it: a replay starts from its log."""

    def checkpoint(self, schema: str) -> Checkpoint | None:
        """Have none."""
        del schema
        return None

    def _keep(self, fact: Fact | Amendment | RecordedOwnOrder, key: str | None, content: bytes) -> None:
        if key is not None:
            self._keys.setdefault((fact.counterparty, fact.trade_date), {})[key] = content
