"""Certificates as text for a terminal: the state, then the reasons, then the numbers behind them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from service.exact_text import iso_utc
from service.feed.sequence import spans
from service.statements.completeness import Certificate
from service.statements.reasons import Weight

MARKS = {Weight.MISSING: "!", Weight.UNRECONCILED: "?", Weight.SHOWN: " "}
SHOWN = 10


def certificate_lines(one: Certificate) -> Iterator[str]:
    """Yield a certificate line by line."""
    yield f"{one.trade_date} {one.counterparty} {one.session}: {one.state.words.upper()}"
    yield from (f"  {MARKS[reason.weight]} {reason.words}" for reason in one.reasons)
    total = one.sum
    equal = "=" if total.holds else "≠"
    came = f"{total.journalled:,} received" + (f" + {total.backfilled:,} from a file" if total.backfilled else "")
    yield f"    journal {came} {equal} {total.processed:,} processed {equal} {sum(total.outcomes.values()):,} outcomes"
    if total.outcomes:
        yield "    " + ", ".join(f"{name} {number:,}" for name, number in total.outcomes.items())
    for counting in one.countings[:SHOWN]:
        declared = f"; declared empty {spans(counting.declared[:SHOWN])}" if counting.declared else ""
        yield f"    numbers of epoch {counting.epoch or '–'}: {spans(counting.received[:SHOWN]) or 'none'}{declared}"
    for segment in one.segments[:SHOWN]:
        holes = f"; not received {spans(segment.holes[:SHOWN])}" if segment.holes else ""
        yield f"    numbers of segment {segment.name or '–'}: {spans(segment.received[:SHOWN])}{holes}"
    for line in one.gaps[:SHOWN]:
        missing = f", missing {spans(line.missing)}" if line.missing else ""
        yield f"    gap {line.gap.subject}: {line.how}{missing}"
    for reset in one.resets[:SHOWN]:
        yield f"    reset at {iso_utc(reset.at)}: {reset.words}"
    if one.against is not None:
        yield from (f"    {found.exec_id}: {found.words}" for found in one.against.listed)
