"""A counterparty's habits as data: where its messages say what. Values only; `dialect.py` reads them from YAML.

A *place* is a tag as text ("30"), or a pseudo-tag that `groups.py` sets: "party 17" is the PartyID (448) whose
PartyRole (452) is 17, "stamp 2" the TrdRegTimestamp (769) of type (770) 2.
"""

from __future__ import annotations

import msgspec

from rules.facts import ExemptReason, Level

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
    """Which tags name the order; `placeholders` are values that mean "no id"."""

    order: Places = ("37", "11")
    client_order: Places = ("11",)
    previous: Places = ("41",)
    parent: Places = ("526", "583")
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
    """The time zones of SendingTime (52) and TransactTime (60), and the TrdRegTimestamps to use."""

    sending: str = "UTC"
    transaction: str = "UTC"
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


class Dialect(Habit, frozen=True, kw_only=True):
    """Everything that `decode` needs to know of one counterparty.

    `trade_date` lists tags in the order in which they are asked, before the session's day; `reads` are the tags that
    decide something: two values of one of them contradict each other; `exempt` is place → value → reason.
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
    suffix: str = "."
    liquidity: tuple[tuple[str, dict[str, str]], ...] = ()
    held_default: bool | None = None
    directed: Marks = ()
    auction: Marks = ()
    exempt: tuple[tuple[str, dict[str, ExemptReason]], ...] = ()
    status: Marks = ()
    fill_without_exec_type: bool = False
    plain_fill_with_trans_type_2: bool = False
    trade_date: Places = ("75", "60")
    recovery_allow: frozenset[str] = frozenset()
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
