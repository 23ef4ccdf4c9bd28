"""What each venue charges or pays a share, from a date on: the firm's own table, for copies that tell no fees. Pure.

It refuses to fill holes: a venue and liquidity that the table does not name at that date has no fee, which is not none.
"""

from __future__ import annotations

import re
from datetime import date

import msgspec

from rules.facts import QUANTITY_SCALE, Price, Quantity
from rules.reading import Block, Reader, ReadingError
from rules.rule import Kind
from rules.units import number

_KEYS = ("venue", "liquidity", "rate", "from")
_SIGNED = re.compile(r"(-?)(\S+)")


class FeeScheduleError(ReadingError):
    """A fee schedule cannot be used."""


class Rate(msgspec.Struct, frozen=True):
    """Dollars a share, in 1e-9, from a trade date on; below zero a rebate."""

    since: str
    rate: int


class FeeSchedule(msgspec.Struct, frozen=True):
    """The rates of one counterparty's venues by (venue, liquidity), newest first."""

    rates: dict[tuple[str, str], tuple[Rate, ...]] = {}

    def fee(self, venue: str, liquidity: str | None, trade_date: str, quantity: Quantity) -> Price | None:
        """Return what an execution costs in 1e-9 dollars, rounded up; None where the table does not say."""
        for rate in self.rates.get((venue, liquidity or ""), ()):
            if rate.since <= trade_date:
                return Price(-(-rate.rate * quantity // QUANTITY_SCALE))
        return None


def parse_fee_schedule(text: str) -> FeeSchedule:
    """Return the schedule that a fees.yaml holds; raise FeeScheduleError with every problem."""
    reader = Reader()
    found: dict[tuple[str, str], list[Rate]] = {}
    for node in reader.listing(reader.tree(text), "the fee schedule"):
        block = reader.block(node, "a fee", _KEYS)
        words = {key: _needed(reader, block, key) for key in _KEYS}
        rate = Rate(_date(reader, block, words["from"]), _rate(reader, block, words["rate"]))
        rates = found.setdefault((words["venue"], words["liquidity"]), [])
        if rate.since in {other.since for other in rates}:
            reader.refuse(node, f"{words['venue']}, {words['liquidity']} has two rates from {rate.since} on")
        rates.append(rate)
    if reader.problems:
        raise FeeScheduleError(reader.problems)
    return FeeSchedule({key: tuple(sorted(rates, key=_since, reverse=True)) for key, rates in found.items()})


def _since(rate: Rate) -> str:
    return rate.since


def _needed(reader: Reader, block: Block, key: str) -> str:
    text = reader.scalar(block.items.get(key), key)
    if not text:
        reader.refuse(block, f"{key} is missing; every fee has {', '.join(_KEYS)}")
    return text or ""


def _date(reader: Reader, block: Block, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        if text:
            reader.refuse(block.items["from"], f'from is "{text}"; expected a date such as 2026-01-31')
        return text


def _rate(reader: Reader, block: Block, text: str) -> int:
    signed = _SIGNED.fullmatch(text)
    value = None if signed is None else number(Kind.PRICE, signed[2])
    if signed is None or value is None:
        if text:
            expected = "expected dollars a share such as 0.0030, below zero for a rebate"
            reader.refuse(block.items["rate"], f'rate is "{text}"; {expected}')
        return 0
    return -value if signed[1] else value
