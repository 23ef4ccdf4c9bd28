"""When the daemon tells a gateway to ask for what was missed, and when to stop waiting for what is here already. Pure.

`now` is the shell's. Each question is sent once a logon; whether it left is the gateway's to journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rules.facts import SECOND, Nanos
from service.feed.recovery import Question
from service.feed.state import Count
from service.fix.stream import Advance, Send, SessionStatus

LOST_AFTER = Nanos(SECOND)
"""Where nothing ever comes again, the engine waits no longer than this."""

Command = tuple[str, Send | Advance]
Key = tuple[str, str]


class _Stuck(msgspec.Struct, frozen=True):
    expected: int
    since: Nanos


class Steering:
    """Remembers what it has sent, and since when each engine has stood still; `patience` as for an overdue gap."""

    def __init__(self, patience: Nanos) -> None:
        self._patience = patience
        self._asked: dict[Key, Nanos] = {}
        self._stuck: dict[Key, _Stuck] = {}

    def commands(
        self, now: Nanos, questions: Iterable[Question], counts: Iterable[Count], seen: dict[Key, SessionStatus]
    ) -> Iterator[Command]:
        """Yield (counterparty, command); `seen` are the sessions as their gateways tell of them."""
        for one in questions:
            key = (one.counterparty, one.session)
            status = seen.get(key)
            if status is not None and status.logged_on and self._asked.get(key) != one.logon_at:
                self._asked[key] = one.logon_at
                yield one.counterparty, Send(session=one.session, msg_type=one.msg_type, fields=one.fields)
        for count in counts:
            key = (count.counterparty, count.session)
            status = seen.get(key)
            if status is not None and self._stands(key, count, status.expected, now):
                yield count.counterparty, Advance(session=count.session, epoch=count.epoch, expected=count.next)

    def _stands(self, key: Key, count: Count, expected: int, now: Nanos) -> bool:
        """Return whether the engine has waited too long for a number below; it is told again if that did not help."""
        stuck = self._stuck.get(key)
        if expected >= count.next:
            self._stuck.pop(key, None)
            return False
        if stuck is None or stuck.expected != expected:
            self._stuck[key] = _Stuck(expected, now)
            return False
        if now - stuck.since < (LOST_AFTER if count.lost else self._patience):
            return False
        self._stuck[key] = _Stuck(expected, now)
        return True
