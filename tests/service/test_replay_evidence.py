"""A replay into a store keeps the quotes around what it finds, as the daemon does."""

from __future__ import annotations

from pathlib import Path

from rules.finding import Finding
from service.replay_file import replay_file
from service.store.engine import Database
from service.store.quote_evidence import SqlQuoteEvidence
from tests.factories import price
from tests.factories_messages import execution_report
from tests.factories_road import at, stamp

HEAD = "time_ns,symbol,bid,bid_size,offer,offer_size\n"


def replayed(folder: Path, settings: str = "") -> tuple[list[Finding], str]:
    """Replay one execution outside the market; return what was found, and the store."""
    (folder / "sorwatch.toml").write_text(f'firm = "demo"\n{settings}', encoding="utf-8")
    log, quotes = folder / "log.txt", folder / "quotes.csv"
    report = execution_report(_52=stamp(10), _60=stamp(10), _31="190.00")
    log.write_bytes(report.replace(b"\x01", b"|") + b"\n")
    rows = [(0, "181.90"), (4.9, "181.91"), (6, "181.92"), (14, "181.93"), (15.1, "181.94")]
    lines = [f"{at(second)},IBM,{bid},100,182.00,100\n" for second, bid in rows]
    quotes.write_text(HEAD + "".join(lines), encoding="utf-8")
    found: list[Finding] = []
    store = f"sqlite:///{folder / 'replay.db'}"
    replay_file(log, quotes=quotes, folder=folder, store_url=store, on_finding=found.append)
    return [finding for finding in found if finding.rule == "outside_nbbo"], store


def test_the_quotes_of_five_seconds_on_either_side_are_kept(tmp_path: Path) -> None:
    """Led by the one in force when they begin; a file is the whole truth, so that they are complete."""
    (finding,), store = replayed(tmp_path)

    with Database(store) as database:
        kept = SqlQuoteEvidence(database).of([finding.finding_id])[finding.finding_id]

    assert [quote.bid for quote in kept.around.quotes] == [price("181.91"), price("181.92"), price("181.93")]
    assert kept.around.complete
    assert kept.symbol == "IBM"


def test_no_quotes_are_kept_when_that_is_switched_off(tmp_path: Path) -> None:
    """`quotes.evidence_s = 0`."""
    (finding,), store = replayed(tmp_path, "[quotes]\nevidence_s = 0\n")

    with Database(store) as database:
        assert SqlQuoteEvidence(database).of([finding.finding_id]) == {}
