"""What a counterparty refuses: a resend three times in a row, the question for what was missed, a logon."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import FeedEvent, FeedEventKind
from service.feed.feeds import Feeds
from service.feed.recovery import REQUESTED
from service.feed.state import FeedLimits, FeedsState
from service.fix.events import Decoded
from service.fix.habits import RecoveryHabits, RecoveryMethod
from service.journal import RecordKind
from tests.factories import length
from tests.factories_orders import a_record, a_status, an_admin, seconds
from tests.fix_peer import SOH, seal

KIND = FeedEventKind
LIMITS = FeedLimits(silence_after=length("1 h"), gap_overdue_after=length("30 s"))
RESEND = RecoveryHabits()
ASKED = RecoveryHabits(method=RecoveryMethod.REQUEST, ask="BW", allow=frozenset({"BW"}), limit=length("300 s"))
SAID = (KIND.GAP_REFUSED, KIND.RECOVERY_REFUSED, KIND.LOGON_REFUSED)


class Line:
    """A session that logs on, misses something and is refused; every record comes half a second after the last."""

    def __init__(self, how: RecoveryHabits = RESEND, *, reborn: bool = False) -> None:
        self.how = how
        self.feeds = self._feeds()
        self.said: list[FeedEvent] = []
        self.clock = 0.0
        self.number = 0
        self._offset = 0
        self._reborn = reborn

    def take(self, decoded: Decoded | None = None, kind: RecordKind = RecordKind.MESSAGE, **named: object) -> None:
        """Let one record come."""
        if self._reborn:
            state = msgspec.json.decode(msgspec.json.encode(self.feeds.snapshot()), type=FeedsState)
            self.feeds = self._feeds()
            self.feeds.restore(state)
        self._offset += 1
        self.clock += 0.5
        record = a_record(kind, offset=self._offset, at=seconds(self.clock), **named)
        self.said += [*self.feeds.tick(seconds(self.clock), self._offset), *self.feeds.observe(record, decoded)]

    def hear(self, *, lost: int = 0) -> None:
        """Hear the next message; `lost` numbers before it never came."""
        self.number += 1 + lost
        self.take(a_status(self.number))

    def comes(self, number: int) -> None:
        """Hear one of the missing."""
        self.take(a_status(number))

    def session(self, event: str, *, by: str | None = None, text: str = "") -> None:
        """Let a session event come, as a gateway says it."""
        self.take(kind=RecordKind.SESSION, event=event, text=text, **({} if by is None else {"by": by}))

    def reject(self, kind: str, refused: str | None, *, copy: bool = False) -> None:
        """Hear a Reject or a BusinessMessageReject."""
        self.number += 1
        named = "" if refused is None else f"372={refused}{SOH}"
        body = seal("FIX.4.4", f"35={kind}{SOH}34={self.number}{SOH}{named}58=no{SOH}")
        self.take(an_admin(kind, self.number, poss_dup=copy), body=body)

    def connection(self, *, by: str | None = "counterparty", rejects: str | None = None, lasts: float = 0) -> None:
        """Log on and be logged out, with a reject in between if one is named."""
        self.session("logon")
        self.hear()
        if rejects is not None:
            self.reject(rejects, "2")
        self.clock += lasts
        self.session("logout", by=by, text="no resend" if by else "")

    def told(self) -> list[FeedEventKind]:
        """Return which refusals were said."""
        return [event.kind for event in self.said if event.kind in SAID]

    def given_up(self) -> bool:
        """Return whether the numbers are said to be as whole as they will ever be."""
        return [count.lost for count in self.feeds.counts()] == [True]

    def _feeds(self) -> Feeds:
        return Feeds(LIMITS, recovery=lambda _: self.how)


def a_gap(how: RecoveryHabits = RESEND, *, reborn: bool = False) -> Line:
    """Return a line on which number 2 is missing."""
    line = Line(how, reborn=reborn)
    line.hear()
    line.hear(lost=1)
    return line


@pytest.mark.parametrize("reborn", [False, True])
@pytest.mark.parametrize("rejects", [None, "3", "j"])
def test_a_resend_refused_on_three_connections_in_a_row_is_given_up(rejects: str | None, *, reborn: bool) -> None:
    """Said once, with the counterparty's words; the gap stays open, and the engine may go on behind it."""
    line = a_gap(reborn=reborn)
    for _ in range(2):
        line.connection(rejects=rejects)
    before = (line.told(), line.feeds.counts())
    for _ in range(2):
        line.connection(rejects=rejects)

    (event,) = [event for event in line.said if event.kind is KIND.GAP_REFUSED]
    assert before == ([], [])
    assert (event.subject, event.detail["missing"], event.detail["refused_count"]) == ("2", "2", 3)
    assert event.detail["reason"] == ("no resend" if rejects is None else "no")
    assert line.given_up()
    assert line.feeds.open_gaps() == {(event.counterparty, event.session)}


def test_what_comes_of_a_gap_makes_the_count_begin_anew() -> None:
    """A resend that goes on in pieces is no refusal."""
    line = Line()
    line.hear()
    line.hear(lost=2)
    line.connection()
    line.connection()
    line.comes(2)
    line.connection()
    line.connection()
    before = line.told()
    line.connection()

    assert before == []
    assert line.told() == [KIND.GAP_REFUSED]


def test_a_gap_that_opens_later_is_asked_for_in_its_own_right() -> None:
    """While one gap is still hoped for, the engine must wait for it."""
    line = a_gap()
    for _ in range(3):
        line.connection()
    line.hear(lost=1)
    between = line.feeds.counts()
    for _ in range(3):
        line.connection()

    assert between == []
    assert line.told() == [KIND.GAP_REFUSED] * 2
    assert line.given_up()


def test_a_late_copy_fills_even_a_gap_that_was_given_up() -> None:
    """It closes as any other."""
    line = a_gap()
    for _ in range(3):
        line.connection()
    line.comes(2)

    assert line.said[-1].kind is KIND.GAP_CLOSED
    assert [count.lost for count in line.feeds.counts()] == [False]


@pytest.mark.parametrize(("lasts", "told"), [(31, [KIND.GAP_REFUSED]), (1, [])])
def test_silence_until_the_line_breaks_is_a_refusal_if_it_was_long_enough(lasts: float, told: list[KIND]) -> None:
    """A line that flaps has refused nothing."""
    line = a_gap()
    for _ in range(3):
        line.connection(by=None, lasts=lasts)

    assert line.told() == told
    assert not told or [event.detail["reason"] for event in line.said if event.kind in told] == [None]


def test_our_own_logout_an_old_copy_and_a_reject_of_something_else_refuse_nothing() -> None:
    """Nor does a logout without a logon before it, a reject without a gap, or one that cannot be read."""
    line = Line()
    line.session("logon")
    line.hear()
    line.reject("3", "2")
    line.hear(lost=1)
    for _ in range(4):
        line.reject("3", "2", copy=True)
        line.reject("3", "0")
        line.reject("j", None)
        line.number += 1
        line.take(an_admin("3", line.number), body=b"x")
        line.connection(by="us")
        line.session("logout")

    assert line.told() == []


@pytest.mark.parametrize("kind", ["3", "j"])
def test_a_question_that_is_refused_is_said_and_the_recovery_goes_on(kind: str) -> None:
    """It is asked again at the next logon; a refusal with no recovery in hand says nothing."""
    line = Line(ASKED)
    line.session("logon")
    line.session(REQUESTED)
    line.reject(kind, "BW")
    line.connection()

    (event,) = [event for event in line.said if event.kind is KIND.RECOVERY_REFUSED]
    assert (event.detail["reason"], event.detail["asked"], event.related) == ("no", "yes", (3,))
    assert line.feeds.recoveries()


def test_a_reject_of_what_was_never_asked_says_nothing() -> None:
    """Before the first logon, and after the recovery has ended."""
    line = Line(ASKED)
    line.reject("j", "BW")
    line.session("logon")
    line.session(REQUESTED)
    line.clock += 10
    line.hear()
    line.reject("j", "BW")

    assert KIND.RECOVERY_ENDED in [event.kind for event in line.said]
    assert line.told() == []


def test_a_logon_that_is_refused_is_said_once_until_the_session_is_up() -> None:
    """With whose words they are."""
    line = Line()
    for _ in range(2):
        line.session("logon_refused", by="counterparty", text="MsgSeqNum too low, expecting 9 but received 1")
    line.session("logon")
    line.session("logout", by="us")
    line.session("logon_refused", by="us")

    refusals = [event for event in line.said if event.kind is KIND.LOGON_REFUSED]
    down = next(event for event in line.said if event.kind is KIND.SESSION_DOWN)
    assert [event.detail for event in refusals] == [
        {"by": "counterparty", "reason": "MsgSeqNum too low, expecting 9 but received 1"},
        {"by": "us", "reason": None},
    ]
    assert down.detail == {"text": None, "by": "us"}
