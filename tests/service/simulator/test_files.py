"""The simulation on disk: the same bytes for the same seed, whole, and the way back."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service.market.quote_json import read_message
from service.simulator.command import simulate
from service.simulator.events import DropCopy, Gap
from service.simulator.faults import FaultName, fault
from service.simulator.files import MESSAGES, QUOTES, TRUTH, read_messages
from service.simulator.folder import Ports, at_port, free_ports, write_folder
from service.simulator.market import QuoteMoved
from service.simulator.publisher import MOST, batch
from service.simulator.simulate import write_files
from service.simulator.wire import pairs
from tests.factories_simulator import START, a_run
from tests.fakes_initiator import prove

FAULTS = (fault(FaultName.SEQUENCE_GAP, 0.2), fault(FaultName.DUPLICATES, 0.3))


def messages_in(folder: Path) -> list[bytes]:
    """Return the messages of a written folder."""
    return [line.partition(b" : ")[2] for line in (folder / MESSAGES).read_bytes().splitlines()]


def test_writing_twice_gives_the_same_files(tmp_path: Path) -> None:
    """Three files, byte for byte the same."""
    for name in ("one", "two"):
        write_files(tmp_path / name, messages=500, seed=7, start_ns=START, faults=FAULTS)

    for file in (MESSAGES, QUOTES, TRUTH):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_written_log_is_well_formed_and_counts_what_it_holds(tmp_path: Path) -> None:
    """Every message is whole, numbers rise by one but for the gap, and the totals are true."""
    totals = write_files(tmp_path, messages=500, seed=7, start_ns=START, faults=FAULTS)

    messages = messages_in(tmp_path)
    for message in messages:
        prove(message)
    numbers = [int(dict(pairs(message))[34]) for message in messages]
    steps = [after - before for before, after in pairwise(numbers)]

    assert len(messages) == totals.messages == 500
    assert sorted(steps)[-2:] == [1, 4]
    assert totals.last_sequence == numbers[-1]
    executions = {dict(pairs(message))[17] for message in messages if dict(pairs(message))[150] == "F"}
    assert len(executions) == totals.executions
    last = json.loads((tmp_path / TRUTH).read_text(encoding="utf-8").splitlines()[-1])
    assert last == {
        "event": "totals",
        "messages": 500,
        "executions": totals.executions,
        "quotes": totals.quotes,
        "last_sequence": totals.last_sequence,
    }


def test_the_quotes_reach_further_than_the_messages(tmp_path: Path) -> None:
    """No execution at the end of the file is without a quote after it."""
    totals = write_files(tmp_path, messages=200, seed=7, start_ns=START)

    rows = (tmp_path / QUOTES).read_text(encoding="utf-8").splitlines()
    last = [event.at for event in a_run(rate=1_000.0) if isinstance(event, DropCopy)][199]

    assert rows[0] == "time_ns,symbol,bid,bid_size,offer,offer_size"
    assert len(rows) == totals.quotes + 1
    assert int(rows[-1].split(",")[0]) > last
    assert [row.split(",")[0] for row in rows[1:]] == sorted(row.split(",")[0] for row in rows[1:])


def test_a_written_log_is_read_back_for_serving(tmp_path: Path) -> None:
    """Bodies, marks and gaps come back in order."""
    write_files(tmp_path, messages=500, seed=7, start_ns=START, faults=FAULTS)

    back = list(read_messages(tmp_path / MESSAGES))
    bodies = [event.body for event in back if isinstance(event, DropCopy)]
    sent = [e for e in a_run(seconds=2, rate=1_000.0, faults=FAULTS) if isinstance(e, DropCopy)]

    assert len(bodies) == 500
    assert [event.count for event in back if isinstance(event, Gap)] == [3]
    assert sum(event.resend for event in back if isinstance(event, DropCopy)) == 2
    assert set(bodies[:100]) <= {event.body for event in sent} | set(bodies)


def test_the_command_writes_files(tmp_path: Path) -> None:
    """`sorwatch simulate --write` says what it wrote."""
    result = CliRunner().invoke(
        simulate,
        ["--write", str(tmp_path), "--messages", "100", "--fault", "rogue_venue@0+1", "--begin-string", "FIX.4.2"],
    )

    assert result.exit_code == 0, result.output
    assert "100 messages" in result.output
    assert messages_in(tmp_path)[0].startswith(b"8=FIX.4.2\x01")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--fault", "nothing@1", "--fault", "slow_venue@x"], "unknown fault 'nothing'"),
        (["--broker", "1883"], "is no host:port"),
        (["--rate", "0"], "0.0 is not in the range"),
    ],
)
def test_the_command_refuses_in_words(words: list[str], complaint: str) -> None:
    """Bad words end with the usage error of the command line, before anything is started."""
    result = CliRunner().invoke(simulate, words)

    assert result.exit_code == click.UsageError.exit_code
    assert complaint in result.output


def test_a_batch_of_quotes_is_what_the_daemon_reads() -> None:
    """Our own reader takes all quotes, the sequence and the mark out of the payload, which fits the broker."""
    quotes = [event for event in a_run(seconds=5) if isinstance(event, QuoteMoved)][:MOST]

    payload = batch(quotes, 17, START + 1)
    read = read_message(payload)

    assert len(payload) < 20_000
    assert (len(read.quotes), read.sequence, read.mark, read.bad) == (MOST, 17, START + 1, ())
    assert (read.quotes[0].symbol, read.quotes[0].bid) == (quotes[0].symbol, quotes[0].bid)


def test_the_demos_folder_points_everything_at_the_free_ports(tmp_path: Path) -> None:
    """Settings and session name the ports; writing it again keeps what is there."""
    ports = Ports(fix=1001, broker=1002, http=1003, web=1004)

    write_folder(tmp_path, ports)
    write_folder(tmp_path, ports)

    settings = (tmp_path / "sorwatch.toml").read_text(encoding="utf-8")
    assert all(f"port = {port}" in settings for port in (1002, 1003, 1004))
    session = (tmp_path / "fix_configs" / "demo" / "session.cfg").read_text(encoding="utf-8")
    assert session.count("SocketConnectPort=1001") == 1
    assert "HeartBtInt=30" in session


def test_a_session_file_without_a_key_gets_it() -> None:
    """What the file does not set is added to its defaults."""
    assert at_port("[DEFAULT]\n[SESSION]\n", 77).count("SocketConnectPort=77") == 1


def test_free_ports_are_four() -> None:
    """No two of them are the same."""
    ports = free_ports()

    assert len({ports.fix, ports.broker, ports.http, ports.web}) == 4
