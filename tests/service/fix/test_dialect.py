"""dialect.yaml → Dialect, with every problem listed at once."""

from __future__ import annotations

from pathlib import Path

import pytest

import fix_configs
from rules.facts import ExemptReason, Level
from rules.register import parse_register
from service.fix import standard
from service.fix.dialect import Dialect, DialectError, parse_dialect
from service.fix.habits import VenueHabits

SHIPPED = sorted(Path(fix_configs.__file__).parent.glob("*/*.yaml"))
DIALECTS = [path for path in SHIPPED if path.name != "venues.yaml"]


def problems_of(text: str) -> list[str]:
    """Read a dialect that must be refused."""
    with pytest.raises(DialectError) as refused:
        parse_dialect(text)
    return list(refused.value.problems)


@pytest.mark.parametrize("path", DIALECTS, ids=lambda path: path.stem)
def test_every_shipped_dialect_can_be_used(path: Path) -> None:
    """The plain ones and the demo's."""
    dialect = parse_dialect(path.read_text(encoding="utf-8"))

    assert path.stem in (dialect.begin_string, "dialect")


def test_the_documented_defaults_are_the_defaults() -> None:
    """The plain FIX 4.4 dialect writes every key down; leaving them all out means the same."""
    written = next(path for path in DIALECTS if path.stem == "FIX.4.4").read_text(encoding="utf-8")

    documented, least = parse_dialect(written), parse_dialect("begin_string: FIX.4.4")

    assert documented == least


def test_the_demo_register_can_be_used() -> None:
    """Every approved venue of the demo is in it once."""
    text = next(path for path in SHIPPED if path.match("demo/venues.yaml")).read_text(encoding="utf-8")

    register = parse_register(text)

    assert "XNAS" in register.by_venue
    assert "ROGX" not in register.by_venue


def test_a_dialect_says_what_differs() -> None:
    """Keys that are written replace the defaults; the others stay."""
    dialect = parse_dialect(
        """
        begin_string: FIX.4.2
        ids: {order: [11], client_order: 109, parent: [9526]}
        level: {tag: 9001, codes: {P: parent}, with_parent: child, without_parent: parent}
        venue: {from: [party 73, 30], codes: {STX: XBOS}, local: [GSX], sip_letters: false, facilities: [TRF]}
        held: {default: not_held}
        directed: {9303: ["*"]}
        exempt: {sweep: {9416: [ISO]}}
        liquidity: {9730: {A: added}}
        semantics: {fill_without_exec_type: yes, plain_fill_with_trans_type_2: true}
        clocks: {transaction: America/New_York}
        stamps: {time_in: [10, 2]}
        trade_date: [9075, session]
        dedup: {extra: [54], volatile: [9999]}
        customer_cancel: {with_previous_id: false, always: {58: [USER]}, never: {}}
        recovery: {allow: [H, AF]}
        """
    )

    assert dialect.ids.client_order == ("109",)
    assert dialect.level.codes == {"P": Level.PARENT}
    assert dialect.venue.places == ("party 73", "30")
    assert dialect.venue.table == {"STX": "XBOS", "GSX": "GSX"}
    assert dialect.held_default is False
    assert dict(dialect.exempt)["9416"] == {"ISO": ExemptReason.SWEEP}
    assert dict(dialect.exempt)["442"] == {"2": ExemptReason.MULTILEG_LEG}
    assert dialect.liquidity == (("9730", {"A": "added"}),)
    assert dialect.fill_without_exec_type
    assert dialect.plain_fill_with_trans_type_2
    assert dialect.clocks.time_in == ("stamp 10", "stamp 2")
    assert dialect.trade_date == ("9075",)
    assert "9999" in dialect.key.volatile
    assert dialect.recovery.allow == {"H", "AF"}
    assert {"9303", "9416", "9730", "9075", "9001", "9526"} <= dialect.reads
    assert "party 73" not in dialect.reads


def test_the_places_of_a_venue_that_are_not_written_are_the_standard_ones() -> None:
    """An empty section is no section."""
    dialect = parse_dialect("begin_string: FIX.4.4\nvenue:\nids: {}\nliquidity: null\nexempt: ~\n")

    assert dialect.venue.places == VenueHabits().places
    assert dialect.liquidity == ()


def test_every_problem_is_listed_with_its_line() -> None:
    """One run of `check` shows all there is to repair."""
    found = problems_of(
        "begin_string: FIX.9\n"
        "venues: {}\n"
        "venue:\n"
        "  from: [100, 30]\n"
        "  codes: {STX: NOPE, Q: [XNAS]}\n"
        "  dark_segments: {DARK: XNYS}\n"
        "ids:\n"
        "  order: []\n"
        "  parent: [abc]\n"
        "level: {codes: {A: nobody}}\n"
        "held: maybe\n"
        "semantics: {fill_without_exec_type: perhaps}\n"
        "clocks: {sending: Mars/Olympus}\n"
        "trade_date: [session, 75]\n"
        "recovery: {allow: [D, H]}\n"
        "account: {tag: 1}\n"
        "suffix: [a]\n"
        "directed: [1]\n"
        "fees: [party x]\n"
    )

    assert found == [
        "line 1: begin_string: 'FIX.9' is not known; expected FIX.4.0, FIX.4.1, FIX.4.2, FIX.4.3, FIX.4.4, FIXT.1.1",
        f"line 2: venues: unknown key; known here: {KEYS}",
        "line 4: venue.from: tag 100 does not say where it traded; it would make an unknown venue plausible",
        "line 5: venue.codes: Q needs one plain value",
        "line 5: venue.codes: 'NOPE' is no MIC of ISO 10383; if it is meant, list it under venue.local",
        "line 6: venue.dark_segments: 'DARK' is no MIC of ISO 10383; if it is meant, list it under venue.local",
        "line 8: ids.order: an order needs a place for its id, for example [37, 11]",
        "line 9: ids.parent: 'abc' is no tag number",
        "line 10: level.codes: 'nobody' is no level; expected parent, child, package, leg",
        "line 11: held: expected keys and values",
        "line 12: semantics.fill_without_exec_type: 'perhaps' is not known; expected true, yes, false, no",
        "line 13: clocks.sending: 'Mars/Olympus' is not known",
        "line 14: trade_date: expected tags and at last 'session', for example [75, 60, session]",
        "line 15: recovery.allow: message type D enters, changes or cancels orders; a watch never sends it",
        "line 16: account: expected a list of plain values",
        "line 17: suffix: expected one value",
        "line 18: directed: expected codes and their meanings",
        "line 19: fees: 'x' is no tag number",
    ]


KEYS = (
    "account, auction, begin_string, capacity, client, clocks, customer_cancel, dedup, delay, desk, directed, exempt, "
    "fees, fees_above_zero, held, ids, instruments, level, liquidity, own_orders, recovery, role, route, semantics, "
    "sequence, stamps, status, suffix, symbols, trade_date, venue"
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a dialect is a set of keys; the least is begin_string"),
        ("- a list", "line 1: expected keys and values"),
        ("ids: {}", "line 1: begin_string is absent; expected for example begin_string: FIX.4.4"),
        ("begin_string: [FIX.4.4]", "line 1: begin_string: expected one value; expected FIX.4.0"),
        ("begin_string: FIX.4.4\ntrade_date: []", "line 2: trade_date: expected tags and at last 'session'"),
        ("begin_string: FIX.4.4\nclocks: {sending: [UTC]}", "line 2: clocks.sending: expected one value"),
        ("begin_string: 'unfinished", "this is not YAML"),
    ],
)
def test_a_text_that_is_no_dialect_is_refused_in_words(text: str, words: str) -> None:
    """The first problem says what was expected."""
    assert any(words in problem for problem in problems_of(text))


def test_a_value_of_two_exemptions_counts_as_the_earlier_one() -> None:
    """The order of precedence is that of the reasons."""
    dialect = parse_dialect("begin_string: FIX.4.4\nexempt: {sweep: {9: [A]}, stopped: {9: [A, B]}}")

    assert dict(dialect.exempt)["9"] == {"A": ExemptReason.SWEEP, "B": ExemptReason.STOPPED}


def test_no_order_entry_may_be_allowed() -> None:
    """D, F and G and their like never, whatever the dialect."""
    text = f"begin_string: FIX.4.4\nrecovery: {{allow: [{', '.join(sorted(standard.ORDER_ENTRY))}]}}"

    assert len(problems_of(text)) == len(standard.ORDER_ENTRY)


def test_a_dialect_is_a_value() -> None:
    """Two readings of one text are equal."""
    assert parse_dialect("begin_string: FIX.4.4") == parse_dialect("begin_string: FIX.4.4")
    assert Dialect(begin_string="FIX.4.4").reads == frozenset()
