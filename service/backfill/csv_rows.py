"""A CSV of executions or own orders → FIX messages of the counterparty's form, or every problem of the file. Pure.

The header names FIX fields, by name (ExecID) or by tag (17); each row becomes one message with its own BodyLength and
CheckSum. Without MsgType (35) a row is an execution report (8), of a copy of the firm's own orders a new order (D);
without ExecType (150) a report is a trade (F). An empty cell is a field that is not there. SendingTime (52) is taken
from TransactTime (60) where it has no column of its own.

Refuses to guess: a column that is no field, a column that is missing, a row that the dialect cannot read are problems,
and a file with problems is not used at all.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

import msgspec

from service.backfill.plan import Line
from service.backfill.reading import read_backfilled
from service.fix.dialect import Dialect
from service.fix.events import Status, Undecodable
from service.fix.habits import Role
from service.fix.message import restated
from service.fix.tags import TAGS, named
from service.market.calendar import ALWAYS

HEADER = ("35", "49", "56", "34", "43", "97", "52", "122")
"""The fields that stand first, in this order."""
FRAME = ("8", "9", "10")
_BY_NAME = {name.lower(): tag for tag, name in TAGS.items()}
_DELIMITERS = ",;\t"
_NO_DAY = "1970-01-01"


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of a file, or what is wrong with it."""

    lines: tuple[Line, ...] = ()
    problems: tuple[str, ...] = ()


def read_rows(text: Iterable[str], dialect: Dialect) -> Rows:
    """Return the rows as messages; with any problem there are none."""
    stream = iter(text)
    first = next(stream, "").removeprefix("\ufeff")
    reader = csv.reader([first], delimiter=_delimiter(first))
    columns = [name.strip() for name in next(reader, [])]
    tags, problems = _tags(columns)
    problems += _missing({tag for tag in tags if tag}, dialect)
    if problems:
        return Rows(problems=tuple(problems))
    lines: list[Line] = []
    for line in _lines(csv.reader(stream, delimiter=_delimiter(first)), tags, dialect):
        if isinstance(line, str):
            problems.append(line)
        else:
            lines.append(line)
    if not lines and not problems:
        problems.append("no rows follow the header")
    return Rows(problems=tuple(problems)) if problems else Rows(lines=tuple(lines))


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def _tags(columns: list[str]) -> tuple[list[str], list[str]]:
    """Return the tag of each column, and every column that cannot be one."""
    tags: list[str] = []
    problems: list[str] = []
    for number, column in enumerate(columns, start=1):
        tag = column if column.isascii() and column.isdigit() else _BY_NAME.get(column.lower(), "")
        if not tag:
            what = f"{column!a} is no FIX field" if column else "has no name"
            problems.append(f"column {number} {what}; expected a name as ExecID, or a tag as 17")
        elif tag in FRAME:
            problems.append(f"column {number}: {named(tag)} is put right here; leave it out")
        elif tag in tags:
            problems.append(f"column {number}: {named(tag)} is there twice")
        tags.append(tag)
    return tags, problems


def _missing(tags: set[str], dialect: Dialect) -> list[str]:
    """Return what the dialect needs and no column gives."""
    own = dialect.role is Role.OWN_ORDERS
    wanted = ["11", "54", "55", "38"] if own else ["17", "54", "55", "32", "31"]
    problems = [f"the column {named(tag)} is missing" for tag in wanted if tag not in tags]
    if not own and not tags.intersection(dialect.ids.order):
        places = " or ".join(named(tag) for tag in dialect.ids.order if tag.isdigit())
        problems.append(f"the column {places} is missing: nothing names the order")
    if not tags.intersection(("52", "60")):
        problems.append(f"the column {named('60')} or {named('52')} is missing: nothing says when it was")
    if "52" not in tags and dialect.clocks.sending != dialect.clocks.transaction:
        problems.append(f"the column {named('52')} is missing: it is on another clock than {named('60')}")
    for place in () if own else dialect.key.extra:
        if not place.isdigit():
            problems.append(f"the dialect's key needs {place}, which no column can say: use a FIX log")
        elif place not in tags:
            problems.append(f"the column {named(place)} is missing: the dialect's key needs it")
    return problems


def _lines(reader: Iterable[list[str]], tags: list[str], dialect: Dialect) -> Iterator[Line | str]:
    """Yield each row as a message, or what is wrong with it in words."""
    for number, row in enumerate(reader, start=2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) != len(tags):
            yield f"row {number} has {len(cells)} cells; the header has {len(tags)}"
            continue
        fields = {tag: cell for tag, cell in zip(tags, cells, strict=True) if cell}
        bad = [tag for tag, cell in fields.items() if not cell.isprintable()]
        if bad:
            yield f"row {number}: {named(bad[0])} holds a control character"
            continue
        body = message(fields, dialect)
        decoded = read_backfilled(body, dialect, ALWAYS, _NO_DAY)
        if isinstance(decoded, Undecodable) or (isinstance(decoded, Status) and "35" not in fields):
            yield f"row {number}: {decoded.reason}"
        elif decoded.header.sent_at is None:
            yield f"row {number}: {named('52')} is absent or no time of the form YYYYMMDD-HH:MM:SS.sss"
        else:
            yield Line(number, body)


def message(fields: dict[str, str], dialect: Dialect) -> bytes:
    """Return the message of one row's fields, by tag."""
    kind = fields.get("35") or ("D" if dialect.role is Role.OWN_ORDERS else "8")
    told = {"35": kind, **fields}
    if kind == "8" and "150" not in told and "20" not in told:
        told["150"] = "F"
    if "52" not in told and "60" in told:
        told["52"] = told["60"]
    order = [tag for tag in HEADER if tag in told] + [tag for tag in told if tag not in HEADER]
    inner = "".join(f"{tag}={told[tag]}\x01" for tag in order)
    return restated(f"8={dialect.begin_string}\x019=0\x01{inner}10=000\x01".encode())
