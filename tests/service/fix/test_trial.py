"""A trial of a vendor's log: what it says, what it drafts, and that the draft cures what it says it cures."""

from __future__ import annotations

import pytest

from rules.facts import SECOND, Level, Nanos
from service.fix.dialect import parse_dialect
from service.fix.trial import clocks, duplicates, ids, part
from service.fix.trial.draft import draft
from service.fix.trial.part import Distinct, Guess, Tally, safe
from service.fix.trial.trial import Trial
from tests.factories_messages import execution_report, fix_message, framed
from tests.factories_trial import PLAIN, acknowledged, families, filled, old_speaker, tried


def part_of(trial: Trial, title: str) -> list[str]:
    """Return the lines of one part."""
    return next(one for one in trial.parts if one.title == title).lines()


def remarks(text: str) -> list[str]:
    """Return what a draft says in remarks, its head left out."""
    return [line.strip() for line in text.splitlines()[1:] if line.strip().startswith("#")]


def test_an_empty_log_shows_nothing_and_drafts_the_dialect_in_force() -> None:
    """There is nothing to guess from."""
    trial = tried([])

    assert trial.lines() == ["0 messages; open: nothing"]
    assert parse_dialect(trial.draft()) == parse_dialect(PLAIN)


def test_an_old_speaker_under_a_young_label_is_found_out() -> None:
    """Tag 20 and 150 = 1, 2 under 4.4; 11 names the message, 109 the order."""
    trial = tried(old_speaker())

    assert part_of(trial, "Reports and their codes")[-1] == (
        "speaks FIX 4.2 under a label of FIX.4.4: 20 is there on 9 of 9 reports, 150 is 1 or 2 on 6 of 9 reports"
    )
    assert part_of(trial, "Ids and levels") == [
        "OrderID (37) holds an order together: 3 orders",
        "ClOrdID (11): the same in 0 of 3 orders, new each time in 3",
        "ClientID (109): the same in 3 of 3 orders, new each time in 0",
    ]
    assert trial.problems() == {"id new on each report": 9}


def test_the_draft_for_an_old_speaker_keys_its_orders_on_what_is_constant() -> None:
    """And run again, the same log leaves nothing open."""
    text = tried(old_speaker()).draft()

    habits = parse_dialect(text)
    assert habits.ids.client_order == habits.ids.own == ("109",)
    assert habits.client == ("party 3",)
    assert remarks(text) == [
        "# 11 is new on each message: 3 of 3 orders, 109 is constant over the order: 3 of 3",
        "# 11 is new on each message: 3 of 3 orders, 109 is constant over the order: 3 of 3",
        "# 109 is no client: no two orders share one",
    ]
    assert tried(old_speaker(), text).problems() == {}


def test_an_id_new_on_each_report_with_nothing_constant_beside_it_is_only_said() -> None:
    """No tag could take its place."""
    bodies = [filled(number, "O1", _11=f"D{number}", _109="CLIENT") for number in (1, 2)]
    bodies += [filled(number, "O2", _11=f"D{number}", _109="CLIENT") for number in (3, 4)]
    trial = tried(bodies)

    assert trial.problems() == {"id new on each report": 4}
    assert remarks(trial.draft()) == []
    assert "ClientID (109): the same in 2 of 2 orders, new each time in 0, shared by orders" in part_of(
        trial, "Ids and levels"
    )


def test_an_order_id_new_on_each_report_gives_way_to_the_clients() -> None:
    """37 names the report, 11 the order."""
    bodies = [filled(number, f"R{number}", _11=f"C{number // 2}") for number in range(2, 8)]
    text = tried(bodies).draft()

    assert parse_dialect(text).ids.order == ("11",)
    assert remarks(text) == ["# 37 is new on each message: 3 of 3 orders"]
    assert tried(bodies, text).problems() == {}


def test_a_client_id_that_is_no_client_place_leaves_the_client_alone() -> None:
    """A custom tag names the order."""
    bodies = [filled(number, f"O{number // 2}", _11=f"D{number}", _7001=f"W{number // 2}") for number in range(2, 6)]
    habits = parse_dialect(tried(bodies).draft())

    assert habits.ids.client_order == ("7001",)
    assert habits.client == parse_dialect(PLAIN).client


def test_parents_that_report_their_childrens_shares_again_are_found() -> None:
    """A custom tag holds the parent's OrderID."""
    trial = tried(families())

    assert part_of(trial, "Ids and levels")[-2:] == [
        "tag 9501 names other orders by 37: 2 of 2 values",
        "parents and children both report shares: 2 trade, as their children do; in 2 the same shares",
    ]
    assert trial.problems() == {"parent not seen": 2, "shares counted twice": 2}


def test_the_draft_tells_parents_from_children() -> None:
    """So that each share counts once."""
    text = tried(families()).draft()

    habits = parse_dialect(text)
    assert habits.ids.parent == ("9501", "526", "583")
    assert (habits.level.with_parent, habits.level.without_parent) == (Level.CHILD, Level.PARENT)
    assert tried(families(), text).problems() == {}


def test_a_tag_that_repeats_the_orders_own_id_names_no_parent() -> None:
    """198 as a second name of the same order."""
    bodies = [filled(1, "O1", _198="O1"), filled(2, "O2", _198="O1")]

    assert tried(bodies).found()["parts"]["Ids and levels"]["parents"] == {}


def test_replaces_link_two_client_ids() -> None:
    """41 names the 11 before; that makes no id new on each message."""
    bodies = [acknowledged(1, "O1"), filled(2, "O1", _11="C2", _41="C-O1", _150="5", _32=None, _31=None)]
    trial = tried(bodies)

    assert "OrigClOrdID (41) names another 11 on 1 reports, known 1" in part_of(trial, "Ids and levels")
    assert trial.problems() == {}


def test_only_so_many_names_of_other_orders_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest cannot be parents."""
    monkeypatch.setattr(ids, "_MOST_VALUES", 1)
    trial = tried([*families(), filled(9, "K3", _9501="P1")])

    assert trial.problems()["parent not seen"] == 1
    assert part_of(trial, "Ids and levels")[-1].startswith("more ids than are remembered")


def test_two_tags_that_name_parents_are_both_drafted() -> None:
    """Of late in another tag too."""
    bodies = [*families(), filled(9, "P9"), filled(10, "K9", _526="P9", _32=50), filled(11, "K8", _9502="P9", _32=50)]
    text = tried(bodies).draft()

    assert parse_dialect(text).ids.parent == ("9502", "9501", "526", "583")
    assert tried(bodies, text).problems() == {}


def test_orders_past_the_cap_are_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by the orders that are compared."""
    monkeypatch.setattr(ids, "MOST_ORDERS", 1)
    trial = tried([filled(1, "O1"), filled(2, "O2", _9501="O1")])

    assert part_of(trial, "Ids and levels")[-1] == "2 reports of orders past the first 1 are not compared"
    assert trial.found()["parts"]["Ids and levels"]["capped"] is True


def test_venues_that_are_not_mapped_are_listed_with_what_they_may_be() -> None:
    """Names, letters, and what nobody knows."""
    bodies = [filled(1, "O1", _30="STX"), filled(2, "O2", _30="GS\x02"), filled(3, "O3"), filled(4, "O4", _30="FINN")]
    trial = tried(bodies)

    assert part_of(trial, "Venues") == [
        "mapped: XNYS 1",
        "not mapped: 'FINN' 1 × in LastMkt (30): trade reporting, and no market maker where the dialect looks for it",
        "not mapped: 'GS\\\\x02' 1 × in LastMkt (30): no MIC and no known name",
        "not mapped: 'STX' 1 × in LastMkt (30): may be XBOS",
    ]
    assert trial.problems() == {"venue not known": 3}
    assert tried(bodies, trial.draft()).problems() == {"venue not known": 1}


def test_a_venue_that_stands_elsewhere_is_drafted_as_another_place() -> None:
    """LastMkt is empty, a custom tag holds a MIC on each fill; 100 would be no place, whatever it holds."""
    bodies = [filled(number, f"O{number}", _30=None, _100="XNAS", _7100="ARCX") for number in (1, 2)]
    trial = tried(bodies)
    text = trial.draft()

    assert part_of(trial, "Venues") == [
        "2 executions without a venue where the dialect looks for it",
        "a venue's code stands in tag 7100 on 2 of 2 of them",
    ]
    assert parse_dialect(text).venue.places == ("30", "7100")
    assert tried(bodies, text).problems() == {}


def test_a_place_that_holds_venues_only_at_times_is_said_and_not_drafted() -> None:
    """One of three is no habit."""
    bodies = [filled(number, f"O{number}", _30=None, _7100="ARCX" if number == 1 else None) for number in (1, 2, 3)]

    assert remarks(tried(bodies).draft()) == []


def test_a_code_beyond_the_cap_is_still_counted_as_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap bounds what is listed."""
    monkeypatch.setattr("service.fix.trial.places._CODES_KEPT", 1)

    trial = tried([filled(1, "O1", _30="AA"), filled(2, "O2", _30="BB")])

    assert trial.problems() == {"venue not known": 2}
    assert part_of(trial, "Venues")[-1] == "1 execution of codes past the first 1"


def _hours_apart(hours: int, *, received: int | None = None) -> Trial:
    """Return a trial whose 60 reads so many hours before 52; `received` is how far receipt is after 52, in hours."""
    trial = Trial(PLAIN)
    for number in range(1, 4):
        body = filled(number, "O1", _52="20131007-14:30:00.250", _60=f"20131007-{14 - hours:02}:30:00.125")
        at = Nanos((1_381_156_200 + 3_600 * received) * SECOND) if received is not None else None
        trial.take(number, at, body)
    return trial


def test_a_clock_in_local_time_is_told_by_whole_hours() -> None:
    """In October New York is four hours behind UTC."""
    trial, apart = _hours_apart(4), "14,400.125000 s"
    text = trial.draft()

    assert part_of(trial, "Clocks") == [
        f"52 − 60 of 3 executions: min {apart}, p50 {apart}, p99 {apart}, max {apart}; negative 0",
        "52 is written with 3 fractional digits, 2 of them used",
        "60 is written with 3 fractional digits, 3 of them used",
        "52 − 60 lies at +4 h: one of them is local time (America/New_York)",
    ]
    assert trial.problems() == {"clock off": 3}
    assert remarks(text) == ["# 52 − 60 lies within a minute of +4 h on 3 executions"]
    assert parse_dialect(text).clocks.transaction == "America/New_York"
    again = Trial(text)
    again.take(1, None, filled(1, "O1", _52="20131007-14:30:00.250", _60="20131007-10:30:00.125"))
    assert again.problems() == {}


def test_a_negative_difference_means_that_52_is_local() -> None:
    """Unless the log's own stamps say otherwise."""
    habits = parse_dialect(_hours_apart(-4).draft()).clocks

    assert (habits.sending, habits.transaction) == ("America/New_York", "UTC")


def test_the_logs_own_stamps_decide_which_clock_is_local() -> None:
    """52 is on the clock of whoever received it, so 60 is not, though it is ahead: a clock east of Greenwich."""
    trial = _hours_apart(-2, received=0)
    habits = parse_dialect(trial.draft()).clocks

    assert (habits.sending, habits.transaction) == ("UTC", "Europe/Berlin")
    assert part_of(trial, "Clocks")[1].startswith("received − 52 of 3 executions: min -0.250000 s")


def test_hours_that_fit_no_zone_are_said_and_not_drafted() -> None:
    """Seven hours behind is nobody's clock here in October but Los Angeles's; eleven is nobody's."""
    trial = _hours_apart(11)

    assert part_of(trial, "Clocks")[-1] == "52 − 60 lies at +11 h: one of them is local time (where?)"
    assert remarks(trial.draft()) == []


def test_digits_that_are_always_nought_are_no_precision() -> None:
    """A clock of milliseconds may be written with six digits."""
    bodies = [filled(n, f"O{n}", _60=f"20131007-14:30:{n:02}.{n + 100}000") for n in range(1, 12)]
    text = tried(bodies).draft()

    assert parse_dialect(text).clocks.transaction_digits == 3
    assert remarks(text) == ["# 60 is written with 6 digits, the last 3 always 0: 11 executions"]


def test_stamps_in_the_wrong_order_are_counted() -> None:
    """60 after 52 cannot be; a stamp without the other is only half a difference."""
    bodies = [filled(1, "O1", _60="20131007-14:30:02.125"), filled(2, "O1", _60=None), filled(3, "O1", _52=None)]
    trial = tried(bodies)

    assert part_of(trial, "Clocks")[-1] == "2 stamps cannot be believed as the dialect reads them"
    assert trial.problems() == {"clock off": 2}


def test_a_spread_of_many_differences_is_rounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ends stay exact."""
    monkeypatch.setattr(clocks, "_MOST", 2)
    spread = clocks.Spread()
    for value in (1_000, 1_001, 1_002, -5):
        spread.add(value)

    assert (spread.least, spread.most, spread.negative, spread.grain) == (-5, 1_002, 1, 10)
    assert spread.at(0.99) == 1_000
    assert spread.at(0.01) == -5
    assert spread.at(2.0) == 1_002
    trial = tried([filled(n, "O1", _60=f"20131007-14:30:00.{n}") for n in range(100, 200)])
    assert part_of(trial, "Clocks")[0].endswith("(rounded to 100.000000 s)")


def test_a_copy_that_differs_in_one_tag_makes_it_volatile() -> None:
    """No fact of the trade differs."""
    bodies = [filled(1, "O1", _7007="a"), filled(2, "O1", _17="E1", _60="20131007-14:30:01.125", _7007="b", _97="Y")]
    trial = tried(bodies)
    text = trial.draft()

    assert part_of(trial, "Duplicates") == [
        "same ExecID (17) again: 0 with equal content, 1 with other content; 1 marked by 43 or 97",
        "tag 7007 differs 1 ×",
    ]
    assert remarks(text) == [
        "# 7007 differs on 1 report of 1 with an ExecID that was there before: and no fact differs"
    ]
    assert "7007" in parse_dialect(text).key.volatile
    assert tried(bodies, text).problems() == {}


def test_two_sides_of_a_cross_need_the_side_in_the_key() -> None:
    """They share an ExecID."""
    bodies = [filled(1, "O1", _54="1"), filled(2, "O2", _17="E1", _54="2")]
    text = tried(bodies).draft()

    assert parse_dialect(text).key.extra == ("54",)
    assert tried(bodies, text).problems() == {}


def test_a_copy_with_another_price_is_a_conflict_that_nothing_excuses() -> None:
    """And a copy that is equal is none; ids that mean none are never compared."""
    bodies = [
        filled(1, "O1"),
        filled(2, "O1", _17="E1", _60="20131007-14:30:01.125"),
        filled(3, "O1", _17="E1", _60="20131007-14:30:01.125", _31="181.96"),
        filled(4, "O1", _17="0"),
        filled(5, "O1", _17="0"),
    ]
    trial = tried(bodies)

    assert trial.found()["parts"]["Duplicates"] == {
        "equal": 1,
        "other_content": 1,
        "marked_43_or_97": 0,
        "tags_that_differ": {"31": 1},
        "forgotten": 0,
    }
    assert remarks(trial.draft()) == []


def test_executions_past_the_cap_are_forgotten_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of a forgotten one is not seen."""
    monkeypatch.setattr(duplicates, "MOST_EXECUTIONS", 1)
    trial = tried([filled(1, "O1"), filled(2, "O1"), filled(3, "O1", _17="E1")])

    assert part_of(trial, "Duplicates") == ["only the last 1 ExecIDs were compared; 2 came before them"]


SYMBOLS = [
    filled(1, "O1", _55="BRK", _65="B"),
    filled(2, "O2", _55="ZVZZT"),
    filled(3, "O3", _55="IBM   241220C00180000"),
    filled(4, "O4", _55="EUR=X"),
    filled(5, "O5", _55="IBM"),
    filled(6, "O6", _55="BRK/A"),
]


def test_symbols_that_are_no_plain_symbol_are_listed() -> None:
    """Suffixes, test symbols, options, and what no convention reads."""
    assert part_of(tried(SYMBOLS), "Symbols") == [
        "6 symbols, 5 of them to look at",
        "'BRK.B' 1 ×: no plain symbol",
        "'BRK/A' 1 ×: read as BRK.A",
        "'EUR=X' 1 ×: no plain symbol",
        "'IBM   241220C00180000' 1 ×: an option",
        "'ZVZZT' 1 ×: a test symbol",
        "reports by instrument: a stock 5, an option 1",
        "SymbolSfx (65): B 1",
    ]


def test_what_is_no_stock_is_counted_by_its_kind_and_its_type() -> None:
    """A type that nobody knows is open, and settled by the dialect."""
    bodies = [
        filled(1, "O1", _55="IBM", _167="OPT", _201="1", _202="180", _541="20241220"),
        filled(2, "O2", _55="IBM", _167="COMMON"),
        filled(3, "O3", _55="IBM", _167="CS", _32="x"),
    ]
    trial = tried(bodies)

    assert part_of(trial, "Symbols") == [
        "3 symbols, 2 of them to look at",
        "'IBM [other]' 1 ×: no stock",
        "'IBM241220C00180000' 1 ×: an option",
        "reports by instrument: a stock 1, an option 1, no stock 1",
        "SecurityType (167): COMMON 1, CS 1, OPT 1",
    ]
    assert trial.problems()["type of security not known"] == 1
    settled = tried(bodies, "begin_string: FIX.4.4\ninstruments: {types: {COMMON: stock}}")
    assert "type of security not known" not in settled.problems()


def test_symbols_that_the_quotes_do_not_have_are_joined_by_their_letters() -> None:
    """One that could mean two is left to a person."""
    quoted = frozenset({"IBM", "BRK.B", "BRK A", "EURX", "IBM241220C00180000"})
    trial = tried(SYMBOLS, quoted=quoted)
    text = trial.draft()

    assert trial.problems() == {"symbol not in the quotes": 1}
    assert parse_dialect(text).symbols.table == {"EUR=X": "EURX"}
    assert tried(SYMBOLS, text, quoted).problems() == {}
    assert "'EUR=X'" not in "".join(part_of(tried(SYMBOLS, text), "Symbols"))


def test_many_odd_symbols_are_counted_and_the_first_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is past the caps is said."""
    monkeypatch.setattr("service.fix.trial.symbols._MOST_SYMBOLS", 22)
    trial = tried([filled(n, f"O{n}", _55=f"X{n}") for n in range(1, 24)])

    assert part_of(trial, "Symbols")[-3::2] == ["and 2 more", "1 report of symbols past the first 22"]


def test_gaps_copies_resets_and_news_are_recovery_hints() -> None:
    """What 36 announces is no gap; a message without a number counts nothing."""
    bodies = [
        filled(1, "O1"),
        filled(2, "O1"),
        filled(6, "O1"),
        filled(2, "O1", _43="Y"),
        filled(7, "O1", _97="Y"),
        fix_message(_35="4", _34=8, _49="SOR", _56="FIRM", _123="Y", _36=11),
        fix_message(_35="4", _34=11, _49="SOR", _56="FIRM"),
        fix_message(_35="B", _34=None, _49="SOR", _56="FIRM", _148="recovery complete"),
        filled(1, "O1", _17="NEW"),
    ]
    trial = tried(bodies)

    assert part_of(trial, "Sequence and recovery") == [
        "1 message sent again under its number (43=Y)",
        "1 report sent again under a new number (97=Y)",
        "1 sequence reset",
        "1 News (35=B): may mark the end of a recovery",
    ]
    assert trial.found()["parts"]["Sequence and recovery"]["gaps"] == 0


def test_a_gap_is_named_with_the_line_before_which_it_is() -> None:
    """Two gaps of one number each."""
    trial = tried([filled(number, "O1") for number in (2, 4, 6)])

    assert part_of(trial, "Sequence and recovery") == [
        "2 gaps, 2 numbers missing: 3–3 before line 2; 5–5 before line 3"
    ]
    assert trial.problems() == {"number out of sequence": 2}


def test_numbers_by_segment_are_told_from_repeats() -> None:
    """The same 34 twice, unbroken within each market segment."""
    bodies = [filled(n, f"O{s}{n}", _17=f"{s}{n}", _1300=s) for n in (5, 6, 7) for s in ("A", "B")]
    trial = tried(bodies)
    text = trial.draft()

    assert part_of(trial, "Sequence and recovery") == [
        "MsgSeqNum (34) stays or goes back 3 × without 43=Y",
        "MarketSegmentID (1300): unbroken within each of 2 values",
    ]
    assert parse_dialect(text).sequence.scope == ("1300",)
    assert remarks(text) == ["# 34 goes back 3 times by session, never within one of 2 values of 1300"]
    assert tried(bodies, text).problems() == {}


def test_only_so_many_segments_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the cap no run begins."""
    monkeypatch.setattr("service.fix.trial.sequences._MOST_LINES", 1)
    bodies = [filled(n, "O1", _1300=str(n), _49=f"S{n}") for n in (5, 6, 7)]

    assert tried(bodies).problems() == {}


def test_fills_of_the_days_before_exec_type_switch_the_semantics_on() -> None:
    """No 150; and 20=2 without 19."""
    bodies = [filled(1, "O1", _150=None), filled(2, "O1", _20="2"), filled(3, "O1", _31="0")]
    trial = tried(bodies)
    text = trial.draft()

    assert remarks(text) == [
        "# 1 of 2 fills have no 150, but shares and a price",
        "# 1 of 2 fills have 20=2 and no 19: ask the vendor",
    ]
    assert trial.problems() == {"not decoded": 3}
    assert "1 × ExecType (150) is absent (line 1)" in part_of(trial, "Not decoded")
    assert part_of(trial, "Reports and their codes")[-2:] == [
        "1 of 2 fills have no ExecType (150)",
        "1 of 2 fills have 20=2 without ExecRefID (19)",
    ]
    assert tried(bodies, text).problems() == {"not decoded": 1}


def test_garbage_is_counted_by_its_reason_with_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reasons that differ in a value alone are one; those past the cap are counted together."""
    monkeypatch.setattr("service.fix.trial.contents._MOST_REASONS", 2)
    bodies = [
        b"8=FIX garbage",
        framed("35=8")[:-4],
        *(filled(n, "O1", _31=f"dear{n}") for n in range(6)),
        b"8=X\x019=1",
    ]
    trial = tried(bodies)
    monkeypatch.setattr("service.fix.trial.contents._MOST_REASONS", 9)

    assert trial.problems() == {"not decoded": 9}
    assert len(part_of(trial, "Not decoded")) == 3
    assert part_of(trial, "Not decoded")[-1].startswith("6 × other reasons")
    by_reason = tried(bodies[2:8])
    assert part_of(by_reason, "Not decoded") == [
        "6 × LastPx (31) is 'dear0': not a decimal number (line 1, 2, 3, 4, 5, …)"
    ]


def test_tags_are_shown_with_samples_secrets_and_long_values_masked() -> None:
    """Custom tags have no name."""
    trial = tried([fix_message(_35="A", _34=1, _554="geheim", _7001="x" * 40)])
    found = trial.found()["parts"]["Tags"]

    assert found["554"]["samples"] == ["***"]
    assert found["7001"] == {
        "name": None,
        "custom": True,
        "count": 1,
        "distinct": 1,
        "distinct_capped": False,
        "samples": ["xxxxxxxxxxxxxxxxxxxx… (40 characters)"],
    }


def test_tags_past_the_cap_are_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fuzzed log could hold millions."""
    monkeypatch.setattr("service.fix.trial.contents._MOST_TAGS", 3)
    trial = tried([fix_message(_35="0", _34=1, _49="A")])

    assert len(part_of(trial, "Tags")) == 4
    assert part_of(trial, "Tags")[-1] == "2 fields of tags past the first 3 are not counted"


def test_counts_know_their_caps() -> None:
    """What found no room is said."""
    tally, distinct = Tally(2), Distinct(1)
    for key in ("a", "b", "c", "a"):
        tally.add(key)
        distinct.add(key)

    assert tally.words(1) == "a 2, and 1 more, 1 of kinds past the first 2"
    assert distinct.words == "over 1"
    assert safe("58", "tab\there") == "tab\\there"
    assert part.place_name("party 17") == "party 17"


def test_a_draft_keeps_what_was_said_and_drops_what_only_repeats_a_default() -> None:
    """Lists and tables grow; what would not parse is named and left out."""
    text = "begin_string: FIX.4.4\nsuffix: .\nvenue: {local: [AAAA], codes: {X: XNAS}}\nstatus: {}\nauction: {}"
    guesses = [
        Guess(("venue", "local"), ["AAAA", 'B"B\\'], "seen\nhere"),
        Guess(("venue", "codes"), {"é\x02": "XNYS"}, "so called"),
        Guess(("venue", "codes"), {"Q": "nowhere"}, "a bad guess"),
        Guess(("client",), ["party 3"], "no client"),
    ]
    drafted = draft(text, guesses)
    problem = "'nowhere' is no MIC of ISO 10383; if it is meant, list it under venue.local"

    habits = parse_dialect(drafted)
    assert {"AAAA": "AAAA", 'B"B\\': 'B"B\\', "X": "XNAS", "é\x02": "XNYS"}.items() <= habits.venue.table.items()
    assert "suffix" not in drafted
    assert "auction: {}" in drafted
    assert remarks(drafted) == [
        "# seen?here",
        "# so called",
        "# no client",
        f"# not drafted: venue.codes (a bad guess): line 5: venue.codes: {problem}",
    ]


def test_a_report_of_another_kind_is_only_counted() -> None:
    """Reports without symbol, ids and a duplicate's key give no part anything to say."""
    trial = tried([execution_report(_55=None, _37=None, _11=None, _17=None, _150="I")])

    assert trial.problems() == {}
    assert trial.lines()[-1] == "1 messages; open: nothing"
