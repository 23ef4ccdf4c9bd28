"""The README of an export: what each file is, what its columns are, and how to prove it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from service.audit.parts import PARTS

PROOF = """## How to prove it

`sha256sum -c SHA256SUMS` says whether a file is the one that was exported. `python verify.py .` recomputes everything
below with Python's own library; `python verify.py . seals.jsonl` also compares a file of seals that was kept elsewhere.

JSON below is without blanks and in UTF-8, SHA-256 is over bytes, `prev` is `prev_hash` as 32 bytes (zeros before the
first), `body` the bytes of the text. Each chain counts 1, 2, 3 … without holes, and `prev_hash` is the `hash` before.

| chain | hash |
|---|---|
| case_events, one for each `case_id`, by `n` | SHA-256(prev + JSON [case_id, n, at, actor, kind] + body) |
| statements, by `seq` | SHA-256(prev + JSON [seq, kind, counterparty, session, trade_date, state, at, actor] + body) |
| proposals, by `seq` | SHA-256(prev + JSON [proposal, seq, at, actor, state] + body) |
| access_log, by `seq` | SHA-256(prev + JSON [0, seq, at, actor, deed] + JSON [subject, place, words]) |
| seals, by `seq` | SHA-256(body); body is JSON with sorted keys and holds `previous` |

`head_n` and `head_hash` of an exception are the newest of its events. A seal's `cases.digest` is SHA-256 over the lines
`case_id,n,hash` (hash in hex, each line ended by a line feed) of the sealed_heads of that seal, by case_id and n;
`cases.count` counts the exceptions ever sealed. Its `chains` name the newest link of each chain, its `stretches` digest
the rows of tables without a chain from above `after` up to `last`: SHA-256 over a JSON list of the stored cells a row
(key first, then the columns in order, bytes in hex), each ended by a line feed.

A chain that holds proves that nothing in it was changed, taken out or put in since its newest link left the house in a
seal. It does not prove that the times are right or that a name is who it says, and who holds database and program can
make everything anew since the last seal that somebody else keeps.
"""


def readme(columns: Mapping[str, Iterable[str]], rows: Mapping[str, int], about: str) -> str:
    """Return the README of an export; `columns` of each file in their order, `about` says what was chosen."""
    files = [f"| `{name}` | {rows[name]:,} | {_words(name)} | {_listed(columns[name])} |" for name in columns]
    return "\n".join(
        [
            "# Record and trail",
            "",
            about,
            "",
            "Each file has a row a line as JSON (`.jsonl`), as CSV if asked for. Columns are as stored: times in UTC",
            "nanoseconds since 1970 (readable in `…_utc`), dollars in 1e-9 (readable in `…_usd`), hashes in hex,",
            "`body` and other JSON as text. What is not known is null. `executions` and `orders` are the usual exports",
            "of the program: exact decimal dollars a share, ISO times.",
            "",
            "| file | rows | what it is | columns |",
            "|---|---|---|---|",
            *files,
            "",
            PROOF,
        ]
    )


OTHERS = {
    "executions": "Every execution with the quotes it was judged by, as it stands.",
    "orders": "Every order that ended, with the quote at its receipt.",
    "messages": "The raw messages that the findings name; `raw` is byte for byte a character (latin-1), SOH as U+0001.",
}


def _words(name: str) -> str:
    return f"{PARTS[name].words} Rows: {PARTS[name].span.value}." if name in PARTS else OTHERS[name]


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)


def days_between(first: str | None, last: str | None) -> Iterator[str]:
    """Yield the days from one to another, both included; none when there is none of them."""
    day = date.fromisoformat(first or "9999-12-31")
    while last is not None and day.isoformat() <= last:
        yield day.isoformat()
        day += timedelta(days=1)
