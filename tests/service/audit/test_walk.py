"""A case is walked event by event, the oldest too; what was rewritten whole is found by the seal alone."""

from __future__ import annotations

from typing import Any

import msgspec

from service.audit.broken import Broken, Mark, What
from service.audit.chains import EVENTS
from service.audit.walk import Told, walk, walk_case
from service.cases.case import GENESIS
from service.cases.chain import link
from service.store.case_rows import event_values, values_of
from tests.factories_cases import an_opening

OPENED = an_opening(case_id=1)
ROW = {"case_id": 1, **values_of(OPENED.case)}
EVENT = event_values(OPENED.event)


def an_event(kind: str, **body: Any) -> dict[str, Any]:
    """Return a first event with its right hash, whatever it says."""
    text = msgspec.json.encode(body)
    head = {"case_id": 1, "n": 1, "at": 5, "actor": "pat", "kind": kind, "body": text, "prev_hash": GENESIS}
    return {**head, "hash": link(GENESIS, 1, 1, 5, "pat", kind, text)}


def walked(event: dict[str, Any], **row: Any) -> Broken | None:
    """Walk a case of one event whose row ends there, but for what is named."""
    ends = {"head_n": 1, "head_hash": event["hash"]}
    return walk_case(Told(1, {**ROW, **ends, **row}, [event], 1, {}), values_of)


def test_a_case_whose_row_is_what_its_event_says_holds() -> None:
    """And is found where it is not."""
    assert walked(EVENT) is None
    assert walked(EVENT, symbol="X") == Broken(chain="exceptions", what=What.STATE, case=1, words="symbol")


def test_a_case_from_before_events_told_everything_is_held_to_its_state_and_severity() -> None:
    """Its events say no more."""
    old = an_event("open", state="new", severity="medium")

    assert walked(old, symbol="X") is None
    assert walked(old, severity="high") == Broken(chain="exceptions", what=What.STATE, case=1, words="severity")
    assert walked(an_event("open")) is None


def test_an_event_of_an_unknown_kind_is_not_canonical_although_its_hash_is_right() -> None:
    """Nobody but the program makes events, and it does not make such."""
    found = walked(an_event("vanish", state="new"))

    assert found is not None
    assert (found.what, found.words) == (What.UNREADABLE, "an event of a kind that is not known")


def test_a_body_in_other_words_is_not_canonical_although_its_hash_is_right() -> None:
    """A key said twice would be read differently by different readers."""
    text = b'{"state": "new"}'
    event = {**an_event("open"), "body": text, "hash": link(GENESIS, 1, 1, 5, "pat", "open", text)}

    found = walk(EVENTS, [event]).broken

    assert found is not None
    assert found.what is What.UNREADABLE


def test_a_history_written_anew_from_its_first_event_is_found_by_the_seal() -> None:
    """Every link of it holds."""
    marks = {1: Mark(b"another hash", 3, "2026-11-20")}

    found = walk(EVENTS, [EVENT], marks).broken

    assert found == Broken(
        chain="exceptions", what=What.SEALED, n=1, words="another hash stood there at seal 3 of 2026-11-20"
    )


def test_a_case_without_events_is_a_cut_tail_whatever_its_row_counts() -> None:
    """A case is opened by its first event."""
    row = {**ROW, "head_n": 0, "head_hash": GENESIS}

    found = walk_case(Told(1, row, [], 0, {}), values_of)

    assert found is not None
    assert (found.what, found.n, found.words) == (What.CUT, 1, "its row counts 0 events, 0 events are there")
