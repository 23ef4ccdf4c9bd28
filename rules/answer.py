"""What an order event answers, and for how long the question was open: by the vendor's clock, and by two clocks."""

from __future__ import annotations

import msgspec

from rules.amounts import Nanos, Quantity
from rules.order import OrderEventKind


class Answer(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The end of a wait: `asked` is what was pending with the vendor (the order itself, or its cancel).

    `waited` is between two stamps of the vendor, None where they cannot tell: `unknown` says why. `firm_waited` is from
    the firm's own sending to the vendor's answer, between two clocks; None where the firm's record had not come. Either
    may be too long by its grain, to which its first stamp was cut. `executed` are the shares executed meanwhile.
    """

    asked: OrderEventKind
    waited: Nanos | None = None
    grain: Nanos = Nanos(0)
    firm_waited: Nanos | None = None
    firm_grain: Nanos = Nanos(0)
    executed: Quantity = Quantity(0)
    unknown: str | None = None
