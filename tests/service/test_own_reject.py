"""What our own engine refused is read from the bytes it wanted to send, whatever they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.feed.own_reject import OwnReject, read_reject


def soh(text: str) -> bytes:
    """Return the text with every | as the field separator."""
    return text.replace("|", "\x01").encode()


def test_a_session_reject_says_what_was_refused() -> None:
    """35=3 names the message by 45, the tag by 371, the reason by 373 and 58."""
    reject = read_reject(soh("8=FIX.4.4|9=99|35=3|34=8|45=17|372=8|371=150|373=5|58=Value is incorrect|10=000|"))

    assert reject == OwnReject(
        msg_type="3",
        refused_sequence=17,
        refused_type="8",
        tag=150,
        code=5,
        reason="Value is incorrect",
    )


def test_a_business_reject_has_its_code_in_another_tag() -> None:
    """35=j uses 380."""
    reject = read_reject(soh("35=j|45=18|372=8|380=3|"))

    assert (reject.msg_type, reject.code, reject.tag, reject.reason) == ("j", 3, None, None)


def test_numbers_that_are_none_are_left_out() -> None:
    """A word, nothing, or more digits than a number has."""
    reject = read_reject(soh("35=3|45=x|371=|373=" + "9" * 30))

    assert (reject.refused_sequence, reject.tag, reject.code) == (None, None, None)


@given(st.binary())
def test_any_bytes_are_read_as_something(body: bytes) -> None:
    """The watch never stops over a reject."""
    assert isinstance(read_reject(body), OwnReject)
