"""What goes out together."""

from __future__ import annotations

from alerts.parcels import Groups, Judged
from alerts.plan import SECOND, Grouping
from alerts.policy import Decision, Verdict
from tests.fakes_alerts import an_alert, seal, waits

SENT = Decision(Verdict.SENT, "opened")
BY_RULE = Grouping(("rule",), 30 * SECOND)


def judged(number: int, **alert: object) -> Judged:
    """Return an alert of an exception of its own that goes out now."""
    return Judged(waits(number, number, **alert), an_alert(number, number, **alert), SENT)


def test_without_groups_each_alert_goes_for_itself_and_at_once() -> None:
    """As a machine wants it."""
    groups = Groups(None)

    parcels = groups.parcels("demo", [judged(1), judged(2), Judged(seal(3), None, SENT)])

    assert [parcel.delivery.key for parcel in parcels] == ["demo/1/1", "demo/2/2", "seals/3"]
    assert groups.due(an_alert(), 7, 7) == 7


def test_a_group_goes_in_one_piece_with_a_key_of_its_own() -> None:
    """The first alert's key, and how many more there are; what is about no exception stays apart."""
    found = [judged(1), judged(2, rule="poor_fill"), judged(3), Judged(seal(4), None, SENT)]

    parcels = Groups(BY_RULE).parcels("demo", found)

    assert [parcel.delivery.key for parcel in parcels] == ["demo/1/1+1", "demo/2/2", "seals/4"]
    assert [alert.exception for alert in parcels[0].delivery.alerts] == [1, 3]
    assert [one.delivery.key for one in parcels[0].singles] == ["demo/1/1", "demo/3/3"]


def test_a_group_is_due_when_its_first_alert_has_waited() -> None:
    """Who comes later does not put it off; what comes after it was due begins a new one."""
    groups = Groups(BY_RULE)

    first, later = groups.due(an_alert(1, 1), 0, 0), groups.due(an_alert(2, 2), 10 * SECOND, 10 * SECOND)
    other = groups.due(an_alert(3, 3, rule="poor_fill"), 10 * SECOND, 10 * SECOND)
    late = groups.due(an_alert(4, 4), 100 * SECOND, 100 * SECOND)

    assert (first, later, other, late) == (30 * SECOND, 30 * SECOND, 40 * SECOND, 130 * SECOND)


def test_what_is_made_after_its_group_was_due_begins_the_next_at_once() -> None:
    """A steady stream comes in pieces of one length; what was made in time still goes with its own."""
    groups = Groups(BY_RULE)
    groups.due(an_alert(1, 1), 0, 0)

    in_time = groups.due(an_alert(2, 2), 30 * SECOND, 31 * SECOND)
    next_one = groups.due(an_alert(3, 3), 31 * SECOND, 31 * SECOND)

    assert (in_time, next_one) == (30 * SECOND, 61 * SECOND)


def test_what_has_waited_long_enough_waits_for_no_group() -> None:
    """After an outage nothing is put off once more, however seldom it is looked at."""
    groups = Groups(BY_RULE)
    groups.due(an_alert(1, 1), 0, 0)

    assert groups.due(an_alert(1, 1), 0, 1_000 * SECOND) == 1_000 * SECOND
