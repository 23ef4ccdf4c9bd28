"""The firm's own orders beside the router's reports, as its OMS would copy them over a session of its own. Pure.

Two things can be wrong: an order that the router never answers, and one that the OMS's copy never named.
"""

from __future__ import annotations

from rules.facts import MILLISECOND, SECOND
from service.journal import Entry
from service.quality.line import Line
from service.simulator.bodies import field
from service.simulator.dice import Dice
from service.simulator.events import DropCopy
from service.simulator.faults import FaultName, Plan
from service.simulator.messages import SOH
from service.simulator.stamps import stamp
from service.simulator.truth import Truth

BEFORE = 2 * MILLISECOND
"""How long before the router the firm had an order."""
_TAGS = ("1", "55", "54", "38", "40", "44", "59", "18")


class OwnSide:
    """Writes an order of the firm for each parent that the router acknowledges, and the cancels that it answers."""

    def __init__(self, plan: Plan, line: Line, dice: Dice) -> None:
        self._plan = plan
        self._line = line
        self._dice = dice
        self._known: set[str] = set()

    def beside(self, copy: DropCopy) -> tuple[list[Entry], list[Truth]]:
        """Return what the OMS said just before this report, and what of it was wrong."""
        body, own_id = copy.body, field(copy.body, "11")
        if field(body, "526") or not own_id or own_id in self._known:
            return [], []
        self._known.add(own_id)
        at = copy.at - BEFORE
        if field(body, "41") in self._known:
            return self._message(at, "F", {"11": own_id, "41": str(field(body, "41"))} | self._about(body)), []
        if field(body, "150") != "0":
            return [], []
        if self._strikes(FaultName.OWN_UNKNOWN, at):
            return [], [_hit(FaultName.OWN_UNKNOWN, at, own_id, field(body, "37"))]
        return self._order(at, own_id, self._about(body))

    def _order(self, at: int, own_id: str, about: dict[str, str]) -> tuple[list[Entry], list[Truth]]:
        entries, truth = self._message(at, "D", {"11": own_id} | about), []
        if self._strikes(FaultName.OWN_UNANSWERED, at):
            lost = f"{own_id}-L"
            entries += self._message(at, "D", {"11": lost} | about)
            truth.append(_hit(FaultName.OWN_UNANSWERED, at, lost, None))
        return entries, truth

    def _strikes(self, name: FaultName, at: int) -> bool:
        fault = self._plan.active(name, at)
        return fault is not None and self._dice.chance(fault.strength or 0.0)

    def _about(self, body: str) -> dict[str, str]:
        return {tag: value for tag in _TAGS if (value := field(body, tag)) is not None}

    def _message(self, at: int, msg_type: str, tags: dict[str, str]) -> list[Entry]:
        fields = "".join(f"{tag}={value}{SOH}" for tag, value in (tags | {"60": stamp(at, 9)}).items())
        return self._line.message(at, fields, msg_type)


def _hit(name: FaultName, at: int, own_id: str, order_id: str | None) -> Truth:
    return Truth(at=at, fault=name, event="hit", subject=own_id, cl_ord_id=own_id, order_id=order_id, until=at + SECOND)
