"""What people do about dead letters, on real stores: sent again, set aside, and who was first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from rules.facts import Nanos
from service.access.actor import Actor, Way
from service.access.trail import Deed, Entry
from service.store import dead_letters
from service.store.dead_letters import Left, SqlDeadLetters
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.outbox import SqlOutbox
from service.store.tables import outbox
from service.store.trail import SqlTrail
from tests.factories_cases import NOON, PAT, SAM
from tests.factories_telling import SECOND, a_dead_letter, an_alert

LATER = Nanos(NOON + 600 * SECOND)


def row(database: Database, alert: int) -> dict[str, object]:
    """Return what is kept of an alert."""
    with database.reading() as connection:
        return dict(connection.execute(select(outbox).where(outbox.c.outbox_id == alert)).mappings().one())


def log(database: Database) -> list[Entry]:
    """Return the access log in its order; its chain holds."""
    trail = SqlTrail(database)
    assert trail.verify()[1] is None
    return trail.newest()[::-1]


def test_a_letter_that_is_sent_again_waits_under_the_same_key(database: Database) -> None:
    """It may go out at once; who sent it again is kept in the row and in the access log."""
    alert = a_dead_letter(database, not_before=LATER + SECOND)
    key = row(database, alert)["idempotency_key"]

    dealt = SqlDeadLetters(database).again([alert], PAT, LATER, "10.0.0.9")

    assert (dealt.alerts, dealt.refused, dealt.problem) == ((alert,), (), "")
    (waiting,) = SqlOutbox(database).waiting("desk", 50, LATER)
    assert waiting.outbox_id == alert
    assert row(database, alert) | {"dead_at": None, "by": "pat", "idempotency_key": key} == row(database, alert)
    (entry,) = log(database)
    assert (entry.actor, entry.deed, entry.place, entry.at) == ("pat", Deed.SENT_AGAIN, "10.0.0.9", LATER)
    assert entry.words == f"desk: alerts {alert}"


def test_a_letter_that_is_set_aside_is_settled_with_its_words(database: Database) -> None:
    """It is not sent, it waits no more, and it is no dead letter."""
    alert = a_dead_letter(database)

    dealt = SqlDeadLetters(database).set_aside([alert], SAM, " they were told by telephone ", LATER)

    assert dealt.alerts == (alert,)
    kept = row(database, alert)
    assert (kept["sent_at"], kept["decision"], kept["reason"], kept["by"]) == (
        *(LATER, "set_aside", "they were told by telephone", "sam"),
    )
    assert SqlDeliveries(database).dead() == []
    (entry,) = log(database)
    assert (entry.deed, entry.words) == (Deed.SET_ASIDE, f"desk: alerts {alert}: they were told by telephone")


def test_the_second_of_two_is_told_who_was_first(database: Database) -> None:
    """Whatever the first did; nothing is done a second time, and nothing is written down."""
    again, aside = a_dead_letter(database), a_dead_letter(database)
    letters = SqlDeadLetters(database)
    letters.again([again], PAT, LATER)
    letters.set_aside([aside], SAM, "a test", LATER)

    other = letters.again([again, aside], SAM, LATER)
    third = letters.set_aside([again, aside], PAT, "nobody cares", LATER)

    assert other.alerts == third.alerts == ()
    assert other.refused == third.refused
    assert dict(other.refused) == {
        again: "pat sent it again before you; it waits",
        aside: "sam set it aside, Oct 9 05:03:20",
    }
    assert row(database, aside)["reason"] == "a test"
    assert len(log(database)) == 2


def test_only_what_is_dead_is_dealt_with(database: Database) -> None:
    """What waits, what was sent and what is not there is said by its number; the others are dealt with all the same."""
    waits, sent = an_alert(database), an_alert(database, sent_at=NOON, decision="sent")
    dead = a_dead_letter(database)

    dealt = SqlDeadLetters(database).again([waits, sent, dead, dead, 999], PAT, LATER)

    assert dealt.alerts == (dead,)
    assert dict(dealt.refused) == {
        waits: "it is not dead: it waits",
        sent: "it is not dead: it is sent, Oct 9 04:53:20",
        999: "there is no such alert",
    }


def test_a_whole_channel_is_sent_again_in_parts_and_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part with its own entry in the log, so that what was done is written down however it ends."""
    monkeypatch.setattr(dead_letters, "CHUNK", 2)
    mine = [a_dead_letter(database) for _ in range(5)]
    other = a_dead_letter(database, channel="log")

    dealt = SqlDeadLetters(database).again_on("desk", Actor(name="pat", how=Way.COMMAND), LATER)

    assert dealt.alerts == tuple(mine)
    assert [one.alert for one in SqlDeliveries(database).dead()] == [other]
    assert [one.words for one in log(database)] == [
        f"desk: alerts {words}" for words in (f"{mine[0]}-{mine[1]}", f"{mine[2]}-{mine[3]}", f"{mine[4]}")
    ]


@pytest.mark.parametrize("words", ["", "   ", "x" * 3_000])
def test_nothing_is_set_aside_without_words_or_with_a_book(database: Database, words: str) -> None:
    """An examiner reads why nobody was told."""
    alert = a_dead_letter(database)

    dealt = SqlDeadLetters(database).set_aside([alert], PAT, words, LATER)

    assert dealt.problem.startswith("say why they are set aside")
    assert [one.alert for one in SqlDeliveries(database).dead()] == [alert]


def test_where_nothing_is_chosen_nothing_is_done(database: Database) -> None:
    """And it is said."""
    assert SqlDeadLetters(database).again([], PAT, LATER).problem == "no alert is chosen"
    assert SqlDeadLetters(database).again_on("desk", PAT, LATER).problem == "nothing is dead on desk"
    assert log(database) == []


def test_what_is_left_on_a_channel_out_of_the_plan_is_set_aside_whole(database: Database) -> None:
    """What waits, what is held and what is dead; other channels and what was sent stay as they are."""
    left = [
        an_alert(database, channel="old_desk"),
        an_alert(database, channel="old_desk", decision="held", not_before=LATER + SECOND),
        a_dead_letter(database, channel="old_desk"),
    ]
    an_alert(database, channel="old_desk", sent_at=NOON, decision="sent")
    other = an_alert(database)

    dealt = SqlDeadLetters(database).set_aside_left(Left("old_desk", ("desk",)), PAT, "the desk is gone", LATER)

    assert (dealt.alerts, dealt.refused, dealt.problem) == (tuple(left), (), "")
    assert {row(database, alert)["decision"] for alert in left} == {"set_aside"}
    assert row(database, other)["sent_at"] is None
    (entry,) = log(database)
    assert (entry.deed, entry.words) == (Deed.SET_ASIDE, "old_desk: alerts 1-3: the desk is gone")


def test_what_waits_on_a_channel_of_the_plan_cannot_be_set_aside_whole(database: Database) -> None:
    """It goes out; and where nothing is left, or nothing is said, nothing is done."""
    letters, alert = SqlDeadLetters(database), an_alert(database)

    dealt = [
        letters.set_aside_left(Left("desk", ("desk",)), PAT, "why", LATER),
        letters.set_aside_left(Left("nobody", ("desk",)), PAT, "why", LATER),
        letters.set_aside_left(Left("desk", ("mqtt",)), PAT, " ", LATER),
    ]

    assert [one.problem for one in dealt] == [
        "desk is in the plan: what waits there goes out",
        "nothing is left on nobody",
        "say why they are set aside, in at most 2,000 characters",
    ]
    assert row(database, alert)["sent_at"] is None
