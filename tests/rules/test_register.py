"""The register says whether a venue is approved on a date, and why not."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import OrderType
from rules.register import Approval, NotApproved, RegisterError, VenueRegister, parse_register
from rules.session_of_day import SessionOfDay
from tests.factories import an_order

TEXT = """
- venue: XNYS
  name: NYSE
  approved_from: 2020-01-01
  document: minutes 12
- {venue: XNAS, name: Nasdaq, approved_from: 2020-01-01, order_types: [limit]}
- {venue: XBOS, name: Boston, approved_from: 2020-01-01, approved_until: 2021-06-30}
- {venue: XBOS, name: Boston, approved_from: 2022-01-01, approved_until: 2022-12-31}
- {venue: NYSD, name: NYSE dark, approved_from: 2020-01-01, approved_until: 2020-12-31, pays_for_order_flow: yes}
"""

BROKEN = """\
- {venue: XNYS, name: NYSE}
- {venue: XNAS, name: Nasdaq, approved_from: yesterday, color: blue}
- {name: Boston, approved_from: 2022-01-01, approved_until: 2021-01-01}
- {venue: XCHI, name: Chicago, approved_from: 2022-01-01, order_types: [fast], pays_for_order_flow: often}
- XBOS
"""


@pytest.mark.parametrize(
    ("venue", "book", "date", "reason"),
    [
        ("XNYS", "XNYS", "2026-11-20", None),
        ("XNYS", "XNYS", "2020-01-01", None),
        ("XNYS", "XNYS", "2019-12-31", "not yet approved"),
        ("XBOS", "XBOS", "2021-06-30", None),
        ("XBOS", "XBOS", "2021-07-01", "between approvals"),
        ("XBOS", "XBOS", "2022-03-01", None),
        ("XTOX", "XTOX", "2026-11-20", "not in the register"),
        ("ARCD", "XNYS", "2026-11-20", None),
        ("NYSD", "XNYS", "2026-11-20", "expired"),
        ("XNAS", "XNAS", "2026-11-20", "order type"),
    ],
)
def test_a_venue_is_approved_by_its_own_entry_else_by_its_book_s(
    venue: str, book: str, date: str, reason: str | None
) -> None:
    """Dates are inclusive; a venue's own entry wins over that of its lit book; order types are looked at."""
    approval = parse_register(TEXT).approval(venue, book, date, an_order(order_type="market"))

    assert (approval.reason if isinstance(approval, NotApproved) else None) == reason


def test_a_refusal_says_what_is_approved_instead() -> None:
    """The words name the dates or the order types that are."""
    register = parse_register(TEXT)

    late = register.approval("XBOS", "XBOS", "2026-11-20", an_order())
    market = register.approval("XNAS", "XNAS", "2026-11-20", an_order(order_type="market"))

    assert late == NotApproved(
        "expired",
        "is approved from 2020-01-01 until 2021-06-30 and from 2022-01-01 until 2022-12-31, not on 2026-11-20",
    )
    assert market == NotApproved("order type", "is approved for limit orders, not for market")


EXTENDED = """
- {venue: MEMX, name: MEMX, approved_from: 2020-01-01, sessions: [regular, opening], order_types: [limit]}
- {venue: MEMX, name: MEMX, approved_from: 2026-01-01, sessions: [closing]}
- {venue: XNYS, name: NYSE, approved_from: 2020-01-01}
"""


@pytest.mark.parametrize(
    ("venue", "order_type", "session", "words"),
    [
        ("MEMX", "limit", "opening", None),
        ("MEMX", "limit", "closing", None),
        ("MEMX", "market", "closing", None),
        ("MEMX", "market", "opening", "is approved in closing, not in opening"),
        ("MEMX", "limit", "post", "is approved in opening, regular, closing, not in post"),
        ("MEMX", "market", None, None),
        ("XNYS", "market", "post", None),
    ],
)
def test_a_venue_may_be_approved_for_some_sessions_of_the_day(
    venue: str, order_type: str, session: str | None, words: str | None
) -> None:
    """An entry without sessions is for the whole day; who does not ask for the session is not refused by it."""
    asked = None if session is None else SessionOfDay(session)

    said = parse_register(EXTENDED).approval(venue, venue, "2026-11-20", an_order(order_type=order_type), asked)

    assert (said.reason, said.words) == ("session", words) if isinstance(said, NotApproved) else words is None


def test_a_session_that_is_none_is_refused_with_the_words_there_are() -> None:
    """They are those of the facts."""
    with pytest.raises(RegisterError, match='sessions cannot be "night"; expected one of early, pre, opening'):
        parse_register("- {venue: A, name: a, approved_from: 2020-01-01, sessions: [night]}")


def test_an_approval_keeps_its_document_and_what_it_pays() -> None:
    """What the file says of a venue is there for the review."""
    approvals = {approval.venue: approval for approval in parse_register(TEXT).approvals}

    assert approvals["XNYS"].document == "minutes 12"
    assert approvals["NYSD"].pays_for_order_flow
    assert approvals["XNAS"].order_types == (OrderType.LIMIT,)


def test_every_problem_of_a_register_is_listed_at_once() -> None:
    """One reading names everything that is wrong."""
    with pytest.raises(RegisterError) as refused:
        parse_register(BROKEN)

    assert refused.value.problems == [
        "line 1: approved_from is missing; every venue has venue, name and approved_from",
        (
            'line 2: a venue knows no "color"; expected venue, name, approved_from, approved_until, order_types, '
            "sessions, document, approver, pays_for_order_flow, fees, desks, clients, accounts, symbols, routing_share"
        ),
        'line 2: approved_from is "yesterday"; expected a date such as 2026-01-31',
        "line 3: venue is missing; every venue has venue, name and approved_from",
        "line 3: the approval of this venue ends before it begins",
        'line 4: order_types cannot be "fast"; expected one of market, limit, stop, stop_limit, pegged, other, unknown',
        'line 4: pays_for_order_flow is "often"; expected true or false',
        (
            "line 5: a venue is not a mapping; expected keys among venue, name, approved_from, approved_until, "
            "order_types, sessions, document, approver, pays_for_order_flow, fees, desks, clients, accounts, "
            "symbols, routing_share"
        ),
        "line 5: venue is missing; every venue has venue, name and approved_from",
        "line 5: name is missing; every venue has venue, name and approved_from",
        "line 5: approved_from is missing; every venue has venue, name and approved_from",
    ]


def test_a_register_that_is_no_list_is_refused() -> None:
    """A mapping at the top is said to be one."""
    with pytest.raises(RegisterError, match="line 1: the register is a list"):
        parse_register("venue: XNYS")


def test_the_hash_follows_the_approvals_and_not_their_order() -> None:
    """The same approvals written in another order are the same register."""
    one = Approval(venue="A", name="a", approved_from="2020-01-01")
    other = Approval(venue="B", name="b", approved_from="2020-01-01")

    assert VenueRegister.of((one, other)) == VenueRegister.of((other, one))
    assert VenueRegister.of((one,)).hash != VenueRegister.of((other,)).hash


def test_an_empty_text_is_an_empty_register() -> None:
    """Nothing is approved, and that is not an error of the file."""
    assert parse_register("").approvals == ()


def test_two_registers_say_where_they_differ() -> None:
    """A venue only in one, or with other dates, is named; an equal one is not."""
    same = Approval(venue="A", name="a", approved_from="2020-01-01")
    longer = Approval(venue="B", name="b", approved_from="2020-01-01")
    shorter = Approval(venue="B", name="b", approved_from="2020-01-01", approved_until="2021-01-01")
    only = Approval(venue="C", name="c", approved_from="2020-01-01")

    assert VenueRegister.of((same, longer)).differing(VenueRegister.of((same, shorter, only))) == ("B", "C")


LIMITED = """
- {venue: MEMX, name: MEMX, approved_from: 2020-01-01, desks: [retail, wealth], symbols: [XYZ]}
- {venue: MEMX, name: MEMX, approved_from: 2020-01-01, accounts: [A9]}
"""


@pytest.mark.parametrize(
    ("named", "refused"),
    [
        ({"desk": "retail"}, None),
        ({"desk": "wealth"}, None),
        ({"desk": "retail", "symbol": "ABC"}, "desk retail, client unknown, account A1, symbol ABC"),
        ({"desk": "other"}, "desk other, client unknown, account A1, symbol XYZ"),
        ({}, "desk unknown, client unknown, account A1, symbol XYZ"),
        ({"account": "A9", "symbol": "ABC"}, None),
    ],
)
def test_a_venue_may_be_approved_for_some_desks_and_accounts(named: dict[str, str], refused: str | None) -> None:
    """All that one entry names must hold; what an order does not tell is not among them."""
    order = msgspec.structs.replace(an_order(), **named)

    said = parse_register(LIMITED).approval("MEMX", "MEMX", "2026-11-20", order)

    if refused is None:
        assert isinstance(said, Approval)
    else:
        allowed = "desks retail, wealth and symbols XYZ or accounts A9"
        assert said == NotApproved("scope", f"is approved for {allowed}, not for {refused}")


POLICY = """
- {venue: XNYS, name: NYSE, approved_from: 2020-01-01, approved_until: 2026-06-30, routing_share: 60 %}
- {venue: XNYS, name: NYSE, approved_from: 2026-07-01, routing_share: 50 %, pays_for_order_flow: true}
- {venue: XNAS, name: Nasdaq, approved_from: 2020-01-01, routing_share: "0.4"}
- {venue: MEMX, name: MEMX, approved_from: 2020-01-01}
"""


def test_the_routing_policy_is_what_is_in_force_on_the_date() -> None:
    """A venue without a share is not a part of it."""
    register = parse_register(POLICY)

    assert register.routing_policy("2026-06-30") == {"XNYS": 600_000, "XNAS": 400_000}
    assert register.routing_policy("2026-07-01") == {"XNYS": 500_000, "XNAS": 400_000}
    assert register.routing_policy("2019-01-01") == {}
    assert (register.pays("XNYS", "2026-06-30"), register.pays("XNYS", "2026-07-01")) == (False, True)
    assert not register.pays("XTOX", "2026-07-01")


FIRST = "- {venue: A, name: a, approved_from: 2020-01-01, routing_share: 50 %}\n"


@pytest.mark.parametrize(
    ("venue", "share", "problem"),
    [
        ("B", "51 %", "line 2: the routing shares on 2021-01-01 add up to more than 100 %"),
        ("B", "much", 'line 2: routing_share is "much"; expected a ratio between 0 % and 100 %, for example "92.5 %"'),
        ("A", "0 %", "line 2: A has two routing shares on 2021-01-01"),
    ],
)
def test_a_routing_policy_gives_away_no_more_than_everything(venue: str, share: str, problem: str) -> None:
    """Nor two shares to one venue at once."""
    text = f"{FIRST}- {{venue: {venue}, name: b, approved_from: 2021-01-01, routing_share: {share}}}"

    with pytest.raises(RegisterError) as refused:
        parse_register(text)

    assert refused.value.problems == [problem]


def test_all_of_everything_may_be_given_away() -> None:
    """A policy that adds up to 100 % is whole."""
    text = f"{FIRST}- {{venue: B, name: b, approved_from: 2021-01-01, routing_share: 50 %}}"

    assert parse_register(text).routing_policy("2021-01-01") == {"A": 500_000, "B": 500_000}
