"""The picture: one element that reads alone, without script and inline style, honest about what it cannot show."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.finding import Finding
from service.market.update import MarketState
from service.picture.form import NARROW, WIDE, Form
from service.picture.life import Family, Role, What
from service.picture.nbbo import picture
from service.quote_evidence import FindingQuotes
from tests.factories import price, shares
from tests.factories_picture import a_family, a_life, a_point, kept, the_fill, the_finding, told

SVG = "{http://www.w3.org/2000/svg}"
QUIET = told(-9, "42.11", "42.13")


def drawn(
    quotes: FindingQuotes | None, family: Family | None, finding: Finding | None = None, **named: object
) -> ET.Element:
    """Return the picture as a tree, after looking at what must hold for every picture."""
    text = picture(finding or the_finding(), quotes, family, **named)  # type: ignore[arg-type]
    tree = ET.fromstring(text)
    tags = {one.tag.removeprefix(SVG) for one in tree.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "path", "text", "pattern"}
    assert not any(name == "style" or name.startswith("on") for one in tree.iter() for name in one.attrib)
    ids = [one.attrib["id"] for one in tree.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids))
    assert all(name in ids for name in tree.attrib["aria-labelledby"].split())
    return tree


def texts(tree: ET.Element, kind: str = "") -> list[str]:
    """Return the words that are drawn, of one class or all."""
    return [one.text or "" for one in tree.iter(f"{SVG}text") if kind in one.attrib["class"].split() or not kind]


def shapes(tree: ET.Element, kind: str) -> list[ET.Element]:
    """Return the shapes of one class."""
    return [one for one in tree.iter(f"{SVG}path") if kind in one.attrib.get("class", "").split()]


def test_both_sides_the_execution_and_the_order_are_in_the_picture() -> None:
    """And a sentence tells the same to who cannot see it."""
    parent = a_life(a_point(What.RECEIVED, -4), role=Role.PARENT)
    family = a_family(a_point(What.SENT, -270, -269), the_fill(), parent=parent, limit="42.20")

    tree = drawn(kept(QUIET, told(1, "42.12", "42.14")), family)

    assert [len(shapes(tree, kind)) for kind in ("bid", "offer", "band", "limit", "receipt", "outside")] == [1] * 5 + [
        2
    ]
    assert texts(tree, "execution") == ["bought 400 at 42.18"]
    assert texts(tree, "label") == ["offer 42.14", "bid 42.12", "limit 42.20"]
    assert texts(tree, "key") == [
        "1 sent by us: 11:55:30.000 vendor, 11:55:31.000 ours",
        "2 executed 400 at 42.18 at EDGX: 12:00:00.000 vendor, 12:00:00.800 ours",
        "3 parent received by the router: 11:59:56.000 vendor",
    ]
    told_aloud = tree.findtext(f"{SVG}desc") or ""
    assert "Best bid 42.11 to 42.12. Best offer 42.13 to 42.14." in told_aloud
    assert "Bought 400 at 42.18 at 12:00:00.000; in force: bid 42.11, offer 42.13." in told_aloud
    assert "executed 400 at 42.18 at EDGX" in told_aloud


def test_without_kept_quotes_the_picture_says_so() -> None:
    """The order is there all the same, and what the finding itself tells of its execution."""
    values = {"executed_price": price("42.18"), "executed_shares": shares("400")}

    bare = drawn(None, None)
    priced = drawn(None, None, the_finding(values=values))

    assert texts(bare, "remark") == texts(priced, "remark") == ["No quotes are kept with this finding."]
    assert not shapes(bare, "execution")
    assert texts(priced, "execution") == ["executed 400 at 42.18"]
    assert "no quote was in force" in (priced.findtext(f"{SVG}desc") or "")


def test_a_finding_without_a_symbol_has_that_of_its_order() -> None:
    """Without an order it has none, and the heading says so."""
    finding = msgspec.structs.replace(the_finding(), symbol=None)

    assert texts(drawn(None, a_family(), finding), "heading")[0].startswith("XYZ: ")
    assert texts(drawn(None, None, finding), "heading")[0].startswith("No symbol: ")


def test_a_life_without_the_execution_of_the_finding_leaves_it_to_the_finding() -> None:
    """A finding about the order itself; without a symbol the heading says that too."""
    finding = the_finding()

    tree = drawn(kept(), Family(own=a_life(the_fill()), subject="O1"), finding)

    assert not shapes(tree, "execution")
    assert " ".join(texts(tree, "remark")).startswith("No quote for 10 s.")


def test_what_is_not_normal_is_marked_and_said() -> None:
    """Marked by hatching, not by colour alone; the words are there where they fit."""
    quotes = [
        told(-5, "42.11", "42.11"),
        told(-4, "42.14", "42.12"),
        told(-3.99, None, "42.13"),
        told(-1, "42.11", "42.13"),
        told(1, "42.11", "42.13", MarketState.HALTED),
        told(3, "42.11", None, MarketState.CLOSED),
        told(4, None, None),
        told(4.5, "42.11", "42.13", MarketState.NEITHER_EXECUTABLE),
    ]

    tree = drawn(kept(*quotes, reason="the source was gapped"), a_family())

    assert " ".join(texts(tree, "remark")) == (
        "Not complete: the source was gapped. Locked for 1 s, crossed for 10 ms, one-sided for 2.99 s, halted for 2 s, "
        "closed for 1 s, no quote for 500 ms, not executable for 500 ms."
    )
    hatches = [one.attrib["fill"] for one in shapes(tree, "stand")]
    assert len(set(hatches)) == 7
    assert all(re.fullmatch(r"url\(#picture-\w+\)", hatch) for hatch in hatches)
    assert {"locked", "one-sided", "halted", "closed"} <= set(texts(tree, "stand-word"))
    assert "crossed" not in texts(tree, "stand-word")


def test_troubles_that_touch_in_the_picture_are_one_stretch() -> None:
    """However often they come and go."""
    quick = [told(0.001 * n, "42.13" if n % 2 else "42.11", "42.13") for n in range(1_000)]

    tree = drawn(kept(*quick), None)

    (locked,) = shapes(tree, "locked")
    assert locked.attrib["d"].count("M") < 200


def test_prices_far_away_are_at_the_edge_and_said_with_their_values() -> None:
    """Execution, limit, and quotes that would flatten the rest."""
    quotes = [QUIET, told(1, "0.01", "199999"), told(2, "42.11", "42.13")]

    tree = drawn(kept(*quotes), a_family(the_fill(paid="60", ours=9), limit="3.50"))

    assert texts(tree, "remark") == [
        "The execution price of 60.00 lies above the picture.",
        "The limit price of 3.50 lies below the picture.",
        "2 quoted prices lie beyond the picture, from 0.01 to 199999.00.",
        "Our receipt at 2026 Nov 20 12:00:09.000000000 New York lies outside the picture.",
    ]
    assert not shapes(tree, "limit")
    assert shapes(tree, "execution")


@pytest.mark.parametrize("paid", ["3", "60"])
def test_the_words_of_an_execution_at_the_edge_stay_within_the_chart(paid: str) -> None:
    """They do not cover the times below it."""
    tree = drawn(kept(QUIET), a_family(the_fill(paid=paid)))

    (words,) = [one for one in tree.iter(f"{SVG}text") if one.attrib["class"] == "execution"]
    (times, *_) = [one for one in tree.iter(f"{SVG}text") if one.text == "12:00:00.000"]
    assert float(words.attrib["y"]) < float(times.attrib["y"]) - 15


@pytest.mark.parametrize("paid", ["42.10", "42.12", "42.14"])
@pytest.mark.parametrize("form", [WIDE, NARROW])
def test_a_market_of_one_quote_without_spread_is_a_line(paid: str, form: Form) -> None:
    """The execution is on it, above or below."""
    tree = drawn(kept(told(-9, "42.12", "42.12")), a_family(the_fill(paid=paid)), form=form, name="one")

    assert texts(tree, "execution") == [f"bought 400 at {paid}"]
    assert "Best bid 42.12. Best offer 42.12." in (tree.findtext(f"{SVG}desc") or "")


def test_one_side_alone_is_told_alone() -> None:
    """Nothing is invented for the other."""
    tree = drawn(kept(told(-9, None, "42.13")), a_family())

    assert (len(shapes(tree, "bid")), len(shapes(tree, "offer")), len(shapes(tree, "band"))) == (0, 1, 0)
    assert "in force: offer 42.13." in (tree.findtext(f"{SVG}desc") or "")


def test_an_execution_late_in_the_picture_has_its_words_on_its_left() -> None:
    """And so has a receipt at the right edge."""
    tree = drawn(kept(QUIET), a_family(the_fill(4, 4.9)))

    (words,) = [one for one in tree.iter(f"{SVG}text") if one.attrib["class"] == "execution"]
    (receipt,) = [one for one in tree.iter(f"{SVG}text") if one.text == "our receipt"]
    assert (words.attrib["text-anchor"], receipt.attrib["text-anchor"]) == ("end", "end")


def test_of_many_points_the_key_tells_the_first_and_counts_the_rest() -> None:
    """Points that lie together have their numbers written together; one without a time is in the key only."""
    points = [
        a_point(What.OTHER, -4, -3.9),
        a_point(What.PART, -4.001),
        *(a_point(What.PART, n / 50) for n in range(20)),
    ]

    tree = drawn(kept(QUIET), a_family(*points, a_point(What.AMENDED, None, None)))

    assert texts(tree, "key")[-1] == "and 9 more in the timeline"
    assert texts(tree, "number")[:2] == ["1,2", "3–12"]
    few = drawn(kept(QUIET), a_family(a_point(What.AMENDED, None, None), the_fill()))
    assert texts(few, "key")[0] == "1 busted or corrected: time not told"


def test_a_picture_of_its_own_brings_its_style_and_its_paper() -> None:
    """The one in a page has neither: the page's policy forbids styles in it."""
    alone = drawn(kept(QUIET), a_family(), style=".picture { color: red }\n")
    within = drawn(kept(QUIET), a_family())

    assert alone.findtext(f"{SVG}style") == ".picture { color: red }\n"
    assert (alone.attrib["class"], within.attrib["class"]) == ("picture alone", "picture wide")
    assert within.find(f"{SVG}style") is None


def test_5000_quotes_are_drawn_in_a_picture_of_bounded_size() -> None:
    """The highest offer is still in it."""
    quotes = [told(-5 + n / 500, "42.11", "42.19" if n == 777 else "42.13") for n in range(5_000)]

    text = picture(the_finding(), kept(*quotes), a_family())

    (offer,) = shapes(ET.fromstring(text), "offer")
    assert len(text) < 100_000
    assert offer.attrib["d"].count("V") > 2


@given(st.text(), st.text())
def test_no_word_of_a_message_breaks_the_picture(reason: str, venue: str) -> None:
    """Whatever a counterparty writes into it; a word of any length is cut to fit."""
    point = a_point(What.OTHER, 0, words=reason, venue=venue, note=reason)

    tree = drawn(kept(QUIET, reason=reason or "x"), a_family(point), the_finding())

    assert len(shapes(tree, "mark")) == 1
