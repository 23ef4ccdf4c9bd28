"""How deliveries and channels are said: on the page, in the bar of the queue, on the command line."""

from __future__ import annotations

from typing import Any

import pytest

from service.telling.dealt import why_not
from service.telling.delivered import Fate, Standing, fate_of
from service.telling.printed import channel_line, dead_line, dealt_lines
from service.telling.words import about, fate, reason, stands, trouble
from tests.factories_cases import NOON
from tests.factories_telling import REFUSED, SECOND, a_delivery, a_standing

MINUTE = 60 * SECOND
NOW = NOON + 10 * MINUTE


@pytest.mark.parametrize(
    ("standings", "words"),
    [
        ([], ""),
        ([a_standing(waiting=2, oldest=NOON, due_since=NOW - MINUTE)], ""),
        ([a_standing(waiting=2, held=2, oldest=NOON)], ""),
        ([a_standing(dead=1, dead_since=NOON)], "1 alert on desk is dead, the first since Oct 9 04:53:20."),
        ([a_standing(dead=1_200)], "1,200 alerts on desk are dead."),
        (
            [a_standing(waiting=1, oldest=NOON, due_since=NOON)],
            "Desk is stuck: 1 alert waits, the oldest for 10 min.",
        ),
        (
            [
                a_standing(channel="log", waiting=5, held=2, oldest=NOON, due_since=NOW - 3 * MINUTE),
                a_standing(dead=2, waiting=1, oldest=NOON, due_since=NOON),
            ],
            (
                "2 alerts on desk are dead; desk is stuck: 1 alert waits, the oldest for 10 min; "
                "log is stuck: 3 alerts wait, the oldest for 3 min."
            ),
        ),
    ],
)
def test_trouble_is_said_in_one_sentence_and_only_where_there_is_any(standings: list[Standing], words: str) -> None:
    """A channel that is held until later, or behind by a minute, is none."""
    assert trouble(standings, NOW) == words


@pytest.mark.parametrize(
    ("changes", "connected", "said"),
    [
        ({}, True, ("connected", "low")),
        ({}, None, ("not known: the daemon does not say", "medium")),
        ({}, False, ("not connected", "critical")),
        ({"waiting": 1, "due_since": NOON}, True, ("stuck", "critical")),
        ({"configured": False}, None, ("not configured: nobody sends what waits", "")),
        ({"configured": False, "dead": 1}, None, ("not configured: nobody sends what waits", "critical")),
    ],
)
def test_a_channel_is_said_to_stand_as_it_does(
    changes: dict[str, Any],
    connected: bool | None,  # noqa: FBT001 - a parameter of the test
    said: tuple[str, str],
) -> None:
    """With the sign that goes with it."""
    assert stands(a_standing(**changes), NOW, connected=connected) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "not tried yet"),
        ({"attempts": 1}, "tried 1 time"),
        ({"attempts": 2, "error": REFUSED}, f"tried 2 times: {REFUSED}"),
        ({"fate": Fate.DEAD, "attempts": 9, "error": "gone"}, "tried 9 times: gone"),
        (
            {"fate": Fate.HELD, "error": "quiet until 07:00", "rests_until": NOON},
            "quiet until 07:00, until Oct 9 04:53:20",
        ),
        ({"fate": Fate.HELD, "reason": "opened"}, "opened"),
        ({"fate": Fate.SENT}, ""),
        ({"fate": Fate.SENT, "reason": "severity_rose"}, "severity rose"),
        ({"fate": Fate.SENT, "reason": "opened", "route": "grave"}, "opened, by the route grave"),
        ({"fate": Fate.SENT, "reason": "opened", "by": "pat"}, "opened; pat sent it again"),
        (
            {"fate": Fate.WITHHELD, "reason": "the route to_desk says so", "route": "to_desk"},
            "the route to_desk says so",
        ),
        ({"fate": Fate.SET_ASIDE, "reason": "a_test of ours", "by": "pat"}, "a_test of ours; by pat"),
        ({"by": "pat", "attempts": 1, "error": "gone"}, "tried 1 time: gone; pat sent it again"),
    ],
)
def test_why_an_alert_became_what_it_did_is_said_in_words(changes: dict[str, Any], said: str) -> None:
    """With the route, and with whoever had a hand in it; what somebody wrote is left as it was written."""
    assert reason(a_delivery(**changes)) == said


def test_every_fate_has_a_word_and_only_what_asks_for_a_look_a_sign() -> None:
    """What was withheld or set aside is as it should be."""
    assert {one: fate(a_delivery(fate=one)) for one in Fate} == {
        Fate.WAITING: ("waiting", "medium"),
        Fate.HELD: ("held until later", "medium"),
        Fate.DEAD: ("dead", "critical"),
        Fate.SENT: ("sent", "low"),
        Fate.WITHHELD: ("withheld", ""),
        Fate.SET_ASIDE: ("set aside", ""),
    }


@pytest.mark.parametrize(
    ("row", "became"),
    [
        ((None, None, None), Fate.WAITING),
        (("held", None, None), Fate.HELD),
        (("held", None, 5), Fate.DEAD),
        ((None, None, 5), Fate.DEAD),
        ((None, 6, None), Fate.SENT),
        (("withheld", 6, None), Fate.WITHHELD),
        (("set_aside", 6, 5), Fate.SET_ASIDE),
    ],
)
def test_what_became_of_an_alert_follows_from_its_row(
    row: tuple[str | None, int | None, int | None], became: Fate
) -> None:
    """Settled is settled, dead is dead, the rest waits."""
    assert fate_of(*row) is became


@pytest.mark.parametrize(
    ("decision", "by", "settled", "said"),
    [
        (None, None, None, "it is not dead: it waits"),
        ("sent", None, NOON, "it is not dead: it is sent, Oct 9 04:53:20"),
        ("sent", "pat", NOON, "pat sent it again before you; it is sent, Oct 9 04:53:20"),
        ("set_aside", "pat", NOON, "pat set it aside, Oct 9 04:53:20"),
    ],
)
def test_who_comes_second_is_told_who_was_first(
    decision: str | None, by: str | None, settled: int | None, said: str
) -> None:
    """And what became of it."""
    assert why_not(decision, by, settled) == said


def test_what_is_about_no_exception_is_said_by_its_topic() -> None:
    """The seals of the days, and nothing where nothing is known."""
    assert about(a_delivery(about="", topic="seals")) == "seals"
    assert about(a_delivery(about="condition_resolved")) == "condition resolved"
    assert about(a_delivery(about="")) == ""


def test_a_channel_is_one_line_of_a_terminal() -> None:
    """Nothing is left out that asks for a look."""
    troubled = a_standing(
        waiting=3, held=1, oldest=NOON, due_since=NOON, last_sent=NOON, last_error="gone", dead=2, dead_since=NOON
    )

    assert channel_line(a_standing(), NOW, connected=True) == "desk: connected; nothing waits; nothing sent yet"
    assert channel_line(a_standing(dead=1), NOW, connected=None).endswith("; nothing sent yet; 1 dead")
    assert channel_line(troubled, NOW, connected=False) == (
        "desk: not connected; 3 alerts waiting (1 held until later), the oldest for 10 min; "
        "last sent Oct 9 04:53:20; last error: gone; 2 dead, the first since Oct 9 04:53:20"
    )


def test_a_dead_letter_is_one_line_of_a_terminal() -> None:
    """With what the other side said."""
    letter = a_delivery(fate=Fate.DEAD, dead_at=NOON, attempts=1, error="gone")
    other = a_delivery(exception=None, rule="seals", topic="seals", about="", attempts=2)

    assert dead_line(letter) == (
        "5 desk: exception 7 slow_fill high (opened), dead since Oct 9 04:53:20, tried 1 time: gone"
    )
    assert dead_line(other) == "5 desk: seals (seals), dead, tried 2 times: no error"


def test_what_came_of_an_act_is_said_with_what_was_refused() -> None:
    """Or why nothing was done at all."""
    assert list(dealt_lines((), (), "no alert is chosen", "")) == ["nothing was done: no alert is chosen"]
    assert list(dealt_lines((), ((5, "pat was first"),), "", "")) == ["alert 5: pat was first"]
    assert list(dealt_lines((1, 2), (), "", "go out again")) == ["2 alerts go out again"]
