"""One session as the gateway taps it: which epoch each message belongs to, and how far the engine has come.

`incoming`, `settle`, `note` and `reject` run on the engine's thread, `mark` and `confirm` on the pump's. Refuses to
import the engine: what it needs of it is two functions.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from rules.facts import SECOND, Nanos
from service.fix.epoch import Epoch, SessionFile
from service.fix.inbox import Inbox, Item
from service.fix.parting import LOGON_REFUSED, OURS, THEIRS, Parting
from service.fix.stream import SessionStatus
from service.fix.winding import next_target
from service.journal import RecordKind, SessionPoint

LOGON = "\x0135=A\x01"
REJECT, LOGOUT = "\x0135=3\x01", "\x0135=5\x01"
_HEAD = 64
REPEAT_AFTER = 60 * SECOND
"""The same note of a session is written once a minute at most: a line that is down says so every few seconds."""
REMEMBERED = 100
LONGEST = 300
_TRIES = 5
_NUMBER = "\x0134="
_LONGEST_NUMBER = 18
_NO_DIGITS = {ord(digit): None for digit in "0123456789"}


class Tap:
    """Taps one session; `expected` and `logged_on` ask the engine, `move_on` sets the number that it expects.

    A Logon may itself reset the numbers, which the engine does after it has shown it to the log: it is held until the
    engine's next callback says in which epoch it was judged.
    """

    def __init__(
        self,
        *,
        counterparty: str,
        session: str,
        file: SessionFile,
        inbox: Inbox,
        expected: Callable[[], int],
        logged_on: Callable[[], bool],
        move_on: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.session = session
        self.last_inbound_at: Nanos | None = None
        self._counterparty = counterparty
        self._file = file
        self._inbox = inbox
        self._expected = expected
        self._logged_on = logged_on
        self._move_on = move_on
        self._run = (0, 0)
        self._wanted: tuple[str, int] | None = None
        self._back: int | None = None
        self._epoch = Epoch(text="", inode=0, modified_ns=0)
        self._last_expected = 0
        self._held: tuple[int, str] | None = None
        self._noted: dict[str, int] = {}
        self._was_logged_on = False
        self._parting = Parting()

    def created(self, point: SessionPoint | None) -> int:
        """Begin: journal the epoch if the journal does not know it, and return the number to wind the engine to."""
        epoch = self._file.read()
        if epoch is None:
            msg = f"{self.session}: the engine has no session file in the FIX store; is the folder writable?"
            raise OSError(msg)
        expected = self._expected()
        known = point.epoch if point else ""
        if known != epoch.text:
            self._announce(epoch, known, point.expected if point else 0)
        self._epoch = epoch
        self._last_expected = next_target(expected, epoch.text, point)
        return self._last_expected

    def incoming(self, text: str) -> None:
        """Tap one inbound message, byte-exact, before the engine judges its number."""
        now = time.time_ns()
        self._inbox.activity = time.monotonic_ns()
        self.last_inbound_at = Nanos(now)
        if self._held is not None:
            self.settle()
        if text.find(LOGON, 0, 64) >= 0:
            if self._file.is_still(self._epoch):
                self._last_expected = self._expected()
            self._held = (now, text)
            self._follow(_number(text))
            return
        number = _number(text)
        self._follow(number)
        if text[:_HEAD].find(LOGOUT) >= 0:
            self._parting.logout(THEIRS, text)
            self._keep_place(number)
        elif text[:_HEAD].find(REJECT) >= 0:
            self._keep_place(number)
        self._inbox.put(Item(RecordKind.MESSAGE, self.session, self._epoch.text, now, text))

    def advance(self, epoch: str, expected: int) -> None:
        """Have the engine expect at least this number, from the next message on that shows that nothing is left out."""
        self._wanted = (epoch, expected)

    def _follow(self, number: int) -> None:
        """Keep which numbers came one after the other; move the engine on before it judges this one, if that is due."""
        first, last = self._run
        if number > last:
            self._run = (first if number == last + 1 else number, number)
            if self._wanted is not None and self._held is None:
                self._go_on(*self._wanted)

    def _keep_place(self, number: int) -> None:
        """Remember where the engine waits: it counts a Reject or Logout as read although numbers before it are missing.

        Left alone it would ask only for what comes after, and the first of the missing would never be asked for again.
        """
        expected = self._expected()
        if self._back is None and expected < number:
            self._back = expected

    def _take_place(self) -> None:
        """Have the engine wait again where it did, now that the line is down: the next logon asks from there."""
        back, self._back = self._back, None
        if back is not None and self._file.is_still(self._epoch) and back < self._expected():
            self._move_on(back)

    def _go_on(self, epoch: str, wanted: int) -> None:
        self._wanted = None
        first, number = self._run
        if epoch != self._epoch.text or not self._file.is_still(self._epoch) or not first <= wanted <= number:
            return  # the numbers began anew, or some between were never seen: the core says so again if it still holds
        before = self._expected()
        self._back = None
        if before < number:
            self._move_on(number)
            self._control("advanced", f"the engine expected {before}, now {number}")

    def settle(self) -> None:
        """Note a change of epoch, if there was one, and let a held Logon go under the epoch it was judged in."""
        if not self._file.is_still(self._epoch):
            epoch = self._file.read()
            if epoch is not None and epoch.text != self._epoch.text:
                self._announce(epoch, self._epoch.text, self._last_expected)
                self._epoch = epoch
                self._run = (0, 0)
                self._back = None
        if self._held is not None:
            at, text = self._held
            self._held = None
            self._inbox.put(Item(RecordKind.MESSAGE, self.session, self._epoch.text, at, text))

    def event(self, event: str, text: str = "", by: str | None = None) -> None:
        """Journal a session event: logon, logout, and by whom if it is known."""
        self._noted.clear()
        self._control(event, text, by)

    def leaves(self, logout: str) -> None:
        """Take note of a Logout that our engine sends."""
        self._parting.logout(OURS, logout)

    def logged_out(self) -> None:
        """Journal a logout; the engine also reports one for each attempt to log on that failed, which is none."""
        self.settle()
        self._take_place()
        words = self._parting.take()
        by, text = (words.by, words.text) if words is not None else (None, "")
        if self._was_logged_on:
            self._was_logged_on = False
            self.event("logout", text, by)
        elif words is not None:
            self.note(LOGON_REFUSED, text, by)

    def logged_in(self) -> None:
        """Journal a logon."""
        self._was_logged_on = True
        self.event("logon")

    def note(self, event: str, text: str, by: str | None = None) -> None:
        """Journal what is said of the session, the same words once a minute at most, whatever the numbers."""
        now = time.monotonic_ns()
        kind = f"{event} {text.translate(_NO_DIGITS)}"
        if now - self._noted.get(kind, -REPEAT_AFTER) < REPEAT_AFTER:
            return
        if len(self._noted) >= REMEMBERED:
            self._noted.clear()
        self._noted[kind] = now
        self._control(event, text, by)

    def reject(self, text: str) -> None:
        """Journal a 35=3 or 35=j that our engine sends or wanted to send."""
        self._inbox.put(Item(RecordKind.OWN_REJECT, self.session, self._epoch.text, time.time_ns(), text))

    def mark(self) -> SessionPoint | None:
        """Return epoch and expected number as they are now; None while they cannot be told apart from a reset."""
        for _ in range(_TRIES):
            epoch = self._epoch
            if not self._file.is_still(epoch):
                return None
            expected, back = self._expected(), self._back
            expected = expected if back is None else min(expected, back)
            if epoch is self._epoch and self._file.is_still(epoch):
                return SessionPoint(
                    counterparty=self._counterparty, session=self.session, epoch=epoch.text, expected=expected
                )
        return None

    def confirm(self, point: SessionPoint) -> bool:
        """Return whether the epoch of `point` is still in force: nothing was reset since it was marked."""
        epoch = self._epoch
        return epoch.text == point.epoch and self._file.is_still(epoch)

    def status(self) -> SessionStatus:
        """Return the session's state for the core."""
        return SessionStatus(
            session=self.session,
            logged_on=self._logged_on(),
            expected=self._expected(),
            last_inbound_at=self.last_inbound_at,
        )

    def _announce(self, epoch: Epoch, previous: str, expected: int) -> None:
        body = {"epoch": epoch.text, "expected": expected, "previous": previous}
        item = Item(RecordKind.EPOCH, self.session, epoch.text, time.time_ns(), msgspec.json.encode(body))
        self._inbox.put(item)

    def _control(self, event: str, text: str, by: str | None = None) -> None:
        said = text[:LONGEST].encode("utf-8", "backslashreplace").decode()  # the engine quotes bytes that are no UTF-8
        body = msgspec.json.encode({"event": event, "text": said} | ({"by": by} if by is not None else {}))
        self._inbox.put(Item(RecordKind.SESSION, self.session, self._epoch.text, time.time_ns(), body))


def _number(text: str) -> int:
    """Return MsgSeqNum (34), 0 where it cannot be told."""
    at = text.find(_NUMBER)
    if at < 0:
        return 0
    start = at + len(_NUMBER)
    digits = text[start : text.find("\x01", start)]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER else 0
