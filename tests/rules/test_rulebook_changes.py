"""What differs between two rulebooks, in words with units."""

from __future__ import annotations

from rules.rulebook import parse_rulebook
from rules.rulebook_changes import rulebook_changes

NEW = """
version: 2026-12
incident_span: 5 min
rules:
  slow_fill: {parameters: {at_most: 250 ms}, cooldown: 1 h, grouping: [rule, venue]}
  poor_fill: {parameters: {marketable_at_least: 92.5 %}, severity: critical, level: parent}
  outside_nbbo: {parameters: {tolerance: 0.01}, enabled: false}
  fill_rate_drop: {parameters: {minimum: 30}}
"""


def test_each_difference_is_told_with_its_unit() -> None:
    """Rule by rule, limit by limit; what a firm leaves as it is is not mentioned."""
    changes = rulebook_changes(parse_rulebook(""), parse_rulebook(NEW))

    assert [change.words for change in changes] == [
        "version: catalogue → 2026-12",
        "incident_span: 600 s → 300 s",
        "fill_rate_drop.minimum: 20 → 30",
        "outside_nbbo.enabled: true → false",
        "outside_nbbo.tolerance: 0.00 → 0.01",
        "poor_fill.severity: medium → critical",
        "poor_fill.level: child → parent",
        "poor_fill.marketable_at_least: 90 % → 92.5 %",
        "slow_fill.at_most: 1 s → 250 ms",
        "slow_fill.grouping: rule, counterparty, cause → rule, venue",
        "slow_fill.cooldown: 900 s → 3600 s",
    ]


def test_the_same_in_other_words_is_no_difference() -> None:
    """1000 ms is a second, and a comment is nothing."""
    same = parse_rulebook("# ours\nrules: {slow_fill: {parameters: {at_most: 1000 ms}}}")

    assert rulebook_changes(parse_rulebook(""), same) == ()


def test_scopes_are_told_apart_line_by_line() -> None:
    """One that is new or gone is held against the rule's own lines, one that both have against itself."""
    old = parse_rulebook(
        "rules: {slow_fill: {scopes: [{when: {venue: XBOS}, parameters: {at_most: 2 s}}, "
        "{when: {desk: D1}, severity: high}, {when: {account: A1}, enabled: false}]}}"
    )
    new = parse_rulebook(
        "rules: {slow_fill: {scopes: [{when: {venue: XBOS}, parameters: {at_most: 3 s}}, "
        "{when: {account: A1}, enabled: false}, {when: {venue: XCHI, order_type: market}, level: parent}]}}"
    )

    changes = rulebook_changes(old, new)

    assert [change.words for change in changes] == [
        "slow_fill.scopes [desk D1]: there → none",
        "slow_fill.severity [desk D1]: high → medium",
        "slow_fill.at_most [venue XBOS]: 2 s → 3 s",
        "slow_fill.scopes [venue XCHI, order type market]: none → there",
        "slow_fill.level [venue XCHI, order type market]: child → parent",
    ]
