"""dialect.yaml: how a copy comes to us (recovery, sequence, symbols, delay, role), and that every key is documented."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import fix_configs
from rules.facts import Level
from service.fix.decode import decode
from service.fix.dialect import Dialect, DialectError, parse_dialect
from service.fix.events import Execution, OrderEvent, OwnOrder
from service.fix.habits import RecoveryMethod, Role, one_of
from tests.factories_messages import execution_report, fix_message

PLAIN = "begin_string: FIX.4.4\n"
NOBODY = "own_orders: expected vendor (one counterparty for all orders) or codes (destination: counterparty)"
SECOND = 1_000_000_000
VALUES = ("", "x", "0", "-1", "[]", "{}", "[[1]]", "{a: {b: c}}", "party", "stamp 1", "1e9 s", "'", "{", "null")
DOCUMENTED = Path(fix_configs.__file__).parent / "plain" / "FIX.4.4.yaml"


def problems_of(text: str) -> list[str]:
    """Read a dialect that must be refused for the text."""
    with pytest.raises(DialectError) as refused:
        parse_dialect(PLAIN + text)
    return list(refused.value.problems)


def stamps_of(dialect: Dialect, **by_tag: Any) -> tuple[int, str | None]:
    """Return the digits of 60 and what is suspect, of a trade."""
    decoded = decode(execution_report(**by_tag), dialect, "2013-10-07")
    assert isinstance(decoded, Execution)
    return decoded.stamps.transacted_digits, decoded.stamps.suspect


# --- recovery -----------------------------------------------------------------------------------------------------


def test_a_request_says_what_it_sends_and_when_it_is_over() -> None:
    """Method, allowed types, marks of the end, durations with units, and the body with what is filled in."""
    recovery = parse_dialect(
        """
        begin_string: FIX.4.4
        recovery:
          method: request
          allow: [BW, H]
          ask: BW
          fields: {1346: R1, 1182: "{last_exec_id}", 9001: "from {since} to {now}"}
          ended_by: {35: [BX, B], 9002: ["*"]}
          quiet_after: 250 ms
          limit: 2 min
        """
    ).recovery

    assert (recovery.method, recovery.ask, recovery.allow) == (RecoveryMethod.REQUEST, "BW", one_of("BW H"))
    assert recovery.fields == (("1346", "R1"), ("1182", "{last_exec_id}"), ("9001", "from {since} to {now}"))
    assert recovery.ended_by == (("35", one_of("BX B")), ("9002", one_of("*")))
    assert (recovery.quiet_after, recovery.limit) == (SECOND // 4, 120 * SECOND)


@pytest.mark.parametrize(
    ("recovery", "problem"),
    [
        ("{method: pray}", "recovery.method: 'pray' is not known; expected resend, redelivery, request, none"),
        (
            "{allow: [G]}",
            "recovery.allow: message type G enters, changes or cancels orders; a watch never sends it",
        ),
        (
            "{allow: ['2']}",
            "recovery.allow: message type 2 is the session's own; the engine sends it, no request of ours does",
        ),
        (
            "{method: request, allow: [BW]}",
            "recovery.ask: method request needs the message type that asks, for example ask: BW",
        ),
        (
            "{method: request, ask: BW}",
            "recovery.ask: message type BW is not in recovery.allow, so the gateway would not send it",
        ),
        (
            "{ask: BW, allow: [BW]}",
            "recovery.ask: nothing is asked for when the method is resend; expected method: request",
        ),
        (
            "{method: none, fields: {1: a}}",
            "recovery.fields: nothing is asked for when the method is none; expected method: request",
        ),
        ("{method: none, ended_by: {35: [B]}}", "recovery.ended_by: nothing announces the end when the method is none"),
        (
            "{quiet_after: 5}",
            "recovery.quiet_after: '5' is not usable; expected a length of time with its unit (ns, us, ms, s, min, h)",
        ),
        ("{quiet_after: 0 s}", 'recovery.quiet_after: must be longer than nothing, for example "5 s"'),
        (
            "{quiet_after: 5 min}",
            "recovery.limit: must be longer than recovery.quiet_after, or no recovery could end quietly",
        ),
        (
            "{method: request, allow: [BW], ask: BW, fields: {x: '1'}}",
            "recovery.fields: 'x' is no tag number",
        ),
        (
            "{method: request, allow: [BW], ask: BW, fields: {34: '1'}}",
            "recovery.fields: tag 34 belongs to header or trailer, which the engine writes",
        ),
        (
            "{method: request, allow: [BW], ask: BW, fields: {1: '{today}'}}",
            "recovery.fields: tag 1: {today} stands for nothing; expected {last_exec_id}, {since}, {now}",
        ),
        (
            "{method: request, allow: [BW], ask: BW, fields: {1: 'a{now'}}",
            "recovery.fields: tag 1: 'a{now' has a brace without its partner",
        ),
        (
            "{method: request, allow: [BW], ask: BW, fields: {1: 'now}'}}",
            "recovery.fields: tag 1: 'now}' has a brace without its partner",
        ),
        (
            "{patience: 1 s}",
            "recovery.patience: unknown key; known here: allow, ask, ended_by, fields, limit, method, ",
        ),
    ],
)
def test_a_recovery_that_could_not_work_is_refused_in_words(recovery: str, problem: str) -> None:
    """One problem each, with its line, before anything is started."""
    (found,) = problems_of(f"recovery: {recovery}")

    assert found.startswith(f"line 2: {problem}")


def test_the_type_that_asks_is_never_an_order() -> None:
    """It must be allowed, and order entry never is."""
    assert problems_of("recovery: {method: request, allow: [D], ask: D}") == [
        "line 2: recovery.allow: message type D enters, changes or cancels orders; a watch never sends it"
    ]
    assert problems_of("recovery: {method: request, allow: [H], ask: D}") == [
        "line 2: recovery.ask: message type D is not in recovery.allow, so the gateway would not send it"
    ]


# --- sequence, symbols, delay, digits -----------------------------------------------------------------------------


def test_a_sequence_symbols_and_a_delay_are_read() -> None:
    """The scope and the number decide something, so they must not contradict themselves in a message."""
    dialect = parse_dialect(
        """
        begin_string: FIX.4.4
        sequence: {scope: [1180, party 22], number: 1181}
        symbols: {styles: [nasdaq, separators], table: {BRKB: BRK.B}, test: [ZZTEST]}
        delay: 1 s
        """
    )

    assert (dialect.sequence.scope, dialect.sequence.number) == (("1180", "party 22"), "1181")
    assert (dialect.symbols.table, dialect.symbols.test) == ({"BRKB": "BRK.B"}, frozenset({"ZZTEST"}))
    assert dialect.symbols.styles == ("nasdaq", "separators")
    assert dialect.delay == SECOND
    assert {"1180"} <= dialect.reads


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sequence: {number: abc}", "sequence.number: 'abc' is no tag number"),
        ("sequence: {scope: [party]}", "sequence.scope: 'party' is no tag number"),
        ("symbols: {table: {A: [B]}}", "symbols.table: A needs one plain value"),
        (
            "symbols: {styles: [reuters]}",
            "symbols.styles: 'reuters' is not known; expected separators, nasdaq, cqs, underscore, yahoo, exact",
        ),
        ("delay: soon", "delay: 'soon' is not usable; expected a length of time with its unit"),
        ("role: spectator", "role: 'spectator' is not known; expected drop_copy, own_orders"),
        ("clocks: {sending_digits: 4}", "clocks.sending_digits: '4' is not known; expected as_written, 0, 3, 6, 9, 12"),
        ("ids: {own: [none]}", "ids.own: 'none' is no tag number"),
    ],
)
def test_a_wrong_value_of_these_is_refused_in_words(text: str, problem: str) -> None:
    """One problem, with its line."""
    (found,) = problems_of(text)

    assert found.startswith(f"line 2: {problem}")


@pytest.mark.parametrize(
    ("declared", "written", "digits"),
    [
        ("as_written", "125000", 6),
        ("3", "125000", 3),
        ("3", "125", 3),
        ("6", "125", 3),
        ("0", "125", 0),
        ("12", "125000000000", 12),
    ],
)
def test_a_stamp_is_taken_to_the_lesser_of_the_written_and_the_declared_digits(
    declared: str, written: str, digits: int
) -> None:
    """Zeros behind a clock of milliseconds are no precision; the stamp itself is kept."""
    dialect = parse_dialect(PLAIN + f"clocks: {{transaction_digits: {declared}}}")

    assert stamps_of(dialect, _60=f"20131007-14:30:00.{written}") == (digits, None)


def test_a_coarse_clock_of_sending_makes_no_stamp_suspect() -> None:
    """52 is cut to the second by the vendor: 60 within that second is not after it."""
    by_tag = {"_52": "20131007-14:30:00.000", "_60": "20131007-14:30:00.900"}

    believed = stamps_of(parse_dialect(PLAIN + "clocks: {sending_digits: 0}"), **by_tag)
    as_written = stamps_of(parse_dialect(PLAIN), **by_tag)

    assert believed == (3, None)
    assert as_written == (3, "TransactTime (60) is 900000000 ns after SendingTime (52)")


# --- ids and semantics --------------------------------------------------------------------------------------------


def test_our_own_id_stands_where_the_client_s_does_unless_it_is_said() -> None:
    """An id of the drop message is never taken for the ClOrdID of our order."""
    moved = parse_dialect(PLAIN + "ids: {client_order: [109]}")
    said = parse_dialect(PLAIN + "ids: {client_order: [109], own: [9001, 109]}")
    body = execution_report(_11="DROP-1", _109="MINE", _9001="OURS")

    ids = [decoded.ids for one in (moved, said) if isinstance(decoded := decode(body, one, ""), Execution)]

    assert [(found.cl_ord_id, found.own_id) for found in ids] == [("MINE", "MINE"), ("MINE", "OURS")]
    assert "9001" in said.reads


def test_a_trans_type_that_means_nothing_may_be_left_unread() -> None:
    """Some vendors of a later version fill 20 with something else; by default it counts in every version."""
    unread = parse_dialect(PLAIN + "semantics: {exec_trans_type: false}")

    assert isinstance(decode(execution_report(_20="9"), unread, ""), Execution)
    assert isinstance(decode(execution_report(_20="3", _150="0"), unread, ""), OrderEvent)
    assert not isinstance(decode(execution_report(_20="3"), parse_dialect(PLAIN), ""), Execution)


# --- our own orders -----------------------------------------------------------------------------------------------


def test_a_copy_of_our_own_orders_says_to_whom_they_were_sent() -> None:
    """By a destination's code, else to the one vendor; the places of the destination decide something."""
    dialect = parse_dialect(
        PLAIN + "role: own_orders\nown_orders: {vendor: sor, sent_to: [9100], codes: {X: other}, level: parent}"
    )
    order: dict[str, Any] = {
        "_35": "D",
        "_34": 2,
        "_52": "20131007-14:30:00",
        "_11": "C1",
        "_55": "IBM",
        "_54": "1",
        "_38": 100,
    }

    sent = [decode(fix_message(**order, _9100=code), dialect, "2013-10-07") for code in ("X", None)]

    assert dialect.role is Role.OWN_ORDERS
    assert [one.vendor for one in sent if isinstance(one, OwnOrder)] == ["other", "sor"]
    assert {one.terms.level for one in sent if isinstance(one, OwnOrder)} == {Level.PARENT}
    assert "9100" in dialect.reads
    assert "9100" not in parse_dialect(PLAIN).reads


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "role: own_orders",
            f"line 1: {NOBODY}",
        ),
        (
            "role: own_orders\nown_orders: {codes: {X: none}}",
            f"line 3: {NOBODY}",
        ),
        (
            "role: own_orders\nown_orders: {vendor: none}",
            "line 3: own_orders.vendor: none is for a destination in own_orders.codes; then no order would be watched",
        ),
        (
            "role: own_orders\nown_orders: {codes: {X: sor}, sent_to: []}",
            "line 3: own_orders.sent_to: codes need a place where the destination stands, for example [128, 57, 100]",
        ),
        (
            "own_orders: {vendor: sor}",
            "line 2: own_orders: only a dialect with role: own_orders says to whom the firm's orders were sent",
        ),
        (
            "role: own_orders\nown_orders: {vendor: sor, level: boss}",
            "line 3: own_orders.level: 'boss' is not known; expected as_reported, parent, child, package, leg",
        ),
    ],
)
def test_own_orders_that_could_not_be_assigned_are_refused(text: str, problem: str) -> None:
    """Each order needs a vendor, and only a copy of own orders has any."""
    assert problems_of(text) == [problem]


# --- any text ---------------------------------------------------------------------------------------------------------


@given(
    st.sampled_from(DOCUMENTED.read_text(encoding="utf-8").splitlines()),
    st.sampled_from(VALUES),
)
def test_any_value_in_the_place_of_another_is_read_or_refused_in_words(line: str, value: str) -> None:
    """Never an exception of another kind: an operator's slip must not look like a bug of ours."""
    key = line.partition(":")[0]
    text = DOCUMENTED.read_text(encoding="utf-8").replace(line, f"{key}: {value}", 1)

    try:
        said = [parse_dialect(text).begin_string]
    except DialectError as refused:
        said = refused.problems

    assert said
    assert all(said)


# --- documentation ------------------------------------------------------------------------------------------------


def known_keys(section: str | None) -> set[str]:
    """Return the keys that a section knows, as the complaint about one that it does not know lists them."""
    text = "nobody: 1" if section is None else f"{section}: {{nobody: 1}}"
    (found,) = [problem for problem in problems_of(text) if "unknown key; known here: " in problem]
    return set(found.split("known here: ")[1].split(", "))


def test_the_plain_dialect_writes_every_key_down() -> None:
    """A key that is not documented there does not exist for an operator."""
    written = yaml.safe_load(DOCUMENTED.read_text(encoding="utf-8"))
    free = {"liquidity", "auction", "directed", "status"}  # of places, which no list can name
    sections = [key for key, value in written.items() if isinstance(value, dict) and key not in free]

    assert set(written) == known_keys(None)
    assert len(sections) == 16
    for section in sections:
        assert set(written[section]) == known_keys(section), section


def test_every_key_of_the_plain_dialect_is_explained() -> None:
    """In words beside it or above it; the lists of the standard's codes are headed by what they are."""
    lines = DOCUMENTED.read_text(encoding="utf-8").splitlines()
    tops = [(above, line) for above, line in pairwise(lines) if line and line[0].isalpha()]
    bare = {line.split(":")[0] for above, line in tops if "#" not in line and not above.startswith("#")}

    assert bare == set()
