"""What is asked to be done with exceptions, on the wire. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictInt

from service.cases.states import PERSONAL, Action
from service.web.api.forms.case import ExceptionLine
from service.web.api.forms.common import Asked, Number, Text, Told, Whole, Word

_CLOSINGS = (Action.APPROVE_CLOSE, Action.REFUSE_CLOSE)
Work = StrEnum("Work", {action.name: action.value for action in PERSONAL if action not in _CLOSINGS})  # type: ignore[misc]
Work.__doc__ = "What somebody who works on exceptions can do to one."


class ClosingDecision(StrEnum):
    """What a second person makes of a proposed closing."""

    APPROVE_CLOSE = "approve_close"
    REFUSE_CLOSE = "refuse_close"


class Fields(Asked):
    """What goes with an action; each action takes only what is its own."""

    words: Text | None = Field(default=None, description="What there is to say; most actions need it.")
    reason: Word | None = Field(default=None, description="Reason code of a closing (GET /api/v1/work-rules).")
    until: Word | None = Field(
        default=None,
        description="Until when it is shelved: a length of time (`2 h`), or an ISO date and time; without an offset "
        "it is in New York.",
    )
    ticket: Word | None = Field(default=None, description="Number of the vendor's ticket.")
    assignee: Word | None = Field(default=None, description="Who shall have it.")
    role: Word | None = Field(default=None, description="Role to escalate to; else the severity's.")

    def written(self) -> dict[str, str]:
        """Return the fields that are there as somebody wrote them."""
        names = ("words", "reason", "until", "ticket", "assignee", "role", "seen")
        there = {name: getattr(self, name, None) for name in names}
        return {name: str(value) for name, value in there.items() if value is not None}


class OneAsked(Fields):
    """An action on one exception."""

    seen: Annotated[StrictInt, Field(ge=0, le=2**31 - 1), Whole] | None = Field(
        default=None, description="`n` as you saw it: who acted since then is named, and nothing is done."
    )


class ActionAsked(OneAsked):
    """Something to do to an exception."""

    action: Work = Field(examples=["acknowledge"])


class ClosingAsked(OneAsked):
    """A second person's decision about a proposed closing."""

    action: ClosingDecision = Field(examples=["approve_close"])


class Done(Told):
    """What an action came to: the exception after it, and the link of its history."""

    exception: ExceptionLine
    n: int


class Many(Fields):
    """One decision over many exceptions: a list of them, or all of an incident.

    `bulk` is its number, which you draw: the same one again goes on where it was cut off, and does nothing twice.
    """

    bulk: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", examples=["vendor-ticket-4711"])]
    exceptions: list[Number] = Field(default=[], max_length=5_000)
    incident: Number | None = None


class BulkAsked(Many):
    """One decision of somebody who works on exceptions."""

    action: Work = Field(examples=["acknowledge"])


class BulkClosingAsked(Many):
    """One decision over the proposed closings of many exceptions."""

    action: ClosingDecision = Field(examples=["approve_close"])


class NotDone(Told):
    """An exception on which a decision was not taken, and why."""

    exception: int
    words: str


class BulkTold(Told):
    """How far a decision over many has come."""

    bulk: str
    action: str
    actor: str
    exceptions: int
    taken: int
    done: int
    refused: list[NotDone]
    finished: bool


class Bulks(Told):
    """Decisions that were begun and are not through, oldest first."""

    bulks: list[BulkTold]
