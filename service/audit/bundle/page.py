"""The page of a bundle: all of it in words, to read and to print; opens alone, without any other file. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from rules.finding import Finding, Value
from rules.rule import Rule
from service.audit.bundle.evidence import Evidence, Held, Making
from service.cases.rules import Rules
from service.exact_text import iso_utc
from service.picture.timeline import Group, timeline
from service.web.exception.detail import RawMessage, raw_message
from service.web.exception.history import step
from service.web.said import NONE, exact_money, instant, said, words

SHOWN = 50
"""Findings and messages in full; of more the rest is in the other files, and the page says so."""
STYLE = """
:root { color-scheme: light dark; --paper: #fcfcfb; --ink: #1a1d21; --quiet: #626a73; --line: #d5d8db; }
@media (prefers-color-scheme: dark) { :root { --paper: #121518; --ink: #e2e6ea; --quiet: #98a1ab; --line: #333a41; } }
@media print { :root { --paper: #fff; --ink: #000; --quiet: #444; --line: #bbb; } body { font-size: 9pt; } }
body { margin: 1.5rem auto; max-width: 62rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 13px/1.45 Inter, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums lining-nums; }
h1 { font-size: 1.3rem; line-height: 1.3; } h2 { font-size: 1rem; margin: 1.6rem 0 .4rem; break-after: avoid; }
h3 { font-size: .85rem; margin: 1rem 0 .2rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; } tr { break-inside: avoid; }
th, td { text-align: left; vertical-align: baseline; padding: .18rem .8rem .18rem 0; }
td, tbody th, thead th { border-bottom: 1px solid var(--line); }
tbody th + td, td:last-child { overflow-wrap: anywhere; }
th { font-weight: 500; color: var(--quiet); } tbody th { width: 12rem; } .quiet { color: var(--quiet); }
code { font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
svg { max-width: 100%; height: auto; }
@media (max-width: 40rem) { tbody th { width: 34%; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
Rows = Iterable[Iterable[str]]


def page(evidence: Evidence, making: Making, rule: Rule | None, drawn: str) -> str:
    """Return the page; `drawn` is the picture, "" when there is none."""
    case = evidence.case
    title = f"Exception {case.case_id} of {making.firm}"
    body = (
        f"<h1>{escape(title)}: {escape(case.sentence)}</h1>",
        _table(_head(evidence, making)),
        *_section("Left out", [f"<p>{escape(line)}.</p>" for line in evidence.left_out]),
        *_section("The rule", _rule(rule)),
        *_newest(evidence),
        *_section("The market and the order", [drawn] if drawn else []),
        *_timeline(evidence),
        *_section("Findings", _findings(evidence.held)),
        *_section("Raw messages", _messages(evidence)),
        *_section("History", _history(evidence, making.rules)),
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def _head(evidence: Evidence, making: Making) -> Rows:
    case = evidence.case
    told = {
        "State": case.state.words,
        "Severity": case.severity.value,
        "Rule": case.key.rule,
        "Cause": case.key.cause,
        "Counterparty": case.key.counterparty or "every counterparty",
        "Trade date": case.key.trade_date,
        "Harm": exact_money(case.dollar_harm) or "none computed",
        "Findings": f"{case.finding_count:,} that stand, {case.withdrawn_count:,} withdrawn",
        "First and last": f"{instant(case.first_at).full}; {instant(case.last_at).full}",
        "Closed as": words(case.reason or ""),
        "Made": f"by {making.by} at {iso_utc(making.at)} with sorwatch {making.program}",
    }
    return [(name, value) for name, value in told.items() if value]


def _rule(rule: Rule | None) -> list[str]:
    if rule is None:
        return []
    card = rule.card
    return [_table([("Title", card.title), ("Why", card.why), ("What to do", card.runbook), ("Source", card.citation)])]


def _newest(evidence: Evidence) -> Iterator[str]:
    if not evidence.held:
        return
    finding = evidence.held[0].finding
    yield "<h2>The newest finding</h2>"
    yield _table([("Says", finding.sentence), ("At", instant(finding.at).full), *_values(finding.values)])
    yield "<h3>Limits in force</h3>"
    yield _table([*_values(finding.thresholds), *_measured(finding)])
    for name, quote in finding.quotes.items():
        yield f"<h3>Best bid and offer at {escape(name)}</h3>"
        yield _table(_quote(quote))


def _measured(finding: Finding) -> Iterator[tuple[str, str]]:
    yield "rulebook", f"{finding.rulebook_hash}, rule version {finding.rule_version}"
    if finding.clocks is not None:
        yield "measured from, to", f"{finding.clocks[0]}; {finding.clocks[1]}"
    if finding.sample_count is not None:
        yield "sample", f"{finding.sample_count:,}"


def _timeline(evidence: Evidence) -> Iterator[str]:
    told = timeline(evidence.family)
    if told is None:
        return
    for group in told.groups:
        yield from _group(group)
    yield from (f'<p class="quiet">{escape(line)}</p>' for line in (told.more, told.looked) if line)


def _group(group: Group) -> Iterator[str]:
    yield f"<h3>{escape(group.role)}: {escape(group.name)}, {escape(group.terms)}; {escape(group.end)}</h3>"
    lines = [
        (
            event.at.fine if event.at else "–",
            event.received.fine if event.received else "–",
            " ".join(part for part in (event.words, event.venue, event.note) if part),
            event.quantity,
            event.price,
        )
        for event in group.events
    ]
    yield _table(lines, ("Vendor’s clock", "Our receipt", "What", "Shares", "Price"))
    if group.more:
        yield f'<p class="quiet">{escape(group.more)}</p>'


def _findings(every: tuple[Held, ...]) -> list[str]:
    lines = [
        (
            instant(held.finding.at).full,
            held.finding.sentence,
            exact_money(held.finding.dollar_harm),
            "; ".join(f"{look.verdict.value}: {look.reason}" for look in held.looks),
        )
        for held in every[:SHOWN]
    ]
    return [_table(lines, ("At", "Says", "Harm", "Second looks")), *_rest(len(every), "case.json")]


def _messages(evidence: Evidence) -> list[str]:
    told = []
    for record in evidence.records[:SHOWN]:
        message = raw_message(record)
        how = "read from a file" if message.backfilled else "received"
        when = message.received.exact if message.received else "at a time that is not known"
        told.append(f"<h3>{escape(message.title)}, journal {record.offset}, {how} {escape(when)}</h3>")
        told.append(_message(message))
    return [*told, *_rest(len(evidence.records), "raw/readable.txt")] or ["<p>None is behind this exception.</p>"]


def _message(message: RawMessage) -> str:
    if not message.fields:
        return f"<p><code>{escape(message.raw)}</code></p>"
    return _table((f"{field.tag} {field.name}", field.value, field.meaning) for field in message.fields)


def _history(evidence: Evidence, rules: Rules) -> list[str]:
    lines = [
        (str(one.n), one.at.full, one.actor, " ".join(filter(None, (one.action, one.more, one.note))), one.hash)
        for one in (step(event, rules) for event in evidence.history)
    ]
    return [_table(lines, ("No.", "At", "Who", "What", "SHA-256"))]


def _values(values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        yield said(name, value)


def _quote(quote: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    at = quote.get("at_ns")
    yield "made at", instant(at).full if isinstance(at, int) else NONE
    yield from _values({name: value for name, value in quote.items() if name != "at_ns"})


def _rest(count: int, where: str) -> list[str]:
    return [f'<p class="quiet">and {count - SHOWN:,} more in {where}</p>'] if count > SHOWN else []


def _section(name: str, inside: list[str]) -> Iterator[str]:
    if inside:
        yield f"<h2>{escape(name)}</h2>"
        yield from inside


def _table(lines: Rows, heads: tuple[str, ...] = ()) -> str:
    """Return a table; without heads the first cell of a line is its name."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    named = "td" if heads else 'th scope="row"'
    body = "".join(f"<tr>{_cells(list(line), named)}</tr>" for line in lines)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if heads else ''}<tbody>{body}</tbody></table>"


def _cells(cells: list[str], first: str) -> str:
    rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells[1:])
    return f"<{first}>{escape(cells[0])}</{first.partition(' ')[0]}>{rest}"
