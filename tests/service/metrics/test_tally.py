"""The newest tally is shown only while it says something of now."""

from __future__ import annotations

from service.metrics.tally import BELIEVED_FOR, Newest, Tally

READ_AT = 1_000


def test_before_the_store_was_read_nothing_is_known() -> None:
    """Which is not the same as nothing waiting."""
    assert Newest().at(READ_AT) is None


def test_what_was_read_is_known_until_it_is_too_old() -> None:
    """A store that hangs never answers, so that no error says that the numbers stand still."""
    newest, tally = Newest(), Tally(sealed_at=1)

    newest.keep(tally, READ_AT)

    assert newest.at(READ_AT + BELIEVED_FOR) is tally
    assert newest.at(READ_AT + BELIEVED_FOR + 1) is None


def test_after_a_failure_nothing_is_known() -> None:
    """Until the store is read again."""
    newest = Newest()
    newest.keep(Tally(), READ_AT)

    newest.forget()

    assert newest.at(READ_AT) is None
