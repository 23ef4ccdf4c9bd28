"""A late copy is judged by the stamps that can be believed, less the delay that was declared."""

from __future__ import annotations

from typing import Any

import pytest

from rules.catalogue import clock_offset, flow_stopped, late_drop_copy, unmatched_symbol
from rules.rule import NotEvaluated, Observation
from rules.windows import Row, Window
from tests.factories import NOON, a_feed_event, a_fill, length
from tests.factories_rules import an_engine, facts_of, found

LIMITS = {"publish_at_most": length("100 ms"), "transport_at_most": length("250 ms")}


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"backfilled": True}, "back-filled"),
        ({"resent": True}, "resent"),
        ({"auction": True}, "auction"),
        ({"amends": "E0"}, "correction"),
        ({"clock_suspect": "60"}, "clock suspect"),
        ({"sent_at": None}, "no SendingTime"),
        ({"executed_at_digits": 0}, "stamp too coarse"),
        ({"published": "1 ms", "carried": "0.9 s", "executed_at": NOON - 1_000_000}, "stamp too coarse"),
    ],
)
def test_what_has_no_fair_delay_is_left_out(named: dict[str, Any], reason: str) -> None:
    """Each exclusion is said by its reason; a stamp in whole seconds decides nothing below a second."""
    fill = a_fill(**{"published": "1 s"} | named)

    assert late_drop_copy.observe(fill, LIMITS) == NotEvaluated(reason)


@pytest.mark.parametrize(
    ("named", "which", "delay"),
    [
        ({"published": "100.000001 ms"}, late_drop_copy.PUBLISH, "100.000001 ms"),
        ({"published": "1 ms", "carried": "251 ms"}, late_drop_copy.TRANSPORT, "251 ms"),
        ({"published": "200 ms", "carried": "1 s"}, late_drop_copy.TRANSPORT, "1 s"),
        ({"published": "2 s", "carried": "1 s"}, late_drop_copy.PUBLISH, "2 s"),
        ({"published": "2 s", "received_at": None}, late_drop_copy.PUBLISH, "2 s"),
        ({"published": "1.2 s", "declared_delay": "1 s"}, late_drop_copy.PUBLISH, "200 ms"),
        ({"published": "2 s", "executed_at_digits": 0}, late_drop_copy.PUBLISH, "2 s"),
    ],
)
def test_the_delay_that_is_further_beyond_its_limit_is_counted(named: dict[str, Any], which: str, delay: str) -> None:
    """By session and by which of the two it is, in the journal's own time."""
    fill = a_fill(**named)

    counted = late_drop_copy.observe(fill, LIMITS)

    assert isinstance(counted, Observation)
    assert counted.key == ("demo", fill.session, which)
    assert (counted.value, counted.at) == (length(delay), fill.clock)


@pytest.mark.parametrize(
    "named",
    [
        {"published": "100 ms"},
        {"published": "1 ms", "carried": "250 ms"},
        {"published": "1.1 s", "carried": "1.2 s", "declared_delay": "1 s"},
        {"published": "1 ms", "sent_at": NOON - 5_000_000_000, "received_at": None},
    ],
)
def test_a_copy_within_its_limits_is_none(named: dict[str, Any]) -> None:
    """The limit itself is in time; a vendor's clock that runs ahead is not late."""
    assert late_drop_copy.observe(a_fill(**named), LIMITS) is None


@pytest.mark.parametrize(
    ("named", "clock", "words"),
    [
        ({"published": "1 s"}, "execution (vendor)", "the publish delay was 1 s"),
        ({"published": "1 ms", "carried": "1 s"}, "SendingTime (52, vendor)", "transport delay (between two clocks)"),
    ],
)
def test_a_late_copy_names_its_clocks(named: dict[str, Any], clock: str, words: str) -> None:
    """A transport delay is labelled as one between two clocks."""
    window = Window()
    window.add(Row(NOON, 1, length("1 s")), length("10 min"))
    window.add(Row(NOON + 1, 2, length("3 s")), length("10 min"))

    draft = late_drop_copy.check(a_fill(**named), LIMITS, window)

    assert draft.clocks is not None
    assert draft.clocks[0] == clock
    assert words in draft.sentence
    assert (draft.values["median_ns"], draft.values["longest_ns"]) == (length("1 s"), length("3 s"))
    assert (draft.values["late_count"], draft.at) == (2, NOON + 1)


def test_a_feed_that_is_always_late_is_no_flood() -> None:
    """One finding, then one more after every hundred late copies."""
    late = facts_of([{"fill": {"published": "1 s", "times": 250}}])

    said = [finding for finding in found(an_engine(), late) if finding.rule == "late_drop_copy"]

    assert [finding.sample_count for finding in said] == [5, 105, 205]
    assert len({finding.cause for finding in said}) == 1


def test_feed_health_says_what_it_knows_and_guesses_nothing() -> None:
    """With the numbers the sentence has them."""
    stopped = a_feed_event(kind="flow_stopped", detail={"wait_ns": 1, "usual_gap_ns": 2, "session": "up"})

    assert "for 1 ns, where gaps of 2 ns are usual. The session is up." in flow_stopped.check(stopped, {}).sentence
    assert flow_stopped.check(a_feed_event(), {}).sentence.endswith("FIRM->SOR. The session is unknown.")
    assert clock_offset.check(a_feed_event(), {}).sentence.endswith("off from ours: no reason is known.")
    assert "asked for as IBM" in unmatched_symbol.check(a_feed_event(subject="IBM"), {}).sentence
