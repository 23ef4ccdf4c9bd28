"""What all dashboards have in common: grid, variables, links to each other and to the queue, time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    TextBoxVariable,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.panels import QUEUE, SOURCE

TAG = "sorwatch"
WHOLE = 24
"""Columns of Grafana's grid."""
ALL = model.VariableOption(selected=True, text=["All"], value=["$__all"])
PAGE = "http://127.0.0.1:8080"
"""Where the page is when nothing else was said."""

COUNTERPARTIES = ("counterparty", "Counterparty", "label_values(sorwatch_executions_total, counterparty)")
VENUES = ("venue", "Venue", 'label_values(sorwatch_executions_total{counterparty=~"$counterparty"}, venue)')
RULES = ("rule", "Rule", "label_values(sorwatch_exceptions_total, rule)")


class Row(NamedTuple):
    """Panels side by side: how high they are, and each with its width; the widths make up the grid."""

    height: int
    panels: tuple[tuple[int, Builder[model.Panel]], ...]


class Sheet(NamedTuple):
    """A dashboard as it is written down: its name in the address, its words, who may be picked, its rows."""

    name: str
    title: str
    words: str
    rows: tuple[Row, ...]
    pick: tuple[tuple[str, str, str], ...] = ()
    since: str = "now-6h"


def built(sheet: Sheet, page: str = PAGE) -> model.Dashboard:
    """Return the sheet as Grafana's dashboard; `page` is the address of the queue."""
    made = (
        Dashboard(f"sorwatch: {sheet.title}")
        .uid(f"sorwatch-{sheet.name}")
        .description(sheet.words)
        .tags([TAG])
        .editable()
        .timezone("America/New_York")
        .time(sheet.since, "now")
        .refresh("15s")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .variables([_source(), *map(_picked, sheet.pick), _queue(page)])
        .links(_links())
        .annotations([])
        .build()
    )
    made.panels = list(_laid(sheet.rows))
    return made


def _laid(rows: Sequence[Row]) -> list[model.Panel | model.RowPanel]:
    """Lay the panels out row by row and number them in reading order."""
    laid: list[model.Panel | model.RowPanel] = []
    top = 0
    for row in rows:
        left = 0
        for width, builder in row.panels:
            panel = builder.build()
            panel.id_val = len(laid) + 1
            panel.grid_pos = model.GridPos(x=left, y=top, w=width, h=row.height)
            laid.append(panel)
            left += width
        if left != WHOLE:
            titles = [panel.title for panel in laid[-len(row.panels) :]]
            msg = f"the panels {titles} are {left} wide together; expected {WHOLE}"
            raise ValueError(msg)
        top += row.height
    return laid


def _source() -> DatasourceVariable:
    chosen = model.VariableOption(selected=True, text="Prometheus", value="sorwatch-prometheus")
    return DatasourceVariable("datasource").label("Data source").type("prometheus").current(chosen)


def _picked(variable: tuple[str, str, str]) -> QueryVariable:
    name, label, query = variable
    return (
        QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query({"query": query, "refId": name})
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(ALL)
    )


def _queue(page: str) -> TextBoxVariable:
    chosen = model.VariableOption(selected=True, text=page, value=page)
    return TextBoxVariable("queue").label("Address of the queue").default_value(page).current(chosen).options([chosen])


def _links() -> list[Builder[model.DashboardLink]]:
    others = (
        DashboardLink("sorwatch")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .keep_time(True)
        .include_vars(True)
    )
    queue = DashboardLink("The queue").type(model.DashboardLinkType.LINK).url(QUEUE).icon("external link")
    return [others, queue.target_blank(True)]
