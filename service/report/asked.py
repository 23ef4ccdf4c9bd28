"""What the command of the report does: read the folder, open its store, gather, and give back what is to be printed."""

from __future__ import annotations

import time
from pathlib import Path

from rules.facts import Nanos
from service.calling import wanted_store_url
from service.configuration import read_configuration
from service.report.gather import gathered_report
from service.report.written import csv_text, text_lines
from service.store.engine import Database
from service.store.upgrade import require_current
from service.store.work_rules import rules_in_force


def report(folder: Path, day: str, form: str) -> str:
    """Return the report of a trade date, as text or as CSV."""
    configuration = read_configuration(folder)
    with Database(wanted_store_url(None, folder)) as database:
        require_current(database)
        rules = rules_in_force(configuration.queue, database)
        sheet = gathered_report(database, rules, day, configuration.sessions, Nanos(time.time_ns()))
    return csv_text(sheet) if form == "csv" else "\n".join(text_lines(sheet)) + "\n"
