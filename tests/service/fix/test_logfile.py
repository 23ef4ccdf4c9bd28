"""A FIX log on disk → messages with their receive stamps."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.facts import Nanos
from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.fix.events import Execution, Undecodable
from service.fix.logfile import LogLine, read_log
from service.fix.stamps import instant
from tests.factories_messages import execution_report, fix_message, framed

REPORT = execution_report()
NOON = "20131007-12:00:00"
AT = instant(NOON) or (Nanos(0), 0)


def lines(folder: Path, content: bytes, *, ignore_checksum: bool = False) -> list[LogLine]:
    """Read a log with that content."""
    path = folder / "messages.log"
    path.write_bytes(content)
    return list(read_log(path, ignore_checksum=ignore_checksum))


@pytest.mark.parametrize(
    ("prefix", "received_at"),
    [
        ("", None),
        (f"{NOON} : ", AT[0]),
        (f"{NOON}.123456789 : ", Nanos(AT[0] + 123_456_789)),
        ("2013-10-07 12:00:00,250 INFO in: ", Nanos(AT[0] + 250_000_000)),
        ("2013-10-07T08:00:00.5-04:00 ", Nanos(AT[0] + 500_000_000)),
        ("[2013-10-07T12:00:00Z] ", AT[0]),
        ("20139907-12:00:00 : ", None),
        ("2013-99-07 12:00:00 ", None),
        ("in: ", None),
    ],
)
@pytest.mark.parametrize("form", ["soh", "bars"])
def test_a_message_is_found_behind_its_time_stamp(
    tmp_path: Path, prefix: str, received_at: Nanos | None, form: str
) -> None:
    """QuickFIX's own form, ISO 8601, or none; with SOH or bars between the fields."""
    body = REPORT if form == "soh" else REPORT.replace(b"\x01", b"|")

    found = lines(tmp_path, prefix.encode() + body + b"\n")

    assert found == [LogLine(received_at, REPORT, 1)]


def test_every_line_of_a_log_is_a_message(tmp_path: Path) -> None:
    """In order, with line numbers; blank lines and remarks are none, and line ends of Windows do not matter."""
    second = execution_report(_17="E-2")

    found = lines(tmp_path, b"# a remark\r\n" + REPORT + b"\r\n\r\n" + second.replace(b"\x01", b"|") + b"\r\n")

    assert [(line.body, line.number) for line in found] == [(REPORT, 2), (second, 4)]


def test_the_last_line_may_have_no_end(tmp_path: Path) -> None:
    """A log that is still growing."""
    assert [line.body for line in lines(tmp_path, REPORT)] == [REPORT]
    assert lines(tmp_path, b"") == []


def test_a_text_over_several_lines_is_one_message(tmp_path: Path) -> None:
    """A line feed inside a value does not end the message."""
    body = execution_report(_58="one\ntwo\nthree")

    found = lines(tmp_path, body + b"\n" + REPORT + b"\n")

    assert [(line.body, line.number) for line in found] == [(body, 1), (REPORT, 4)]


def test_a_bar_inside_a_text_is_no_separator(tmp_path: Path) -> None:
    """A bar counts only before a tag or at the end."""
    body = execution_report(_58="a|b")

    assert [line.body for line in lines(tmp_path, body.replace(b"\x01", b"|") + b" \n")] == [body]


def test_our_own_messages_are_left_out(tmp_path: Path) -> None:
    """An engine's log holds both directions; who sends execution reports is the counterparty."""
    ours = fix_message(_35="0", _34=9, _49="FIRM", _56="SOR")
    theirs = fix_message(_35="0", _34=3, _49="SOR", _56="FIRM")

    found = lines(tmp_path, b"\n".join([ours, REPORT, theirs, ours]))

    assert [line.body for line in found] == [REPORT, theirs]


def test_without_execution_reports_everything_is_given_out(tmp_path: Path) -> None:
    """There is no telling who is who."""
    ours = fix_message(_35="0", _34=9, _49="FIRM", _56="SOR")

    assert [line.body for line in lines(tmp_path, ours + b"\n")] == [ours]


def test_a_broken_line_is_given_out_to_be_counted(tmp_path: Path) -> None:
    """What has lost its beginning is undecodable, not gone."""
    found = lines(tmp_path, b"IX.4.4\x019=5\x0135=0\x0110=163\x01\n9=5|35=8|\nwords = only\n")

    assert [line.body for line in found] == [b"IX.4.4\x019=5\x0135=0\x0110=163\x01", b"9=5\x0135=8\x01"]


def test_a_wrong_checksum_ends_as_undecodable_unless_it_is_ignored(tmp_path: Path) -> None:
    """Redacted logs have wrong lengths and sums; they are read on request only."""
    dialect = parse_dialect("begin_string: FIX.4.4")
    redacted = REPORT.replace(b"ACC-7", b"XXX").replace(b"\x01", b"|") + b"\n"

    strict = [decode(line.body, dialect, "2013-10-07") for line in lines(tmp_path, redacted)]
    lenient = [decode(line.body, dialect, "2013-10-07") for line in lines(tmp_path, redacted, ignore_checksum=True)]

    assert [type(decoded) for decoded in strict] == [Undecodable]
    assert [type(decoded) for decoded in lenient] == [Execution]


def test_raw_data_keeps_its_line_feeds(tmp_path: Path) -> None:
    """Messages with SOH are taken as they are."""
    body = framed("35=B\x0195=5\x0196=a\n|b\n\x01")

    assert [line.body for line in lines(tmp_path, body + b"\n")] == [body]
