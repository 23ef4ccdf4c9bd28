"""Live, lagging, dead: a source is judged by when it was heard and by how far it has come."""

from __future__ import annotations

from rules.facts import Nanos
from service.market.liveness import Liveness, SourceState
from tests.factories_market import NOON, seconds


def test_a_source_is_dead_until_it_is_heard() -> None:
    """The change is told once."""
    liveness = Liveness.of_settings(5_000)

    assert liveness.state is SourceState.DEAD
    assert liveness.heard(NOON, NOON) is SourceState.LIVE
    assert liveness.heard(seconds(1), seconds(1)) is None


def test_a_source_that_is_being_connected_gets_its_time() -> None:
    """It counts as lagging, so records wait up to their bound; if it never speaks, its death is told."""
    liveness = Liveness.of_settings(5_000)

    liveness.awaited(NOON)

    assert liveness.state is SourceState.LAGGING
    assert liveness.check(Nanos(0), seconds(4.9)) is None
    assert liveness.check(Nanos(0), seconds(5)) is SourceState.DEAD


def test_silence_kills_it_at_the_setting() -> None:
    """Five seconds without a word are too many, 4.999 are not."""
    liveness = Liveness.of_settings(5_000)
    liveness.heard(NOON, NOON)

    assert liveness.check(seconds(60), seconds(4.999)) is None
    assert liveness.check(seconds(60), seconds(5)) is SourceState.DEAD


def test_a_source_that_speaks_of_the_past_lags() -> None:
    """It is heard, but its mark stands far behind our clock; it is live again when it has caught up."""
    liveness = Liveness.of_settings(5_000)

    assert liveness.heard(NOON, seconds(5)) is SourceState.LAGGING
    assert liveness.heard(seconds(5), seconds(6)) is SourceState.LIVE


def test_a_lost_connection_is_death_at_once() -> None:
    """Nobody has to wait for the silence."""
    liveness = Liveness(Nanos(1))
    liveness.heard(NOON, NOON)

    assert liveness.lost() is SourceState.DEAD
    assert liveness.lost() is None
    assert liveness.heard_at is None


def test_a_source_that_lost_something_is_gapped_for_as_long_as_its_silence() -> None:
    """It is current all the same; with what was lost come after all, it is live."""
    liveness = Liveness.of_settings(5_000)
    liveness.heard(NOON, NOON)

    liveness.gapped(NOON)
    states = [liveness.heard(seconds(at), seconds(at)) for at in (1, 4.9, 5)]
    liveness.gapped(seconds(6))
    again = liveness.heard(seconds(6), seconds(6))
    liveness.healed()

    assert states == [SourceState.GAPPED, None, SourceState.LIVE]
    assert again is SourceState.GAPPED
    assert liveness.check(seconds(6), seconds(6)) is SourceState.LIVE


def test_lagging_and_dead_say_more_than_gapped() -> None:
    """The worst that is true is the state."""
    liveness = Liveness.of_settings(5_000)
    liveness.heard(NOON, NOON)
    liveness.gapped(seconds(9))

    assert liveness.heard(NOON, seconds(9)) is SourceState.LAGGING
    assert liveness.check(NOON, seconds(60)) is SourceState.DEAD
    assert [state for state in SourceState if state.current] == [SourceState.LIVE, SourceState.GAPPED]
