"""Two runs of a day side by side: the first finding that differs is named, with the field and both values."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.digest import digest
from rules.finding import Finding, Scope
from rules.reassessment import Reassessment, Verdict, Why
from service.statements.closing import Digests
from service.verify.close import Closed, at_close
from service.verify.compare import Came, Difference, parts
from service.verify.verified import as_json, lines, verified
from tests.factories_store import a_finding, a_look

DAY = "2026-11-20"


def came(*findings: Finding, looks: tuple[Reassessment, ...] = (), fills: int = 0) -> Came:
    """Return what one run of the day came to."""
    return Came(findings=findings, looks=looks, facts={"fills": fills, "markouts": 0})


def difference(live: Came, again: Came) -> Difference | None:
    """Return the first difference of all parts."""
    return next((part.difference for part in parts(live, again) if part.difference is not None), None)


def changed(finding: Finding, **named: Any) -> Finding:
    """Return the finding with other fields."""
    return msgspec.structs.replace(finding, **named)


def test_two_equal_runs_have_no_difference() -> None:
    """Whatever the order in which the findings came."""
    one, other = a_finding("F1"), a_finding("F2", rule="poor_fill")
    looks = (a_look("F1"),)

    told = parts(came(one, other, looks=looks), came(other, one, looks=looks))

    assert [part.equal for part in told] == [True, True, True]
    assert [(part.live_count, part.again_count, part.difference) for part in told] == [
        (2, 2, None),
        (0, 0, None),
        (1, 1, None),
    ]


@pytest.mark.parametrize(
    ("named", "field", "live", "again"),
    [
        ({"dollar_harm": 7}, "dollar_harm", "nothing", "7"),
        ({"thresholds": {"limit_ns": 5}}, "thresholds.limit_ns", "nothing", "5"),
        ({"sentence": "else"}, "sentence", a_finding("F1").sentence, "else"),
    ],
)
def test_the_first_field_that_differs_is_named_with_both_values(
    named: dict[str, Any], field: str, live: str, again: str
) -> None:
    """Inside of values, thresholds and quotes too."""
    first = changed(a_finding("F1"), thresholds={})

    told = difference(came(first), came(changed(first, **named)))

    assert told is not None
    assert (told.rule, told.subject, told.finding_id) == (first.rule, first.subject, "F1")
    assert (told.field, told.live, told.again) == (field, live, again)


def test_of_several_values_only_that_which_differs_is_named() -> None:
    """Equal values beside it, and whole dictionaries that are equal, are passed over."""
    first = changed(a_finding("F1"), values={"a": 1, "b": 2}, thresholds={"c": 3})

    told = difference(came(first), came(changed(first, values={"a": 1, "b": 3})))

    assert told is not None
    assert (told.field, told.live, told.again) == ("values.b", "2", "3")


def test_a_finding_that_one_run_lacks_is_named_before_a_later_one_that_differs() -> None:
    """In the order of the digest: by rule, subject and time."""
    early, late = a_finding("F1", rule="a_rule"), a_finding("F2", rule="b_rule")

    only_again = difference(came(late), came(early, changed(late, cause="other")))
    only_live = difference(came(early, late), came(late))
    nothing_live = difference(came(), came(early))

    assert only_again == nothing_live
    assert only_again is not None
    assert only_live is not None
    assert (only_again.field, only_again.live, only_again.again) == ("finding", "nothing", early.sentence)
    assert (only_live.field, only_live.live, only_live.again) == ("finding", early.sentence, "nothing")


def test_what_a_kill_may_change_is_no_difference() -> None:
    """Offsets, related records and doubt are not compared."""
    first = a_finding("F1")
    other = changed(first, offset=99, related=(98, 99), uncertain=True)

    assert difference(came(first), came(other)) is None


def test_a_second_look_that_differs_is_named_with_the_subject_of_its_finding() -> None:
    """By verdict, reason and all that goes into its digest."""
    first = a_finding("F1")
    stands, withdrawn = a_look("F1", Verdict.STANDS), a_look("F1", Verdict.WITHDRAWN)
    late = a_look("F9", why=Why.QUOTES)

    other = difference(came(first, looks=(stands,)), came(first, looks=(withdrawn,)))
    missing = difference(came(first, looks=(stands, late)), came(first, looks=(stands,)))

    assert other is not None
    assert missing is not None
    assert (other.subject, other.field, other.live, other.again) == (first.subject, "verdict", "stands", "withdrawn")
    assert (missing.subject, missing.field, missing.live, missing.again) == ("?", "second look", "stands", "nothing")


def test_what_was_recorded_at_the_close_is_compared_without_what_came_later() -> None:
    """The counts that the close states say where it stood."""
    first, later = a_finding("F1"), a_finding("F2")
    live = came(first, later, looks=(a_look("F1"),))
    stated = Digests(
        market=digest([first], Scope.MARKET), feed=digest([], Scope.FEED), looks="", findings=1, second_looks=1
    )

    told = at_close(Closed(seq=4, digests=stated), live)

    assert told is not None
    assert (told.statement, told.findings_since, told.differs) == (4, 1, ("second_looks",))
    assert at_close(None, live) is None
    assert at_close(Closed(seq=4, digests=None), live) is None


def test_an_equal_day_is_told_in_lines() -> None:
    """With the digests, so that they can be compared with those on paper."""
    run = came(a_finding("F1"), fills=3)

    told = verified(DAY, run, run, start=0, upto=1_000, begun=None, closed=None)

    assert told.equal
    assert list(lines(told)) == [
        f"{DAY}: the same again",
        "  records 1 to 1,000 were run again with the recorded decisions, from the journal's start",
        "  fills                    3",
        f"  market                   1  digest {digest(run.findings, Scope.MARKET)}",
        f"  feed                     0  digest {digest((), Scope.FEED)}",
        f"  second looks             0  digest {told.parts[2].live}",
        "  no close of this day states its digests (`sorwatch close-of-day --sign` keeps them)",
    ]
    assert msgspec.json.decode(as_json(told))["equal"] is True


def test_a_day_that_differs_is_told_with_its_first_difference() -> None:
    """And from which checkpoint it was run."""
    first = a_finding("F1")
    live, again = came(first, fills=3), came(changed(first, cause="else"), fills=2)
    stated = Digests(
        market="", feed=digest((), Scope.FEED), looks=parts(live, again)[2].live, findings=0, second_looks=0
    )
    closed = at_close(Closed(seq=7, digests=stated), live)

    told = verified(DAY, live, again, start=500, upto=1_000, begun=DAY, closed=closed)

    assert not told.equal
    said = list(lines(told))
    assert said[:3] == [
        f"{DAY}: NOT the same again",
        f"  records 501 to 1,000 were run again with the recorded decisions, from the checkpoint at 500 ({DAY})",
        "  fills                    3 live, 2 again",
    ]
    assert said[3].startswith("  market         1 live, 1 again: digest ")
    assert said[-2:] == [
        "  what is recorded is NOT what its close states (statement 7): market",
        f"  first difference: {first.rule} of {first.subject}, cause: {first.cause} live, else again (finding F1)",
    ]
    assert msgspec.json.decode(as_json(told))["difference"]["field"] == "cause"


def test_a_day_that_went_on_after_its_close_says_how_far() -> None:
    """That is no difference."""
    first = a_finding("F1")
    run = came(first)
    stated = Digests(
        market=digest((), Scope.MARKET),
        feed=digest((), Scope.FEED),
        looks=parts(run, run)[2].live,
        findings=0,
        second_looks=0,
    )

    told = verified(DAY, run, run, start=5, upto=9, begun=None, closed=at_close(Closed(seq=7, digests=stated), run))

    assert told.equal
    assert "  as its close states it (statement 7); 1 findings were made since" in lines(told)
    assert "from the checkpoint at 5 (newest)" in list(lines(told))[1]
