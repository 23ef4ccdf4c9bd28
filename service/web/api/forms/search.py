"""Which exceptions are asked for, on the wire: the same question as the address of the queue's page. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field, StringConstraints

from rules.finding import Severity
from service.cases.states import State
from service.cases.tally import Tally
from service.cases.wanted import FILTERS, MOST_VALUES, STATES, Order, Place, Wanted, Wrong, wanted
from service.web.api.forms.case import ExceptionLine
from service.web.api.forms.common import Asked, Day, Told, Word
from service.web.api.forms.pages import MOST

Standing = StrEnum("Standing", {name.upper(): name for name in (*State, *STATES)})  # type: ignore[misc]
Standing.__doc__ = "A state, or a name for several at once: waiting, in_hand, open, all."
Cursor = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,19}(\.-?[0-9]{1,19}){1,2}$")]
Several = Annotated[list[Word], Field(max_length=MOST_VALUES)]


class ExceptionsAsked(Asked):
    """Exceptions that have one of the values of every filter that is given."""

    severity: list[Severity] = Field(default=[], max_length=MOST_VALUES)
    state: list[Standing] = Field(default=[], max_length=MOST_VALUES, description="Without it: waiting.")
    rule: Several = Field(default=[])
    venue: Several = Field(default=[])
    symbol: Several = Field(default=[])
    desk: Several = Field(default=[])
    account: Several = Field(default=[])
    counterparty: Several = Field(default=[])
    assignee: Word | None = Field(default=None, description="A name, `me` or `nobody`.")
    older: Word | None = Field(default=None, description="Opened longer ago than this length of time (`2 h`).")
    younger: Word | None = Field(default=None, description="Opened less long ago than this length of time.")
    sla: Word | None = Field(default=None, description="`overdue`, or a length of time within which a clock runs out.")
    incident: int | None = Field(default=None, ge=0, le=10**18 - 1)
    shelving: int | None = Field(default=None, ge=0, le=10**18 - 1)
    day: Day | None = Field(default=None, description="Trade date.")
    text: Word | None = Field(default=None, description="Words that it must hold.")
    order: Order = Order.GRAVITY
    after: Cursor | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=100, ge=1, le=MOST, description="So many exceptions at most.")
    count: bool = Field(default=False, description="Count all that are wanted, too.")

    def wanted(self) -> Wanted | Wrong:
        """Return what is asked for, or everything that is wrong with it."""
        given = {name: value for name in FILTERS if (value := getattr(self, name)) not in (None, [])}
        return wanted(urlencode(given, doseq=True))


class Exceptions(Told):
    """A page of exceptions in the order that was asked for, as they stand now."""

    exceptions: list[ExceptionLine]
    count: int | None = Field(description="How many are wanted on all pages; null where that was not asked.")
    next: str | None = Field(description="Give it as `after` for the following page; null: this was the last.")


class Counts(Told):
    """How many open exceptions stand where."""

    open: int
    by_state: dict[str, int]
    by_severity: dict[str, int]


def cursor(place: Place | None) -> str | None:
    """Return the place at which the following page begins, as it is given back."""
    return None if place is None else ".".join(map(str, place))


def counts(tally: Tally) -> Counts:
    """Return how many open exceptions stand where, also where there are none."""
    states = tally.states()
    severities = tally.severities(tuple(State))
    return Counts(
        open=sum(states.values()),
        by_state={state.value: states[state] for state in State if state is not State.CLOSED},
        by_severity={severity.value: severities[severity] for severity in Severity},
    )
