"""An exception that is like another one, and how it was closed. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.cases.case import Case


class Like(msgspec.Struct, frozen=True, kw_only=True):
    """A closed exception with the words of its closing; `same` says that its cause was the same."""

    case: Case
    words: str
    closed_by: str
    closed_at: Nanos | None
    same: bool
