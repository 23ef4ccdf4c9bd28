"""Every PromQL of the repository parses, and what reads labels off it finds what does not exist."""

from __future__ import annotations

import promql_parser
import pytest
from prometheus_client import CollectorRegistry

from service.metrics.daemon import Metrics
from service.metrics.sight import Disk, SessionSight, Sight
from service.metrics.tally import Tally
from service.statements.completeness import State
from tests import promql

SERIES: dict[str, promql.Labels] = {
    "shares_total": frozenset({"venue", "counterparty", "job", "instance"}),
    "took_seconds_bucket": frozenset({"le", "venue", "job", "instance"}),
    "ready": frozenset({"job", "instance"}),
}
ASKED = [*promql.of_dashboards(), *promql.of_grafana_rules(), *promql.of_all_rules()]


def the_daemons_series() -> dict[str, promql.Labels]:
    """Return every series of a daemon that sees something of each kind, with its labels."""
    session = SessionSight(
        counterparty="demo",
        session="FIX",
        logged_on=True,
        last_inbound_age=1,
        gap_open=False,
        clock_offset=0,
        heartbeat=30,
    )
    sight = Sight(
        sessions=(session,),
        gateway_restarts={"demo": 0},
        quote_lag={"mqtt": 0},
        quote_live={"mqtt": True},
        failing={"relay": False},
        connected={"mqtt": True},
        disk=Disk(free=1, size=2),
        tally=Tally(certificates={"demo": State.RECONCILED}, certified_at=1, sealed_at=1),
    )
    metrics = Metrics(["slow_fill"], lambda: sight, counterparties=["demo"], channels=["mqtt"])
    return labels_of(metrics.registry)


def labels_of(registry: CollectorRegistry) -> dict[str, promql.Labels]:
    """Return the labels that the samples of each series have."""
    samples = [sample for family in registry.collect() for sample in family.samples]
    return {sample.name: frozenset(sample.labels) for sample in samples}


OURS = promql.known(the_daemons_series())


@pytest.mark.parametrize("asked", [pytest.param(asked, id=asked.where) for asked in ASKED])
def test_every_series_and_label_in_use_is_one_of_the_daemon(asked: promql.Asked) -> None:
    """Of the daemon, of its recording rules, or of Prometheus itself; and legends and columns get what they name."""
    labels = promql.outcome(promql.substituted(asked.expression), OURS)

    assert asked.wanted <= labels


@pytest.mark.parametrize("variable", [pytest.param(found, id=found[0]) for found in promql.of_variables()])
def test_a_variable_offers_values_of_a_label_that_there_is(variable: tuple[str, str, str]) -> None:
    """Its list would be empty otherwise, and every panel with it."""
    _, selector, label = variable

    assert label in promql.outcome(promql.substituted(selector), OURS)


@pytest.mark.parametrize("asked", [pytest.param(asked, id=asked.where) for asked in ASKED])
@pytest.mark.parametrize("picked", [{}, {"venue": "(XNYS|XNAS)", "counterparty": "acme", "rule": "(gap|slow_fill)"}])
def test_an_expression_parses_with_all_and_with_some_picked(asked: promql.Asked, picked: dict[str, str]) -> None:
    """As Grafana sends it, whatever stands in the variables."""
    sent = promql.substituted(asked.expression, picked)

    assert promql_parser.parse(sent).prettify()
    assert "$" not in sent


@pytest.mark.parametrize(
    ("expression", "labels"),
    [
        ("shares_total", {"venue", "counterparty", "job", "instance"}),
        ("sum by (venue) (increase(shares_total[5m]))", {"venue"}),
        ("sum without (job, instance) (shares_total)", {"venue", "counterparty"}),
        ("sum(shares_total)", set()),
        ("topk(3, sum by (venue) (shares_total))", {"venue"}),
        ("histogram_quantile(0.9, sum by (venue, le) (rate(took_seconds_bucket[1m])))", {"venue"}),
        ("sum by (venue) (shares_total) / on () group_left () sum(shares_total)", {"venue"}),
        ("shares_total and on (job, instance) ready", {"venue", "counterparty", "job", "instance"}),
        ("sum by (venue) (shares_total) > 0", {"venue"}),
        ("sum(shares_total) or vector(0)", set()),
        ("ready > 4 * (60 + 1)", {"job", "instance"}),
        ("shares_total / on (venue) group_right () took_seconds_bucket", {"le", "venue", "job", "instance"}),
        ("sum by (venue) (shares_total) / ignoring (le) sum by (venue, le) (took_seconds_bucket)", {"venue"}),
        ('label_replace(ready, "kind", "x", "", "")', {"kind", "job", "instance"}),
    ],
)
def test_the_labels_of_an_answer_are_those_that_prometheus_leaves(expression: str, labels: set[str]) -> None:
    """By the rules of the language: what is grouped away is gone, what is joined in is there."""
    assert promql.outcome(expression, SERIES) == labels


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("no_such_total", "there is no series no_such_total"),
        ('shares_total{venu="XNYS"}', "there is no label venu of shares_total"),
        ("sum by (rule) (shares_total)", "there is no label rule to group by"),
        ("shares_total and on (venue) ready", "there is no label venue on both sides"),
        ("sum by (venue) (sum(shares_total))", "there is no label venue to group by"),
        ("sum by (venue) (shares_total) / sum(shares_total)", "the sides never match"),
        ("sort(shares_total)", "the function sort is not read here"),
    ],
)
def test_what_does_not_exist_is_named(expression: str, words: str) -> None:
    """A series, a label, a grouping, and a function that nobody has thought about."""
    with pytest.raises(promql.LabelError, match=words):
        promql.outcome(expression, SERIES)
