"""The last exceptions like one, as lines."""

from __future__ import annotations

from service.cases.like import Like
from service.cases.rules import Rules
from service.cases.states import State
from service.web.exception.likes import likes
from tests.factories_cases import NOON
from tests.factories_work import in_state


def test_a_closed_one_tells_how_it_was_closed() -> None:
    """With which reason, as what it counts, by whom, in which words."""
    closed = Like(case=in_state(State.CLOSED), words="their gateway", closed_by="pat", closed_at=NOON, same=True)

    (line,) = likes([closed], Rules())

    assert (line.case_id, line.reason, line.counts) == (7, "The router did wrong; taken up with the vendor", "true")
    assert (line.by, line.words, line.same) == ("pat", "their gateway", True)
    assert line.closed is not None
    assert line.closed.time == "04:53:20"


def test_an_old_one_without_a_reason_says_what_there_is() -> None:
    """Exceptions from before reasons were kept."""
    (line,) = likes(
        [Like(case=in_state(State.NEW), words="", closed_by="", closed_at=None, same=False)], Rules(reasons=())
    )
    (coded,) = likes(
        [Like(case=in_state(State.CLOSED), words="", closed_by="", closed_at=None, same=False)], Rules(reasons=())
    )

    assert (line.reason, line.counts, line.closed) == ("", "not decided", None)
    assert coded.reason == "router_fault"
