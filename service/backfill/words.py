"""What the command prints, in words: what a file holds, what of it is new, and what it came to. Pure."""

from __future__ import annotations

from collections import Counter

from service.backfill.known import WORDS, Known
from service.backfill.plan import CameTo, Plan

_ORDER = (*WORDS.values(), "duplicate")


def held_words(name: str, form: str, plan: Plan) -> str:
    """Return what the file holds, a line a session."""
    lines = [f"{name} ({form}): {_counted(plan.total, 'message')}"]
    lines += [f"  {session}: {count:,}" for session, count in sorted(plan.messages.items())]
    if plan.ours:
        lines.append(f"  left out: {_counted(plan.ours, 'message')} that our own side sent")
    return "\n".join(lines)


def known_words(counts: Counter[tuple[str, Known]]) -> str:
    """Return what would be new, a line a kind."""
    lines = ["nothing was written; the file would bring"]
    for word in WORDS.values():
        by_state = {known: counts[word, known] for known in Known}
        if not sum(by_state.values()):
            continue
        told = [f"{count:,} {known.value}" for known, count in by_state.items() if count and known is not Known.UNKEYED]
        unkeyed = by_state[Known.UNKEYED]
        told += [f"{unkeyed:,}"] if unkeyed else []
        lines.append(f"  {_plain(word)}: {', '.join(told)}")
    return "\n".join(lines)


def came_to_words(came: CameTo) -> str:
    """Return what became of the messages, new executions, and the gaps that the file closed."""
    lines = ["the messages came to"]
    lines += [f"  {_plain(word)}: {came.outcomes[word]:,}" for word in _ORDER if came.outcomes.get(word)]
    lines.append(f"new executions: {came.executions:,}")
    if came.conflicts:
        lines.append(f"under a known key with other content: {came.conflicts:,}; nothing was changed, see the findings")
    if came.not_compared:
        lines.append(f"under a known key whose content could not be compared: {came.not_compared:,}")
    lines.append(f"gaps closed: {'; '.join(came.closed) or 'none'}")
    return "\n".join(lines)


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
