"""A store for the pages about rules and venues: stored days, a register, exceptions, and accounts of people."""

from __future__ import annotations

import time

import msgspec

from rules.facts import Nanos
from service.access.permissions import Role
from service.change.activation import activate
from service.change.doing import propose
from service.change.proposal_events import Wanted
from service.change.proposals import Proposal
from service.journal import Entry
from service.store.engine import Database
from service.store.proposals import SqlProposals
from service.versions import VersionKind
from tests.factories_page import a_morning
from tests.factories_recorded import ROAD_DAY, later_day, record_all
from tests.factories_road import SteadyQuotes, a_tick, a_trade, an_order, versions
from tests.page_people import an_account

NEXT_DAY = "2013-10-08"
DAYS = (NEXT_DAY, ROAD_DAY)
BOOK = """\
version: desk review 11
rules:
  # agreed with the desk, review 11
  slow_fill:
    severity: high
    parameters: {at_most: 2 s}
    scopes:
      - when: {venue: XBOS}
        parameters: {at_most: 4 s}
  missed_midpoint: {enabled: no}
"""
REGISTER = """\
- {venue: XNYS, name: NYSE, approved_from: 2000-01-01, document: annex A}
- {venue: XBOS, name: BX, approved_from: 2020-01-02, order_types: [limit], sessions: [regular], routing_share: 20 %}
"""


def a_day() -> list[Entry]:
    """Return orders that are filled faster and slower."""
    story: list[Entry] = []
    for number in range(1, 25):
        name, filled = f"O{number}", number + 0.5 + number % 8
        story.append(an_order(2 * number - 1, number, name, _44="190.00"))
        story.append(a_trade(2 * number, filled, name, f"E{number}", _44="190.00", _31=f"{180 + number % 5}.00"))
    story.append(a_tick(900))
    return sorted(story, key=lambda entry: entry.received_at or 0)


def the_next_day(entry: Entry) -> Entry:
    """Return a message as the same would come a day later."""
    body = entry.body.replace(b"20131007", b"20131008")
    whole = body[: body.rindex(b"10=")] if b"10=" in body else body
    tail = f"10={sum(whole) % 256:03d}\x01".encode() if b"10=" in body else b""
    return msgspec.structs.replace(later_day(entry), body=whole + tail)


def two_days(database: Database, *, people: bool = False) -> None:
    """Record two days under a rulebook and a register, and a morning's exceptions beside them."""
    story = [*a_day(), *(the_next_day(entry) for entry in a_day())]
    record_all(database, story, versions(rulebook=BOOK, register=REGISTER), quotes=SteadyQuotes())
    a_morning(database)
    if people:
        an_account(database, "Pat Jones", Role.SUPERVISOR)
        an_account(database, "sam", Role.COMPLIANCE)
        an_account(database, "kim", Role.COMPLIANCE)
        an_account(database, "dan", Role.DESK)


def proposed(database: Database, text: str = "", *, actor: str = "pat", why: str = "desk review 12") -> Proposal:
    """Propose a rulebook; return the proposal."""
    wanted = Wanted(kind=VersionKind.RULEBOOK, name="rulebook", text=text or BOOK.replace("2 s", "5 s"), why=why)
    made = propose(database, wanted, actor, Nanos(time.time_ns()))
    assert isinstance(made, Proposal), made
    return made


def taken_up(database: Database) -> int:
    """Do what a running daemon does with what is approved and due; return how many versions came into force."""
    return activate(SqlProposals(database), Nanos(time.time_ns()))
