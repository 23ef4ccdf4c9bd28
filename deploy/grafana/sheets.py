"""All dashboards, and each as the text that is kept in `dashboards/`."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import table
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from deploy.grafana import desk, exceptions, feeds, health, venues
from deploy.grafana.frame import PAGE, built

KEPT = Path(__file__).parent / "dashboards"


def dashboards(page: str = PAGE) -> dict[str, Dashboard]:
    """Return every dashboard by its name; `page` is the address of the queue."""
    sheets = [part.sheet() for part in (desk, feeds, venues, exceptions, health)]
    return {sheet.name: built(sheet, page) for sheet in sheets}


def texts(page: str = PAGE) -> dict[str, str]:
    """Return every dashboard as JSON, the same each time."""
    return {name: written(dashboard) for name, dashboard in dashboards(page).items()}


def written(dashboard: Dashboard) -> str:
    """Return a dashboard as JSON."""
    for variable in dashboard.templating.list_val or [] if dashboard.templating else []:
        # the library gives every variable the keys of an interval, which Grafana's schema does not have for the others
        variable.auto = variable.auto_count = variable.auto_min = None
    for panel in dashboard.panels or []:
        # nor does Grafana from version 12 on know the footer that it gives every table
        if isinstance(panel, Panel) and isinstance(panel.options, table.Options):
            panel.options.footer = None
    return JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False).encode(dashboard) + "\n"
