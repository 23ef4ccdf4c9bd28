"""How much of the flow went where: one venue too much, paying venues too much, or otherwise than the policy says."""

from __future__ import annotations

from typing import Any

import pytest

from rules.catalogue import routing_drift, venue_concentration
from rules.engine import Engine
from rules.facts import SECOND, Fill
from rules.finding import Draft, Finding
from rules.instruments import TEST
from rules.mix import in_words, observe_shares
from rules.register import VenueRegister
from rules.rule import NotEvaluated
from rules.rulebook import parse_rulebook
from rules.windows import Row, Window
from tests.factories import NOON, a_fill, shares
from tests.factories_rules import a_register, found

LIMITS = {"share_at_most": 750_000, "paying_at_most": 500_000, "tolerance": 150_000}
POLICY = """
- {venue: XNYS, name: NYSE, approved_from: 2020-01-01, routing_share: 60 %}
- {venue: XNAS, name: Nasdaq, approved_from: 2020-01-01, routing_share: 40 %}
- {venue: PAYS, name: a market maker, approved_from: 2020-01-01, pays_for_order_flow: true}
- {venue: PAID, name: another, approved_from: 2020-01-01, pays_for_order_flow: true}
"""


def a_mix(**quantities: str) -> Window:
    """Return a window of executions with these shares by venue."""
    window = Window()
    for number, (venue, quantity) in enumerate(quantities.items()):
        window.add(Row(NOON + number, number, shares(quantity), 0, venue), 10 * SECOND)
    return window


def concentrated(venue: str, window: Window, register: VenueRegister | None = None) -> Any:
    """Return what the rule says of an execution at the venue."""
    return venue_concentration.check(a_fill(venue=venue), LIMITS, window, register or a_register(POLICY))


def drifted(window: Window, register: str = POLICY) -> Any:
    """Return what the rule says of the mix under a policy."""
    return routing_drift.check(a_fill(), LIMITS, window, a_register(register))


@pytest.mark.parametrize(
    ("venue", "window", "what"),
    [
        ("XNYS", a_mix(XNYS="75", XNAS="25"), None),
        ("XNYS", a_mix(XNYS="76", XNAS="24"), "venue XNYS"),
        ("XNAS", a_mix(XNYS="76", XNAS="24"), None),
        ("PAYS", a_mix(XNYS="50", PAYS="30", PAID="20"), None),
        ("PAYS", a_mix(XNYS="49", PAYS="30", PAID="21"), "venues that pay"),
        ("XNYS", a_mix(XNYS="49", PAYS="30", PAID="21"), None),
        ("PAYS", a_mix(XNYS="1", PAYS="99"), "venue PAYS"),
    ],
)
def test_a_share_above_its_cap_is_reported_by_an_execution_that_raised_it(
    venue: str, window: Window, what: str | None
) -> None:
    """The cap itself is allowed; one venue goes before all that pay."""
    found_ = concentrated(venue, window)

    assert (found_ if found_ is None else found_.values["concentrated"]) == what


def test_the_paying_venues_are_named_with_the_mix() -> None:
    """Who decides can see who got what."""
    draft = concentrated("PAYS", a_mix(XNYS="40", PAYS="40", PAID="20"))

    assert isinstance(draft, Draft)
    assert draft.sentence == (
        "Venues that pay for order flow (PAID, PAYS) got 60 % of the shares executed in the window; at most 50 % is "
        "allowed. The mix: PAYS 40 %, XNYS 40 %, PAID 20 %."
    )
    assert (draft.values["share_ratio_ppm"], draft.values["executed_shares"]) == (600_000, shares("100"))


def test_without_a_register_nobody_knows_who_pays() -> None:
    """One venue's share is judged all the same."""
    nothing = VenueRegister()

    assert concentrated("PAYS", a_mix(XNYS="40", PAYS="60"), nothing) == NotEvaluated("no venue register")
    assert isinstance(concentrated("PAYS", a_mix(PAYS="60"), nothing), Draft)


@pytest.mark.parametrize(
    ("window", "venue", "share"),
    [
        (a_mix(XNYS="60", XNAS="40"), None, 0),
        (a_mix(XNYS="75", XNAS="25"), None, 0),
        (a_mix(XNYS="45", XNAS="55"), None, 0),
        (a_mix(XNYS="44", XNAS="56"), "XNYS", 440_000),
        (a_mix(XNYS="76", XNAS="24"), "XNYS", 760_000),
        (a_mix(XNYS="50", PAYS="50"), "XNAS", 0),
        (a_mix(XNYS="55", XNAS="20", PAYS="25"), "XNAS", 200_000),
    ],
)
def test_the_venue_furthest_from_the_policy_is_reported(window: Window, venue: str | None, share: int) -> None:
    """Too much and too little are drift alike; of two as far apart it is always the same."""
    draft = drifted(window)

    assert (draft if draft is None else (draft.values["venue"], draft.values["share_ratio_ppm"])) == (
        None if venue is None else (venue, share)
    )


def test_a_drift_says_what_the_policy_is() -> None:
    """In per cent of the shares executed."""
    draft = drifted(a_mix(XNYS="90", XNAS="10"))

    assert draft.sentence == (
        "XNYS got 90 % of the shares executed in the window; the routing policy says 60 %, and 15 % either way is "
        "allowed. The mix: XNYS 90 %, XNAS 10 %."
    )
    assert (draft.cause, draft.values["policy_ratio_ppm"]) == ("routing: venue XNYS", 600_000)


def test_without_a_policy_there_is_no_drift_and_that_is_counted() -> None:
    """A register that gives no venue a share, or none that is in force, says nothing."""
    assert drifted(a_mix(XNYS="90"), "- {venue: XNYS, name: NYSE, approved_from: 2020-01-01}") == NotEvaluated(
        "no routing policy"
    )
    assert drifted(a_mix(XNYS="90"), POLICY.replace("2020", "2030")) == NotEvaluated("no routing policy")


def test_a_window_whose_executions_were_all_busted_has_no_mix() -> None:
    """What was taken out of it may leave nothing."""
    nothing = Window()

    assert drifted(nothing) is None
    assert concentrated("XNYS", nothing) is None


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"directed": True}, "directed by the customer"),
        ({"venue": "venue_unknown"}, "venue unknown"),
        ({"execution_state": "absent", "note": TEST}, TEST),
    ],
)
def test_what_is_no_part_of_the_mix_is_counted_apart(named: dict[str, Any], reason: str) -> None:
    """Each exclusion has its reason."""
    assert observe_shares(a_fill(**named)) == NotEvaluated(reason)


def test_a_long_mix_is_cut_short() -> None:
    """The greatest come first, the rest is one number."""
    assert in_words({f"V{n}": n for n in range(1, 10)}) == (
        "V9 20 %, V8 17.7777 %, V7 15.5555 %, V6 13.3333 %, V5 11.1111 %, V4 8.8888 %, others 13.3333 %"
    )


def findings(fills: list[Fill], register: str = POLICY) -> list[Finding]:
    """Return what an engine under a register finds on the fills about their mix."""
    engine = Engine(parse_rulebook(""), {"demo": a_register(register)})
    return [one for one in found(engine, fills) if one.rule in ("routing_drift", "venue_concentration")]


def test_a_mix_is_judged_again_only_after_many_further_executions() -> None:
    """A drift that goes on is no flood; the register is that of the execution's own counterparty."""
    fills = [a_fill(execution_id=f"E{n}", executed_at=NOON + n * 1_000_000, venue="XNAS") for n in range(1_200)]

    said = findings(fills)

    assert [(one.rule, one.sample_count) for one in said] == [
        ("routing_drift", 100),
        ("venue_concentration", 100),
        ("routing_drift", 1_100),
        ("venue_concentration", 1_100),
    ]
    assert [one.rule for one in findings([a_fill(execution_id=f"E{n}", counterparty="other") for n in range(200)])] == [
        "venue_concentration"
    ]
