"""Certificates of days that went down the real road into a real store, on both kinds of data base."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from service.core import Core
from service.journal import Entry
from service.statements.against import FileError
from service.statements.completeness import Certificate, State
from service.statements.day import Whose
from service.statements.gather_closing import gathered_close
from service.statements.gather_days import known_sessions
from service.statements.issue import certify, compared, issued
from service.statements.reasons import Weight
from service.store.engine import Database
from service.store.not_evaluated import COUNTED_SINCE
from service.store.record import write_offset
from tests.factories_messages import fix_message
from tests.factories_recorded import (
    EVENING,
    MIDNIGHT,
    ROAD_DAY,
    admin,
    from_file,
    later_day,
    new_epoch,
    own_reject,
    record_all,
    session_event,
    trade,
    unstamped,
)
from tests.factories_road import (
    PARTY,
    SESSION,
    SteadyQuotes,
    a_bust,
    a_correction,
    a_journal,
    a_trade,
    an_order,
    run,
    stamp,
    versions,
)
from tests.factories_statements import XNYS

WHOLE = [admin(1, 0, "A"), *(trade(number) for number in range(2, 8))]


def certified(database: Database, entries: Iterable[Entry], day: str = ROAD_DAY, session: str = SESSION) -> Certificate:
    """Send records down the road and certify the day in the evening."""
    record_all(database, entries)
    return certify(database, PARTY, session, day, now=MIDNIGHT)


def missing(one: Certificate) -> list[str]:
    """Return why it is red."""
    return [reason.name for reason in one.reasons if reason.weight is Weight.MISSING]


def shown(one: Certificate) -> list[str]:
    """Return what it only shows."""
    return [reason.name for reason in one.reasons if reason.weight is Weight.SHOWN]


def test_a_whole_day_is_complete_and_the_sum_holds(database: Database) -> None:
    """Three counts, made apart."""
    one = certified(database, WHOLE)

    assert one.state is State.COMPLETE_NOT_RECONCILED
    assert [reason.name for reason in one.reasons] == ["no_own_orders", "fills_only"]
    assert one.sum.holds
    assert (one.sum.journalled, one.sum.outcomes) == (7, {"admin": 1, "execution": 6})
    assert [(counting.epoch, counting.received) for counting in one.countings] == [("e1", ((1, 7),))]
    assert one.orders.ended == 6


def test_an_open_gap_is_red_and_its_late_arrival_is_not(database: Database) -> None:
    """The same gap, before and after the resend."""
    record_all(database, [*WHOLE[:3], *WHOLE[5:]])
    before = certify(database, PARTY, SESSION, ROAD_DAY, now=EVENING)
    record_all(database, [trade(4, 20, _43="Y"), trade(5, 21, _43="Y")], before=[])
    after = certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT)

    assert missing(before) == ["gap_open"]
    assert [line.missing for line in before.gaps] == [((4, 5),)]
    assert missing(after) == []
    assert [(line.how, line.gap.overdue) for line in after.gaps] == [("2 arrived", True)]
    assert "gaps_filled" in shown(after)


def test_a_gap_that_was_declared_empty_is_not_red(database: Database) -> None:
    """By a SequenceReset-GapFill, whose numbers are shown apart."""
    one = certified(database, [*WHOLE[:3], *WHOLE[5:], admin(4, 20, "4", _43="Y", _123="Y", _36=6)])

    assert missing(one) == []
    assert [line.how for line in one.gaps] == ["2 gap-filled"]
    assert (one.countings[0].declared, one.countings[0].holes) == (((4, 5),), ())


def test_a_gap_that_was_filled_from_a_file_on_another_day_is_not_red(database: Database) -> None:
    """The day it belongs to is its own, not that of the file."""
    record_all(database, [*WHOLE[:3], *WHOLE[5:]])
    record_all(database, [from_file(trade(4), 90_000), from_file(trade(5), 90_001)], before=[])

    one = certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT)

    assert missing(one) == []
    assert (one.sum.journalled, one.sum.backfilled, one.sum.holds) == (5, 2, True)
    assert [line.missing for line in one.gaps] == [()]
    assert {"gaps_filled", "backfilled"} <= set(shown(one))


def test_a_gap_that_was_open_at_a_reset_is_lost(database: Database) -> None:
    """The old epoch will never send it again."""
    second = [
        trade(number + 20, 100 + number, _34=number, _52=stamp(100 + number)) for number in range(1, 4)
    ]  # the numbers begin anew under a new epoch
    renamed = [_in_epoch(entry, "e2") for entry in second]

    one = certified(database, [*WHOLE[:3], *WHOLE[5:], new_epoch("e2", 99), *renamed])

    assert missing(one) == ["lost_with_reset"]
    assert [(reset.lost, reset.epoch) for reset in one.resets] == [("4-5", "e2")]
    assert [(counting.epoch, counting.received) for counting in one.countings] == [
        ("e1", ((1, 3), (6, 7))),
        ("e2", ((1, 3),)),
    ]


def _copy(number: int, seconds: float, first: float) -> Entry:
    """Return the report of that number as it is resent into the second epoch."""
    again = trade(number, seconds, _43="Y", _122=stamp(first), _60=stamp(first))
    return _in_epoch(again, "e2")


def test_what_our_own_lost_store_missed_is_not_missing_once_it_is_resent(database: Database) -> None:
    """Message 4 comes again in the next epoch, and message 5 never does: one number is missing, and it is said once."""
    logon = _in_epoch(admin(8, 100, "A"), "e2")
    filled = _in_epoch(admin(1, 100, "4", _43="Y", _123="Y", _36="2"), "e2")
    first = [*WHOLE[:3], *WHOLE[5:], new_epoch("e2", 99), logon, filled]

    part = certified(database, [*first, *(_copy(number, 101, number) for number in (2, 3, 4, 6, 7))])
    record_all(database, [_copy(5, 102, 5)], before=[])
    whole = certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT)

    assert missing(part) == ["gap_open"]
    assert next(one.words for one in part.reasons) == "1 number never came (open): 5"
    assert missing(whole) == []
    assert {line.gap.subject: line.how for line in whole.gaps} == {
        "4-5": "2 arrived, closed by a resend in the next epoch",
        "1-7": "6 arrived, 1 gap-filled",
    }
    assert [reset.went_on for reset in whole.resets] == [True]


def test_segments_are_read_from_the_messages(database: Database) -> None:
    """1181 counted by 1180: a hole of one segment, none of the session's own numbers."""
    dialect = "begin_string: FIX.4.4\nsequence: {scope: [1180], number: 1181}\n"
    numbers = [("A", 1), ("B", 7), ("A", 2), ("B", 9), ("A", 5)]
    entries = [trade(n, _1180=segment, _1181=number) for n, (segment, number) in enumerate(numbers, start=2)]
    bare = trade(7)
    record_all(database, [WHOLE[0], *entries, bare], before=versions(dialect=dialect))

    one = certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT)

    assert [(segment.name, segment.received, segment.holes) for segment in one.segments] == [
        ("A", ((1, 2), (5, 5)), ((3, 4),)),
        ("B", ((7, 7), (9, 9)), ((8, 8),)),
    ]
    assert one.reasons[0].words == "3 numbers never came (open): B 8, A 3-4"
    assert [counting.received for counting in one.countings] == [((1, 7),)]


def _in_epoch(entry: Entry, epoch: str) -> Entry:
    return msgspec.structs.replace(entry, epoch=epoch)


def test_what_cannot_be_read_is_red_until_a_readable_copy_comes(database: Database) -> None:
    """Of the same number."""
    record_all(database, [*WHOLE, trade(8, _31="dear")])
    before = certify(database, PARTY, SESSION, ROAD_DAY, now=EVENING)
    record_all(database, [trade(8, 30, _43="Y")], before=[])
    after = certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT)

    assert (missing(before), missing(after)) == (["undecodable"], [])
    assert [unread.mended for unread in after.unread] == [True]


def test_what_our_engine_refused_is_looked_for_in_the_journal(database: Database) -> None:
    """A refused message that stands there was read; one that does not is missing."""
    one = certified(database, [*WHOLE, own_reject(7, 9), own_reject(70, 10)])

    assert missing(one) == ["rejected"]
    assert next(reason.count for reason in one.reasons if reason.name == "rejected") == 1
    assert "rejected_seen" in shown(one)


def test_duplicates_and_open_orders_are_shown(database: Database) -> None:
    """An order for several days is no order without an end."""
    twice = a_trade(8, 8, "O7", "E7", _97="Y", _60=stamp(7))
    several = an_order(9, 9, "G1", _59="1", _44="181.96")

    one = certified(database, [*WHOLE, twice, several])

    assert "duplicates" in shown(one)
    assert (one.orders.open_day, one.orders.open_longer) == ((), ("G1",))


def test_a_session_that_went_down_and_came_back_is_not_red(database: Database) -> None:
    """And where nothing ever closes, one that stays down is not either."""
    events = [session_event("logon", 0), session_event("logout", 50), session_event("logon", 60)]

    assert missing(certified(database, [*WHOLE, *events, session_event("logout", 70)])) == []


def test_a_day_on_which_nothing_was_heard_is_red(database: Database) -> None:
    """The session is known, and said nothing."""
    one = certified(database, WHOLE, day="2013-10-08")

    assert missing(one) == ["nothing_heard"]
    assert one.sum.journalled == 0


def test_the_next_day_goes_on_counting_where_the_last_one_ended(database: Database) -> None:
    """A resend of yesterday's numbers after midnight leaves no hole behind it."""
    late = later_day(trade(4, 20, _43="Y"))
    nine = [later_day(trade(number)) for number in (8, 9)]
    record_all(database, [*WHOLE[:3], *WHOLE[4:], late, *nine])

    first, second = (certify(database, PARTY, SESSION, day, now=MIDNIGHT) for day in (ROAD_DAY, "2013-10-08"))

    assert (missing(first), missing(second)) == ([], [])
    assert (second.countings[0].floor, second.countings[0].received) == (7, ((4, 4), (8, 9)))


def test_a_log_without_receive_stamps_is_cut_by_the_days_of_its_facts(database: Database) -> None:
    """A replayed log has no other clock."""
    day = {"_52": "20131008-14:30:00.250", "_60": "20131008-14:30:00.125", "_75": "20131008"}
    second = [unstamped(trade(number, **day)) for number in (8, 9)]
    record_all(database, [*map(unstamped, WHOLE), *second])

    found = [certify(database, PARTY, SESSION, one, now=MIDNIGHT).countings for one in (ROAD_DAY, "2013-10-08")]

    assert [counted[0].received for counted in found] == [((1, 7),), ((8, 9),)]
    assert certify(database, PARTY, SESSION, "2013-10-09", now=MIDNIGHT).countings == ()


def test_messages_that_are_not_processed_yet_are_said(database: Database) -> None:
    """The journal is ahead."""
    record_all(database, WHOLE)
    with database.writing() as connection:
        write_offset(connection, "processed", 9)

    one = certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT)

    assert missing(one) == ["unprocessed"]


def test_a_holiday_of_the_calendar_in_force_expects_nothing(database: Database) -> None:
    """The calendar comes from the journal too."""
    record_all(database, WHOLE, before=versions(calendar=XNYS))

    one = certify(database, PARTY, SESSION, "2026-11-21", now=MIDNIGHT)

    assert (missing(one), shown(one)) == ([], ["no_trading"])


def test_sessions_are_known_by_what_they_said_on_the_day(database: Database) -> None:
    """Or by their gateway."""
    record_all(database, WHOLE)

    assert known_sessions(database, ROAD_DAY) == [Whose(PARTY, SESSION, ROAD_DAY)]
    assert known_sessions(database, "2013-10-08") == []


def test_a_date_that_is_none_is_refused(database: Database) -> None:
    """Before anything is read."""
    with pytest.raises(ValueError, match="2013-13-40 is no trade date"):
        certify(database, PARTY, SESSION, "2013-13-40")


def test_a_vendors_file_is_laid_beside_what_is_recorded_now(database: Database, tmp_path: Path) -> None:
    """Corrected, busted, missing and unknown, each in its place."""
    changes = [
        a_correction(8, 8, "O2", "C2", "E2", _32=90, _14=90),
        a_bust(9, 9, "O3", "B3", "E3", _14=0),
    ]
    record_all(database, [*WHOLE, *changes])
    file = tmp_path / "eod.csv"
    rows = ["C2,90,181.95,1,IBM", "E3,100,181.95,1,IBM", "E4,100,181.95,1,IBM", "E5,99,181.95,1,IBM", "X,1,1,1,X"]
    file.write_text("\n".join(["ExecID,LastQty,LastPx,Side,Symbol", *rows]), encoding="utf-8")

    found = compared(database, PARTY, ROAD_DAY, file)

    assert (found.same, found.not_here, found.not_there, found.unlike) == (2, 1, 2, 2)
    assert sorted(one.exec_id for one in found.listed) == ["E3", "E5", "E6", "E7", "X"]
    assert missing(certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT, against=found)) == ["against"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"a,b\n"])
def test_a_file_that_cannot_be_read_is_refused_with_its_name(
    database: Database, tmp_path: Path, content: bytes | None
) -> None:
    """Not there, not text, not the columns."""
    file = tmp_path / "eod.csv"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(FileError, match=r"eod\.csv: "):
        compared(database, PARTY, ROAD_DAY, file)


def test_the_close_of_a_day_counts_what_was_reviewed_and_what_was_not(database: Database) -> None:
    """Executions, reasons, findings, certificates."""
    record_all(database, [*WHOLE, trade(8, _31="dear"), a_bust(9, 9, "O3", "B3", "E3", _14=0)])
    issued(database, [certify(database, PARTY, SESSION, ROAD_DAY, now=MIDNIGHT)])

    close = gathered_close(database, ROAD_DAY, [(PARTY, SESSION), (PARTY, "other")])

    assert (close.executions, close.busted, close.corrected) == (6, 1, 0)
    assert close.evaluated + sum(close.not_evaluated.values()) == 6
    assert sum(close.quote_states.values()) == 6
    assert [(one.session, one.state, one.seq) for one in close.certificates] == [
        (SESSION, "red", 1),
        ("other", None, None),
    ]
    assert (close.undecodable, close.unprocessed, close.uncertain) == (1, 0, 0)
    assert close.rules > 10
    assert len(close.rulebooks) == 1
    assert close.findings == close.ungathered > 0
    assert close.exceptions == ()
    assert [(one.counterparty, one.executions, one.own_orders) for one in close.fills_only] == [(PARTY, 6, False)]


def test_the_close_counts_what_each_rule_did_not_evaluate(database: Database) -> None:
    """The same from the store as from the road itself, whatever was processed in one batch."""
    record_all(database, WHOLE)
    core = Core()
    run(a_journal(WHOLE), core=core)

    close = gathered_close(database, ROAD_DAY, [(PARTY, SESSION)])
    with database.writing() as connection:
        write_offset(connection, COUNTED_SINCE, 10_000)
    later = gathered_close(database, ROAD_DAY, [(PARTY, SESSION)])

    counted = {(one.rule, one.reason): one.facts for one in close.not_judged}
    assert counted["unexpected_venue", "no venue register"] == 6
    assert counted.keys() >= {pair for pair in core.unjudged().not_evaluated if pair[0] == "unexpected_venue"}
    assert (close.not_judged_whole, later.not_judged_whole) == (True, False)


def test_the_close_counts_the_marks_after_the_executions_of_its_day(database: Database) -> None:
    """Those of another day are of that one; without quotes there are none."""
    tomorrow = a_trade(9, 86_403, "O9", "E9", _75="20131008")
    record_all(database, [*WHOLE, tomorrow], quotes=SteadyQuotes())

    closes = [gathered_close(database, day, [(PARTY, SESSION)]) for day in (ROAD_DAY, "2013-10-08", "2013-10-09")]

    marked = [close.marked for close in closes]
    assert [one and (one.executions, one.taken) for one in marked] == [(6, 30), (1, 5), (0, 0)]
    assert marked[0] is not None
    assert marked[0].unusable.keys() == {"mark crossed"}
    assert 0 < marked[0].unusable["mark crossed"] < 30


def test_a_copy_that_acknowledges_orders_is_not_of_fills_only(database: Database) -> None:
    """On the day itself, or before it for an order that goes on."""
    record_all(database, [WHOLE[0], an_order(2, 2, "O1"), a_trade(3, 3, "O1", "E1")])
    tomorrow = a_trade(4, 86_403, "O1", "E2", _75="20131008")
    record_all(database, [msgspec.structs.replace(tomorrow)], before=[])

    closes = [gathered_close(database, day, [(PARTY, SESSION)]) for day in (ROAD_DAY, "2013-10-08")]

    assert [(close.executions, close.fills_only) for close in closes] == [(1, ()), (1, ())]


def test_a_message_that_is_no_fix_at_all_is_counted_and_red(database: Database) -> None:
    """It has no number by which a copy could mend it."""
    one = certified(database, [*WHOLE, _in_epoch(_garbled(), "e1")])

    assert missing(one) == ["undecodable"]
    assert one.sum.holds


def _garbled() -> Entry:
    body = fix_message(_35="8", _49="SOR").replace(b"35=8", b"35 8")
    return msgspec.structs.replace(trade(8), body=body)
