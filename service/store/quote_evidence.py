"""The quotes around executions, kept with the findings about them: read along the findings, written once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from rules.finding import Finding
from service.market.around import Around, Told
from service.quote_evidence import FindingQuotes, Numbered, Taken
from service.store.bulk import Row, insert_new
from service.store.cells import canonical
from service.store.engine import Database
from service.store.record import read_offset, write_offset
from service.store.tables import finding_quotes, findings

QUOTE_EVIDENCE = "quote_evidence"
"""The name of the offset: the last number of `findings` whose quotes are kept, as far as it has any."""
_finding = msgspec.json.Decoder(Finding)
_quotes = msgspec.json.Decoder(tuple[Told, ...])


class SqlQuoteEvidence:
    """Keeps quotes with findings; keeping them twice changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, after: int | None, limit: int) -> list[Numbered]:
        """Return the findings that come next: after that number, or after the last whose quotes are kept."""
        at = findings.c
        with self._database.reading() as connection:
            start = read_offset(connection, QUOTE_EVIDENCE) if after is None else after
            wanted = select(at.seq, at.body).where(at.seq > start).order_by(at.seq).limit(limit)
            return [Numbered(row.seq, _finding.decode(row.body)) for row in connection.execute(wanted)]

    def keep(self, taken: Taken) -> None:
        """Commit the quotes together with how far that is."""
        with self._database.writing() as connection:
            insert_new(connection, finding_quotes, [_row(kept) for kept in taken.kept])
            write_offset(connection, QUOTE_EVIDENCE, taken.upto)

    def of(self, finding_ids: Sequence[str]) -> dict[str, FindingQuotes]:
        """Return what is kept with these findings."""
        at = finding_quotes.c
        wanted = select(finding_quotes).where(at.finding_id.in_(finding_ids))
        with self._database.reading() as connection:
            return {
                row.finding_id: FindingQuotes(
                    finding_id=row.finding_id,
                    symbol=row.symbol,
                    around=Around(
                        begin=row.begin_at,
                        end=row.end_at,
                        complete=row.complete,
                        reason=row.reason,
                        quotes=_quotes.decode(row.quotes),
                    ),
                )
                for row in connection.execute(wanted)
            }


def _row(kept: FindingQuotes) -> Row:
    found = kept.around
    return (
        kept.finding_id,
        kept.symbol,
        found.begin,
        found.end,
        found.complete,
        found.reason,
        canonical(found.quotes),
    )
