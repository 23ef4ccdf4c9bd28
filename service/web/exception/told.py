"""What the work on an exception is called on the page: headings, buttons, fields. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from service.cases.states import Action

ORDER = (
    Action.ACKNOWLEDGE,
    Action.APPROVE_CLOSE,
    Action.REFUSE_CLOSE,
    Action.VENDOR_ANSWERED,
    Action.UNSHELVE,
    Action.CLOSE,
    Action.PROPOSE_CLOSE,
    Action.NOTE,
    Action.ASSIGN,
    Action.ESCALATE,
    Action.WAIT_ON_VENDOR,
    Action.SHELVE,
    Action.REOPEN,
)
"""What is at hand comes first: the first that is offered is the one that is open, unless that is a note."""


class Told(msgspec.Struct, frozen=True):
    """An action as the page calls it: heading, button, what it does; its words by label and by what to write there."""

    title: str
    button: str
    does: str
    label: str
    asks: str


TOLD: Mapping[Action, Told] = MappingProxyType(
    {
        Action.ACKNOWLEDGE: Told(
            *("Acknowledge", "Acknowledge", "You have seen it and take it in hand."),
            *("Note", "what you saw, what you will do"),
        ),
        Action.APPROVE_CLOSE: Told(
            *("Approve the closing", "Approve and close", "It is closed as proposed."),
            *("Comment", "if something needs saying"),
        ),
        Action.REFUSE_CLOSE: Told(
            *("Refuse the closing", "Refuse", "It goes back to whoever has it."),
            *("What is missing", "what should be looked at again"),
        ),
        Action.VENDOR_ANSWERED: Told(
            *("The vendor has answered", "It has answered", "The vendor's clock stops, ours goes on."),
            *("Answer", "what they said"),
        ),
        Action.UNSHELVE: Told(
            *("Take it off the shelf", "Take it back", "It is again as it was before."), *("Why", "what changed")
        ),
        Action.CLOSE: Told(
            *("Close", "Close", "With a reason; a new finding reopens it."),
            *("What was done", "what it was, what was done"),
        ),
        Action.PROPOSE_CLOSE: Told(
            *("Propose to close", "Propose to close", "Somebody else approves it."),
            *("What was done", "what it was, what was done"),
        ),
        Action.NOTE: Told(
            *("Write into the history", "Keep it", "It changes nothing else."),
            *("Words", "what should be remembered"),
        ),
        Action.ASSIGN: Told(
            *("Assign", "Assign", "It is theirs from then on."), *("What to look at", "if it needs saying")
        ),
        Action.ESCALATE: Told(
            *("Escalate", "Escalate", "To a role, which hears of it at once."), *("Why", "why it cannot wait")
        ),
        Action.WAIT_ON_VENDOR: Told(
            *("Wait on the vendor", "Wait on the vendor", "Our clock stands still, theirs runs."),
            *("Question", "what you asked them"),
        ),
        Action.SHELVE: Told(
            *("Shelve", "Shelve", "It is out of the way until then; what is graver brings it back."),
            *("Why", "why it can wait"),
        ),
        Action.REOPEN: Told(*("Reopen", "Reopen", "It is looked at again."), *("Why", "what came up")),
    }
)
LABELS = {
    "words": "Words",
    "reason": "Reason",
    "until": "Until",
    "ticket": "Ticket number",
    "assignee": "To whom",
    "role": "To which role",
}
NEEDED = {
    Action.ASSIGN: ("assignee",),
    Action.NOTE: ("words",),
    Action.WAIT_ON_VENDOR: ("ticket",),
    Action.SHELVE: ("until", "words"),
    Action.PROPOSE_CLOSE: ("reason", "words"),
    Action.CLOSE: ("reason", "words"),
    Action.REFUSE_CLOSE: ("words",),
    Action.REOPEN: ("words",),
}
"""What the door asks for; a browser says so before the form is sent."""


def label_of(action: Action, field: str) -> str:
    """Return what a field of an action's form is called on the page."""
    return TOLD[action].label if field == "words" else LABELS.get(field, field)
