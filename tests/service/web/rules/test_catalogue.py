"""The catalogue and a card as plain values."""

from __future__ import annotations

from rules.cards import catalogue
from rules.facts import Nanos
from rules.rulebook import parse_rulebook
from service.change.history import Held
from service.change.one_rule import Filled
from service.rule_counts import RuleRecord
from service.versions import Version, VersionKind
from service.web.rules.card import fields, needs, parameter_rows, scope_rows, version_rows
from service.web.rules.catalogue import FAMILIES, families, judged, state_of
from tests.factories import NOON

BOOK = parse_rulebook("""\
rules:
  slow_fill:
    enabled: no
    scopes:
      - {when: {venue: XBOS}, enabled: yes, severity: critical, parameters: {at_most: 4 s}}
      - {when: {venue: MEMX}, severity: low}
      - {when: {venue: IEXG}, enabled: yes}
      - {when: {account: A1}, enabled: yes, level: parent}
  poor_fill: {enabled: no}
""")


def test_every_rule_is_in_one_family() -> None:
    """And no family is empty."""
    told = families(catalogue(), BOOK, {}, None)

    assert [one.name for one in told] == list(FAMILIES)
    assert all(one.rules for one in told)
    assert sorted(rule.name for one in told for rule in one.rules) == sorted(catalogue())


def test_whether_a_rule_is_on_is_told() -> None:
    """Off for all, off but for some."""
    states = {name: state_of(BOOK.settings(name)) for name in ("slow_fill", "poor_fill", "outside_nbbo")}

    assert states == {"slow_fill": "in scopes only", "poor_fill": "off", "outside_nbbo": "on"}


def test_precision_is_of_what_was_decided() -> None:
    """What nobody decided is no precision."""
    assert judged(RuleRecord(true=34, false=2, not_decided=9)) == "34 of 36 true (94 %)"
    assert judged(RuleRecord(not_decided=9)) == ""


def test_what_counts_for_whom_is_told_scope_by_scope() -> None:
    """What a scope has otherwise, and which value of a limit."""
    card = catalogue()["slow_fill"].card

    scopes = {row.when: row.told for row in scope_rows(BOOK.settings("slow_fill"))}
    (limit,) = parameter_rows(card, BOOK.settings("slow_fill"))

    assert scopes == {
        "account A1": "switched on, counts parent",
        "venue XBOS": "severity critical, switched on",
        "venue MEMX": "switched off",
        "venue IEXG": "switched on",
    }
    assert (limit.value, limit.changed, limit.scoped) == ("1 s", False, (("venue XBOS", "4 s"),))
    on = scope_rows(parse_rulebook("rules: {slow_fill: {scopes: [{when: {venue: X}}]}}").settings("slow_fill"))
    assert on[0].told == "other limits"


def test_what_a_rule_goes_by_is_told_of_every_card() -> None:
    """Windows, clocks, the register, events."""
    names = {name for rule in catalogue().values() for name, _ in needs(rule)}

    assert names == {"looks at", "counts", "level", "clocks", "register", "window", "events"}


def test_every_parameter_of_the_catalogue_has_a_field_that_says_what_is_expected() -> None:
    """With choices where there are some."""
    every = [
        one
        for rule in catalogue().values()
        for one in fields(rule.card, parse_rulebook("").settings(rule.card.name), Filled())
    ]

    assert all(one.hint or one.name in ("enabled", "severity") for one in every)
    assert any(one.choices for one in every if one.name.startswith("parameter."))


def test_the_changes_of_a_rule_are_told_newest_first() -> None:
    """By whom; versions that leave it alone are left out."""

    def held(offset: int, **told: str) -> Held:
        version = Version(kind=VersionKind.RULEBOOK, name="rulebook", text=str(offset), **told)
        return Held(offset=offset, since=Nanos(NOON) if offset > 1 else None, version=version)

    told = [
        (held(1), ("slow_fill.at_most: 1 s → 2 s",)),
        (held(2, actor="kim"), ("poor_fill.enabled: true → false",)),
        (held(3, proposer="pat", approver="sam"), ("slow_fill.at_most: 2 s → 3 s", "poor_fill.enabled: false → true")),
    ]

    rows = version_rows("slow_fill", told)

    assert [(row.by, row.told) for row in rows] == [
        ("proposed by pat, approved by sam", ("slow_fill.at_most: 2 s → 3 s",)),
        ("the start", ("slow_fill.at_most: 1 s → 2 s",)),
    ]
