"""Changes of registers as rows, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rules.register import Approval
from service.register_changes import Change, RegisterChange

_approvals = msgspec.json.Decoder(tuple[Approval, ...])


def register_row(made: RegisterChange, part: int) -> tuple[Any, ...]:
    """Return the cells of `register_changes`."""
    return (
        made.offset,
        part,
        made.received_at,
        made.clock,
        made.counterparty,
        made.session,
        made.trade_date,
        made.venue,
        made.change.value,
        msgspec.json.encode(made.before),
        msgspec.json.encode(made.after),
        made.proposer,
        made.approver,
        made.why,
        made.proposal,
        made.effective,
    )


def register_change_of(cells: Mapping[str, Any]) -> RegisterChange:
    """Return the change that a row of the table holds."""
    told = {name: value for name, value in cells.items() if name != "part"}
    before, after = (_approvals.decode(told[name]) for name in ("before", "after"))
    return RegisterChange(**told | {"change": Change(told["change"]), "before": before, "after": after})
