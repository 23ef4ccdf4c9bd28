"""Which session each message of a file belongs to, and what the journal says of the file itself. Pure.

A file may hold both directions of a line: what our own side sent is left out and counted. What names no session stops
the whole file before anything is written, with every problem listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from rules.facts import Nanos
from service.fix.message import masked
from service.journal import Entry, RecordKind

PROBLEMS_AT_MOST = 20
OURS = ""
"""What stands for the session of a message that our own side sent."""
_HEADING = re.compile(rb"(?:^|\x01)(8|49|56)=([^\x01]*)")


class Line(msgspec.Struct, frozen=True, gc=False):
    """One message of a file, and the number of the line it begins on."""

    number: int
    body: bytes


class SessionName(msgspec.Struct, frozen=True, kw_only=True):
    """One session of session.cfg, by what its messages carry: `sender` is our side, `target` the counterparty's."""

    name: str
    begin_string: str
    sender: str
    target: str


class FileNote(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a FILE record: what the BACKFILL records behind it came from, who said so and why."""

    file: str
    sha256: str
    size: int
    form: str
    messages: int
    actor: str
    reason: str = ""

    def entry(self, counterparty: str, at: Nanos) -> Entry:
        """Return the record that stands before the file's messages."""
        body = msgspec.json.encode(self)
        return Entry(kind=RecordKind.FILE, counterparty=counterparty, received_at=at, body=body)


class Plan(msgspec.Struct, kw_only=True):
    """What a file holds: messages by session, those of our own side, and the lines that cannot be used."""

    messages: dict[str, int] = {}
    ours: int = 0
    problems: list[str] = []

    @property
    def total(self) -> int:
        """Return how many messages are to be written."""
        return sum(self.messages.values())

    @property
    def first_problems(self) -> list[str]:
        """Return the problems, the last line saying how many more there are."""
        more = len(self.problems) - PROBLEMS_AT_MOST
        return self.problems[:PROBLEMS_AT_MOST] + ([f"and {more} more"] if more > 0 else [])


class CameTo(msgspec.Struct, frozen=True, kw_only=True):
    """What the records between two offsets came to: messages by outcome, conflicts, executions, gaps that closed."""

    outcomes: dict[str, int]
    conflicts: int
    not_compared: int
    executions: int
    closed: tuple[str, ...]


class Whose:
    """Tells the session of a message by its 49 and 56, else the one that was named; `problems` with the call itself."""

    def __init__(self, sessions: Iterable[SessionName], named: str | None) -> None:
        self._sessions = tuple(sessions)
        self._names = tuple(session.name for session in self._sessions)
        self._named = named
        unknown = named is not None and named not in self._names
        self.problems = [f"--session {named} is not in session.cfg; expected one of {self._all}"] if unknown else []

    @property
    def _all(self) -> str:
        return ", ".join(self._names)

    def session(self, line: Line) -> tuple[str | None, str]:
        """Return the session of the line (OURS for our own side's), or None with the problem in words."""
        begin, sender, target = heading(line.body)
        theirs = [session for session in self._sessions if (session.target, session.sender) == (sender, target)]
        if len(theirs) > 1:
            theirs = [session for session in theirs if session.begin_string == begin] or theirs
        if len(theirs) == 1:
            return theirs[0].name, ""
        if any((session.sender, session.target) == (sender, target) for session in self._sessions):
            return OURS, ""
        if self._named is not None:
            return self._named, ""
        if theirs:
            several = ", ".join(session.name for session in theirs)
            return None, f"line {line.number}: it may be of {several}; name one with --session"
        if not sender and not target and len(self._sessions) == 1:
            return self._names[0], ""  # a line that nobody can read, or a row that does not say it
        said = f"SenderCompID (49) {sender!a} and TargetCompID (56) {target!a}"
        return None, f"line {line.number}: {said} name no session of session.cfg ({self._all}); name it with --session"

    def plan(self, lines: Iterable[Line]) -> Plan:
        """Return what the file holds; read the lines again to write them."""
        counts: Counter[str] = Counter()
        plan = Plan()
        for line in lines:
            session, problem = self.session(line)
            if session is None:
                plan.problems.append(problem)
            else:
                counts[session] += 1
        plan.ours = counts.pop(OURS, 0)
        plan.messages = dict(counts)
        return plan

    def entry(self, line: Line, counterparty: str, at: Nanos) -> Entry | None:
        """Return the line as a record, None when our own side sent it."""
        session, _ = self.session(line)
        if not session:
            return None
        body = masked(line.body)
        return Entry(kind=RecordKind.BACKFILL, counterparty=counterparty, session=session, received_at=at, body=body)


def heading(body: bytes) -> tuple[str, str, str]:
    """Return BeginString (8), SenderCompID (49) and TargetCompID (56), "" for what is not there."""
    found: dict[bytes, str] = {}
    for tag, value in _HEADING.findall(body):
        found.setdefault(tag, value.decode("latin-1"))
    return found.get(b"8", ""), found.get(b"49", ""), found.get(b"56", "")
