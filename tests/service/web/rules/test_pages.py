"""The manual over a real store: what is in force, what came of it, and how a change of one rule is proposed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

import service.web.rules.pages as room
from rules.cards import catalogue
from service.change.proposal_events import State
from service.store.engine import Database
from service.store.proposals import SqlProposals
from tests.factories_change import BOOK, proposed, taken_up, two_days
from tests.page_people import a_browser, an_open_app, hidden

SLOWER = {"enabled": "true", "severity": "high", "parameter.at_most": "5 s", "why": "desk review 12"}


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with two days, a rulebook and a morning's exceptions."""
    two_days(database)
    return database


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser of this machine; everybody acts as pat."""
    async with a_browser(an_open_app(database, Path("no-folder-is-read"))) as made:
        yield made


async def propose(client: httpx.AsyncClient, **changes: str) -> httpx.Response:
    """Fill in the form of slow_fill and send it."""
    form = await client.get("/rules/slow_fill/change")
    return await client.post("/rules/slow_fill/change", data={**hidden(form.text, "/change"), **SLOWER, **changes})


async def test_every_rule_of_the_catalogue_is_listed_with_what_is_in_force(client: httpx.AsyncClient) -> None:
    """Limits, scopes that differ, what is switched off, what was found lately, how good it was measured to be."""
    text = (await client.get("/rules")).text

    assert all(f'href="/rules/{name}"' in text for name in catalogue())
    assert "<b>2 s</b>" in text
    assert "1 scope differs" in text
    assert 'title="The card says 1 s"' in text
    assert '<span class="tag">off</span>' in text
    assert "292 of 293 (98–100 %)" in text


async def test_a_card_says_what_counts_for_whom_and_leads_to_its_open_exceptions(client: httpx.AsyncClient) -> None:
    """With what, why, runbook, examples, and the versions that changed it."""
    text = (await client.get("/rules/slow_fill")).text

    for words in (
        "Slow execution of a marketable order",
        "A marketable order can be executed at once.",
        "FINRA Rule 5310.09",
        "Look at the venue&#39;s other executions",
        "4 s for venue XBOS",
        "a market order that waited three seconds",
        "at_most: 1 s → 2 s",
        'href="/rules/slow_fill/change"',
        'href="/exceptions/',
    ):
        assert words in text, words


async def test_every_card_of_the_catalogue_can_be_shown(client: httpx.AsyncClient) -> None:
    """With windows, without parameters, about feeds."""
    answers = {name: (await client.get(f"/rules/{name}")).status_code for name in catalogue()}

    assert set(answers.values()) == {200}


async def test_a_change_of_one_rule_is_proposed_by_a_form(client: httpx.AsyncClient, database: Database) -> None:
    """All other lines of the rulebook stay as they are."""
    answer = await propose(client)

    assert (answer.status_code, answer.headers["location"]) == (303, "/proposals/1")
    (made,) = SqlProposals(database).standing().proposals
    assert made.wanted.text == BOOK.replace("2 s", "5 s")
    assert (made.proposer, made.state, made.wanted.why) == ("pat", State.PROPOSED, "desk review 12")


async def test_all_that_is_wrong_is_said_at_once_and_what_was_written_is_kept(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Nothing is proposed."""
    answer = await propose(client, **{"parameter.at_most": "soon", "effective": "tomorrow", "why": " "})

    assert answer.status_code == 422
    for words in ("at_most: &#34;soon&#34; is not usable", "tomorrow&#34; is no time", "no reason is given"):
        assert words in answer.text, words
    assert 'value="soon"' in answer.text
    assert 'value="tomorrow"' in answer.text
    assert SqlProposals(database).standing().proposals == ()


async def test_a_form_from_before_another_version_changes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Whoever filled it in looks again first."""
    form = hidden((await client.get("/rules/slow_fill/change")).text, "/change")
    other = proposed(database, BOOK.replace("desk review 11", "desk review 13"), actor="sam")
    await client.post(f"/proposals/{other.number}/approve", data={})
    assert taken_up(database) == 1

    answer = await client.post("/rules/slow_fill/change", data={**form, **SLOWER})

    assert answer.status_code == 422
    assert "it was changed by somebody else just now" in answer.text


async def test_the_list_says_what_waits_for_a_decision(client: httpx.AsyncClient, database: Database) -> None:
    """With a way to it."""
    made = proposed(database)

    text = (await client.get("/rules")).text

    assert f'href="/proposals/{made.number}"' in text
    assert "pat proposes a change: desk review 12" in text


async def test_a_rule_that_does_not_exist_is_said_not_to_be_there(client: httpx.AsyncClient) -> None:
    """For reading and for proposing."""
    answers = [
        await client.get("/rules/slow_full"),
        await client.get("/rules/slow_full/change"),
        await client.post("/rules/slow_full/change", data={}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "There is no rule slow_full" in answers[0].text


async def test_without_the_record_of_the_measurement_nothing_is_said_of_it(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed program has it not."""
    monkeypatch.setattr(room, "measured", lambda: None)

    listed, card = (await client.get("/rules")).text, (await client.get("/rules/slow_fill")).text

    assert "292 of 293" not in listed
    assert "not measured" in card
