"""The firm's own orders beside a written simulation: what its OMS would copy, as a CSV for `sorwatch backfill`.

They are read off the written reports: a parent's acknowledgement stands for the order, the answer to a cancel for the
cancel. On request a few go wrong: orders that the router never answered, and orders that the OMS's copy dropped; the
truth says which. Refuses to know what the router did with them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from rules.facts import MILLISECOND
from service.fix.stamps import instant
from service.simulator.dice import Dice
from service.simulator.stamps import stamp
from service.simulator.truth import Truth
from service.simulator.wire import pairs

OWN_ORDERS = "own_orders.csv"
SOUND, FAULTY = "sound", "faulty"
NEVER_ACKNOWLEDGED, DROPPED = "never_acknowledged", "dropped_by_oms"
COLUMNS = ("35", "11", "41", "1", "55", "54", "38", "40", "44", "59", "18", "60")
BEFORE = 2 * MILLISECOND
"""How long before the router the firm had an order."""
ODDS = 0.02
"""Which part of the orders goes wrong, in either way."""


class OwnRow(msgspec.Struct, frozen=True, gc=False):
    """One message of the OMS by its tags, when it was sent, and what is wrong with it."""

    fields: dict[str, str]
    at: int
    fault: str | None = None


def own_rows(reports: Iterable[tuple[int, dict[str, str]]], dice: Dice | None) -> Iterator[OwnRow]:
    """Yield the own orders behind the reports (when they happened, fields by tag); with dice, some go wrong."""
    known: set[str] = set()
    for happened, report in reports:
        if report.get("526") or report.get("9526"):
            continue
        kind, own_id = report.get("150"), report["11"]
        about = {tag: report[tag] for tag in ("1", "55", "54", "38", "40", "44", "59", "18") if tag in report}
        at = happened - BEFORE
        if kind == "0" and own_id not in known:
            known.add(own_id)
            lost = dice is not None and dice.chance(ODDS)
            yield OwnRow({"35": "D", "11": own_id} | about, at, DROPPED if lost else None)
            if dice is not None and dice.chance(ODDS):
                yield OwnRow({"35": "D", "11": f"{own_id}-X"} | about, at, NEVER_ACKNOWLEDGED)
        elif report.get("41") in known and own_id not in known:
            known.add(own_id)
            asked = {tag: value for tag, value in about.items() if tag not in ("40", "44", "59", "18")}
            yield OwnRow({"35": "F", "11": own_id, "41": report["41"]} | asked, at)


def write_own_orders(folder: Path, messages: Path, dice: Dice | None) -> list[Truth]:
    """Write the CSV beside the messages; return what went wrong, as lines of the truth."""
    truth: list[Truth] = []
    with messages.open("rb") as log, (folder / OWN_ORDERS).open("w", encoding="utf-8", newline="") as out:
        rows = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
        rows.writeheader()
        for row in own_rows(_reports(log), dice):
            if row.fault is not None:
                own_id = row.fields["11"]
                truth.append(Truth(at=row.at, fault=row.fault, event="hit", subject=own_id, cl_ord_id=own_id))
            if row.fault is not DROPPED:
                rows.writerow(row.fields | {"60": stamp(row.at, 9)})
    return truth


def _reports(log: Iterable[bytes]) -> Iterator[tuple[int, dict[str, str]]]:
    for line in log:
        fields: dict[str, str] = {}
        for tag, value in pairs(line.rstrip(b"\n").partition(b" : ")[2]):
            fields.setdefault(str(tag), value)
        happened = instant(fields.get("60", ""))
        if fields.get("11") and happened is not None:
            yield happened[0], fields
