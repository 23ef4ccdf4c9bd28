"""The three kinds of panel that the dashboards are made of: a number, lines over time, a table; each of one look.

What a number is made from is said under every panel: the metrics are read off its own queries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    Panel,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.palette import LINE, QUANTILES, SEVERITIES, Steps, by_name, fixed, thresholds
from deploy.grafana.queries import Query

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
METRIC = re.compile(r"\bsorwatch[_:][a-z_:0-9]+")
QUEUE = "${queue}"
"""Address of the page, from the variable at the top."""
Link = tuple[str, str]
"""What a link says and where it leads."""
Names = Mapping[float, str]
"""What numbers mean that stand for words."""
Shown = Builder[Panel]
"""A panel, before it has a place."""


class Column(NamedTuple):
    """One column of a table: a query whose value it is, or (without one) a label."""

    name: str
    expression: str = ""
    label: str = ""
    unit: str = "short"
    decimals: int | None = None
    steps: Steps = ()
    names: Names = MappingProxyType({})
    link: Link | None = None
    width: int | None = None
    hidden: bool = False


def number(
    title: str,
    words: str,
    *queries: Query,
    unit: str = "short",
    steps: Steps = (),
    names: Names | None = None,
    link: Link | None = None,
    decimals: int | None = None,
    colors: Mapping[str, str] | None = None,
) -> stat.Panel:
    """Return numbers as they are now; `colors` by the name of each say what it looks like from one on."""
    panel = (
        stat.Panel()
        .title(title)
        .description(described(words, (query.expression for query in queries)))
        .datasource(SOURCE)
        .targets([_target(query, place, instant=True) for place, query in enumerate(queries)])
        .unit(unit)
        .no_value("—")
        .thresholds(thresholds(steps))
        .color_mode(looks.BigValueColorMode.VALUE)
        .text_mode(looks.BigValueTextMode.VALUE_AND_NAME if queries[0].legend else looks.BigValueTextMode.VALUE)
        .graph_mode(looks.BigValueGraphMode.NONE)
        .justify_mode(looks.BigValueJustifyMode.CENTER)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .mappings([_named(names)] if names else [])
        .data_links([_link(link)] if link else [])
    )
    for name, color in (colors or {}).items():
        panel.override_by_name(name, [DynamicConfigValue(id_val="thresholds", value=thresholds(((1, color),)).build())])
    return panel if decimals is None else panel.decimals(decimals)


def lines(
    title: str,
    words: str,
    *queries: Query,
    unit: str = "short",
    steps: Steps = (),
    colors: Mapping[str, str] | None = None,
    stacked: bool = False,
    each: str = "",
    lowest: float | None = 0,
    wide: bool = False,
    counts: bool = False,
    quiet: bool = False,
    nothing: str = "",
) -> timeseries.Panel:
    """Return lines over time, a colour a name; `colors` by name where a colour says something.

    What is counted in `each` step of so long is drawn as bars. `wide` spans microseconds to minutes, so its axis is
    logarithmic; `counts` are whole numbers; `quiet` leaves the newest values out of a long legend;
    `nothing` is what is said where there are no values, and that is right.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(described(words, (query.expression for query in queries)))
        .datasource(SOURCE)
        .targets([_target(query, place) for place, query in enumerate(queries)])
        .unit(unit)
        .thresholds(thresholds(steps))
        .color_scheme(fixed(LINE) if len(queries) == 1 and not queries[0].legend.startswith("{{") else by_name())
        .line_width(1.5)
        .fill_opacity(35 if stacked else 0)
        .show_points(looks.VisibilityMode.NEVER)
        .span_nulls(False)
        .legend(_legend(values=not quiet))
        .tooltip(common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI).sort(looks.SortOrder.DESCENDING))
    )
    if wide:
        panel.scale_distribution(common.ScaleDistributionConfig().type(looks.ScaleDistribution.LOG).log(10))
    elif lowest is not None:
        panel.axis_soft_min(lowest)
    if nothing:
        panel.no_value(nothing)
    if counts:
        panel.decimals(0).axis_soft_max(1)
    if steps:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(looks.GraphThresholdsStyleMode.DASHED))
    if each:
        panel.interval(each).draw_style(looks.GraphDrawStyle.BARS)
    if stacked:
        panel.stacking(common.StackingConfig().mode(looks.StackingMode.NORMAL).group("A"))
    named = {query.legend: QUANTILES[query.legend] for query in queries if query.legend in QUANTILES}
    for name, color in {**named, **(colors or {})}.items():
        panel.override_by_name(name, [DynamicConfigValue(id_val="color", value=fixed(color).build())])
    return panel


def rows(title: str, words: str, *columns: Column, sort: str) -> table.Panel:
    """Return a table of what holds now, the worst on top by the column `sort`."""
    asked = [column for column in columns if column.expression]
    panel = (
        table.Panel()
        .title(title)
        .description(described(words, (column.expression for column in asked)))
        .datasource(SOURCE)
        .targets([_target(Query(c.expression), place, instant=True, table=True) for place, c in enumerate(asked)])
        .transformations([*_one_table(columns, asked), _sorted(sort)])
        .no_value("—")
        .thresholds(thresholds(()))
        .align(looks.FieldTextAlignment.AUTO)
        .inspect(False)
        .cell_options(looks.TableAutoCellOptions())
        .cell_height(looks.TableCellHeight.SM)
        .show_header(True)
        .sort_by([common.TableSortByFieldState().display_name(sort).desc(True)])
    )
    for column in columns:
        panel.override_by_name(column.name, list(_looks(column)))
    return panel


def described(words: str, expressions: Iterable[str]) -> str:
    """Return what a number means and which metrics it is made of."""
    metrics = dict.fromkeys(name for text in expressions for name in METRIC.findall(text))
    return f"{words}\n\nFrom {', '.join(f'`{name}`' for name in metrics)}."


def _target(query: Query, place: int, *, instant: bool = False, table: bool = False) -> Builder[Any]:
    target = prometheus.Dataquery().expr(query.expression).ref_id("ABCDEFGHIJKLMNOP"[place]).datasource(SOURCE)
    target = target.instant() if instant else target.range()
    if table:
        return target.format(PromQueryFormat.TABLE)
    return target.legend_format(query.legend or "__auto").exemplar(query.cases)


def _one_table(columns: Iterable[Column], asked: list[Column]) -> list[DataTransformerConfig]:
    """Lay the answers of all queries side by side by their labels, and name and order the columns."""
    fields = {column.name: column.label for column in columns if column.label}
    fields |= {column.name: f"Value #{'ABCDEFGHIJKLMNOP'[place]}" for place, column in enumerate(asked)}
    ordered = [column.name for column in columns]
    renamed = {fields[name]: name for name in ordered}
    if len(asked) == 1:
        renamed["Value"] = asked[0].name  # so is the value of a lone query called
    options = {
        "excludeByName": {"Time": True},
        "indexByName": {field: ordered.index(name) for field, name in renamed.items()},
        "renameByName": renamed,
    }
    return [
        DataTransformerConfig(id_val="merge", options={}),
        DataTransformerConfig(id_val="organize", options=options),
    ]


def _sorted(column: str) -> DataTransformerConfig:
    return DataTransformerConfig(id_val="sortBy", options={"sort": [{"field": column, "desc": True}]})


def _looks(column: Column) -> Iterable[DynamicConfigValue]:
    if column.hidden:
        yield DynamicConfigValue(id_val="custom.hidden", value=True)
    if column.expression:
        yield DynamicConfigValue(id_val="unit", value=column.unit)
    if column.decimals is not None:
        yield DynamicConfigValue(id_val="decimals", value=column.decimals)
    if column.width is not None:
        yield DynamicConfigValue(id_val="custom.width", value=column.width)
    if column.steps:
        yield DynamicConfigValue(id_val="thresholds", value=thresholds(column.steps).build())
    if column.names or column.label == "severity":
        mapping = _named(column.names) if column.names else _severities()
        yield DynamicConfigValue(id_val="mappings", value=[mapping])
    if column.steps or column.label == "severity":
        yield DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"})
    if column.link:
        yield DynamicConfigValue(id_val="links", value=[{"title": column.link[0], "url": column.link[1]}])


def _named(names: Names) -> Any:
    return {
        "type": "value",
        "options": {
            f"{value:g}": {"text": words, "index": place} for place, (value, words) in enumerate(names.items())
        },
    }


def _severities() -> Any:
    marks = {
        name: {"text": name, "color": color, "index": place} for place, (name, color) in enumerate(SEVERITIES.items())
    }
    return {"type": "value", "options": marks}


def _legend(*, values: bool) -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(looks.LegendDisplayMode.LIST)
        .placement(looks.LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs(["lastNotNull"] if values else [])
    )


def _link(link: Link) -> dashboard.DashboardLink:
    title, url = link
    return dashboard.DashboardLink(title).type(DashboardLinkType.LINK).url(url).target_blank(True)
