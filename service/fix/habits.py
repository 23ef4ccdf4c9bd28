"""A counterparty's habits as data: where its messages say what. Values only; `dialect.py` reads them from YAML.

A *place* is a tag as text ("30"), or a pseudo-tag that `groups.py` sets: "party 17" is the PartyID (448) whose
PartyRole (452) is 17, "stamp 2" the TrdRegTimestamp (769) of type (770) 2.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import ExemptReason, Level, Nanos
from rules.instruments import Instrument
from service.market.symbols import COMMON, Styles

Places = tuple[str, ...]
"""Where to look, in this order; the first that holds something wins."""
Marks = tuple[tuple[str, frozenset[str]], ...]
"""Place → values that count there; "*" stands for any value; a value with blanks counts by each of its parts."""


def one_of(text: str) -> frozenset[str]:
    """Return the set of the words, which are codes or tags."""
    return frozenset(text.split())


NEVER_A_VENUE = frozenset({"100", "207"})
"""Where somebody asked it to go, and the listing market: neither says where it traded (domain.md §4.2)."""
HEADER_AND_TRAILER = one_of(
    "8 9 35 49 56 115 128 90 91 34 50 142 57 143 116 144 129 145 43 97 52 122 212 213 347 369 370 627 628 629 630 "
    "1128 1129 1156 93 89 10"
)
"""What a resend may change without changing the report: left out of the content hash."""


class Habit(msgspec.Struct, frozen=True, kw_only=True):
    """The base of the sections of a dialect."""


class IdHabits(Habit, frozen=True, kw_only=True):
    """Which tags name the order; `own` hold the ClOrdID of the firm's own order; `placeholders` mean "no id"."""

    order: Places = ("37", "11")
    client_order: Places = ("11",)
    previous: Places = ("41",)
    parent: Places = ("526", "583")
    own: Places = ("11",)
    placeholders: frozenset[str] = frozenset({"NONE", "0", "-1"})


class LevelHabits(Habit, frozen=True, kw_only=True):
    """How to tell the level: by the codes of one tag, else by whether a parent id is there."""

    tag: str = "442"
    codes: dict[str, Level] = msgspec.field(default_factory=lambda: {"2": Level.LEG, "3": Level.PACKAGE})
    with_parent: Level = Level.CHILD
    without_parent: Level = Level.CHILD


class VenueHabits(Habit, frozen=True, kw_only=True):
    """Where the venue stands and what its codes mean.

    `table` is code → MIC or local code, complete (SIP letters and local codes are in it); `facilities` are codes of
    trade-reporting facilities, whose venue is what `maker` holds; `books` joins a dark segment to its lit book.
    """

    places: Places = ("30",)
    table: dict[str, str] = {}
    facilities: frozenset[str] = frozenset()
    maker: Places = ("party 66", "party 17", "375", "76")
    books: dict[str, str] = {}


class ClockHabits(Habit, frozen=True, kw_only=True):
    """The time zones of SendingTime (52) and TransactTime (60), and the TrdRegTimestamps to use.

    `…_digits` says how many of the written fractional digits mean something; None: as many as are written.
    """

    sending: str = "UTC"
    transaction: str = "UTC"
    sending_digits: int | None = None
    transaction_digits: int | None = None
    executed: Places = ("stamp 1",)
    time_in: Places = ("stamp 2",)
    time_out: Places = ("stamp 3",)


class CancelHabits(Habit, frozen=True, kw_only=True):
    """Which cancels were asked for by the customer: `always` beats `never` beats the presence of the previous id."""

    with_previous_id: bool = True
    always: Marks = ()
    never: Marks = (("378", frozenset({"*"})),)


class KeyHabits(Habit, frozen=True, kw_only=True):
    """What else belongs to the idempotency key, and which tags change between copies of the same report."""

    extra: Places = ()
    volatile: frozenset[str] = HEADER_AND_TRAILER


class RecoveryMethod(StrEnum):
    """How missed reports come back: by ResendRequest, by themselves after a logon, when asked for, or not at all."""

    RESEND = "resend"
    REDELIVERY = "redelivery"
    REQUEST = "request"
    NONE = "none"


class RecoveryHabits(Habit, frozen=True, kw_only=True):
    """How missed reports come back.

    `allow` are the message types that may be sent to ask for them. `ended_by` marks the message that says that all
    were sent (place → values; "35": {"B"} for a News); without it a recovery ends after `quiet_after` without a
    redelivered report, or by `limit` at the latest, which is a finding. For a request: `ask` is its message type,
    `fields` its body, in which {last_exec_id}, {since} (UTCTimestamp of the last report) and {now} stand for what is
    known.
    """

    method: RecoveryMethod = RecoveryMethod.RESEND
    allow: frozenset[str] = frozenset()
    ended_by: Marks = ()
    quiet_after: Nanos = Nanos(5_000_000_000)
    limit: Nanos = Nanos(300_000_000_000)
    ask: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


class SequenceHabits(Habit, frozen=True, kw_only=True):
    """Which numbers prove completeness: tag `number`, counted apart for each value of the places in `scope`.

    With no scope: MsgSeqNum (34) of the session. With a scope and number 34: 34 is counted by scope only. With another
    number (1181, say): that is counted beside the session's own 34.
    """

    scope: Places = ()
    number: str = "34"


class SymbolHabits(Habit, frozen=True, kw_only=True):
    """How the counterparty writes symbols.

    `styles` are the conventions for suffixes, the first that reads a symbol wins; `table` is its symbol → the quote
    source's, the last word; `test` are symbols that trade nothing.
    """

    styles: Styles = COMMON
    table: dict[str, str] = {}
    test: frozenset[str] = frozenset()


class InstrumentHabits(Habit, frozen=True, kw_only=True):
    """Where a report says what kind of security it is about: a stock, which has an NBBO, or something else.

    `types` is SecurityType → kind, besides the standard's; a message without any such mark is `without_type`.
    `option_symbol` are places beside Symbol (55) where OSI may stand, `legs` counts of legs. `marks` are the places
    besides the type whose presence alone calls for a closer look.
    """

    type: Places = ("167",)
    types: dict[str, Instrument] = {}
    cfi: Places = ("461",)
    without_type: Instrument = Instrument.STOCK
    option_symbol: Places = ("48",)
    put_or_call: Places = ("201",)
    strike: Places = ("202",)
    expiry: Places = ("541", "200")
    day: Places = ("205",)
    legs: Places = ("555",)
    marks: frozenset[str] = frozenset({"461", "201", "202", "541", "200", "555"})


class Role(StrEnum):
    """What a counterparty's sessions carry: a vendor's drop copies, or a copy of the firm's own orders."""

    DROP_COPY = "drop_copy"
    OWN_ORDERS = "own_orders"


NOT_WATCHED = "none"
"""What a dialect maps a destination of own orders to that no counterparty here watches."""


class RouteHabits(Habit, frozen=True, kw_only=True):
    """How the way an order was sent is told: a code in one of the places, else by its account."""

    places: Places = ()
    codes: dict[str, str] = {}
    accounts: dict[str, str] = {}


class OwnOrderHabits(Habit, frozen=True, kw_only=True):
    """To which vendor (a counterparty's name) an own order was sent: `codes` of the places in `sent_to`, else `vendor`.

    `level` is the level that own orders have in the vendor's copy; None: that of its reports without a parent id.
    """

    vendor: str | None = None
    sent_to: Places = ("128", "57", "100")
    codes: dict[str, str] = {}
    level: Level | None = None

    @property
    def vendors(self) -> frozenset[str]:
        """Return the counterparties that own orders may name as theirs."""
        named = {self.vendor, *self.codes.values()} - {None, NOT_WATCHED}
        return frozenset(name for name in named if name is not None)


class Dialect(Habit, frozen=True, kw_only=True):
    """Everything that `decode` needs to know of one counterparty.

    `trade_date` lists tags in the order in which they are asked, before the session's day; `reads` are the tags that
    decide something: two values of one of them contradict each other; `exempt` is place → value → reason. `delay` is by
    how much the copy is held back on purpose; `fees_are_costs` whether a fee above zero is paid, not received;
    `exec_trans_type` whether ExecTransType (20) is to be believed, `fill_without_terms` whether a fill may leave symbol
    and side to what was said of its order before.
    """

    begin_string: str
    ids: IdHabits = IdHabits()
    level: LevelHabits = LevelHabits()
    venue: VenueHabits = VenueHabits()
    clocks: ClockHabits = ClockHabits()
    cancel: CancelHabits = CancelHabits()
    key: KeyHabits = KeyHabits()
    account: Places = ("1", "party 24")
    desk: Places = ("party 76",)
    client: Places = ("109", "party 3")
    capacity: Places = ("528", "47")
    fees: Places = ("12",)
    fees_are_costs: bool = True
    suffix: str = "."
    liquidity: tuple[tuple[str, dict[str, str]], ...] = ()
    held_default: bool | None = None
    directed: Marks = ()
    auction: Marks = ()
    exempt: tuple[tuple[str, dict[str, ExemptReason]], ...] = ()
    status: Marks = ()
    fill_without_exec_type: bool = False
    plain_fill_with_trans_type_2: bool = False
    exec_trans_type: bool = True
    fill_without_terms: bool = False
    trade_date: Places = ("75", "60")
    recovery: RecoveryHabits = RecoveryHabits()
    sequence: SequenceHabits = SequenceHabits()
    symbols: SymbolHabits = SymbolHabits()
    instruments: InstrumentHabits = InstrumentHabits()
    delay: Nanos = Nanos(0)
    role: Role = Role.DROP_COPY
    own_orders: OwnOrderHabits = OwnOrderHabits()
    route: RouteHabits = RouteHabits()
    reads: frozenset[str] = frozenset()


def marked(fields: dict[str, str], marks: Marks) -> bool:
    """Return whether any of the marks is on the message."""
    for place, values in marks:
        value = fields.get(place)
        if value and (value in values or "*" in values or not values.isdisjoint(value.split(" "))):
            return True
    return False


def first(fields: dict[str, str], places: Places) -> str | None:
    """Return what the first place that holds something holds."""
    for place in places:
        value = fields.get(place)
        if value:
            return value
    return None
