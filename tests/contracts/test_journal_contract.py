"""What every journal promises (service.ports.Journal), proved on the fake and on the real ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from service.journal import Frame, RecordKind
from service.ports import Journal
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.versions import Version, VersionKind
from tests.factories_store import SESSION, a_frame, a_point, an_entry
from tests.fakes_store import FakeJournal
from tests.stores import KINDS, ready_store


@pytest.fixture(params=["fake", *KINDS])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """Give an empty journal of each kind."""
    if request.param == "fake":
        yield FakeJournal()
        return
    with ready_store(request.param, tmp_path) as database:
        yield SqlJournal(database)


def test_an_empty_journal_says_so(journal: Journal) -> None:
    """Nothing was written: offset 0, no records, no session known."""
    assert (journal.last_offset(), journal.read(0, 10), journal.point("demo", SESSION)) == (0, [], None)


def test_offsets_are_given_without_holes_across_frames(journal: Journal) -> None:
    """Records are numbered 1, 2, 3 … whatever frames they came in, and an empty frame takes no number."""
    ends = [journal.append(a_frame(count)) for count in (2, 0, 3)]

    assert ends == [2, 2, 5]
    assert [record.offset for record in journal.read(0, 100)] == [1, 2, 3, 4, 5]


def test_a_record_comes_back_as_it_went_in(journal: Journal) -> None:
    """Bytes of any value, a missing receive time and every kind survive."""
    entries = [
        an_entry(kind=kind, received_at=None if n % 2 else 1_700_000_000_123_456_789 + n, body=bytes(range(256)))
        for n, kind in enumerate(kind for kind in RecordKind if kind is not RecordKind.VERSION)
    ]
    entries.append(Version(kind=VersionKind.RULEBOOK, name="rulebook", text="é\x00").entry(None))

    journal.append(Frame(entries=tuple(entries)))

    read = journal.read(0, 100)
    assert [msgspec.structs.asdict(record) for record in read] == [
        {"offset": n, **msgspec.structs.asdict(entry)} for n, entry in enumerate(entries, start=1)
    ]


def test_reading_starts_after_the_offset_and_stops_at_the_limit(journal: Journal) -> None:
    """`after` itself is not read again."""
    journal.append(a_frame(10))

    assert [record.offset for record in journal.read(4, 3)] == [5, 6, 7]
    assert journal.read(10, 3) == []


def test_the_newest_point_of_a_session_is_the_one_that_counts(journal: Journal) -> None:
    """A later frame moves the point, also back into an epoch that was there before."""
    journal.append(a_frame(1, a_point(2)))
    journal.append(a_frame(1, a_point(2, epoch="epoch-2")))
    journal.append(a_frame(1, a_point(7), a_point(3, session="other")))

    assert journal.point("demo", SESSION) == a_point(7)
    assert journal.point("demo", "other") == a_point(3, session="other")
    assert journal.point("nobody", SESSION) is None


def test_a_point_without_messages_is_kept_too(journal: Journal) -> None:
    """A quiet session's number can move by heartbeats that were in an earlier frame."""
    journal.append(a_frame(0, a_point(12)))

    assert journal.point("demo", SESSION) == a_point(12)


def test_two_threads_appending_leave_no_hole_and_keep_frames_together(journal: Journal) -> None:
    """Frames of two threads never mix."""
    threads = [Thread(target=_append_many, args=(journal, name)) for name in ("one", "two")]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    records = journal.read(0, 1000)
    assert [record.offset for record in records] == list(range(1, 121))
    assert all(len({record.epoch for record in records[n : n + 3]}) == 1 for n in range(0, 120, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_two_programs_appending_at_once_lose_no_frame(kind: str, tmp_path: Path) -> None:
    """A daemon and a command share the store and nothing else: no lock of one process helps the other."""
    with ready_store(kind, tmp_path) as database:
        url = database.url.render_as_string(hide_password=False)
        with Database(url) as one, Database(url) as other:
            programs = {"one": SqlJournal(one), "other": SqlJournal(other)}
            threads = [Thread(target=_append_many, args=(journal, name)) for name, journal in programs.items()]

            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)

        records = SqlJournal(database).read(0, 1000)
    assert [record.offset for record in records] == list(range(1, 121))
    assert Counter(record.epoch for record in records) == {"one": 60, "other": 60}
    assert all(len({record.epoch for record in records[n : n + 3]}) == 1 for n in range(0, 120, 3))


def _append_many(journal: Journal, name: str) -> None:
    for _ in range(20):
        journal.append(a_frame(3, epoch=name))
