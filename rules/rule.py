"""What a rule is: a card that says everything about it, and a pure `check` that does the looking.

A rule never remembers and never imports another rule. What it needs of the past is a window that its card declares
and the engine keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from rules.facts import Fact, FeedEventKind, Level, Nanos
from rules.finding import Scope, Severity

Limits = Mapping[str, int]
"""The parameters in force by name: durations in ns, ratios in ppm, prices in 1e-9 dollars, counts, flags as bool."""


class NotEvaluated(msgspec.Struct, frozen=True, gc=False):
    """The rule could not judge the fact, or the fact is outside its population; counted by reason, never silent.

    `reason` comes from a small fixed set of words: it becomes a label of a metric.
    """

    reason: str


class Observation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a fact adds to a window: two sums, `value` and `other`, under `key`; once for each `identity` and time.

    `label` is a category (a venue, say) by which the window also keeps its sums apart. A bust takes out what was
    counted of an execution under its `Fill.trade_id` and its own time.
    """

    key: tuple[str, ...]
    identity: str
    at: Nanos
    value: int
    other: int = 0
    label: str = ""


class Failure(Fact, frozen=True, gc=False, kw_only=True):
    """A rule raised: which rule, the exception's type, where in the rule, and on which fact; never its message.

    The message could quote a customer's; type, place and fact are enough to raise it again.
    """

    rule: str
    error: str
    where: str
    fact: str


class Kind(StrEnum):
    """What a parameter measures; the text in YAML and the unit of the integer follow from it."""

    DURATION = "duration"
    RATIO = "ratio"
    MULTIPLE = "multiple"
    PRICE = "price"
    COUNT = "count"
    FLAG = "flag"

    @property
    def suffix(self) -> str:
        """Return the ending that names the unit in a finding's thresholds."""
        return {
            "duration": "_ns",
            "ratio": "_ratio_ppm",
            "multiple": "_ratio_ppm",
            "price": "_price",
            "count": "_count",
            "flag": "",
        }[self]


class LooksAt(StrEnum):
    """The kinds of fact a rule can ask for; `failure` is the engine's own."""

    FILL = "fill"
    ORDER_CHANGED = "order_changed"
    ORDER_OUTCOME = "order_outcome"
    FEED_EVENT = "feed_event"
    MARKOUT = "markout"
    FADE = "fade"
    TICK = "tick"
    FAILURE = "failure"


class Parameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of a rule that the firm may set, as text with its unit; bounds are inclusive."""

    kind: Kind
    default: str
    meaning: str
    minimum: str | None = None
    maximum: str | None = None
    choices: tuple[str, ...] = ()


class WindowCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which past the engine keeps for a rule; `span`, `minimum` and `repeat` name parameters of the rule.

    `key` says in words what each part of an observation's key is. The window reaches back `span` from its newest
    observation within one trade date. Below `minimum` observations the rule is not asked. After a finding the same
    window raises none before `repeat` further observations.
    """

    key: tuple[str, ...]
    span: str
    minimum: str
    repeat: str


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case in facts: `fires` says whether the rule must raise a finding on them, under its default parameters.

    Each fact is a mapping of one word (fill, outcome, change, markout, fade, event, failure) to what matters about it;
    `times` repeats it.
    """

    title: str
    fires: bool
    facts: tuple[dict[str, dict[str, Any]], ...]
    severity: Severity | None = None


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything about a rule that is not its `check`.

    `level` is the level counted, None where levels do not apply. `events` are the feed events that can raise it,
    `relieved_by` those that end the condition and raise nothing. `needs_register`: `check` is handed the register.
    """

    name: str
    version: int
    title: str
    why: str
    citation: str
    severity: Severity
    scope: Scope
    looks_at: tuple[LooksAt, ...]
    population: str
    runbook: str
    examples: tuple[Example, ...]
    level: Level | None = None
    clocks: tuple[str, str] | None = None
    parameters: dict[str, Parameter] = {}
    window: WindowCard | None = None
    needs_register: bool = False
    events: tuple[FeedEventKind, ...] = ()
    relieved_by: tuple[FeedEventKind, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A card with its functions.

    `check(fact, limits)`, `check(fact, limits, register)`, `check(fact, limits, window)` or, of a rule with both,
    `check(fact, limits, window, register)` returns a Draft, a NotEvaluated or None; `observe(fact, limits)` returns an
    Observation, a NotEvaluated or None.
    """

    card: Card
    check: Callable[..., Any]
    observe: Callable[..., Any] | None = None
    manual: str = ""
