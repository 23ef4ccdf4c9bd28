"""`sorwatch dialect try`, as an operator calls it on the first day with a new vendor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.fix.dialect import parse_dialect
from tests.decode_invariant import SHIPPED, shipped_messages
from tests.factories_folder import a_fix_log, a_working_folder
from tests.factories_messages import execution_report
from tests.factories_trial import families, filled, old_speaker, tried

OPEN = {
    "ats_44": {
        "id new on each report": 15,
        "venue not known": 6,
        "clock off": 5,
        "same ExecID with other content": 1,
        "not decoded": 3,
    },
    "broker_sor_42": {
        "parent not seen": 1,
        "shares counted twice": 1,
        "venue not known": 4,
        "same ExecID with other content": 1,
        "not decoded": 1,
    },
    "exchange_50sp2": {"same ExecID with other content": 2, "not decoded": 2},
}
"""What the plain dialect leaves open in the example day of each shipped counterparty."""
STILL_OPEN = {
    "ats_44": {"venue not known": 1, "not decoded": 1},
    "broker_sor_42": {"not decoded": 1},
    "exchange_50sp2": {"not decoded": 2},
}
"""What the draft leaves open: messages that no dialect explains, an execution that says nowhere where it was."""


def try_log(*words: object) -> Result:
    """Call the command."""
    return CliRunner().invoke(main, ["dialect", "try", *map(str, words)])


def drafted(result: Result) -> dict[str, object]:
    """Return what the command printed as JSON."""
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_the_report_is_printed_and_then_the_draft(tmp_path: Path) -> None:
    """And the draft parses."""
    result = try_log(a_fix_log(tmp_path / "day.log", families(), stamped=True))

    report, _, draft = result.stdout.partition("# A draft by")
    assert result.exit_code == 0
    assert report.splitlines()[1] == "messages: ExecutionReport (35=8) 8"
    assert report.splitlines()[-2] == "8 messages; open: parent not seen 2, shares counted twice 2"
    assert parse_dialect(f"# A draft by{draft}").ids.parent == ("9501", "526", "583")


def test_the_draft_in_a_file_answers_what_the_plain_dialect_left_open(tmp_path: Path) -> None:
    """From the first day to a counterparty's own dialect."""
    log, folder = a_fix_log(tmp_path / "day.log", old_speaker(), bars=True), a_working_folder(tmp_path / "work")
    own = folder / "fix_configs" / "demo" / "dialect.yaml"
    own.unlink()

    first = try_log(log, "--out", own)
    again = try_log(log, "--counterparty", "demo", "--folder", folder)

    assert first.stdout.splitlines()[-2:] == ["9 messages; open: id new on each report 9", f"the draft is in {own}"]
    assert "9 messages; open: nothing" in again.stdout.splitlines()


def test_a_file_that_exists_is_never_written_over(tmp_path: Path) -> None:
    """Refused before the log is read."""
    own = tmp_path / "dialect.yaml"
    own.write_text("mine", encoding="utf-8")

    result = try_log(a_fix_log(tmp_path / "day.log", families()), "--out", own)

    assert (result.exit_code, own.read_text(encoding="utf-8")) == (2, "mine")
    assert result.stderr == f"sorwatch: --out: {own} exists already; name a new file\n"


def test_a_draft_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    """A folder that is not there."""
    result = try_log(a_fix_log(tmp_path / "day.log", families()), "--out", tmp_path / "no" / "d.yaml")

    assert result.exit_code == 2
    assert "cannot be written: No such file or directory" in result.stderr


def test_an_empty_log_is_answered_too(tmp_path: Path) -> None:
    """With the plain dialect of FIX 4.4."""
    found = drafted(try_log(a_fix_log(tmp_path / "day.log", []), "--format", "json"))

    assert (found["messages"], found["problems"]) == (0, {})
    assert parse_dialect(str(found["draft"])).begin_string == "FIX.4.4"


def test_garbage_is_reported_with_its_line(tmp_path: Path) -> None:
    """Nothing is lost, nothing raises; --ignore-checksum puts right what only the sum is wrong of."""
    good = filled(1, "O1")
    log = a_fix_log(tmp_path / "day.log", [b"8=FIX.4.4|garbage", good[:-4] + b"999\x01", good])

    strict = drafted(try_log(log, "--format", "json"))
    lenient = drafted(try_log(log, "--format", "json", "--ignore-checksum"))

    reasons = strict["parts"]["Not decoded"]  # type: ignore[index]
    assert [entry["lines"] for entry in reasons.values()] == [[2], [1]]
    assert (strict["messages"], strict["problems"]) == (3, {"not decoded": 2})
    assert (lenient["messages"], lenient["problems"]) == (3, {"not decoded": 1})


def test_symbols_are_held_against_a_file_of_quotes(tmp_path: Path) -> None:
    """By the column symbol, wherever it stands."""
    quotes = tmp_path / "quotes.csv"
    quotes.write_text("time_ns,symbol,bid\n1,IBM,1\n2\n", encoding="utf-8")
    log = a_fix_log(tmp_path / "day.log", [filled(1, "O1"), filled(2, "O2", _55="MSFT")])

    found = drafted(try_log(log, "--quotes", quotes, "--format", "json"))

    assert found["problems"] == {"symbol not in the quotes": 1}


def test_quotes_without_symbols_are_refused(tmp_path: Path) -> None:
    """The header row must name them."""
    quotes = tmp_path / "quotes.csv"
    quotes.write_text("a,b\n", encoding="utf-8")

    result = try_log(a_fix_log(tmp_path / "day.log", families()), "--quotes", quotes)

    assert result.exit_code == 2
    assert "has no column symbol" in result.stderr


@pytest.mark.parametrize(("text", "words"), [(None, "cannot be read"), ("nonsense: 1", "begin_string is absent")])
def test_a_counterparty_without_a_sound_dialect_is_refused(tmp_path: Path, text: str | None, words: str) -> None:
    """With every problem of its dialect."""
    folder = a_working_folder(tmp_path / "work")
    own = folder / "fix_configs" / "demo" / "dialect.yaml"
    own.unlink()
    if text is not None:
        own.write_text(text, encoding="utf-8")

    result = try_log(a_fix_log(tmp_path / "d.log", []), "--counterparty", "demo", "--folder", folder)

    assert result.exit_code == 2
    assert words in result.stderr


def test_a_version_without_a_plain_dialect_is_read_as_4_4(tmp_path: Path) -> None:
    """FIX 4.1, say."""
    found = drafted(try_log(a_fix_log(tmp_path / "d.log", [execution_report("FIX.4.1")]), "--format", "json"))

    assert found["problems"] == {}


@pytest.mark.parametrize("name", sorted(OPEN))
def test_the_example_days_are_open_under_the_plain_dialect_and_answered_by_the_draft(name: str) -> None:
    """Each of the shipped counterparties, as if it were new."""
    result = try_log(SHIPPED / name / "messages" / "day.fix", "--format", "json")

    found = drafted(result)
    assert found["problems"] == OPEN[name]
    assert tried(shipped_messages()[name], str(found["draft"])).problems() == STILL_OPEN[name]


@pytest.mark.parametrize("name", sorted(OPEN))
def test_a_draft_on_top_of_a_shipped_dialect_keeps_what_it_says(name: str) -> None:
    """Nothing that was declared is lost."""
    text = (SHIPPED / name / "dialect.yaml").read_text(encoding="utf-8")

    habits = parse_dialect(tried([], text).draft())

    assert habits == parse_dialect(text)
