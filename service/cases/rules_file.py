"""Reads `queue.yaml`: reason codes, clocks, hours, four eyes and desks. Every problem with its line. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from rules.finding import Severity
from rules.reading import Block, Node, Reader, ReadingError, Scalar
from rules.rule import Kind, Parameter
from rules.units import setting
from service.cases.hours import ALWAYS_ON, hours_of
from service.cases.rules import (
    DEFAULTS,
    LEAD,
    LIMITS,
    LONGEST_SHELVING,
    REASONS,
    TAIL,
    CountsAs,
    Limits,
    Reason,
    Rules,
)
from service.market.calendar import TradingCalendar
from service.people import plain

NEVER = "never"
_KEYS = ("reasons", "severities", "four_eyes", "forbid_own_desk", "desks", "longest_shelving", "hours")
_REASON = ("code", "words", "counts_as")
_LIMITS = ("acknowledge_within", "close_within", "acknowledgement_expires", "escalate_to")
_HOURS = ("before_open", "after_close", "around_the_clock")
_LENGTH = Parameter(kind=Kind.DURATION, default="1 s", minimum="1 s", maximum="8760 h", meaning="")
_MARGIN = Parameter(kind=Kind.DURATION, default="0 s", maximum="12 h", meaning="")
_FLAG = Parameter(kind=Kind.FLAG, default="false", meaning="")


class QueueFileError(ReadingError):
    """A queue.yaml cannot be used."""


class Laid(msgspec.Struct, frozen=True, kw_only=True):
    """What the file lays down, before a calendar says when the hours are."""

    rules: Rules = DEFAULTS
    lead: int = LEAD
    tail: int = TAIL
    around_the_clock: bool = False

    def on(self, calendar: TradingCalendar) -> Rules:
        """Return the rules with the firm's hours on a calendar."""
        always = self.around_the_clock or calendar.kind == "always"
        hours = ALWAYS_ON if always else hours_of(calendar, self.lead, self.tail)
        return msgspec.structs.replace(self.rules, hours=hours)


def parse_queue_file(text: str) -> Laid:
    """Return what a queue.yaml (which may be empty) lays down; raise QueueFileError with every problem."""
    reader = Reader()
    top = reader.block(reader.tree(text), "queue.yaml", _KEYS)
    hours = reader.block(top.items.get("hours"), "hours", _HOURS).items.get
    laid = Laid(
        rules=Rules(
            reasons=_reasons(reader, top.items.get("reasons")),
            limits=_severities(reader, top.items.get("severities")),
            four_eyes=_four_eyes(reader, top.items.get("four_eyes")),
            forbid_own_desk=bool(_number(reader, top.items.get("forbid_own_desk"), "forbid_own_desk", _FLAG, 0)),
            desks=_desks(reader, top.items.get("desks")),
            longest_shelving=_number(
                reader, top.items.get("longest_shelving"), "longest_shelving", _LENGTH, LONGEST_SHELVING
            ),
        ),
        lead=_number(reader, hours("before_open"), "hours.before_open", _MARGIN, LEAD),
        tail=_number(reader, hours("after_close"), "hours.after_close", _MARGIN, TAIL),
        around_the_clock=bool(_number(reader, hours("around_the_clock"), "hours.around_the_clock", _FLAG, 0)),
    )
    if laid.rules.forbid_own_desk and not laid.rules.desks:
        reader.refuse(top.lines["forbid_own_desk"], "forbid_own_desk needs desks: which accounts belong to which desk")
    if reader.problems:
        raise QueueFileError(reader.problems)
    return laid


def _reasons(reader: Reader, node: Node | None) -> tuple[Reason, ...]:
    found: dict[str, Reason] = {}
    for item in reader.listing(node, "reasons"):
        block = reader.block(item, "a reason", _REASON)
        code = _needed(reader, block, "code")
        counts = reader.word(block.items.get("counts_as"), "counts_as", CountsAs)
        if "counts_as" not in block.items:
            reader.refuse(block, f"counts_as is missing; expected one of {', '.join(CountsAs)}")
        if code and code in found:
            reader.refuse(block, f"the reason {code} is there twice")
        found[code] = Reason(code, _needed(reader, block, "words"), counts or CountsAs.NOT_DECIDED)
    return tuple(found.values()) or REASONS


def _needed(reader: Reader, block: Block, key: str) -> str:
    text = (reader.scalar(block.items.get(key), key) or "").strip()
    if not text:
        reader.refuse(block, f"{key} is missing; every reason has {', '.join(_REASON)}")
    return text


def _severities(reader: Reader, node: Node | None) -> Mapping[Severity, Limits]:
    block = reader.block(node, "severities", tuple(Severity))
    return {severity: _limits(reader, severity, block.items.get(severity)) for severity in Severity}


def _limits(reader: Reader, severity: Severity, node: Node | None) -> Limits:
    item = reader.block(node, severity, _LIMITS).items.get
    usual = LIMITS[severity]
    role = reader.scalar(item("escalate_to"), f"{severity}.escalate_to")
    return Limits(
        acknowledge_within=_clock(reader, item, severity, "acknowledge_within", usual.acknowledge_within),
        close_within=_clock(reader, item, severity, "close_within", usual.close_within),
        acknowledgement_expires=_clock(
            reader, item, severity, "acknowledgement_expires", usual.acknowledgement_expires
        ),
        escalate_to=(role or "").strip() or usual.escalate_to,
    )


def _clock(
    reader: Reader, item: Callable[[str], Node | None], severity: Severity, name: str, usual: int | None
) -> int | None:
    node = item(name)
    what = f"{severity}.{name}"
    if isinstance(node, Scalar) and node.text == NEVER:
        return None
    return usual if node is None else _number(reader, node, what, _LENGTH, 0)


def _number(reader: Reader, node: Node | None, what: str, parameter: Parameter, usual: int) -> int:
    text = reader.scalar(node, what)
    value = usual if node is None or text is None else setting(parameter, text)
    if isinstance(value, str):
        reader.refuse(node or 0, f"{what}: {value}")
        return usual
    return value


def _four_eyes(reader: Reader, node: Node | None) -> tuple[Severity, ...]:
    if node is None:
        return Rules().four_eyes
    words = (reader.word(item, "four_eyes", Severity) for item in reader.listing(node, "four_eyes"))
    return tuple(word for word in words if word is not None)


def _desks(reader: Reader, node: Node | None) -> dict[str, str]:
    """Return account → desk of a mapping of desks to lists of accounts."""
    desks: dict[str, str] = {}
    if node is None or not isinstance(node, Block):
        reader.block(node, "desks", ("desk: [accounts]",))
        return desks
    for desk, accounts in node.items.items():
        for item in reader.listing(accounts, f"the accounts of the desk {desk}"):
            account = reader.scalar(item, "an account") or ""
            if account in desks and plain(desks[account]) != plain(desk):
                reader.refuse(item, f"the account {account} is the desk {desks[account]}'s already")
            desks[account] = desk
    return desks
