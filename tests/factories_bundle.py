"""Exceptions with all their evidence, for bundles: in memory, and in a store that holds a bit of everything."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from typing import Any

import msgspec

from rules.facts import Level, Nanos, OrderEnd, OrderEventKind
from rules.finding import Finding
from rules.reassessment import Verdict
from service.audit.bundle.evidence import Evidence, Held, Making
from service.backfill.plan import FileNote
from service.cases.actor import Actor
from service.cases.given import Given
from service.cases.states import Action
from service.journal import Entry, Frame, Record, RecordKind
from service.processed import Processed, RecordedOwnOrder
from service.quote_evidence import Taken
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.quote_evidence import SqlQuoteEvidence
from service.store.record import SqlStore
from service.versions import Version, VersionKind
from tests.factories import NOON, TRADE_DATE, an_outcome, price, shares
from tests.factories_cases import a_queue, an_opening, gather_all
from tests.factories_messages import execution_report
from tests.factories_own import an_own, story
from tests.factories_picture import a_family, kept, told
from tests.factories_store import SESSION, a_finding, a_look, a_recorded_event, a_recorded_fill, an_amendment

MADE_AT = Nanos(NOON + 3_600_000_000_000)
MAKING = Making(by="pat", firm="demo", at=MADE_AT, program="9.9")
VALUES: dict[str, Any] = {"executed_price": price("42.18"), "executed_shares": shares("400"), "locked": True}


def a_message(offset: int = 2, kind: RecordKind = RecordKind.MESSAGE, **named: Any) -> Record:
    """Return the journal record of an execution report, received at noon."""
    return Record(
        offset=offset,
        kind=kind,
        counterparty=named.get("counterparty", "demo"),
        session=SESSION,
        epoch="epoch-1",
        received_at=named.get("received_at", NOON),
        body=named.get("body", execution_report()),
    )


def an_evidence(**named: Any) -> Evidence:
    """Return an exception over one finding, with everything that a bundle can hold."""
    finding = named.pop("finding", a_finding(values=VALUES, dollar_harm=price("20")))
    opening = an_opening(finding)
    look = a_look(verdict=Verdict.CHANGED)
    held = Held(finding=finding, looks=(look,), quotes=kept(told(-1, "42.11", "42.13"), told(1, None, "42.14")))
    whole: dict[str, Any] = {
        "case": opening.case,
        "history": (opening.event,),
        "held": (held,),
        "records": (a_message(),),
        "rulebook": Version(kind=VersionKind.RULEBOOK, name="rulebook", text="rules: {}\n", actor="kim"),
        "rulebook_since": 1,
        "family": a_family(),
    }
    return Evidence(**(whole | named))


def files_in(content: bytes) -> dict[str, bytes]:
    """Return name and content of every file of a zip."""
    with zipfile.ZipFile(BytesIO(content)) as held:
        assert held.testzip() is None
        return {name: held.read(name) for name in held.namelist()}


def _entry(kind: RecordKind, body: bytes, party: str = "demo") -> Entry:
    return Entry(kind=kind, counterparty=party, session=SESSION, epoch="epoch-1", received_at=NOON, body=body)


def a_rich_store(database: Database) -> int:
    """Fill a store with an exception that has a bit of everything, and with others around it; return its number."""
    rulebook = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="{}", actor="kim").entry(NOON)
    note = FileNote(
        file="vendor.csv", sha256="ab" * 32, size=9, form="fix", messages=1, actor="kim", reason="line down"
    )
    entries = [rulebook, _entry(RecordKind.MESSAGE, execution_report()), _entry(RecordKind.FILE, _json(note))]
    entries += [_entry(RecordKind.BACKFILL, execution_report(_17="X2", _58="a note of ours"))]
    entries += [_entry(RecordKind.MESSAGE, execution_report(_17="X3")), _entry(RecordKind.MESSAGE, b"no FIX")]
    entries += [_entry(RecordKind.MESSAGE, execution_report(_17="X7"), party="other")]
    SqlJournal(database).append(Frame(entries=tuple(entries)))
    finding = msgspec.structs.replace(_about("F1", 5), related=(2, 4, 5, 6, 7))
    own = {"order_key": "O1", "parent_id": "P1", "order_id": "SOR-1", "cl_ord_id": "C1", "desk": "desk-9"}
    parent = a_recorded_event(1, order_key="P1", order_id="SOR-P", level=Level.PARENT, client="client-9")
    SqlStore(database).record(
        Processed(
            upto=7,
            fills=[a_recorded_fill(5, execution_id="E1", **own)],
            order_events=[parent, a_recorded_event(2, kind=OrderEventKind.NEW, reason="text of the vendor", **own)],
            order_outcomes=[an_outcome(offset=6, end=OrderEnd.CANCELED, **own)],
            amendments=[an_amendment(7, "bust", "E1")],
            own_orders=[_own_order()],
            findings=[_about("F0", 4), finding],
            reassessments=[a_look("F1")],
        )
    )
    around = kept(told(-1, "42.11", "42.13"), told(1, "42.11", "42.14"), reason="the source was away")
    SqlQuoteEvidence(database).keep(Taken(2, (msgspec.structs.replace(around, finding_id="F1"),)))
    queue = a_queue(database)
    gather_all(queue, NOON)
    queue.act(1, Action.ACKNOWLEDGE, Actor(name="sam"), Given(words="asked them – “at once”"), NOON)
    return 1


def _own_order() -> RecordedOwnOrder:
    """Return our own record of the order, as an OMS copied it."""
    (own,) = story(an_own(1, 1, "C1", _109="client-9")).own_orders
    return msgspec.structs.replace(own, trade_date=TRADE_DATE, own=msgspec.structs.replace(own.own, vendor="demo"))


def _about(name: str, offset: int) -> Finding:
    return msgspec.structs.replace(a_finding(name, offset=offset, trade_date=TRADE_DATE), values=VALUES)


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)


def sha256(content: bytes) -> str:
    """Return the hash as the manifest writes it."""
    return hashlib.sha256(content).hexdigest()
