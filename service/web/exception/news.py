"""What has happened to an exception since a page showed it, in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from service.cases.case import CaseEvent
from service.cases.states import PERSONAL, Action
from service.web.said import instant

_BY_ITSELF = {
    Action.OPEN: "it was opened",
    Action.ADD: "a finding was added",
    Action.RAISE: "its severity rose",
    Action.REASSESS: "it was assessed again",
    Action.LINK: "it came to an incident",
    Action.RESOLVE: "its condition was found over",
    Action.HIDE: "it was shelved with others",
    Action.ESCALATE_OVERDUE: "it was escalated, being overdue",
    Action.ACKNOWLEDGEMENT_EXPIRED: "its acknowledgement expired",
    Action.SHELVING_EXPIRED: "its shelving ended",
}
_OF_IT = {
    Action.ACKNOWLEDGE: "acknowledged this",
    Action.ASSIGN: "assigned this",
    Action.NOTE: "wrote a note",
    Action.ESCALATE: "escalated this",
    Action.WAIT_ON_VENDOR: "asked the vendor",
    Action.VENDOR_ANSWERED: "had the vendor's answer",
    Action.SHELVE: "shelved this",
    Action.UNSHELVE: "took this from the shelf",
    Action.PROPOSE_CLOSE: "proposed to close this",
    Action.APPROVE_CLOSE: "approved the closing",
    Action.REFUSE_CLOSE: "refused the closing",
    Action.CLOSE: "closed this",
    Action.REOPEN: "reopened this",
}


def news(events: Sequence[CaseEvent]) -> str:
    """Return what the events that came since say, "" when none did: of several the last one that a person did."""
    if not events:
        return ""
    persons = [event for event in events if event.action in PERSONAL]
    told = (persons or events)[-1]
    others = len(events) - 1
    more = f", and {others:,} more step{'' if others == 1 else 's'} since this page was loaded" if others else ""
    what = f"{told.actor} {_OF_IT[told.action]}" if persons else _BY_ITSELF[told.action]
    return f"{what[0].upper() if not persons else what[0]}{what[1:]} at {instant(told.at).time}{more}"
