"""The file of addresses, and that nothing of them is said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerts.addresses import Address, masked, read_addresses

TOKEN = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=20)


def test_a_line_is_an_address_unless_it_is_a_remark() -> None:
    """Its number is how a message names it."""
    found = read_addresses("# the desk\nmailto://a@b.example\n\n  slack://tok/en  \n")

    assert found == (Address(2, "mailto://a@b.example"), Address(4, "slack://tok/en"))
    assert [address.scheme for address in found] == ["mailto", "slack"]


def test_no_part_of_an_address_is_left_in_a_text() -> None:
    """Users, passwords, hosts, tokens; also as they were before they were escaped."""
    address = Address(1, "mailtos://watch:p%40ss%2Fword@mail.example:587?to=desk@firm.example")

    said = masked("cannot send to desk@firm.example by mail.example as watch with p@ss/word (p%40ss%2Fword)", address)

    assert said == "cannot send to …@… by … as … with … (…)"


@given(user=TOKEN, secret=TOKEN, path=TOKEN)
def test_whatever_the_library_says_of_an_address_its_secrets_are_not_in_it(user: str, secret: str, path: str) -> None:
    """However it puts them together."""
    address = Address(1, f"json://{user}:{secret}@127.0.0.1/{path}?token={secret}")

    said = masked(f"POST http://127.0.0.1/{path}?token={secret} as {user}:{secret}: {path}{secret}", address)

    assert not any(part in said for part in (user, secret, path))
