"""What the road of a file leaves behind: everything that was found is in a case."""

from __future__ import annotations

from rules.reassessment import Verdict
from service.backfill.road import gather_all
from service.store.engine import Database
from service.store.queue import CHUNK
from tests.factories_cases import a_finding, a_look, a_queue, looked, recorded


def test_second_looks_of_more_than_one_chunk_are_all_taken(database: Database) -> None:
    """No finding comes behind them that would have made another turn."""
    first = a_finding(1, uncertain=True)
    recorded(database, first)
    queue = a_queue(database)
    gather_all(queue)
    again = [a_look(first, Verdict.UNRESOLVED, offset=offset) for offset in range(900, 900 + CHUNK)]
    looked(database, *again, a_look(first, Verdict.WITHDRAWN, offset=900 + CHUNK))

    gather_all(queue)

    case = queue.case(1)
    assert case is not None
    assert (case.finding_count, case.withdrawn_count, case.uncertain_count) == (0, 1, 0)
