"""Equal findings have equal digests, whatever the journal looked like."""

from __future__ import annotations

import random

import msgspec

from rules.digest import canonical, digest
from rules.finding import Finding, Scope
from tests.factories import NOON, a_feed_event, a_fill
from tests.factories_rules import an_engine, found

FINDINGS: list[Finding] = found(
    an_engine(),
    [
        *(a_fill(venue="XTOX", execution_id=f"E{n}", executed_at=NOON + n) for n in range(5)),
        a_feed_event(kind="silent"),
    ],
)


def test_order_repetition_and_offsets_do_not_matter() -> None:
    """Shuffled, doubled and moved to other offsets the findings have the same digest."""
    moved = [msgspec.structs.replace(finding, offset=finding.offset + 9, related=(1, 2)) for finding in FINDINGS]
    shuffled = random.Random(1).sample(moved + FINDINGS, 2 * len(FINDINGS))

    assert digest(shuffled, Scope.MARKET) == digest(FINDINGS, Scope.MARKET)


def test_a_value_matters() -> None:
    """One other number is another digest."""
    changed = [msgspec.structs.replace(FINDINGS[0], values={"venue": "XOTHER"}), *FINDINGS[1:]]

    assert digest(changed, Scope.MARKET) != digest(FINDINGS, Scope.MARKET)


def test_the_feed_has_a_digest_of_its_own() -> None:
    """A silent feed changes the feed's digest and not the market's."""
    market = [finding for finding in FINDINGS if finding.scope is Scope.MARKET]

    assert digest(market, Scope.MARKET) == digest(FINDINGS, Scope.MARKET)
    assert digest(market, Scope.FEED) != digest(FINDINGS, Scope.FEED)
    assert digest([], Scope.MARKET) != digest([], Scope.FEED)


def test_it_does_not_matter_which_session_carried_an_execution_first() -> None:
    """The market's digest is the market's; a feed finding is its session's."""
    other = [msgspec.structs.replace(finding, session="FIX.4.4:FIRM->SOR:2") for finding in FINDINGS]

    assert digest(other, Scope.MARKET) == digest(FINDINGS, Scope.MARKET)
    assert digest(other, Scope.FEED) != digest(FINDINGS, Scope.FEED)


def test_two_sessions_fall_silent_with_two_findings() -> None:
    """The same subject at the same time on another session is another finding."""
    events = [a_feed_event(kind="silent", subject="line", session=session) for session in ("A", "B")]

    assert len({finding.finding_id for finding in found(an_engine(), events)}) == 2


def test_canonical_json_is_sorted_and_compact() -> None:
    """Keys are in order, without spaces, offset and related left out."""
    text = canonical(FINDINGS[0]).decode()
    fields = msgspec.json.decode(text)

    assert list(fields) == sorted(fields)
    assert '": ' not in text
    assert not {"offset", "related"} & set(fields)
