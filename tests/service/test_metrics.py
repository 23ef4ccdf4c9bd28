"""Metrics: counted from what was recorded, there at zero, bounded in their labels."""

from __future__ import annotations

import subprocess
from typing import Any

import msgspec
import pytest
from prometheus_client import generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from rules.facts import SECOND, FeedEventKind, Measures, Nanos, QuotesApart
from rules.finding import Severity
from service.cases.case import Notice
from service.cases.states import Action
from service.market.tape import absent
from service.metrics.daemon import Metrics
from service.metrics.done import Done
from service.metrics.labels import OTHER, VENUES_AT_MOST
from service.metrics.road import KNOWN_REASONS, REASONS_AT_MOST
from service.metrics.sight import SessionSight, Sight
from service.metrics.tally import Tally, Work
from service.processed import Processed
from service.telling.delivered import Standing
from tests import servers
from tests.factories import NOON, a_feed_event
from tests.factories_cases import a_case, a_finding
from tests.factories_requote import LOW, a_requote
from tests.factories_road import a_journal, a_trade, an_order, run
from tests.factories_store import a_markout, a_recorded_fill, an_outcome_of

SESSION: dict[str, Any] = {"counterparty": "demo", "session": "FIX.4.4:FIRM->SOR"}


def a_metrics(sight: Sight | None = None) -> Metrics:
    """Return the metrics of a daemon with two rules and one counterparty."""
    seen = sight or Sight()
    return Metrics(["slow_fill", "poor_fill"], lambda: seen, counterparties=["demo"], channels=["mqtt"])


def read(metrics: Metrics, name: str, **labels: str) -> float | None:
    """Return one sample as Prometheus would read it, at a scrape that is not the first."""
    scraped(metrics)
    return metrics.registry.get_sample_value(f"sorwatch_{name}", labels)


def scraped(metrics: Metrics) -> None:
    """Let somebody scrape them."""
    generate_latest(metrics.registry)


def of_venue(metrics: Metrics, venue: str) -> dict[str, float]:
    """Return by name what one scrape says of a venue, the bounds of histograms apart."""
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    return {one.name: one.value for one in samples if one.labels.get("venue") == venue and "le" not in one.labels}


def batch(**named: Any) -> Processed:
    """Return a batch of one execution, changed as named."""
    recorded = a_recorded_fill(1)
    recorded = msgspec.structs.replace(recorded, fill=msgspec.structs.replace(recorded.fill, **named))
    return Processed(upto=1, outcomes=[an_outcome_of(1)], fills=[recorded], findings=[a_finding()])


def test_a_recorded_batch_is_counted_in_all_its_parts() -> None:
    """Messages, executions, findings, size and time of the commit."""
    metrics = a_metrics()

    metrics.recorded(batch(), records=3, seconds=0.004)

    assert read(metrics, "messages_total", outcome="execution") == 1
    assert read(metrics, "executions_total", counterparty="demo", venue="XNYS") == 1
    assert read(metrics, "findings_total", rule="slow_fill", severity="medium") == 1
    assert read(metrics, "batch_records_sum") == 3
    assert read(metrics, "commit_seconds_sum") == 0.004


def test_a_venue_that_is_new_is_zero_at_its_first_scrape() -> None:
    """Prometheus reads what a counter grew by: what it is there with from the first has never been counted."""
    metrics = a_metrics()
    scraped(metrics)
    metrics.recorded(batch(measures=Measures(not_evaluated_reason="a new one")), records=1, seconds=0.001)

    first, second = (of_venue(metrics, "XNYS") for _ in range(2))

    assert set(first.values()) == {0}
    assert second["sorwatch_executions_total"] == second["sorwatch_not_evaluated_total"] == 1
    assert second["sorwatch_executed_shares_total"] == 100


def test_marks_are_counted_by_whether_they_could_be_used() -> None:
    """A realized spread is there, or it is not."""
    metrics = a_metrics()
    marks = [a_markout(), a_markout(horizon=SECOND), a_markout(quote=absent("restart"))]

    metrics.recorded(Processed(upto=2, markouts=marks), records=2, seconds=0.001)

    assert read(metrics, "marks_total", result="measured") == 2
    assert read(metrics, "marks_total", result="not_evaluated") == 1


def test_symbols_that_the_quotes_do_not_know_are_counted() -> None:
    """Each once a day, as they are said; other events of the feed are none."""
    metrics = a_metrics()
    unmatched = a_feed_event(kind=FeedEventKind.SYMBOL_UNMATCHED, subject="ABC-A")

    metrics.recorded(Processed(upto=2, feed_events=[unmatched, a_feed_event()]), records=2, seconds=0.001)

    assert read(metrics, "unmatched_symbols_total", counterparty="demo") == 1


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("unmatched_symbols_total", {"counterparty": "demo"}),
        ("messages_total", {"outcome": "undecodable"}),
        ("executions_total", {"counterparty": "demo", "venue": OTHER}),
        ("orders_ended_total", {"counterparty": "demo", "order_type": "marketable", "outcome": "filled"}),
        ("execution_latency_seconds_count", {"counterparty": "demo", "venue": OTHER}),
        ("alerts_settled_total", {"channel": "mqtt", "verdict": "withheld"}),
        ("exception_close_seconds_count", {"severity": "low"}),
        ("marks_total", {"result": "measured"}),
        ("findings_total", {"rule": "poor_fill", "severity": "critical"}),
        ("exceptions_total", {"rule": "poor_fill", "severity": "critical"}),
        ("not_evaluated_total", {"reason": "execution crossed", "venue": OTHER}),
        ("quotes_compared_total", {"result": "apart"}),
        ("commit_failures_total", {}),
    ],
)
def test_what_has_not_happened_yet_is_zero_rather_than_absent(name: str, labels: dict[str, str]) -> None:
    """An alert rule on a rate needs the series before the first event."""
    assert read(a_metrics(), name, **labels) == 0


def test_decisions_that_late_quotes_changed_are_counted_once_however_much_hangs_on_them() -> None:
    """The rows about executions and ends follow from the one about the decision."""
    metrics = a_metrics()
    made = run(a_journal([an_order(1, 0, "O1"), a_trade(2, 1, "O1", "E1"), a_requote(1, 3, execution=LOW)]))

    metrics.recorded(made, records=3, seconds=0.001)

    assert len(made.requotes) == 2
    assert read(metrics, "requoted_total") == 1


def test_an_execution_that_could_not_be_judged_is_counted_with_its_reason() -> None:
    """Silence must never look like compliance."""
    metrics = a_metrics()

    metrics.recorded(batch(measures=Measures(not_evaluated_reason="execution crossed")), 1, 0.001)

    assert read(metrics, "not_evaluated_total", reason="execution crossed", venue="XNYS") == 1


def test_reasons_beyond_the_bound_are_counted_as_other() -> None:
    """No vendor can blow up the number of series."""
    metrics = a_metrics()

    for number in range(REASONS_AT_MOST):
        metrics.recorded(batch(measures=Measures(not_evaluated_reason=f"reason {number}")), 1, 0.001)

    assert read(metrics, "not_evaluated_total", reason="reason 0", venue="XNYS") == 1
    assert read(metrics, "not_evaluated_total", reason=OTHER, venue="XNYS") == len(KNOWN_REASONS)


def test_venues_beyond_the_bound_are_counted_as_other() -> None:
    """Nor can a vendor that writes a new venue on every execution."""
    metrics = a_metrics()

    for number in range(VENUES_AT_MOST + 3):
        fill = batch(venue=f"V{number}", measures=Measures(not_evaluated_reason="auction"))
        metrics.recorded(fill, 1, 0.001)

    assert read(metrics, "not_evaluated_total", reason="auction", venue="V0") == 1
    assert read(metrics, "not_evaluated_total", reason="auction", venue=OTHER) == 3


@pytest.mark.parametrize(
    ("apart", "result"),
    [
        (QuotesApart(source="mqtt", bid=0, offer=0), "same"),
        (QuotesApart(source="mqtt", bid=0, offer=-1), "apart"),
        (QuotesApart(source="mqtt"), "not_comparable"),
    ],
)
def test_a_comparison_of_two_sources_is_counted_by_what_came_out(apart: QuotesApart, result: str) -> None:
    """Whether the two agree, day by day, is what tells when one of them goes wrong."""
    metrics = a_metrics()

    metrics.recorded(batch(quotes_apart=apart), 1, 0.001)

    assert read(metrics, "quotes_compared_total", result=result) == 1


@pytest.mark.parametrize(
    ("named", "count", "total"),
    [
        ({"executed_at": NOON, "received_at": Nanos(NOON + 250_000_000)}, 1, 0.25),
        ({"executed_at": Nanos(NOON + 1), "received_at": NOON}, 1, 0),
        ({"executed_at": NOON, "received_at": NOON, "resent": True}, 0, 0),
    ],
)
def test_the_delay_of_the_drop_copy_is_measured_on_first_copies_alone(
    named: dict[str, Any], count: int, total: float
) -> None:
    """A resend is late by its nature, and a clock ahead of ours is no negative delay."""
    metrics = a_metrics()

    metrics.recorded(batch(**named), 1, 0.001)

    assert read(metrics, "drop_copy_delay_seconds_count") == count
    assert read(metrics, "drop_copy_delay_seconds_sum") == pytest.approx(total)


def test_an_exception_counts_when_it_opens_and_when_it_rises_but_not_when_it_grows() -> None:
    """One per step that somebody must look at."""
    metrics = a_metrics()
    case = a_case(a_finding(severity=Severity.HIGH))

    metrics.noticed([Notice(case=case, reason=reason) for reason in ("opened", "grew", "severity_rose")])

    assert read(metrics, "exceptions_total", rule="slow_fill", severity="high") == 2


def test_a_batch_that_could_not_be_recorded_is_counted() -> None:
    """The pipeline tries again; the operator sees that it does."""
    metrics = a_metrics()

    metrics.commit_failed()

    assert read(metrics, "commit_failures_total") == 1


def test_the_gauges_say_what_the_daemon_sees_at_the_scrape() -> None:
    """Sessions, restarts, inbox, outbox, quote source."""
    session = SessionSight(**SESSION, logged_on=True, last_inbound_age=1.5, gap_open=True, clock_offset=-0.25)
    standing = Standing(channel="mqtt", configured=True, waiting=3, due_since=NOON - 12 * SECOND, dead=1)
    metrics = a_metrics(
        Sight(
            sessions=(session,),
            gateway_restarts={"demo": 2},
            inbox=7,
            tally=Tally(channels={"mqtt": standing}),
            at=NOON,
            connected={"mqtt": False},
            quote_lag={"mqtt": 0.25, "zeromq": None},
            warm=True,
        )
    )

    assert read(metrics, "session_logged_on", **SESSION) == 1
    assert read(metrics, "session_last_inbound_age_seconds", **SESSION) == 1.5
    assert read(metrics, "gap_open", **SESSION) == 1
    assert read(metrics, "session_clock_offset_seconds", **SESSION) == -0.25
    assert read(metrics, "gateway_restarts_total", counterparty="demo") == 2
    assert read(metrics, "inbox_records") == 7
    assert read(metrics, "alerts_waiting", channel="mqtt") == 3
    assert read(metrics, "alerts_oldest_waiting_seconds", channel="mqtt") == 12
    assert read(metrics, "alerts_dead", channel="mqtt") == 1
    assert read(metrics, "channel_connected", channel="mqtt") == 0
    assert read(metrics, "quote_source_lag_seconds", source="mqtt") == 0.25
    assert read(metrics, "warm") == 1


def test_an_age_that_nobody_knows_is_left_out_rather_than_zero() -> None:
    """A session that never said anything is not one that just spoke."""
    session = SessionSight(**SESSION, logged_on=False, last_inbound_age=None, gap_open=False)
    metrics = a_metrics(Sight(sessions=(session,)))

    assert read(metrics, "session_last_inbound_age_seconds", **SESSION) is None
    assert read(metrics, "session_clock_offset_seconds", **SESSION) is None
    assert read(metrics, "quote_source_lag_seconds", source="mqtt") is None


def test_every_metric_is_explained_by_a_sentence_and_named_by_the_house_rule() -> None:
    """`sorwatch_<noun>_<unit>`, counters end in _total, help ends in a full stop."""
    families = list(a_metrics().registry.collect())

    assert len(families) == len({family.name for family in families})
    assert all(family.name.startswith("sorwatch_") for family in families)
    assert all(family.documentation.endswith(".") for family in families)


def test_no_label_can_grow_with_the_trading() -> None:
    """Never a label per order, account, client or symbol; that of a venue is bounded."""
    metrics = a_metrics(Sight(gateway_restarts={"demo": 0}))
    metrics.recorded(batch(), 1, 0.001)

    text = generate_latest(metrics.registry).decode()

    assert not any(f"{label}=" in text for label in ("order", "account", "client", "symbol"))


def test_the_newest_exception_of_a_rule_is_a_number_not_a_label() -> None:
    """An alert of Prometheus says which exception it is about, and there are never more series for it."""
    work = Work(
        opened={("high", "under_1h"): 2},
        states={"new": 2, "in_review": 1},
        unacknowledged={"high": 2},
        waiting_since={"high": NOON - 90 * SECOND},
        breached={"high": 1},
        newest={("slow_fill", "high"): 4711},
    )
    metrics = a_metrics(Sight(at=NOON, tally=Tally(work=work, certificates={"demo": "red"}, sealed_at=NOON - SECOND)))

    assert read(metrics, "exceptions_newest", rule="slow_fill", severity="high") == 4711
    assert read(metrics, "exceptions_newest", rule="poor_fill", severity="high") == 0
    assert read(metrics, "exceptions_open", severity="high", age="under_1h") == 2
    assert read(metrics, "exceptions_open", severity="low", age="over_1d") == 0
    assert read(metrics, "exceptions_unacknowledged", severity="high") == 2
    assert read(metrics, "exceptions_oldest_unacknowledged_seconds", severity="high") == 90
    assert read(metrics, "exceptions_sla_breached", severity="high") == 1
    assert read(metrics, "closings_awaiting_second") == 1
    assert read(metrics, "certificate", counterparty="demo", state="red") == 1
    assert read(metrics, "certificate", counterparty="demo", state="reconciled") == 0
    assert read(metrics, "seal_age_seconds") == 1
    assert read(metrics, "certificate_age_seconds") is None


def test_what_nobody_knows_is_left_out_rather_than_zero() -> None:
    """A store that cannot be read does not look like an empty queue."""
    metrics = a_metrics(Sight(tally=None))

    assert read(metrics, "exceptions_open", severity="high", age="under_1h") is None
    assert read(metrics, "alerts_waiting", channel="mqtt") is None
    assert read(metrics, "closings_awaiting_second") is None


def test_a_counted_exception_leads_to_its_page_by_an_exemplar() -> None:
    """Where the scraper asks for OpenMetrics."""
    metrics = a_metrics()
    case = a_case()

    metrics.noticed([Notice(case=case, reason="opened")])

    text = openmetrics.generate_latest(metrics.registry).decode()
    line = next(line for line in text.splitlines() if line.startswith("sorwatch_exceptions_total") and "# {" in line)
    assert f'# {{exception="{case.case_id}"}} 1.0' in line


def test_what_becomes_of_alerts_is_counted_by_channel() -> None:
    """Settled by verdict, attempts that failed, and how long the way took."""
    metrics = a_metrics()

    metrics.alerts.settled("mqtt", "sent")
    metrics.alerts.failed("mqtt")
    metrics.alerts.delivered("mqtt", 0.02)

    assert read(metrics, "alerts_settled_total", channel="mqtt", verdict="sent") == 1
    assert read(metrics, "alert_failures_total", channel="mqtt") == 1
    assert read(metrics, "alert_delivery_seconds_sum", channel="mqtt") == 0.02


def test_what_people_have_done_is_counted_with_how_long_it_took() -> None:
    """By severity."""
    metrics = a_metrics()

    metrics.people.worked(Done(1, 2, Nanos(0), Action.ACKNOWLEDGE, "high", 90.0))
    metrics.people.worked(Done(1, 3, Nanos(0), Action.CLOSE, "high", 3_600.0))

    assert read(metrics, "exception_acknowledge_seconds_sum", severity="high") == 90
    assert read(metrics, "exception_close_seconds_count", severity="high") == 1


def test_a_clock_that_was_set_back_is_no_time_below_zero() -> None:
    """The sum of a histogram never falls, and nothing waits for less than nothing."""
    work = Work(unacknowledged={"high": 1}, waiting_since={"high": NOON + SECOND})
    metrics = a_metrics(Sight(at=NOON, tally=Tally(work=work)))

    metrics.people.worked(Done(1, 2, Nanos(0), Action.ACKNOWLEDGE, "high", -3.0))

    assert read(metrics, "exception_acknowledge_seconds_count", severity="high") == 1
    assert read(metrics, "exception_acknowledge_seconds_sum", severity="high") == 0
    assert read(metrics, "exceptions_oldest_unacknowledged_seconds", severity="high") == 0


def test_every_name_and_help_is_as_prometheus_wants_it() -> None:
    """By its own tool."""
    program = servers.program("promtool")
    session = SessionSight(**SESSION, logged_on=True, last_inbound_age=1.0, gap_open=False)
    text = generate_latest(a_metrics(Sight(sessions=(session,), quote_lag={"mqtt": 0.1})).registry)

    ended = subprocess.run([program.path, "check", "metrics"], input=text, capture_output=True, check=False, timeout=60)

    assert ended.returncode == 0, (ended.stdout + ended.stderr).decode()
