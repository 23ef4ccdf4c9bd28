"""How two texts of one kind differ in what they mean, a line each. Pure."""

from __future__ import annotations

from rules.register import parse_register
from rules.rulebook import parse_rulebook
from rules.rulebook_changes import rulebook_changes
from service.change.registers import register_differences
from service.versions import VersionKind


def differences(kind: VersionKind, old: str, new: str) -> list[str]:
    """Return every difference in meaning; raise ReadingError where one of them cannot be read."""
    if kind is VersionKind.RULEBOOK:
        return [change.words for change in rulebook_changes(parse_rulebook(old), parse_rulebook(new))]
    return register_differences(parse_register(old), parse_register(new))
