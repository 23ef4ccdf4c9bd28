"""Who ended a session: the first Logout of a connection says it."""

from __future__ import annotations

from service.fix.parting import OURS, THEIRS, Parting, Words

LOGOUT = "8=FIX.4.4\x019=5\x0135=5\x0134=7\x0158=end of day\x0110=000\x01"


def test_the_first_logout_counts_and_the_other_is_its_answer() -> None:
    """And it is asked for once a connection."""
    parting = Parting()
    parting.logout(THEIRS, LOGOUT)
    parting.logout(OURS, LOGOUT.replace("58=end of day\x01", ""))

    assert parting.take() == Words(THEIRS, "end of day")
    assert parting.take() is None


def test_a_logout_may_say_nothing() -> None:
    """Then only who it was is known."""
    parting = Parting()
    parting.logout(OURS, LOGOUT.replace("58=end of day\x01", ""))

    assert parting.take() == Words(OURS, "")
