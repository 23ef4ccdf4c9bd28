"""`sorwatch verify-day` on real stores: the same again, beside a writer, and never silent about what was touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Table, func, select, update

from rules.facts import Nanos
from rules.finding import Finding
from service.cli import main
from service.journal import Entry
from service.statements.gather_closing import gathered_close
from service.statements.signing import sign_close
from service.store import tables
from service.store.engine import Database
from tests.factories_recorded import MIDNIGHT, ROAD_DAY, later_day, record_all, trade
from tests.factories_road import SteadyQuotes, a_bust, a_tick, a_trade, an_order
from tests.stores import KINDS, ready_store

NEXT_DAY = "2013-10-08"
FIRST_DAY = [
    an_order(1, 1, "O1"),
    a_trade(2, 9, "O1", "E2", _31="199.00"),
    trade(3, 10, _31="150.00"),
    a_bust(4, 11, "O3", "B1", "E3"),
    trade(8, 12, _31="150.00"),
    a_tick(400),
]
SECOND_DAY = [trade(20 + number, 30 + number, _31="199.00") for number in range(3)]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a store of two days."""
    with ready_store(request.param, tmp_path) as made:
        record_all(made, [*FIRST_DAY, *(_next_day(entry) for entry in SECOND_DAY)], quotes=SteadyQuotes())
        yield made


def _next_day(entry: Entry) -> Entry:
    body = entry.body.replace(b"20131007", b"20131008")
    return msgspec.structs.replace(later_day(entry), body=_resummed(body))


def _resummed(body: bytes) -> bytes:
    whole = body[: body.rindex(b"10=")]
    return whole + f"10={sum(whole) % 256:03d}\x01".encode()


def verify_day(database: Database, day: str, *words: str) -> Result:
    """Run the command on a store."""
    url = database.url.render_as_string(hide_password=False)
    return CliRunner().invoke(main, ["verify-day", day, "--store", url, *words])


def test_a_recorded_day_is_the_same_again_and_nothing_is_written(database: Database) -> None:
    """From the journal's start, and from the checkpoint at the turn of the date."""
    before = _counts(database)

    first, second = (verify_day(database, day, "--format", "json") for day in (ROAD_DAY, NEXT_DAY))

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    told, next_told = msgspec.json.decode(first.stdout), msgspec.json.decode(second.stdout)
    assert told["facts"]["fills"] == [3, 3]
    assert next_told["facts"]["fills"] == [3, 3]
    assert (told["begun"], next_told["begun"]) == (None, NEXT_DAY)
    assert next_told["start"] > told["start"] == 0
    assert all(part["live"] == part["again"] for part in told["parts"] + next_told["parts"])
    assert min(part["live_count"] for part in told["parts"][:2]) > 0
    assert _counts(database) == before


def test_a_finding_that_was_touched_is_named(database: Database) -> None:
    """With the field, and exit code 1."""
    body = _touch(database, "outside_nbbo")

    told = verify_day(database, ROAD_DAY)

    assert told.exit_code == 1
    assert f"{ROAD_DAY}: NOT the same again" in told.stdout
    assert f"outside_nbbo of {body.subject}, cause: touched live, {body.cause} again" in told.stdout


def test_a_finding_that_was_removed_is_named(database: Database) -> None:
    """It is looked for to the end of the journal before it is said to be new."""
    with database.writing() as connection:
        made = tables.findings
        connection.execute(made.delete().where(made.c.rule == "slow_fill", made.c.trade_date == ROAD_DAY))

    told = verify_day(database, ROAD_DAY)

    assert told.exit_code == 1
    assert "slow_fill of " in told.stdout
    assert "finding: nothing live" in told.stdout


def test_an_execution_that_was_removed_is_missed(database: Database) -> None:
    """Facts are counted; its decision is gone with it, and so are its findings."""
    with database.writing() as connection:
        made = tables.executions
        connection.execute(made.delete().where(made.c.exec_id == "E2"))

    told = verify_day(database, ROAD_DAY)

    assert told.exit_code == 1
    assert "fills                    2 live, 3 again" in told.stdout


def test_the_digests_of_a_signed_close_are_held_against_what_is_recorded(database: Database) -> None:
    """What is touched after the close differs from it, whatever a second run says."""
    close = gathered_close(database, ROAD_DAY, [])
    sign_close(database, close, "pat", "all is well", Nanos(MIDNIGHT))
    signed = verify_day(database, ROAD_DAY)
    _touch(database, "slow_fill")

    touched = verify_day(database, ROAD_DAY)

    assert (signed.exit_code, touched.exit_code) == (0, 1)
    assert "as its close states it (statement 1)" in signed.stdout
    assert "NOT what its close states (statement 1): market" in touched.stdout


def test_a_day_of_which_nothing_is_recorded_is_refused(database: Database) -> None:
    """Equal digests of nothing would prove nothing."""
    told = verify_day(database, "2001-01-02")

    assert told.exit_code == 2
    assert "nothing is recorded of trade date 2001-01-02" in told.stderr


def test_it_reads_while_another_writes(database: Database) -> None:
    """The daemon holds its write transaction open and is not waited for."""
    with database.writing() as connection:
        connection.execute(update(tables.offsets).where(tables.offsets.c.name == "caseworker").values(value=1))

        told = verify_day(database, ROAD_DAY)

    assert told.exit_code == 0, told.output


def _touch(database: Database, rule: str) -> Finding:
    """Give a finding of the first day another cause; return it as it was."""
    made = tables.findings
    with database.writing() as connection:
        wanted = select(made.c.seq, made.c.body).where(made.c.rule == rule, made.c.trade_date == ROAD_DAY)
        row = connection.execute(wanted.order_by(made.c.seq).limit(1)).one()
        was = msgspec.json.decode(row.body, type=Finding)
        body = msgspec.json.encode(msgspec.structs.replace(was, cause="touched"))
        connection.execute(update(made).where(made.c.seq == row.seq).values(body=body))
    return was


def _counts(database: Database) -> dict[str, int]:
    kept: list[Table] = list(tables.metadata.sorted_tables)
    with database.reading() as connection:
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one()) for table in kept
        }
