"""Certificates beside the firm's own orders, over the real road and a real store."""

from __future__ import annotations

from collections.abc import Iterable

from service.journal import Entry
from service.statements.completeness import Certificate, State
from service.statements.issue import certify
from service.statements.reasons import Weight
from service.store.engine import Database
from tests.factories_own import CALENDAR, OMS, OMS_SESSION, a_fill, an_ack, an_own, with_own
from tests.factories_recorded import MIDNIGHT, ROAD_DAY, record_all
from tests.factories_road import PARTY, SESSION

MATCHED = [an_own(1, 1, "A"), an_ack(1, 2, "V1", "A"), a_fill(2, 3, "V1", "A")]


def certified(database: Database, entries: Iterable[Entry]) -> Certificate:
    """Send both copies down the road and certify the vendor's session in the evening."""
    record_all(database, entries, before=with_own(calendar=CALENDAR))
    return certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT)


def unreconciled(one: Certificate) -> list[str]:
    """Return why it is not reconciled, and check that nothing of the session is missing."""
    assert one.state is not State.RED, one.reasons
    return [reason.name for reason in one.reasons if reason.weight is Weight.UNRECONCILED]


def test_a_day_on_which_every_order_is_in_both_copies_is_reconciled(database: Database) -> None:
    """The vendor's session and our own."""
    one = certified(database, MATCHED)
    own = certify(database, OMS, OMS_SESSION, ROAD_DAY, now=MIDNIGHT)

    assert (one.state, own.state) == (State.RECONCILED, State.RECONCILED)
    assert (one.own.sources, one.own.count, one.own.reported) == ((OMS,), 1, 1)
    assert (own.own.is_source, own.own.count) == (True, 1)


def test_an_own_order_that_the_copy_never_names_is_listed(database: Database) -> None:
    """It was not answered either."""
    one = certified(database, [*MATCHED, an_own(2, 4, "B")])

    assert unreconciled(one) == ["unreported", "unanswered"]
    assert (one.own.unreported, one.own.unanswered) == (("B",), ("B",))


def test_an_order_of_the_copy_that_is_not_ours_is_listed(database: Database) -> None:
    """From the other side."""
    one = certified(database, [*MATCHED, an_ack(3, 4, "V2", "X"), a_fill(4, 5, "V2", "X")])

    assert unreconciled(one) == ["unknown"]
    assert one.own.unknown == ("V2",)


def test_own_orders_that_are_not_complete_themselves_vouch_for_nothing(database: Database) -> None:
    """A gap in their copy."""
    one = certified(database, [*MATCHED, an_own(3, 4, "C"), an_ack(3, 5, "V3", "C"), a_fill(4, 6, "V3", "C")])

    assert unreconciled(one) == ["own_incomplete"]
    assert one.own.incomplete == (OMS_SESSION,)


def test_own_orders_that_say_nothing_on_a_day_with_orders_vouch_for_nothing(database: Database) -> None:
    """Their line may be down."""
    one = certified(database, [an_ack(1, 2, "V1", "A"), a_fill(2, 3, "V1", "A")])

    assert "own_orders_silent" in unreconciled(one)
