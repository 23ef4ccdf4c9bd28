"""A register written out as the text of a venues.yaml: reading it again gives the same register. Pure."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from rules.register import Approval, VenueRegister

_WIDTH = 10_000


def register_text(register: VenueRegister) -> str:
    """Return the register as YAML, one approval after the other in its own order; what is not set is left out."""
    return "".join(map(approval_text, register.approvals)) or "[]\n"


def approval_text(approval: Approval) -> str:
    """Return one approval as an item of the list."""
    unset = {field.name: field.default for field in msgspec.structs.fields(approval)}
    told: dict[str, Any] = {
        name: value for name, value in msgspec.to_builtins(approval).items() if getattr(approval, name) != unset[name]
    }
    return str(yaml.safe_dump([told], sort_keys=False, width=_WIDTH))
