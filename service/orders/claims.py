"""Continuity: does the cumulative quantity that the vendor claims (14) follow from the executions that came? Pure.

A claim is never believed; one that lasts says that executions are missing here, or counted twice. False alarms are
worse than late ones: a difference is told only when it outlasts a while in which no numbers are missing, by the
greatest claim (copies come out of order), and never after a bust or correction (14 is unreliable then). Shares from
before the watch heard of an order are taken as they are claimed first, until they come after all by a resend. Where the
total may begin anew (a replace chain, an order of several days) only missing shares are told.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rules.facts import SECOND, Level, Nanos, OrderEventKind, Quantity
from service.fix.events import Execution, OrderEvent
from service.orders.ending import Applying, happened_at
from service.orders.firm import Claim
from service.orders.firm_shelf import Doubt
from service.orders.index import Book
from service.orders.life import MULTI_DAY, Life, said_of
from service.orders.steps import Agreed, Disagreed, Step

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_LEG = Level.LEG

SETTLED_AFTER = Nanos(30 * SECOND)
"""How long a claimed total may differ before it is told."""
_BEGINNINGS = (OrderEventKind.PENDING_NEW, OrderEventKind.NEW)
_ENDINGS = (OrderEventKind.CANCELED, OrderEventKind.EXPIRED, OrderEventKind.DONE_FOR_DAY)


def claimed(to: Applying, life: Life, event: Execution | OrderEvent) -> tuple[Step, ...]:
    """Take in what the report claims, once the report itself is counted; say when a told difference is gone."""
    said, claim = event.claimed_cumulative, life.claim
    if said is None or life.order.level is _LEG:
        return ()
    if isinstance(event, OrderEvent):
        if event.kind in _BEGINNINGS and said == 0:
            claim = life.claim = _begun(life, claim)
        elif claim is None or event.kind not in _ENDINGS:
            return ()
    elif said < event.quantity:
        return ()  # no total of an order is less than one of its trades: the tag means something else here
    if claim is None:
        whole = life.firm is not None and life.firm.own_id is not None
        claim = life.claim = Claim(before=0 if whole else max(0, said - life.executed))
    claim.most = max(claim.most, said)
    if claim.void:
        return ()
    # shares that were taken to be from before the watch may have been behind a gap: each that comes is one fewer
    claim.before -= min(claim.before, max(0, life.executed + claim.before - claim.most))
    return _compare(to, life, claim, event)


def void(book: Book, life: Life) -> None:
    """Compare no longer: a bust or correction changed the order."""
    life.claim = life.claim or Claim()
    life.claim.void = True
    book.doubts.pop(id(life), None)


def deadline(book: Book) -> Nanos | None:
    """Return when the doubt that has waited longest is to be judged."""
    return next(iter(book.doubts.values())).due if book.doubts else None


def judge(counterparty: str, book: Book, clock: Nanos, incomplete: AbstractSet[str]) -> list[Step]:
    """Tell what has differed for long enough; wait, ever longer, while numbers of the counterparty are missing."""
    told: list[Step] = []
    while (due := deadline(book)) is not None and due <= clock:
        name, doubt = next(iter(book.doubts.items()))
        del book.doubts[name]
        if counterparty in incomplete:
            doubt.wait = Nanos(2 * doubt.wait)
            doubt.due = Nanos(clock + doubt.wait)
            book.doubts[name] = doubt
        else:
            told.append(_disagreed(counterparty, doubt))
    return told


def close(counterparty: str, book: Book, day: str, incomplete: AbstractSet[str]) -> list[Step]:
    """Judge the doubts of a day that is over; while numbers are missing, their gap is what there is to say."""
    told: list[Step] = []
    for name, doubt in list(book.doubts.items()):
        if doubt.life.trade_date <= day:
            del book.doubts[name]
            if counterparty not in incomplete:
                told.append(_disagreed(counterparty, doubt))
    return told


def _begun(life: Life, claim: Claim | None) -> Claim:
    """Return the claim of an order that is told to begin with nothing: what was executed before it is then missing."""
    if claim is None:
        return Claim()
    if not _begins_anew(life):
        claim.before = 0
    return claim


def _compare(to: Applying, life: Life, claim: Claim, event: Execution | OrderEvent) -> tuple[Step, ...]:
    doubts, differs = to.book.doubts, _difference(life, claim)
    if differs in (0, claim.told):
        doubts.pop(id(life), None)
        if differs == claim.told:
            return ()
        claim.told = 0
        at, offset = happened_at(event, to.where), to.where.offset
        return (Agreed(**said_of(to.where.counterparty, life, at, offset), claimed=Quantity(claim.most)),)
    doubt = doubts.get(id(life))
    if doubt is None:
        due = Nanos(to.where.clock + SETTLED_AFTER)
        doubt = doubts[id(life)] = Doubt(life=life, due=due, wait=SETTLED_AFTER, offset=0, at=Nanos(0))
    doubt.offset, doubt.at = to.where.offset, happened_at(event, to.where)
    return ()


def _difference(life: Life, claim: Claim) -> int:
    """Return the shares that are missing here, negative when more came than are claimed."""
    differs = claim.most - claim.before - life.executed
    return 0 if differs < 0 and _begins_anew(life) else differs


def _begins_anew(life: Life) -> bool:
    """Return whether the vendor's total may begin again within the order."""
    return life.restated or life.order.time_in_force in MULTI_DAY


def _disagreed(counterparty: str, doubt: Doubt) -> Disagreed:
    life = doubt.life
    assert life.claim is not None
    life.claim.told = _difference(life, life.claim)
    return Disagreed(**said_of(counterparty, life, doubt.at, doubt.offset), claimed=Quantity(life.claim.most))
