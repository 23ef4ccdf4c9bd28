"""The firm's side of a simulated day, and what the watch makes of both sides together."""

from __future__ import annotations

import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rules.facts import FeedEventKind, Level, Nanos
from service.fix.stamps import instant
from service.journal import Entry, RecordKind
from service.market.calendar import Session, TradingCalendar
from service.processed import Processed
from service.simulator.dice import Dice
from service.simulator.own_orders import DROPPED, FAULTY, NEVER_ACKNOWLEDGED, SOUND, own_rows, write_own_orders
from service.simulator.simulate import write_files
from tests.factories_messages import fix_message
from tests.factories_own import OMS, with_own
from tests.factories_road import PARTY, SESSION, a_journal, run

START = 1_767_623_400 * 1_000_000_000
KINDS = (
    FeedEventKind.UNANSWERED_ORDER,
    FeedEventKind.UNREPORTED_ORDER,
    FeedEventKind.UNKNOWN_ORDER,
    FeedEventKind.CUMULATIVE_BREAK,
)


def a_simulated_day(folder: Path, own_orders: str) -> tuple[Processed, dict[str, set[str]]]:
    """Write a simulation and run both sides of it, until its day is over; return that and the truth by fault."""
    write_files(folder, messages=4_000, seed=11, start_ns=START, own_orders=own_orders)
    truth: dict[str, set[str]] = {}
    for line in (folder / "truth.jsonl").read_bytes().splitlines():
        said = msgspec.json.decode(line)
        truth.setdefault(said.get("fault", ""), set()).add(said.get("subject", ""))
    entries = sorted([*_theirs(folder), *_ours(folder)], key=lambda entry: entry.received_at or 0)
    last = entries[-1].received_at or 0
    over = Entry(kind=RecordKind.TICK, received_at=Nanos(last + 8 * 3600 * 1_000_000_000), body=b"{}")
    sessions = _calendar()
    dialect = (files("fix_configs") / "demo" / "dialect.yaml").read_text(encoding="utf-8")
    return run(a_journal([*entries, over], with_own(calendar=sessions, dialect=dialect))), truth


def _calendar() -> TradingCalendar:
    return TradingCalendar(
        name="XNYS",
        kind="sessions",
        sessions=(Session("2026-01-05", Nanos(START), Nanos(START + int(6.5 * 3600) * 1_000_000_000)),),
    )


def _theirs(folder: Path) -> list[Entry]:
    bodies = [line.partition(b" : ")[2] for line in (folder / "messages.fix").read_bytes().splitlines()]
    return [_entry(PARTY, SESSION, _stamp(body), body) for body in bodies]


def _ours(folder: Path) -> list[Entry]:
    with (folder / "own_orders.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        _entry(OMS, "own", _stamp(body), body)
        for number, row in enumerate(rows, start=1)
        for body in [_own(number, row)]
    ]


def _own(number: int, row: dict[str, str]) -> bytes:
    head: dict[str, Any] = {"_35": row["35"], "_34": number, "_49": "OMS", "_52": row["60"], "_56": "WATCH"}
    return fix_message(**head | {f"_{tag}": value for tag, value in row.items() if value and tag != "35"})


def _stamp(body: bytes) -> Nanos:
    text = next(part for part in body.split(b"\x01") if part.startswith(b"52=")).decode()[3:]
    found = instant(text)
    assert found is not None
    return Nanos(found[0] + 1_000_000)


def _entry(counterparty: str, session: str, at: Nanos, body: bytes) -> Entry:
    return Entry(
        kind=RecordKind.MESSAGE, counterparty=counterparty, session=session, epoch="e1", received_at=at, body=body
    )


def said(done: Processed) -> dict[FeedEventKind, set[str]]:
    """Return the subjects of what is said about orders."""
    return {kind: {event.subject for event in done.feed_events if event.kind is kind} for kind in KINDS}


def test_a_sound_day_raises_nothing_about_orders(tmp_path: Path) -> None:
    """Both sides agree: nothing unanswered, unknown or broken; every parent has the firm's receipt."""
    done, truth = a_simulated_day(tmp_path, SOUND)

    assert said(done)[FeedEventKind.UNANSWERED_ORDER] == said(done)[FeedEventKind.UNKNOWN_ORDER] == set()
    assert said(done)[FeedEventKind.CUMULATIVE_BREAK] == set()
    assert NEVER_ACKNOWLEDGED not in truth
    parents = [outcome for outcome in done.order_outcomes if outcome.order.level is Level.PARENT]
    assert len(parents) > 100
    assert all(outcome.order.firm_received_at is not None for outcome in parents)
    assert Counter(outcome.outcome for outcome in done.outcomes)["own_order"] == len(done.own_orders)


def test_what_goes_wrong_is_found_exactly(tmp_path: Path) -> None:
    """What the vendor never acknowledged is unanswered, what the OMS dropped is unknown, and nothing else is."""
    done, truth = a_simulated_day(tmp_path, FAULTY)

    keys = {outcome.order.cl_ord_id: outcome.order.order_key for outcome in done.order_outcomes}
    found = said(done)
    assert found[FeedEventKind.UNANSWERED_ORDER] == truth[NEVER_ACKNOWLEDGED]
    assert truth[NEVER_ACKNOWLEDGED] <= found[FeedEventKind.UNREPORTED_ORDER]
    assert found[FeedEventKind.UNKNOWN_ORDER] == {keys[own_id] for own_id in truth[DROPPED]}
    assert found[FeedEventKind.CUMULATIVE_BREAK] == set()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_rows(seed: int) -> None:
    """Faults included."""
    reports = [(number, {"11": f"F{number}", "150": "0", "55": "IBM"}) for number in range(200)]

    once, again = (list(own_rows(reports, Dice(seed, "own orders"))) for _ in range(2))

    assert once == again
    assert {row.fault for row in once} == {None, NEVER_ACKNOWLEDGED, DROPPED}


def test_children_and_repeated_reports_are_no_own_orders() -> None:
    """A cancel is one when its order is known."""
    reports = [
        (1, {"11": "F1", "150": "0"}),
        (2, {"11": "F1", "150": "F"}),
        (3, {"11": "F1-1", "150": "0", "526": "F1"}),
        (4, {"11": "F1-2", "150": "0", "9526": "F1"}),
        (5, {"11": "X1", "41": "F1", "150": "6", "40": "1", "55": "IBM"}),
        (6, {"11": "X1", "41": "F1", "150": "4"}),
        (7, {"11": "X2", "41": "F9", "150": "4"}),
    ]

    assert [row.fields for row in own_rows(reports, None)] == [
        {"35": "D", "11": "F1"},
        {"35": "F", "11": "X1", "41": "F1", "55": "IBM"},
    ]


def test_reports_that_name_no_order_or_no_time_are_passed_over(tmp_path: Path) -> None:
    """As a damaged message of the simulation may."""
    log = tmp_path / "messages.fix"
    when = "20260105-14:30:00.001"
    lines = [{"11": "F1", "60": when}, {"60": when}, {"11": "F2"}]
    log.write_bytes(
        b"".join(b"x : " + fix_message(**{"_35": "8", "_150": "0"} | _tagged(line)) + b"\n" for line in lines)
    )

    assert write_own_orders(tmp_path, log, None) == []
    rows = (tmp_path / "own_orders.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1:] == ["D,F1,,,,,,,,,,20260105-14:29:59.999000000"]


def _tagged(fields: dict[str, str]) -> dict[str, Any]:
    return {f"_{tag}": value for tag, value in fields.items()}
