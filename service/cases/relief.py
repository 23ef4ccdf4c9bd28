"""Which later events of the watch's own sight say that the condition of a finding is over. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rules.cards import catalogue
from rules.facts import FeedEventKind

OF_AN_ORDER = (FeedEventKind.ANSWERED_ORDER, FeedEventKind.CUMULATIVE_MENDED)
"""Kinds that are about an order of the counterparty, by whichever session it was told."""


def relieving() -> Mapping[FeedEventKind, tuple[str, ...]]:
    """Return by kind of event the rules whose condition it ends, as their cards say."""
    found: dict[FeedEventKind, tuple[str, ...]] = {}
    for name, rule in catalogue().items():
        for kind in rule.card.relieved_by:
            found[kind] = (*found.get(kind, ()), name)
    return MappingProxyType(found)


def relieved_by(rule: str) -> tuple[FeedEventKind, ...]:
    """Return the kinds of event that end the condition of a rule; none for most."""
    known = catalogue().get(rule)
    return known.card.relieved_by if known is not None else ()
