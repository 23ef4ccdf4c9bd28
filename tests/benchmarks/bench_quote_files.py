"""How fast quote files are read: python -m tests.benchmarks.bench_quote_files [--rows N] [--pairs N]; or `make bench`.

A reads a file row by row, each row a value that is put on the tape, B as the source does it, column by column; the
same file for both, in turn, A B A B; only the ratio within a pair counts, by this process's own processor time. Then
the room that a quote takes, and the most that was taken while reading.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import duckdb

from rules.facts import Nanos
from service.market.file_quotes import FileQuotes
from tests.row_by_row import RowByRow
from tests.simulations import ENVIRONMENT, ROOT

ROWS = int(os.environ.get("BENCH_ROWS", "500000"))
PAIRS = int(os.environ.get("BENCH_RUNS", "5"))
END = Nanos(2**63 - 1)
SYMBOLS = (1, 200, 8_000)
BAD_IN = 1_000
"""Of so many rows one is bad."""
PRICES = {
    "text": "format('{:.2f}', 100 + hash(i * 3) % 1000 / 100)",
    "decimal": "(100 + hash(i * 3) % 1000 / 100)::DECIMAL(18, 4)",
    "double": "round(100 + hash(i * 3) % 1000 / 100, 2)",
    "nanodollars": "(100000000000 + hash(i * 3) % 1000 * 10000000)::BIGINT",
}


def test_files_row_by_row_and_in_columns() -> None:
    """Print the tables; nothing is asserted of a time."""
    main(ROWS, PAIRS)


def main(rows: int, pairs: int) -> None:
    """Print both tables."""
    print(f"\n{rows:,} rows, one of {BAD_IN:,} bad, load {os.getloadavg()[0]:.1f}")
    print(f"{'file':<28} {'A rows/s':>10} {'B rows/s':>10} {'B/A':>6}")
    with tempfile.TemporaryDirectory() as name:
        for title, path in files(Path(name), rows):
            taken = [(rate(path, row_by_row), rate(path, in_columns)) for _ in range(pairs)]
            singly, together = (median(column) for column in zip(*taken, strict=True))
            ratio = median(b / a for a, b in taken)
            print(f"{title:<28} {singly:>10,.0f} {together:>10,.0f} {ratio:>6.1f}", flush=True)
        room(Path(name) / "csv.csv", rows)
        room(Path(name) / "decimal.parquet", rows)


def files(folder: Path, rows: int) -> Iterator[tuple[str, Path]]:
    """Write the files, and give each with what it is."""
    for kind in PRICES:
        yield f"Parquet, {kind}, 200 symbols", write(folder / f"{kind}.parquet", rows, kind, 200)
    for symbols in SYMBOLS:
        if symbols != 200:
            yield f"Parquet, decimal, {symbols:,} symbols", write(folder / "some.parquet", rows, "decimal", symbols)
    yield "CSV, 200 symbols", write(folder / "csv.csv", rows, "text", 200)


def write(path: Path, rows: int, kind: str, symbols: int) -> Path:
    """Write a file of quotes in time order, prices of one kind."""
    bid = PRICES[kind]
    asked = (
        f"CASE WHEN i % {BAD_IN} = 9 THEN 0 ELSE 1700000000000000000 + i * 1000 END AS time_ns, "
        f"'S' || hash(i) % {symbols} AS symbol, {bid} AS bid, (1 + hash(i * 5) % 9) * 100 AS bid_size, "
        f"{bid.replace('100', '101', 1)} AS offer, (1 + hash(i * 7) % 9) * 100 AS offer_size"
    )
    form = "csv, HEADER true" if path.suffix == ".csv" else "parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {asked} FROM range({rows}) AS t(i)) TO '{path}' (FORMAT {form})")
    return path


def row_by_row(path: Path) -> int:
    """Return how many rows were read as values."""
    return RowByRow(path).rows


def in_columns(path: Path) -> int:
    """Return how many rows were read as the source reads them."""
    with FileQuotes(path) as source:
        source._read_past(END)
        return source.rows


def rate(path: Path, read: Callable[[Path], int]) -> float:
    """Return rows a second of the processor."""
    began = time.process_time()
    rows = read(path)
    return rows / (time.process_time() - began)


def room(path: Path, rows: int) -> None:
    """Print what a fresh process takes for the quotes, and the most that it took meanwhile."""
    for name in (row_by_row.__name__, in_columns.__name__):
        command = [sys.executable, "-c", MEASURED.format(name=name, path=str(path))]
        said = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, capture_output=True, text=True)
        kept, most = map(int, said.stdout.splitlines()[-1].split())
        print(f"{path.suffix:<9} {name:<12} {kept / rows:>6.0f} bytes a quote packed, {most / 1e6:>5.0f} MB at most")


MEASURED = """
import resource, sys
from pathlib import Path
from service.market.file_quotes import FileQuotes
from tests.benchmarks import bench_quote_files as bench
from tests.row_by_row import RowByRow
before = int(Path('/proc/self/statm').read_text().split()[1]) * resource.getpagesize()
if '{name}' == 'row_by_row':
    tape = RowByRow(Path('{path}')).tape
else:
    with FileQuotes(Path('{path}')) as source:
        source._read_past(bench.END)
        tape = source._tape
packed = [each._packed for each in tape._series.values()]
kept = sum(sys.getsizeof(getattr(each, name)) for each in packed for name in each.__slots__)
status = dict(line.split(':', 1) for line in Path('/proc/self/status').read_text().splitlines())
print(kept, int(status['VmHWM'].split()[0]) * 1024 - before)
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    wanted = parser.parse_args()
    main(wanted.rows, wanted.pairs)
