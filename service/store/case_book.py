"""Cases in a write transaction: read under lock, acted on by the one door, put away with their event and their alerts.

Everything decided is decided by service/cases; every way in comes through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from rules.facts import Nanos
from service.cases.actor import THE_TIMER, Actor
from service.cases.case import Acted, Case, Notice, Refused
from service.cases.clocks import next_timer, runs_out
from service.cases.door import act
from service.cases.given import NOTHING, Given
from service.cases.rules import DEFAULTS, Rules
from service.cases.states import Action
from service.store.case_rows import case_of, event_values, values_of
from service.store.case_words import keep_told
from service.store.steps import count_step
from service.store.tables import case_events, cases, outbox

CHUNK = 200
"""So many events at most in one transaction."""

# made once: to build them anew for every exception of a bulk took longer than to run them
_NUMBER = cases.c.case_id == bindparam("number")
_LOCKED = select(cases).where(_NUMBER).with_for_update()
_PUT = update(cases).where(_NUMBER)
_OPEN, _EVENT = insert(cases), insert(case_events)

Alerting = Callable[[Notice, Nanos], bytes]
"""Makes the wire form of the alert about a notice, committed at an instant."""


class CaseBook:
    """Writes cases by the firm's rules; `channels` get a row in the outbox for every notice, in one transaction."""

    def __init__(self, alerting: Alerting, channels: tuple[str, ...], rules: Rules = DEFAULTS) -> None:
        self.rules = rules
        self._alerting = alerting
        self._channels = channels

    def act(
        self, connection: Connection, case_id: int, action: Action, actor: Actor, given: Given, now: Nanos
    ) -> Acted | Refused:
        """Take an action on a case, or refuse it; clocks of it that have run out by now come first."""
        case = locked(connection, case_id)
        if case is None:
            return Refused(words=f"there is no exception {case_id}")
        for acted in self.run_out(connection, case, now):
            case = acted.case
        result = act(case, action, actor, given, now, self.rules)
        if isinstance(result, Acted):
            self.put(connection, result, now)
        return result

    def run_out(self, connection: Connection, case: Case, now: Nanos) -> Iterator[Acted]:
        """Write what the clocks of a case that have run out did, each once; yield it."""
        while (due := next_timer(case, self.rules)) is not None and due.at <= now and due.action is not None:
            acted = act(case, due.action, THE_TIMER, NOTHING, now, self.rules)
            assert isinstance(acted, Acted)
            self.put(connection, acted, now)
            yield acted
            case = acted.case

    def open(self, connection: Connection, acted: Acted) -> None:
        """Put a new case away with its first event; its alert is the caller's."""
        case = acted.case
        connection.execute(_OPEN, {"case_id": case.case_id, **self._cells(case)})
        connection.execute(_EVENT, event_values(acted.event))
        count_step(connection)

    def put(self, connection: Connection, acted: Acted, now: Nanos | None = None) -> None:
        """Put a case away with its new event, and with its alert where an instant of commitment is given."""
        case = acted.case
        connection.execute(_PUT, {"number": case.case_id, **self._cells(case)})
        connection.execute(_EVENT, event_values(acted.event))
        count_step(connection)
        keep_told(connection, acted.event)
        if acted.notice is not None and now is not None:
            self.announce(connection, acted.notice, now)

    def set_clocks(self, connection: Connection, case_ids: Sequence[int]) -> None:
        """Say anew when the clocks of these cases run out, by the rules of now."""
        for row in connection.execute(select(cases).where(cases.c.case_id.in_(case_ids)).with_for_update()).all():
            clocks = self._clocks(case_of(row))
            if clocks != {"due_at": row.due_at, "sla_at": row.sla_at}:
                moved = update(cases).where(cases.c.case_id == row.case_id)
                connection.execute(moved.values(**clocks))
                count_step(connection)

    def announce(self, connection: Connection, notice: Notice, now: Nanos) -> None:
        """Put the alert about a notice into the outbox of every channel."""
        case = notice.case
        body = self._alerting(notice, now)
        for channel in self._channels:
            connection.execute(
                insert(outbox).values(
                    channel=channel,
                    case_id=case.case_id,
                    n=case.n,
                    idempotency_key=f"{case.case_id}/{case.n}",
                    rule=case.key.rule,
                    severity=case.severity.value,
                    reason=notice.reason,
                    body=body,
                    created_at=now,
                    attempts=0,
                )
            )

    def _cells(self, case: Case) -> dict[str, object]:
        return {**values_of(case), **self._clocks(case)}

    def _clocks(self, case: Case) -> dict[str, Nanos | None]:
        due = next_timer(case, self.rules)
        return {"due_at": None if due is None else due.at, "sla_at": runs_out(case, self.rules)}


def locked(connection: Connection, case_id: int) -> Case | None:
    """Return a case read inside the write transaction, None when there is none of that number."""
    row = connection.execute(_LOCKED, {"number": case_id}).one_or_none()
    return None if row is None else case_of(row)
