"""How an unexpected error is named."""

from __future__ import annotations

from rules.facts import FeedEventKind
from service.failure import failure_event, failure_words
from tests.factories_orders import a_record, where


def test_an_error_is_named_by_kind_and_place_without_its_values() -> None:
    """The customer's account has no place in a log."""
    try:
        _ = dict[str, int]()["ACCOUNT-7"]
    except KeyError as error:
        words = failure_words(error)

    assert words.startswith("could not be processed: KeyError at test_failure.py:")
    assert "ACCOUNT" not in words


def test_an_error_that_was_never_raised_has_no_place() -> None:
    """It still has a kind."""
    assert failure_words(ValueError("x")) == "could not be processed: ValueError"


def test_a_failure_is_an_event_about_the_record() -> None:
    """Its subject is made of the record's content, for an offset may differ in another run."""
    record = a_record(offset=3, body=b"{}")

    event = failure_event(record, where(offset=3), TypeError())

    assert event.kind is FeedEventKind.UNDECODABLE
    assert event.subject == "message 44136fa355b3"
    assert (event.offset, event.related) == (3, (3,))
    assert event.detail == {"reason": "could not be processed: TypeError", "record": "message"}
