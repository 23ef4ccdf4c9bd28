"""The command line, command by command, as a person calls it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import EXPORTED, main
from service.store.export_columns import EXPORTS
from tests.factories_folder import a_fix_log, a_working_folder, messages
from tests.factories_road import stamp

OUTCOMES = {"order_event": 1, "execution": 2, "bust": 1, "undecodable": 1, "admin": 1}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of this machine into a test."""
    for name in [name for name in os.environ if name.upper().startswith("SORWATCH_")]:
        monkeypatch.delenv(name)


def sorwatch(*words: object) -> Result:
    """Call the command line."""
    return CliRunner().invoke(main, [str(word) for word in words])


def test_every_documented_export_can_be_asked_for() -> None:
    """The command knows them by name alone, so that `--help` stays quick."""
    assert tuple(EXPORTS) == EXPORTED


def summary_of(result: Result) -> dict[str, object]:
    """Return the summary of a replay that printed JSON lines."""
    assert result.exit_code == 0, result.output
    last = json.loads(result.stdout.splitlines()[-1])
    summary: dict[str, object] = last["summary"]
    return summary


@pytest.mark.parametrize(
    "command", ["", "demo", "run", "web", "simulate", "check", "doctor", "replay", "backfill", "export", "store"]
)
def test_every_command_says_what_it_does(command: str) -> None:
    """`--help` answers without reading any configuration."""
    result = sorwatch(*command.split(), "--help")

    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_the_version_is_told() -> None:
    """For a report of a problem."""
    assert sorwatch("--version").exit_code == 0


def test_check_shows_the_next_seven_days_of_a_sound_folder(tmp_path: Path) -> None:
    """In New York and in UTC."""
    result = sorwatch("check", "--folder", a_working_folder(tmp_path))

    assert result.exit_code == 0, result.output
    assert "firm demo: the configuration is sound" in result.output
    assert "rules enabled" in result.output
    assert "the next seven days:" in result.output


def test_a_replayed_execution_is_explained(tmp_path: Path) -> None:
    """Which line decided, in words and as JSON; one thing at a time, and one that is there."""
    folder, store = a_working_folder(tmp_path), f"sqlite:///{tmp_path}/explained.db"
    (folder / "rulebook.yaml").write_text("rules:\n slow_fill:\n  severity: low\n", encoding="utf-8")
    log = a_fix_log(tmp_path / "day.log", messages())
    assert sorwatch("replay", log, "--store", store, "--folder", folder).exit_code == 0
    asked = ("rules", "explain", "--store", store, "--folder", folder)

    text = sorwatch(*asked, "--execution", "E1", "--day", stamp(0)[:4] + "-10-07")
    value = sorwatch(*asked, "--execution", "E1", "--format", "json")
    refused = [
        sorwatch(*asked),
        sorwatch(*asked, "--order", "O1", "--finding", "F"),
        sorwatch(*asked, "--order", "none"),
    ]

    assert text.exit_code == 0, text.output
    assert "decided by the rule's own lines (line 2): it has no scopes" in text.stdout
    assert {fact["trade_date"] for fact in json.loads(value.stdout)["facts"]} == {"2013-10-07"}
    assert [one.exit_code for one in refused] == [2, 2, 2]
    assert "name one thing: --execution ID, --order KEY or --finding ID" in refused[1].output
    assert "the store holds no order none" in refused[2].output


def test_check_counts_scopes_and_warns_of_one_that_would_never_decide(tmp_path: Path) -> None:
    """The counterparty is misspelt; what cannot be right at all is refused with its line."""
    folder = a_working_folder(tmp_path)
    rulebook = folder / "rulebook.yaml"
    scopes = "rules:\n slow_fill:\n  scopes:\n   - when: {counterparty: [demo, dmo]}\n"
    rulebook.write_text(scopes, encoding="utf-8")

    warned = sorwatch("check", "--folder", folder)
    rulebook.write_text(f"{scopes}   - when: {{counterparty: demo}}\n   - when: {{vnue: XBOS}}\n", encoding="utf-8")
    refused = sorwatch("check", "--folder", folder)

    assert warned.exit_code == 0, warned.output
    assert "rulebook: scopes: slow_fill 1" in warned.output
    words = "rulebook: warning: line 4: a scope of slow_fill names dmo, which is no counterparty here"
    assert words in warned.output
    assert refused.exit_code == 2
    assert 'rulebook.yaml: line 6: slow_fill.scopes.when knows no "vnue"; did you mean venue?' in refused.output


def test_check_warns_of_a_copy_that_never_comes_back_and_is_not_waited_for(tmp_path: Path) -> None:
    """It is lawful, so the exit code is 0; the words say what would make it safe."""
    folder = a_working_folder(tmp_path)
    dialect = "begin_string: FIX.4.4\nrecovery: {method: none}\n"
    (folder / "fix_configs/demo/dialect.yaml").write_text(dialect, encoding="utf-8")

    careless = sorwatch("check", "--folder", folder)
    (folder / "sorwatch.toml").write_text('firm = "demo"\n[journal]\ndurability = "on_receipt"\n', encoding="utf-8")
    careful = sorwatch("check", "--folder", folder)

    assert (careless.exit_code, careful.exit_code) == (0, 0)
    assert "demo: FIX.4.4, drop copy, missed reports never come" in careful.output.splitlines()
    assert "demo: warning: missed reports never come" in careless.output
    assert "warning" not in careful.output


@pytest.mark.parametrize("command", [["check"], ["run"], ["web"], ["export", "executions"], ["store", "upgrade"]])
def test_bad_settings_are_listed_and_the_exit_code_is_2(command: list[str], tmp_path: Path) -> None:
    """Every problem on a line of its own, on standard error."""
    (tmp_path / "sorwatch.toml").write_text('firm = "a b"\ncolour = 1\n', encoding="utf-8")

    result = sorwatch(*command, "--folder", tmp_path)

    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert any(line.startswith("sorwatch: sorwatch.toml: firm: ") for line in lines)
    assert "sorwatch: sorwatch.toml: colour: unknown key" in lines


def test_the_doctor_lists_what_is_wrong_and_fails(tmp_path: Path) -> None:
    """Without a daemon, a store or a broker."""
    text = 'firm = "x"\ncalendar = "always"\n[http]\nport = 1\n[mqtt]\nport = 1\n'
    folder = a_working_folder(tmp_path, settings=text)

    result = sorwatch("doctor", "--folder", folder)

    assert result.exit_code == 1
    verdicts = {line.split(":")[0].split()[1]: line.split()[0] for line in result.output.splitlines()}
    assert verdicts == {
        "configuration": "ok",
        "store": "fail",
        "daemon": "fail",
        "broker": "fail",
        "disk": verdicts["disk"],
    }


def test_the_doctor_sees_a_store_and_its_backlog(tmp_path: Path) -> None:
    """After an upgrade the store is sound; without [mqtt] alerts wait."""
    folder = a_working_folder(tmp_path)
    assert sorwatch("store", "upgrade", "--folder", folder).exit_code == 0

    result = sorwatch("doctor", "--folder", folder)

    assert "ok    store: sqlite:///" in result.output
    assert "0 journal records not processed yet" in result.output
    assert "warn  broker: no [mqtt] section" in result.output


def test_the_doctor_names_every_problem_of_the_configuration(tmp_path: Path) -> None:
    """It cannot look further then."""
    result = sorwatch("doctor", "--folder", tmp_path)

    assert result.exit_code == 1
    assert result.output.startswith("fail  configuration: fix_configs/")


@pytest.mark.parametrize("begin_string", ["FIX.4.2", "FIX.4.4", "FIXT.1.1"])
@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize("bars", [True, False])
def test_replay_reads_logs_of_every_kind(begin_string: str, *, stamped: bool, bars: bool, tmp_path: Path) -> None:
    """With SOH or |, with or without time stamps, by the plain dialect of the log's BeginString."""
    log = a_fix_log(tmp_path / "fix.log", messages(begin_string), bars=bars, stamped=stamped)
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")

    summary = summary_of(sorwatch("replay", log, "--format", "jsonl", "--folder", tmp_path))

    assert summary["outcomes"] == OUTCOMES
    assert (summary["messages"], summary["executions"]) == (6, 2)


def test_replay_prints_sentences_for_a_person(tmp_path: Path) -> None:
    """Findings as they come, sums at the end."""
    log = a_fix_log(tmp_path / "fix.log", messages())
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")

    result = sorwatch("replay", log, "--folder", tmp_path)

    assert result.exit_code == 0, result.output
    assert "undecodable" in result.output
    assert "executions    2, of which evaluated 0" in result.output
    assert "digest market" in result.output


def test_replay_judges_by_the_quotes_of_a_file(tmp_path: Path) -> None:
    """A fill above the offer is outside the NBBO."""
    log = a_fix_log(tmp_path / "fix.log", messages())
    quotes = tmp_path / "quotes.csv"
    quotes.write_text(
        "time_ns,symbol,bid,bid_size,offer,offer_size\n1381156200000000000,IBM,181.00,100,181.10,100\n",
        encoding="utf-8",
    )
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")

    summary = summary_of(sorwatch("replay", log, "--quotes", quotes, "--format", "jsonl", "--folder", tmp_path))

    assert summary["evaluated"] == 2
    findings = summary["findings"]
    assert isinstance(findings, dict)
    assert sum(findings["outside_nbbo"].values()) == 2


def test_replay_uses_a_counterpartys_dialect_and_register(tmp_path: Path) -> None:
    """And refuses a counterparty that is not there."""
    folder = a_working_folder(tmp_path)
    log = a_fix_log(tmp_path / "fix.log", [m.replace(b"30=XNYS", b"30=XBOS") for m in messages()])
    words = ("replay", log, "--format", "jsonl", "--folder", folder, "--ignore-checksum", "--counterparty")

    known, unknown = sorwatch(*words, "demo"), sorwatch(*words, "nobody")

    findings = summary_of(known)["findings"]
    assert isinstance(findings, dict)
    assert "unexpected_venue" in findings
    assert unknown.exit_code == 2
    assert "fix_configs/nobody/dialect.yaml: cannot be read" in unknown.stderr


def test_replay_refuses_a_wrong_checksum_unless_told_to_ignore_it(tmp_path: Path) -> None:
    """A log that somebody edited by hand."""
    log = a_fix_log(tmp_path / "fix.log", [line.replace(b"32=60", b"32=50") for line in messages()])
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")
    words = ("replay", log, "--format", "jsonl", "--folder", tmp_path)

    strict, lenient = summary_of(sorwatch(*words)), summary_of(sorwatch(*words, "--ignore-checksum"))

    assert (strict["executions"], lenient["executions"]) == (1, 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"nothing of the kind\n", "no FIX message was found"),
        (messages("FIX.3.0")[0] + b"\n", "there is no plain dialect for FIX.3.0"),
    ],
)
def test_replay_says_why_it_cannot_start(content: bytes, words: str, tmp_path: Path) -> None:
    """No message at all, or a version of FIX that it does not know."""
    log = tmp_path / "fix.log"
    log.write_bytes(content)

    result = sorwatch("replay", log, "--folder", tmp_path)

    assert result.exit_code == 2
    assert words in result.stderr


def test_replay_refuses_a_bad_rulebook_and_a_bad_quote_file(tmp_path: Path) -> None:
    """Bad configuration stops the start."""
    log = a_fix_log(tmp_path / "fix.log", messages())
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")
    quotes = tmp_path / "quotes.csv"
    quotes.write_text("what\n", encoding="utf-8")

    no_quotes = sorwatch("replay", log, "--folder", tmp_path, "--quotes", quotes)
    (tmp_path / "rulebook.yaml").write_text("rules: {nonsense: {}}", encoding="utf-8")
    no_rules = sorwatch("replay", log, "--folder", tmp_path)

    assert (no_quotes.exit_code, no_rules.exit_code) == (2, 2)
    assert "lacks time_ns" in no_quotes.stderr
    assert "rulebook.yaml: " in no_rules.stderr


def test_a_log_without_any_date_is_taken_for_one_of_these_days(tmp_path: Path) -> None:
    """A first message without 52 must not stop the replay."""
    first = messages()[0].replace(f"52={stamp(1)}\x01".encode(), b"")
    log = a_fix_log(tmp_path / "fix.log", [first, *messages()[1:]])
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")

    summary = summary_of(sorwatch("replay", log, "--format", "jsonl", "--folder", tmp_path, "--ignore-checksum"))

    assert summary["messages"] == 6


def test_everything_that_was_replayed_into_a_store_can_be_exported(tmp_path: Path, store_url: str) -> None:
    """Executions, orders, exceptions and messages, as JSON lines and as CSV, by trade date."""
    log = a_fix_log(tmp_path / "fix.log", messages(), stamped=True)
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")
    summary_of(sorwatch("replay", log, "--format", "jsonl", "--folder", tmp_path, "--store", store_url))

    rows = {what: export(what, store_url) for what in ("executions", "orders", "exceptions", "messages")}
    csv = sorwatch("export", "executions", "--store", store_url, "--format", "csv")
    other_day = sorwatch("export", "executions", "--store", store_url, "--day", "2013-10-08")

    assert [(row["exec_id"], row["state"]) for row in rows["executions"]] == [("E1", "busted"), ("E2", "live")]
    assert [row["outcome"] for row in rows["messages"]] == [
        "order_event",
        "execution",
        "execution",
        "bust",
        "undecodable",
        "admin",
    ]
    assert len(rows["orders"]) == 1
    assert "undecodable" in {row["rule"] for row in rows["exceptions"]}
    assert len(csv.stdout.splitlines()) == 3
    assert (other_day.exit_code, other_day.stdout) == (0, "")


def test_executions_are_exported_with_the_folder_s_fees_or_not_at_all(tmp_path: Path) -> None:
    """A table that cannot be read is no reason to show no fees in silence; other exports do not ask it."""
    log = a_fix_log(tmp_path / "fix.log", messages(), stamped=True)
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")
    url = f"sqlite:///{tmp_path / 's.db'}"
    summary_of(sorwatch("replay", log, "--format", "jsonl", "--folder", tmp_path, "--store", url))
    home = tmp_path / "fix_configs" / "demo"
    home.mkdir(parents=True)
    (home / "fees.yaml").write_text("- {venue: XNYS}", encoding="utf-8")

    refused = sorwatch("export", "executions", "--store", url, "--folder", tmp_path)
    orders = sorwatch("export", "orders", "--store", url, "--folder", tmp_path)

    assert refused.exit_code == 2
    assert "fix_configs/demo/fees.yaml: line 1: rate is missing" in refused.stderr
    assert orders.exit_code == 0


def export(what: str, url: str) -> list[dict[str, object]]:
    """Return the rows of an export."""
    result = sorwatch("export", what, "--store", url, "--day", "2013-10-07")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_replaying_the_same_log_twice_into_one_store_doubles_nothing(tmp_path: Path, store_url: str) -> None:
    """The second time every message is a duplicate."""
    log = a_fix_log(tmp_path / "fix.log", messages(), stamped=True)
    (tmp_path / "sorwatch.toml").write_text('calendar = "always"\n', encoding="utf-8")
    words = ("replay", log, "--format", "jsonl", "--folder", tmp_path, "--store", store_url)
    first = summary_of(sorwatch(*words))
    before = {what: export(what, store_url) for what in ("executions", "orders", "exceptions")}

    second = summary_of(sorwatch(*words))

    assert first["executions"] == 2
    assert second["executions"] == 0
    assert second["outcomes"] == {"duplicate": 4, "undecodable": 1, "admin": 1}
    assert {what: export(what, store_url) for what in before} == before


def test_a_store_that_cannot_be_had_is_a_clear_answer(tmp_path: Path) -> None:
    """Another kind of database, a folder that is not there, a store without tables, a date that is none."""
    calls = {
        "--store names the database mysql": ("--store", "mysql://h/d"),
        "--store cannot be read": ("--store", "nonsense"),
        "the store cannot be opened": ("--store", f"sqlite:///{tmp_path}/no/where.db"),
        "run `sorwatch store upgrade`": ("--store", f"sqlite:///{tmp_path}/empty.db"),
        "does not match the format": ("--day", "yesterday"),
    }

    results = {words: sorwatch("export", "orders", *given) for words, given in calls.items()}

    for words, result in results.items():
        assert result.exit_code == 2, result.output
        assert words in result.stderr


def test_an_error_that_nobody_expected_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a bug: its traceback must be seen."""
    monkeypatch.setattr("service.check.read_configuration", lambda _: 1 // 0)

    result = sorwatch("check")

    assert isinstance(result.exception, ZeroDivisionError)
