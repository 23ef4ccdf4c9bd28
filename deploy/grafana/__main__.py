"""Writes the dashboards: `python -m deploy.grafana [--queue https://page.example] [--to folder]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.grafana.frame import PAGE
from deploy.grafana.sheets import KEPT, texts


def main() -> int:
    """Write one file a dashboard."""
    asked = argparse.ArgumentParser(prog="python -m deploy.grafana", description=__doc__)
    asked.add_argument("--queue", default=PAGE, help="address of the page that panels lead to (default: %(default)s)")
    asked.add_argument("--to", type=Path, default=KEPT, help="folder to write to (default: that of the repository)")
    told = asked.parse_args()
    told.to.mkdir(parents=True, exist_ok=True)
    for name, text in texts(told.queue.rstrip("/")).items():
        (told.to / f"{name}.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
