"""What the simulation gives out, in the order of its own clock; the shell decides how fast and to whom."""

from __future__ import annotations

import msgspec

from service.simulator.market import QuoteMoved
from service.simulator.truth import Truth


class DropCopy(msgspec.Struct, frozen=True, gc=False):
    """One execution report to send: `body` is all fields after the header, SOH between and after them.

    `trade` marks the reports of live executions; `resend` asks for 97=Y (PossResend) in the header.
    """

    at: int
    body: str
    trade: bool = False
    resend: bool = False


class Gap(msgspec.Struct, frozen=True, gc=False):
    """The sender loses `count` sequence numbers: nothing was ever sent under them."""

    at: int
    count: int


class Silence(msgspec.Struct, frozen=True, gc=False):
    """Nothing is sent until `until`; what happened meanwhile follows then."""

    at: int
    until: int


class Beat(msgspec.Struct, frozen=True, gc=False):
    """The market says that it is alive and that every quote before `at` has been told."""

    at: int


Event = DropCopy | QuoteMoved | Beat | Gap | Silence | Truth
