"""What a dialect comes to, in words: one line for `sorwatch check`, and warnings of what is lawful but unwise. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rules.facts import MILLISECOND
from service.fix.habits import Dialect, RecoveryMethod, Role

_ROLES = {Role.DROP_COPY: "drop copy", Role.OWN_ORDERS: "our own orders"}
_METHODS = {
    RecoveryMethod.RESEND: "missed reports by ResendRequest",
    RecoveryMethod.REDELIVERY: "missed reports redelivered after a logon",
    RecoveryMethod.REQUEST: "missed reports when asked for",
    RecoveryMethod.NONE: "missed reports never come",
}


def summary(dialect: Dialect) -> str:
    """Return the dialect in one line: version, role, recovery, and what is out of the ordinary."""
    words = [dialect.begin_string, _ROLES[dialect.role], _METHODS[dialect.recovery.method]]
    if dialect.sequence.scope:
        words.append(f"tag {dialect.sequence.number} counted by {', '.join(dialect.sequence.scope)}")
    if dialect.delay:
        words.append(f"held back by {dialect.delay // MILLISECOND} ms")
    return ", ".join(words)


def warnings(dialect: Dialect, *, waits_for_commit: bool, spoken: Collection[str]) -> Iterator[str]:
    """Yield what may be meant and is dangerous; `spoken` are the BeginStrings of the sessions.

    `waits_for_commit` is whether the engine waits until what it read is durable (journal.durability on_receipt).
    """
    if dialect.recovery.method is RecoveryMethod.NONE and not waits_for_commit:
        yield (
            "missed reports never come (recovery.method none), and a crash loses what is not yet committed; "
            'expected journal.durability = "on_receipt"'
        )
    for begin_string in sorted(set(spoken) - {dialect.begin_string}):
        yield f"a session speaks {begin_string}, the dialect is written for {dialect.begin_string}"
