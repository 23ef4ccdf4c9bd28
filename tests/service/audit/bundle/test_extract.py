"""What the vendor gets: only what is on the lists, whatever a field, a note or a tag holds."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cards import catalogue
from service.audit.bundle import allowed
from service.audit.bundle.evidence import Evidence, Held
from service.audit.bundle.extract import SeveralVendorsError, extracted, vendor_of
from service.fix.layout import DATA_OF_LENGTH
from service.journal import RecordKind
from service.picture.life import What
from tests.factories_bundle import MAKING, a_message, an_evidence, files_in
from tests.factories_messages import execution_report
from tests.factories_picture import a_family, a_point, the_fill
from tests.factories_store import a_finding

RULE = catalogue()["outside_nbbo"]
SECRET = "s3cret-of-ours"
IDS = {"11", "17", "19", "37", "41"}
"""The only tags that may hold any word: ids that the vendor himself gave, or gave back."""
OTHERS = {
    *("6", "8", "14", "18", "20", "21", "29", "30", "31", "32", "34", "35", "38", "39", "40", "43", "44", "47", "52"),
    *("54", "55", "59", "60", "65", "75", "97", "99", "102", "103", "110", "111", "122", "126", "150", "151", "168"),
    *("378", "432", "434", "528", "529", "851"),
}
KNOWN_TO_THE_VENDOR = {("Order", "order_id"), ("Order", "cl_ord_id")}
MATCHED = {("CaseKey", "counterparty"), ("Finding", "counterparty"), ("Record", "counterparty")}
"""Whom the extract is for is found by these: they are left as they are, and one test has others."""


def told(evidence: Evidence, vendor: str = "demo") -> dict[str, bytes]:
    """Return the files of an extract."""
    return files_in(extracted(evidence, MAKING, RULE, vendor, b"# verifier").content)


def everything(files: dict[str, bytes]) -> str:
    """Return all of it as one text."""
    return "\n".join(f"{name}\n{content.decode()}" for name, content in files.items())


def fields_of(body: bytes) -> dict[str, str]:
    """Return tag and value of what is given of a message."""
    given = allowed.given(body)
    return {} if given is None else {tag: value for tag, _, value, _ in given.fields}


def poisoned(value: Any, where: tuple[str, str] = ("", "")) -> Any:
    """Return a value with the secret in every text of it, but for closed sets of words and what is known anyway."""
    if isinstance(value, Enum) or where in KNOWN_TO_THE_VENDOR | MATCHED:
        return value
    if isinstance(value, bytes) and where == ("Record", "body"):
        return a_poisoned_message()
    if isinstance(value, msgspec.Struct):
        name = type(value).__name__
        changes = {field: poisoned(getattr(value, field), (name, field)) for field in value.__struct_fields__}
        return msgspec.structs.replace(value, **changes)
    if isinstance(value, dict):
        return {SECRET: SECRET} | {key: poisoned(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(map(poisoned, value))
    return {str: SECRET, bytes: SECRET.encode()}.get(type(value), value)


def a_poisoned_message(kind: str = "8") -> bytes:
    """Return a message with every tag there is, each but the ids with the secret in it."""
    data = set(DATA_OF_LENGTH) | set(DATA_OF_LENGTH.values())
    tags = {f"_{tag}": SECRET for tag in range(1, 2_500) if str(tag) not in IDS | data | {"8", "9", "10", "35"}}
    return execution_report(**{"_35": kind, **tags, "more": "|".join(f"{tag}={SECRET}" for tag in range(5_000, 5_050))})


def test_the_lists_are_those_that_are_spelt_out_here() -> None:
    """A tag that is added to a list must be added here too, and thought about twice."""
    assert set(allowed.FIELDS) == {"8", "9"}
    assert set().union(*allowed.FIELDS.values()) == IDS | OTHERS


@pytest.mark.parametrize("kind", ["8", "9", "D", "j", "s3cret-of-ours"])
def test_a_secret_in_every_tag_stays_with_us(kind: str) -> None:
    """In every type of message; of all but the ids not even an allowed tag lets it out."""
    files = told(an_evidence(records=(a_message(body=a_poisoned_message(kind)),)))

    assert SECRET not in everything(files)
    if kind in allowed.FIELDS:
        (message,) = json.loads(files["messages.json"])["messages"]
        assert message["fields_not_given"] > 2_000


def test_a_secret_in_every_text_of_every_value_stays_with_us() -> None:
    """Of the exception, its findings, second looks, quotes, history, rulebook, orders, records."""
    family = a_family(a_point(What.OTHER, 0), a_point(What.ACKNOWLEDGED, -1, venue="EDGX", note="x"), the_fill())
    secret = poisoned(an_evidence(family=family))
    assert SECRET in str(secret.family)
    assert SECRET in str(secret.history)
    assert SECRET in str(secret.case.sentence)

    files = told(secret)

    assert SECRET not in everything(files)
    assert len(json.loads(files["extract.json"])["order"]["events"]) == 2


@given(
    st.lists(st.tuples(st.integers(1, 9_999).map(str), st.text(alphabet=st.characters(blacklist_characters="\x01"))))
)
def test_no_message_lets_a_secret_out(pairs: list[tuple[str, str]]) -> None:
    """Whatever tags it has in whatever order, repeated or not, with raw data or without: only the ids hold words."""
    inner = "\x01".join(f"{tag}={value}{SECRET}" for tag, value in pairs if tag not in IDS)

    given_fields = fields_of(execution_report(more=inner.replace("|", "/").replace("\x01", "|")))

    assert not any(SECRET in value for value in given_fields.values())


def test_what_the_vendor_said_of_our_order_is_given() -> None:
    """With names and meanings; what comes again in a group, and all behind raw data, is not."""
    more = "11=C-again|58=note|95=3|96=x=y|19=behind"

    fields = fields_of(execution_report(_1="ACC-7", _109="client", more=more))

    assert {"37", "11", "17", "54", "55", "38", "31", "32", "150"} <= set(fields)
    assert not {"1", "109", "58", "95", "96", "19", "49", "56", "9", "10"} & set(fields)
    assert fields["11"] != "C-again"


def test_messages_of_no_list_and_broken_ones_are_counted() -> None:
    """So are ours, those of others, and records that are no message."""
    records = (
        a_message(1),
        a_message(2, body=b"no FIX"),
        a_message(3, body=execution_report(_35="D")),
        a_message(4, RecordKind.OWN_REJECT),
        a_message(5, counterparty="other"),
        a_message(6, RecordKind.BACKFILL, received_at=None),
    )

    shown = json.loads(told(an_evidence(records=records))["messages.json"])

    assert [one["received_at"] for one in shown["messages"]] == ["2026-11-20T17:00:00.000000000Z", None]
    assert shown["messages_not_given"] == 4


def test_findings_and_orders_of_other_counterparties_stay_with_us() -> None:
    """They are counted; the order is given only where the newest finding is the vendor's."""
    mine = a_finding("F1", values={"executed_price": 42_180_000_000, "time_to_fill_ns": 5, "executed_shares": True})
    theirs = msgspec.structs.replace(mine, finding_id="F2", counterparty="other", symbol="OTHER")
    both = an_evidence(held=(Held(finding=theirs), Held(finding=mine)))

    for_us = json.loads(told(both)["extract.json"])
    for_them = json.loads(told(both, "other")["extract.json"])

    (finding,) = for_us["findings"]
    assert (finding["symbol"], finding["executed_price"], finding["time_to_fill_ns"]) == ("XYZ", "42.18", "5")
    assert (finding["executed_shares"], for_us["not_given"], for_us["order"]) == (None, 1, None)
    assert [one["symbol"] for one in for_them["findings"]] == ["OTHER"]
    assert for_them["order"]["events"][0]["what"] == "executed in full"


def test_an_order_is_given_by_terms_and_events_that_are_the_vendors() -> None:
    """What we asked, and events of no name, are counted."""
    points = (a_point(What.SENT, -2), a_point(What.RECEIVED, -1), a_point(What.AMENDED, None, 3), the_fill())
    family = a_family(*points, limit="42.20", order_id="SOR-1", cl_ord_id="C 1")

    order = json.loads(told(an_evidence(family=family))["extract.json"])["order"]

    assert (order["order_id"], order["cl_ord_id"], order["limit_price"], order["side"]) == (
        "SOR-1",
        None,
        "42.2",
        "buy",
    )
    assert [event["what"] for event in order["events"]] == [
        "received by the router",
        "busted or corrected",
        "executed in full",
    ]
    assert order["events_not_given"] == 1


def test_an_order_of_which_little_is_known_is_given_as_it_is() -> None:
    """Nothing is made up."""
    family = a_family()
    unknown = msgspec.structs.replace(family.own.order, side=None, quantity=None)
    family = msgspec.structs.replace(family, own=msgspec.structs.replace(family.own, order=unknown))

    order = json.loads(told(an_evidence(family=family))["extract.json"])["order"]
    nothing = json.loads(told(an_evidence(family=None, held=()))["extract.json"])

    assert (order["side"], order["quantity"], order["limit_price"]) == (None, None, None)
    assert (nothing["order"], nothing["findings"]) == (None, [])


def test_a_rule_that_is_not_in_the_catalogue_has_no_title() -> None:
    """Its name may be the firm's own."""
    files = files_in(extracted(an_evidence(), MAKING, None, "demo", b"").content)

    assert json.loads(files["extract.json"])["about"] is None


def test_an_extract_names_no_person_and_no_head_of_our_history() -> None:
    """Not even who made it."""
    files = told(an_evidence())

    assert set(json.loads(files["manifest.json"])) == {"schema", "what", "case_id", "made_at", "program", "files"}
    assert set(files) == {
        *("README.txt", "extract.json", "messages.json", "verify.py", "manifest.json", "manifest.sha256"),
    }


def test_of_several_counterparties_one_must_be_named() -> None:
    """Else nobody knows for whom it is."""
    mine = a_finding("F1")
    both = (Held(finding=mine), Held(finding=msgspec.structs.replace(mine, counterparty="other")))
    one = an_evidence(held=both[:1])
    several = msgspec.structs.replace(one, held=both)
    none = an_evidence(held=(), case=msgspec.structs.replace(one.case, key=_of_every(one.case.key)))

    assert vendor_of(one, None) == "demo"
    assert vendor_of(several, "other") == "other"
    with pytest.raises(SeveralVendorsError, match="is about demo, other; name one of them"):
        vendor_of(several, None)
    with pytest.raises(SeveralVendorsError, match="is about demo, not about beta"):
        vendor_of(one, "beta")
    with pytest.raises(SeveralVendorsError, match="is about no counterparty; name one"):
        vendor_of(none, None)


def _of_every(key: Any) -> Any:
    return msgspec.structs.replace(key, counterparty="")
