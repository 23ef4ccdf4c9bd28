"""What each role may do to a case: the firm's one table of permissions, said in the actions of the door. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.access.permissions import TABLE, May, Role
from service.cases.states import PERSONAL, Action

_APPROVING = (Action.APPROVE_CLOSE, Action.REFUSE_CLOSE)


def needed(action: Action) -> May:
    """Return the permission that a person needs for an action."""
    return May.APPROVE_CLOSING if action in _APPROVING else May.ACT


PERMITTED: Mapping[str, frozenset[Action]] = MappingProxyType(
    {role.value: frozenset(action for action in PERSONAL if role in TABLE[needed(action)]) for role in Role}
)
"""By role, for the rules of a firm that has accounts."""
