"""Every PromQL of the repository parses, and what reads labels off it finds what does not exist."""

from __future__ import annotations

import promql_parser
import pytest

from tests import promql

SERIES: dict[str, promql.Labels] = {
    "shares_total": frozenset({"venue", "counterparty", "job", "instance"}),
    "took_seconds_bucket": frozenset({"le", "venue", "job", "instance"}),
    "ready": frozenset({"job", "instance"}),
}
ASKED = [*promql.of_dashboards(), *promql.of_grafana_rules()]


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
