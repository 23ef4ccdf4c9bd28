"""Seals are a chain of their own, and a file of them that was kept elsewhere is believed before the store."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos
from service.audit.against import Outside, believed, newer_than, read_file
from service.audit.broken import What
from service.audit.due import Due
from service.audit.seal import Cases, NoSealError, Seal, head_line, read_line, read_text, row_line
from service.audit.stretches import compared, summed
from service.audit.verify import verify
from service.cases.case import GENESIS
from service.cases.given import Given
from service.cases.states import Action
from service.settings import ConfigurationError
from service.store.engine import Database
from service.store.seals import SqlSeals
from tests.factories_audit import DAY, NEXT_DAY, a_record, meddle, sealed
from tests.factories_cases import MINUTE, NOON, PAT, a_queue


def a_seal(seq: int = 1, previous: str = GENESIS.hex(), day: str = DAY, **named: object) -> Seal:
    """Return a seal over an empty store."""
    cases = Cases(count=0, heads=0, digest="")
    told = {"firm": "demo", "at": NOON, "journal_offset": 0, "cases": cases, "chains": (), "stretches": ()}
    return Seal(seq=seq, day=day, previous=previous, **{**told, **named})  # type: ignore[arg-type] # names of its fields


def a_file(*seals: Seal) -> bytes:
    """Return the lines of seals."""
    return b"".join(one.line + b"\n" for one in seals)


FIRST = a_seal()
SECOND = a_seal(2, FIRST.hash, NEXT_DAY)
THIRD = a_seal(3, SECOND.hash, "2026-11-25", missed=("2026-11-24",))


def words(outside: Outside) -> list[str]:
    """Return what is wrong with a file, in words."""
    return [one.words for one in outside.broken]


def test_a_seal_is_read_back_from_its_text_and_its_line() -> None:
    """Both give back exactly it."""
    assert read_text(FIRST.text) == FIRST == read_line(FIRST.line)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", FIRST.line[:-1], FIRST.line.replace(b"demo", b"dame")])
def test_a_line_that_is_no_seal_is_refused(text: bytes) -> None:
    """Cut short, changed, or something else altogether."""
    with pytest.raises(NoSealError):
        read_line(text)


@pytest.mark.parametrize("text", [b"", b"[]", FIRST.text.replace(b":", b": ", 1)])
def test_a_text_that_no_program_wrote_is_refused(text: bytes) -> None:
    """Blanks in it would say the same and have another hash."""
    with pytest.raises(NoSealError):
        read_text(text)


def test_a_file_that_holds_is_read_without_a_word() -> None:
    """It may begin with any seal, and say one twice."""
    assert read_file(a_file(FIRST, SECOND, THIRD)) == Outside({1: FIRST, 2: SECOND, 3: THIRD})
    assert read_file(a_file(SECOND, SECOND, THIRD)) == Outside({2: SECOND, 3: THIRD})


def test_a_line_that_a_crash_cut_short_is_no_fault_where_the_whole_one_follows() -> None:
    """It is said; alone it is a fault."""
    torn = SECOND.line[:40] + b"\n"

    assert read_file(a_file(FIRST) + torn + a_file(SECOND)).notes == (
        "line 2 of the file was cut short; the next is the whole of it",
    )
    assert words(read_file(a_file(FIRST) + torn))[0].startswith("line 2 of the file: ")


def test_what_is_wrong_with_a_file_is_said() -> None:
    """A hole, another seal of the same number, one that does not follow, a first that is none."""
    other = a_seal(2, FIRST.hash, "2026-11-26")

    assert words(read_file(a_file(FIRST, THIRD))) == ["the file has seal 3 after seal 1"]
    assert words(read_file(a_file(FIRST, SECOND, other))) == [
        "line 3 of the file is another seal 2 than an earlier line"
    ]
    assert words(read_file(a_file(FIRST, other, THIRD))) == ["in the file it does not follow the one before"]
    assert words(read_file(a_file(a_seal(1, "ab" * 32)))) == ["it says that another was before it"]


def test_the_seals_up_to_a_day_are_those_to_compare_with() -> None:
    """A day that got none is closed by the next; a day that none closes is not known."""
    stored = {1: FIRST, 2: SECOND}

    assert believed(stored, Outside({3: THIRD}), None) == [FIRST, SECOND, THIRD]
    assert believed(stored, Outside({3: THIRD}), "2026-11-24") == [FIRST, SECOND, THIRD]
    assert believed(stored, Outside({}), NEXT_DAY) == [FIRST, SECOND]
    assert believed(stored, Outside({}), "2026-11-24") is None
    assert newer_than(stored, Outside({1: FIRST})) == "1 of the store's 2 seals are newer than the file"


def test_rows_of_a_seal_that_is_not_at_hand_are_passed_over() -> None:
    """A file may begin with any seal; a table may come to be sealed later."""
    rows = [(1, "a"), (2, "b"), (3, "c")]
    told = msgspec.convert({**msgspec.structs.asdict(summed(rows[1:], 1)), "name": "t", "after": 1}, type=dict)
    one = read_text(a_seal(stretches=()).text)
    later = msgspec.convert({**msgspec.to_builtins(a_seal(2)), "stretches": [told]}, Seal)

    assert compared("t", iter(rows), [one, later]) is None
    assert compared("t", iter([*rows[:2], (3, "d")]), [one, later]).what is What.CHANGED  # type: ignore[union-attr]
    assert compared("t", iter([*rows[:2], (3, "c"), (3, "c")]), [later]).what is What.FOREIGN  # type: ignore[union-attr]


def test_a_head_is_digested_as_the_readme_of_an_export_says() -> None:
    """Case, number and hash in hex, in a line; whatever else somebody wrote there is another line."""
    assert head_line(1, 2, b"\xab\xcd") == b"1,2,abcd\n"
    assert head_line(1, 2, None) == b"1,2,None\n"


def test_cells_that_no_program_wrote_give_a_line_all_the_same() -> None:
    """They only have to give another one."""
    assert row_line(("\udcff",)) != row_line(("x",))
    assert row_line((2**70,)) != row_line((1,))


def test_seals_follow_each_other_and_cover_what_is_new(database: Database) -> None:
    """Each case once, unless somebody touched it; every chain's head; each row of a table without a chain once."""
    a_record(database)

    first, second = SqlSeals(database, "demo").after(0)

    assert (first.previous, second.previous) == (GENESIS.hex(), first.hash)
    assert (first.cases.count, first.cases.heads, second.cases.count, second.cases.heads) == (4, 4, 4, 3)
    assert [(head.name, head.n) for head in second.chains] == [("statements", 4), ("proposals", 2), ("access log", 4)]
    assert [(one.after, one.last, one.rows) for one in second.stretches if one.name == "findings"] == [(4, 6, 2)]
    assert second.journal_offset == 1


def test_an_empty_store_can_be_sealed(database: Database) -> None:
    """And holds."""
    made = sealed(database)

    assert (made.seq, made.cases.count) == (1, 0)
    assert verify(database).broken == ()


def test_heads_noted_by_a_run_that_was_cut_off_count_in_the_next_seal(database: Database) -> None:
    """What was noted was true then; the case has two heads in one seal, and counts once."""
    a_record(database)
    seals = SqlSeals(database, "demo")
    seals.note_heads()
    a_queue(database).act(4, Action.NOTE, PAT, Given(words="seen again"), Nanos(NOON + 3 * MINUTE))

    made = seals.make(Due("2026-11-24"), NOON)

    assert (made.cases.heads, made.cases.count) == (2, 4)
    assert verify(database).broken == ()


def test_a_head_noted_by_another_while_a_seal_was_read_makes_it_be_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that seal at once: the later one finds that what it read is not all."""
    a_record(database)
    seals, counted = SqlSeals(database, "demo"), []
    stands = SqlSeals._stands

    def once(self: SqlSeals, connection: object, read: object) -> bool:
        counted.append(read)
        return len(counted) > 1 and stands(self, connection, read)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(SqlSeals, "_stands", once)

    made = seals.make(Due("2026-11-24"), NOON)

    assert len(counted) == 2
    assert made.seq == 3
    assert verify(database).broken == ()


def outside_of(database: Database) -> Outside:
    """Return the store's seals as a file kept elsewhere has them."""
    return read_file(a_file(*SqlSeals(database, "demo").after(0)))


def test_a_store_whose_seals_were_made_anew_is_found_by_the_file_that_left_the_house(database: Database) -> None:
    """Everything in it holds by itself: all chains, and the new seals over them."""
    a_record(database)
    kept = outside_of(database)
    meddle(database, "DELETE FROM principals", "DELETE FROM seals", "DELETE FROM sealed_heads", "DELETE FROM outbox")
    sealed(database)
    sealed(database, NEXT_DAY)

    alone, against = verify(database), verify(database, kept, file="copy")

    assert alone.broken == ()
    found = [(one.chain, one.what, one.n) for one in against.broken]
    assert found[:2] == [("seals", What.SEAL, 1), ("seals", What.SEAL, 2)]
    assert ("principals", What.MISSING, None) in found


def test_a_seal_that_only_the_file_has_is_found(database: Database) -> None:
    """The store was set back to an earlier state."""
    a_record(database)
    kept = outside_of(database)
    meddle(database, "DELETE FROM seals WHERE seq = 2", "DELETE FROM sealed_heads WHERE seal = 2")

    found = verify(database, kept).broken

    assert found[0].words == "it is in the file and not in the store"


def test_seals_newer_than_the_file_are_a_note(database: Database) -> None:
    """The copy was taken before them."""
    a_record(database)

    verdict = verify(database, read_file(a_file(*SqlSeals(database, "demo").after(0)[:1])))

    assert verdict.broken == ()
    assert verdict.notes == ("1 of the store's 2 seals are newer than the file",)


def test_a_day_takes_only_the_seals_up_to_it(database: Database) -> None:
    """What was sealed later does not count; a day without a seal is refused."""
    a_record(database)
    meddle(database, "DELETE FROM principals WHERE seq = (SELECT MAX(seq) FROM principals)")

    assert verify(database, day=DAY).broken == ()
    assert len(verify(database, day=NEXT_DAY).broken) == 1
    with pytest.raises(ConfigurationError, match="no seal closes that day"):
        verify(database, day="2020-01-01")


def test_a_seal_that_cannot_be_read_is_said(database: Database) -> None:
    """Its chain does not hold, and it is compared with nothing."""
    a_record(database)
    meddle(database, "UPDATE seals SET body = :body WHERE seq = 2", body=b"{}")

    assert {one.what for one in verify(database).broken} == {What.UNREADABLE}


def test_the_first_of_a_chain_that_is_younger_than_a_seal_is_not_missed() -> None:
    """An old seal says nothing of a chain that came later."""
    assert FIRST.head("statements") is None
    assert FIRST.stretch("findings") is None
    assert Nanos(FIRST.at) == NOON
