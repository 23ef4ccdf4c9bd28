"""The truth becomes labels: strikes with every name of what they struck, episodes with their strikes."""

from __future__ import annotations

import pytest

from rules.facts import SECOND
from service.quality.labels import episodes, found, strike_of
from tests.factories_cases import a_finding
from tests.factories_quality import T0, a_line


def test_a_strike_bears_every_name_of_what_it_struck() -> None:
    """Execution, order and client's id; the venue is no name, for others trade there too."""
    line = a_line(exec_id="E1", cl_ord_id="F1-1", order_id="C1-1", venue="EDGX", amount=5)

    strike = strike_of(line)

    assert strike.names == {"E1", "F1-1", "C1-1"}
    assert (strike.executed, strike.amount, strike.until) == (True, 5, T0)


def test_a_strike_on_a_symbol_bears_its_name() -> None:
    """What a fault is about is a name too, where it is neither the feed nor a venue."""
    assert strike_of(a_line(subject="ALFAX")).names == {"ALFAX"}
    assert strike_of(a_line(subject="feed", until=T0 + 1)).until == T0 + 1


def test_an_episode_lasts_from_begin_to_end_and_holds_its_strikes() -> None:
    """Strikes that the truth told after the end (a late answer) belong to it too."""
    lines = [
        a_line("begin", 1, strength=1.5),
        a_line("end", 3),
        a_line("hit", 2, exec_id="E1", venue="EDGX"),
        a_line("hit", 4, venue="EDGX"),
    ]

    (episode,) = episodes(lines)

    assert (episode.begin, episode.end, episode.strength) == (T0 + SECOND, T0 + 3 * SECOND, 1.5)
    assert [strike.at for strike in episode.strikes] == [T0 + 2 * SECOND, T0 + 4 * SECOND]
    assert episode.names == {"E1"}


def test_an_episode_without_an_end_or_a_strike_is_one_all_the_same() -> None:
    """A simulation may end in the middle of a fault."""
    (episode,) = episodes([a_line("begin", 1)])

    assert (episode.end, episode.strikes) == (T0 + 2 * SECOND, ())


def test_what_nature_did_is_an_episode_of_its_own() -> None:
    """Nobody began it; it lasts from the first to the last of it."""
    (episode,) = episodes([a_line("hit", 1, fault="refused"), a_line("hit", 5, fault="refused")])

    assert (episode.begin, episode.end, episode.fault) == (T0 + SECOND, T0 + 5 * SECOND, "refused")


@pytest.mark.parametrize("name", ["E5K-12", "EDGX", "C5-1-2"])
def test_a_finding_names_what_its_subject_its_venue_and_its_values_say(name: str) -> None:
    """Ids are cut out of longer texts such as counterparty/date/id."""
    finding = a_finding(subject="demo/2026-01-05/E5K-12", venue="EDGX", values={"order_key": "C5-1-2", "other": "X"})

    said = found(finding, T0)

    assert name in said.names
    assert "X" not in said.names
