"""PromQL of the repository: where it stands, what Grafana makes of its variables, and which labels an answer can have.

`outcome()` reads an expression as far as labels go, so that a metric, a label or a grouping that does not exist is
found without a server. It refuses to guess: a function that it does not know is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser as promql
import yaml

from tests import grafana_files

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
DASHBOARDS = DEPLOY / "grafana" / "dashboards"
PROMETHEUS = DEPLOY / "prometheus"
TARGET = frozenset({"job", "instance"})
"""What Prometheus adds to every series that it scrapes."""
SCRAPED = dict.fromkeys(("up", "scrape_duration_seconds", "scrape_samples_scraped"), TARGET)
"""What Prometheus itself says of each scrape."""

Labels = frozenset[str]
Known = Mapping[str, Labels]
"""Every series there is, with its labels besides those of the target."""


class Asked(NamedTuple):
    """An expression, where it stands, and the labels that whoever reads the answer wants of it."""

    where: str
    expression: str
    wanted: Labels = frozenset()


def of_dashboards() -> Iterator[Asked]:
    """Return what the panels ask, with the labels in their legends and columns."""
    for path in sorted(DASHBOARDS.glob("*.json")):
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            columns = frozenset(_columns(panel))
            for target in panel["targets"]:
                legend = frozenset(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))
                yield Asked(f"{path.stem}: {panel['title']} {target['refId']}", target["expr"], legend | columns)


def of_variables() -> Iterator[tuple[str, str, str]]:
    """Return of each variable that asks: where it stands, the selector, and the label whose values it offers."""
    for path in sorted(DASHBOARDS.glob("*.json")):
        for variable in json.loads(path.read_text(encoding="utf-8"))["templating"]["list"]:
            if variable["type"] == "query":
                found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
                assert found is not None, variable
                yield f"{path.stem}: variable {variable['name']}", found[1], found[2]


def of_grafana_rules() -> Iterator[Asked]:
    """Return what Grafana's own alert rules ask."""
    for rule in grafana_files.rules():
        yield from (Asked(rule.title, one.model["expr"]) for one in rule.data if "expr" in one.model)


def of_prometheus_rules(file: str) -> Iterator[tuple[dict[str, Any], Asked]]:
    """Return the rules of a file of Prometheus, each with what it asks."""
    for group in yaml.safe_load((PROMETHEUS / file).read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule, Asked(f"{file}: {rule.get('record') or rule['alert']}", rule["expr"])


def of_all_rules() -> list[Asked]:
    """Return what the recording and alerting rules of Prometheus ask."""
    return [asked for file in ("recording.yml", "alerting.yml") for _, asked in of_prometheus_rules(file)]


def substituted(expression: str, picked: Mapping[str, str] | None = None, *, seconds: int = 900) -> str:
    """Return an expression as Grafana sends it: all of every variable unless some was picked, and the time shown."""
    values = {"__range": f"{seconds}s", "__rate_interval": "20s", "__interval": "15s"}
    for name in ("counterparty", "venue", "rule"):
        values[name] = (picked or {}).get(name, ".*")
    return re.sub(r"\$(\w+)|\$\{(\w+)\}", lambda found: values[found[1] or found[2]], expression)


def selectors(expression: str) -> set[str]:
    """Return the series that an expression looks at, each as a query of its own."""
    found: set[str] = set()
    _gather(promql.parse(expression), found)
    return found


def _gather(node: Any, found: set[str]) -> None:
    if isinstance(node, promql.VectorSelector):
        found.add(node.prettify())
    for part in ("lhs", "rhs", "expr", "vector_selector"):
        _gather(getattr(node, part), found) if hasattr(node, part) else None
    for argument in getattr(node, "args", ()):
        _gather(argument, found)


def known(families: Mapping[str, Labels]) -> dict[str, Labels]:
    """Return every series by name: those that are scraped, and with them those that the recording rules make."""
    series = {**{name: labels | TARGET for name, labels in families.items()}, **SCRAPED}
    if (PROMETHEUS / "recording.yml").exists():
        for rule, asked in of_prometheus_rules("recording.yml"):
            series[rule["record"]] = outcome(asked.expression, series) | frozenset(rule.get("labels", {}))
    return series


class LabelError(ValueError):
    """An expression uses a series or a label that does not exist; the text says which."""


def outcome(expression: str, series: Known) -> Labels:
    """Return the labels that an answer can have; raise when a series, a label or a grouping does not exist."""
    return _outcome(promql.parse(expression), series)


def _outcome(node: Any, series: Known) -> Labels:
    read = READ.get(type(node))
    if read is None:
        msg = f"{type(node).__name__} is not read here: {node.prettify()}"
        raise LabelError(msg)
    return read(node, series)


def _selected(node: Any, series: Known) -> Labels:
    if node.name not in series:
        msg = f"there is no series {node.name}"
        raise LabelError(msg)
    labels = series[node.name]
    _exist((matcher.name for matcher in node.matchers.matchers), labels, f"of {node.name}")
    return labels


def _aggregated(node: Any, series: Known) -> Labels:
    inner = _outcome(node.expr, series)
    if node.modifier is None:
        return inner if str(node.op) in {"topk", "bottomk"} else frozenset()
    named = frozenset(node.modifier.labels)
    _exist(named, inner, "to group by")
    return named if node.modifier.type == promql.AggModifierType.By else inner - named


def _joined(node: Any, series: Known) -> Labels:
    left, right = _outcome(node.lhs, series), _outcome(node.rhs, series)
    matching = node.modifier.matching if node.modifier else None
    if matching is not None and _is_on(matching):
        _exist(matching.labels, left & right, "on both sides")
    if str(node.op) in {"and", "unless"}:
        return left
    if str(node.op) == "or":
        return left | right
    return _matched(node, left, right)


def _matched(node: Any, left: Labels, right: Labels) -> Labels:
    """Return what arithmetic and comparison leave: one side may be a number, or have several series to one."""
    if _is_a_number(node.lhs) or _is_a_number(node.rhs):
        return left | right
    how = node.modifier
    if how is None or how.matching is None:
        _same(node, left, right)
        return left
    if how.card == promql.VectorMatchCardinality.ManyToOne:
        return left | frozenset(how.group_labels or ())
    if how.card == promql.VectorMatchCardinality.OneToMany:
        return right | frozenset(how.group_labels or ())
    named = frozenset(how.matching.labels)
    if _is_on(how.matching):
        return named
    _same(node, left - named, right - named)
    return left - named


def _same(node: Any, left: Labels, right: Labels) -> None:
    if left != right:
        msg = f"the sides never match, by {sorted(left)} and by {sorted(right)}: {node.prettify()}"
        raise LabelError(msg)


def _is_on(matching: Any) -> bool:
    return bool(matching.type == promql.LabelModifierType.Include)


def _is_a_number(node: Any) -> bool:
    if isinstance(node, promql.BinaryExpr):
        return _is_a_number(node.lhs) and _is_a_number(node.rhs)
    if isinstance(node, promql.ParenExpr | promql.UnaryExpr):
        return _is_a_number(node.expr)
    return isinstance(node, promql.NumberLiteral) or (
        isinstance(node, promql.Call) and node.func.name in {"time", "scalar"}
    )


def _called(node: Any, series: Known) -> Labels:
    inner = [_outcome(argument, series) for argument in node.args]
    name = node.func.name
    if name in KEEPS:
        return inner[0]
    if name in {"vector", "time", "scalar"}:
        return frozenset()
    if name == "histogram_quantile":
        return inner[1] - {"le"}
    if name == "absent":
        return frozenset(m.name for m in node.args[0].matchers.matchers if m.op == promql.MatchOp.Equal)
    if name == "label_replace":
        return inner[0] | {node.args[1].val}
    msg = f"the function {name} is not read here"
    raise LabelError(msg)


KEEPS = frozenset({
    *("increase", "rate", "changes", "delta", "deriv", "resets", "predict_linear", "timestamp"),
    *("clamp_min", "clamp_max", "abs", "round", "floor", "ceil"),
    *(f"{how}_over_time" for how in ("avg", "min", "max", "sum", "count", "last", "present")),
})  # fmt: skip
"""Functions whose answer has the labels of their first argument."""

READ: dict[type, Callable[[Any, Known], Labels]] = {
    promql.VectorSelector: _selected,
    promql.MatrixSelector: lambda node, series: _selected(node.vector_selector, series),
    promql.AggregateExpr: _aggregated,
    promql.BinaryExpr: _joined,
    promql.Call: _called,
    promql.NumberLiteral: lambda _, __: frozenset(),
    promql.StringLiteral: lambda _, __: frozenset(),
    promql.ParenExpr: lambda node, series: _outcome(node.expr, series),
    promql.UnaryExpr: lambda node, series: _outcome(node.expr, series),
    promql.SubqueryExpr: lambda node, series: _outcome(node.expr, series),
}


def _exist(names: Any, labels: Labels, where: str) -> None:
    missing = sorted(set(names) - labels)
    if missing:
        msg = f"there is no label {', '.join(missing)} {where}; there are {', '.join(sorted(labels)) or 'none'}"
        raise LabelError(msg)


def _columns(panel: dict[str, Any]) -> Iterator[str]:
    """Return the labels that are columns of a table."""
    for transformation in panel.get("transformations", []):
        renamed = transformation["options"].get("renameByName", {})
        yield from (name for name in renamed if not name.startswith("Value"))
