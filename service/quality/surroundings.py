"""What faults do around the router: to the session, its gateway, the quotes, the firm's own orders, the venue file.

Pure: events in, journal records out. What a gateway or a start of the daemon would have written is written here, in
their words; so of these rules it is measured what they make of the records, not whether a gateway writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush

from rules.facts import MILLISECOND, SECOND, Nanos
from service.fix.parting import LOGON_REFUSED, THEIRS
from service.journal import Entry, RecordKind
from service.quality.line import Line
from service.quality.own_side import OwnSide
from service.simulator.events import DropCopy, Event, Gap, Silence
from service.simulator.faults import Fault, FaultName, Plan
from service.simulator.messages import SOH
from service.simulator.truth import Truth
from service.simulator.wire import TRANSPORT
from service.versions import Version

OUTAGES = (FaultName.SESSION_DROP, FaultName.LOGON_REFUSED, FaultName.GATEWAY_DEATH)
"""While these last, what the router says waits."""


class Surroundings:
    """Takes the events in order and keeps the records until they are due; `truth` is what it did of its own."""

    def __init__(
        self, plan: Plan, line: Line, own: OwnSide | None, drifted: Mapping[FaultName, Version] | None = None
    ) -> None:
        self.truth: list[Truth] = []
        self._plan = plan
        self._line = line
        self._own = own
        self._drifted = drifted or {}
        self._waiting: list[tuple[int, int, Entry]] = []
        self._later: list[tuple[int, Callable[[], list[Entry]]]] = []
        self._count = 0
        self._silent_until = 0
        self._once: dict[FaultName, Callable[[Fault, int], list[Entry]]] = {
            FaultName.SESSION_DROP: self._drop,
            FaultName.LOGON_REFUSED: self._refuse,
            FaultName.GATEWAY_DEATH: self._kill,
            FaultName.NUMBERS_ANEW: lambda _, at: self._line.anew(at),
            FaultName.STUCK_RECOVERY: self._stick,
            FaultName.VENUE_FILE: self._drift,
            FaultName.RULEBOOK_FILE: self._drift,
        }
        self._begun: set[Fault] = set()
        self._struck: dict[Fault, int] = {}

    def open(self, at: int) -> None:
        """Let the session come up, with the end of whatever recovery its dialect wants."""
        self._keep(self._line.said(at, "logon"))
        self._keep(self._line.message(at + MILLISECOND, f"148=recovered{SOH}", "B"))

    def take(self, event: Event) -> None:
        """Take what the router did."""
        match event:
            case DropCopy():
                outage = next((fault for name in OUTAGES if (fault := self._plan.active(name, event.at))), None)
                if outage is not None:
                    event = DropCopy(self._plan.start + outage.end, event.body, event.trade, event.resend)
                self._line.ahead = self._ahead(event.at)
                self._keep(self._line.report(event))
                if self._own is not None:
                    own, truth = self._own.beside(event)
                    self._keep(own)
                    self.truth += truth
            case Gap():
                self._line.lose(event.count)
            case Silence():
                self._silent_until = event.until
            case _:
                pass

    def pass_time(self, at: int) -> None:
        """Let whatever begins or strikes by now happen; call it at every beat."""
        for fault in self._plan.faults:
            begin = self._plan.start + fault.at
            if begin > at:
                break
            if fault.name in self._once and fault not in self._begun:
                self._begun.add(fault)
                self._keep(self._once[fault.name](fault, begin))
            elif fault.name is FaultName.SESSION_REJECT:
                self._reject(fault, at)
        while self._later and self._later[0][0] <= at:
            self._keep(self._later.pop(0)[1]())
        if at >= self._silent_until:
            self._keep(self._line.heartbeat(at))

    def due(self, at: int) -> Iterator[Entry]:
        """Yield the records received by now, in the order of their receipt."""
        while self._waiting and self._waiting[0][0] <= at:
            yield heappop(self._waiting)[2]

    def _keep(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._count += 1
            heappush(self._waiting, (entry.received_at or 0, self._count, entry))

    def _ahead(self, at: int) -> int:
        fault = self._plan.active(FaultName.SESSION_CLOCK, at)
        return 0 if fault is None else int((fault.strength or 0.0) * SECOND)

    def _end(self, fault: Fault) -> int:
        return self._plan.start + fault.end

    def _drop(self, fault: Fault, at: int) -> list[Entry]:
        line = self._line
        return line.said(at, "logout", by=THEIRS) + line.said(self._end(fault) - MILLISECOND, "logon")

    def _refuse(self, fault: Fault, at: int) -> list[Entry]:
        said, line = {"by": THEIRS, "text": "MsgSeqNum too low"}, self._line
        tries = [
            entry
            for when in range(at + SECOND, self._end(fault) - SECOND, 5 * SECOND)
            for entry in line.said(when, LOGON_REFUSED, **said)
        ]
        return line.said(at, "logout", by=THEIRS) + tries + line.said(self._end(fault) - MILLISECOND, "logon")

    def _kill(self, fault: Fault, at: int) -> list[Entry]:
        line, back = self._line, self._end(fault) - MILLISECOND
        died = line.control(at, RecordKind.GATEWAY, {"event": "died", "reason": "killed by signal 9"})
        started = line.control(back, RecordKind.GATEWAY, {"event": "started"})
        return [died, started, *line.said(back, "logon")]

    def _stick(self, fault: Fault, at: int) -> list[Entry]:
        """Log out and on again; the mark of the recovery's end comes when the fault ends."""
        line, end = self._line, self._end(fault)
        self._later.append((end, lambda: line.message(end, f"148=recovered{SOH}", "B")))
        return line.said(at, "logout", by=THEIRS) + line.said(at + SECOND, "logon")

    def _drift(self, fault: Fault, at: int) -> list[Entry]:
        """Let the daemon start anew with a file that says something else than what is in force."""
        file = self._drifted.get(fault.name)
        return [] if file is None else [file.entry(Nanos(at))]

    def _reject(self, fault: Fault, at: int) -> None:
        """Refuse the last message, once a second."""
        second = (at - self._plan.start - fault.at) // SECOND
        if at >= self._end(fault) or self._struck.get(fault) == second:
            return
        self._struck[fault] = second
        number = str(self._line.sequence - 1)
        self._keep(self._line.refused(at + TRANSPORT))
        self.truth.append(Truth(at=at, fault=fault.name, event="hit", subject=number))
