"""Whether everything is ready at the start of a day: lines of ok, warn or fail from what was found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rules.facts import Nanos
from service.statements.completeness import State

OK, WARN, FAIL = "ok", "warn", "fail"
GRAVITY = (FAIL, WARN, OK)
LOW_DISK = 2 * 1024**3
LEAST_DISK = 256 * 1024**2
SHOWN = 5


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: `verdict` is ok, warn or fail."""

    verdict: str
    subject: str
    words: str


class SessionFound(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one configured session; None where it could not be asked.

    `schedule` says when it is open today; `open_now` whether it should be logged on. `certificate` is the state of the
    last trading day's newest certificate, None without one. `recovery` is how missed reports come back.
    """

    counterparty: str
    session: str
    logged_on: bool | None
    open_now: bool
    schedule: str
    certificate: str | None
    recovery: str
    role: str = "drop_copy"


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon says of itself; `state` is None when it does not answer.

    `gauges` are its metrics by name, each by the values of its labels in their order.
    """

    state: str | None
    problems: tuple[str, ...] = ()
    logged_on: dict[tuple[str, str], bool] = {}
    quotes_lag: float | None = None
    gauges: dict[str, dict[tuple[str, ...], float]] = {}

    def gauge(self, name: str, *labels: str) -> float | None:
        """Return one number of the daemon's, None where it says none."""
        return self.gauges.get(name, {}).get(labels)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was looked at; `daemon` is its own word on itself, None when it did not answer.

    `quotes_lag` is in seconds; `unmatched` are the symbols of the last day that had no quote for want of a match;
    `registers` how many venues each counterparty's register holds, None for one that has none.
    """

    at: Nanos
    day: str
    trading_day: bool
    last_day: str | None
    daemon: str | None
    problems: tuple[str, ...] = ()
    sessions: tuple[SessionFound, ...] = ()
    quotes: str = "none"
    quotes_lag: float | None = None
    dead_after_s: float = 5.0
    registers: dict[str, int | None] = {}
    unmatched: tuple[str, ...] = ()
    disk_free: int = 0
    durability: str = "pipelined"


def lines(found: Found) -> tuple[Line, ...]:
    """Return what was found, a line a thing."""
    return (
        _day(found),
        _daemon(found),
        *(line for session in found.sessions for line in _session(session, found.last_day)),
        _quotes(found),
        *_registers(found.registers),
        _symbols(found.unmatched),
        *_recovery(found),
        _disk(found.disk_free),
    )


def worst(told: Iterable[Line]) -> str:
    """Return the gravest verdict."""
    verdicts = {line.verdict for line in told}
    return next((verdict for verdict in GRAVITY if verdict in verdicts), OK)


def _day(found: Found) -> Line:
    if found.trading_day:
        return Line(verdict=OK, subject="day", words=f"{found.day} is a trading day")
    return Line(verdict=WARN, subject="day", words=f"{found.day} is not a trading day by the calendar")


def _daemon(found: Found) -> Line:
    if found.daemon is None:
        return Line(verdict=FAIL, subject="daemon", words="does not answer: " + "; ".join(found.problems))
    words = "; ".join(found.problems) or "all is well"
    verdict = OK if found.daemon == "ready" else FAIL
    return Line(verdict=verdict, subject="daemon", words=f"{found.daemon}: {words}")


def _session(one: SessionFound, last_day: str | None) -> Iterator[Line]:
    subject = f"{one.counterparty} {one.session}"
    if one.logged_on:
        yield Line(verdict=OK, subject=subject, words=f"logged on; {one.schedule}")
    elif one.logged_on is None:
        yield Line(
            verdict=FAIL, subject=subject, words=f"nothing is known of it: the daemon was not heard; {one.schedule}"
        )
    elif one.open_now:
        yield Line(verdict=FAIL, subject=subject, words=f"not logged on, though it should be open; {one.schedule}")
    else:
        yield Line(verdict=WARN, subject=subject, words=f"not logged on, outside its hours; {one.schedule}")
    if last_day is not None:
        yield _certificate(one, last_day)


def _certificate(one: SessionFound, last_day: str) -> Line:
    subject = f"certificate of {last_day}, {one.counterparty} {one.session}"
    if one.certificate is None:
        return Line(verdict=WARN, subject=subject, words="there is none")
    state = State(one.certificate)
    verdict = {State.RED: FAIL, State.COMPLETE_NOT_RECONCILED: WARN, State.RECONCILED: OK}[state]
    return Line(verdict=verdict, subject=subject, words=state.words)


def _quotes(found: Found) -> Line:
    if found.quotes == "none":
        return Line(
            verdict=WARN, subject="quotes", words="no source is configured: nothing is judged against the market"
        )
    if found.quotes == "file":
        return Line(verdict=OK, subject="quotes", words="from a file")
    if found.quotes_lag is None:
        return Line(verdict=FAIL, subject="quotes", words="nothing has been heard of the source")
    if found.quotes_lag > found.dead_after_s:
        return Line(verdict=FAIL, subject="quotes", words=f"the source stands {found.quotes_lag:.1f} s behind")
    return Line(verdict=OK, subject="quotes", words=f"alive, {found.quotes_lag:.1f} s behind")


def _registers(registers: dict[str, int | None]) -> Iterator[Line]:
    for name, venues in registers.items():
        subject = f"venue register of {name}"
        if not venues:
            words = "is not in force yet" if venues is None else "is empty: no venue is approved"
            yield Line(verdict=WARN, subject=subject, words=words)
        else:
            yield Line(verdict=OK, subject=subject, words="1 venue" if venues == 1 else f"{venues:,} venues")


def _symbols(unmatched: tuple[str, ...]) -> Line:
    if not unmatched:
        return Line(verdict=OK, subject="symbols", words="all of the last day's were known to the quote source")
    shown = ", ".join(unmatched[:SHOWN]) + (" …" if len(unmatched) > SHOWN else "")
    words = f"{len(unmatched)} of the last day's are unknown to the quote source: {shown}"
    return Line(verdict=WARN, subject="symbols", words=words)


def _recovery(found: Found) -> Iterator[Line]:
    for name, method in dict.fromkeys((one.counterparty, one.recovery) for one in found.sessions):
        careless = method == "none" and found.durability != "on_receipt"
        words = f"missed reports come back by {method}; durability {found.durability}"
        if method == "none":
            words = f"missed reports do not come back; durability {found.durability}"
        if careless:
            words += ": a crash may lose a report for good; expected on_receipt"
        yield Line(verdict=WARN if careless else OK, subject=f"recovery of {name}", words=words)


def _disk(free: int) -> Line:
    verdict = FAIL if free < LEAST_DISK else WARN if free < LOW_DISK else OK
    return Line(verdict=verdict, subject="disk", words=f"{free / 1024**3:.1f} GiB free in the working folder")
