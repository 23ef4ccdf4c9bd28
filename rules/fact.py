"""What every fact carries."""

from __future__ import annotations

import msgspec

from rules.amounts import Nanos


class Fact(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What every fact carries: where it stands in the journal and whose it is.

    `offset` is the journal offset of the record that made it; `received_at` is our clock (None for what came from a
    file, and for a log without receive stamps: `clock` then holds the message's own SendingTime). `clock` drives the
    timers and never runs backwards. `trade_date` is the date in New York, as YYYY-MM-DD. `uncertain` marks what was
    made while numbers of its counterparty's sessions were missing: what it says may change when they come.
    """

    offset: int
    counterparty: str
    session: str
    trade_date: str
    received_at: Nanos | None
    clock: Nanos
    uncertain: bool = False
