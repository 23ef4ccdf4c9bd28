"""A source of others may raise, return, hang or bring nonsense: it is dead then, and everything else goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from rules.facts import SECOND
from service.market.enrich import QuotePolicy
from service.market.foreign_quotes import ForeignQuotes, NoSuchSourceError, known_sources, loaded
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness, SourceState
from service.market.source_port import QuoteSource
from service.market.tape import Tape

PATIENCE = 20.0


class Failing:
    """A source that does something wrong, each time that it is run."""

    def __init__(self, wrong: Callable[[], None]) -> None:
        self.threads: set[str] = set()
        self._wrong = wrong

    async def run(self) -> None:
        """Do it."""
        self.threads.add(threading.current_thread().name)
        self._wrong()


def a_live() -> LiveQuotes:
    """Return a live source that nobody has fed yet."""
    return LiveQuotes(Tape(), QuotePolicy(), Liveness.of_settings(5_000))


@asynccontextmanager
async def running(source: QuoteSource, live: LiveQuotes) -> AsyncIterator[ForeignQuotes]:
    """Run the source beside the block."""
    foreign = ForeignQuotes("theirs", source, live, check_every_s=0.01, retry_s=(0.01, 0.02))
    task = asyncio.create_task(foreign.run())
    try:
        yield foreign
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def eventually(true: Callable[[], bool]) -> None:
    """Wait until it is true, at most for our patience."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - it happens on another thread and tells nobody
            await asyncio.sleep(0.005)


def _raise(error: BaseException) -> Callable[[], None]:
    def wrong() -> None:
        raise error

    return wrong


@pytest.mark.parametrize("wrong", [_raise(RuntimeError("no")), _raise(SystemExit(3)), lambda: None])
async def test_a_source_that_ends_is_dead_and_run_again(wrong: Callable[[], None]) -> None:
    """However it ends; in a thread of its own."""
    live, source = a_live(), Failing(wrong)

    async with running(source, live) as foreign:
        await eventually(lambda: foreign.runs > 2)

        assert live.report(SECOND).state is SourceState.DEAD
    assert source.threads == {"quotes_theirs"}


async def test_a_source_that_raises_beyond_reason_ends_alone() -> None:
    """What would end a process ends its thread: it is dead and stays so."""
    live, source = a_live(), Failing(_raise(KeyboardInterrupt()))

    async with running(source, live) as foreign:
        await eventually(lambda: foreign.runs == 1 and live.report(SECOND).state is SourceState.DEAD)

        assert source.threads == {"quotes_theirs"}


async def test_a_source_that_hangs_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our loop goes on while it blocks its own, and so does the end."""
    monkeypatch.setattr("service.market.foreign_quotes.GOODBYE_S", 0.05)
    release = threading.Event()

    def hang() -> None:
        release.wait(PATIENCE)

    source = Failing(hang)

    async with running(source, a_live()):
        await eventually(lambda: bool(source.threads))
    ended = not release.is_set()
    release.set()

    assert ended


async def test_a_source_that_runs_is_stopped_with_us() -> None:
    """By cancelling its task, so that it can close what it opened."""
    closed = threading.Event()

    class Patient:
        async def run(self) -> None:
            try:
                await asyncio.sleep(PATIENCE)
            finally:
                closed.set()

    async with running(Patient(), a_live()) as foreign:
        await eventually(lambda: foreign.runs == 1)

    assert closed.wait(PATIENCE)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package that brings two sources, one of which cannot be imported."""
    folder = tmp_path / "theirs-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n", encoding="utf-8")
    (folder / "entry_points.txt").write_text(
        "[sorwatch.quote_sources]\ntheirs = theirs_quotes:opened\nbroken = theirs_quotes:missing\n", encoding="utf-8"
    )
    (tmp_path / "theirs_quotes.py").write_text(
        "def opened(options, sink):\n    return (options, sink)\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("package")
def test_a_package_brings_a_source_by_an_entry_point() -> None:
    """Ours is one of them."""
    assert {"broken", "theirs", "zeromq"} <= set(known_sources())
    assert loaded("theirs").__module__ == "theirs_quotes"


@pytest.mark.usefixtures("package")
def test_one_that_is_not_there_or_cannot_be_loaded_is_refused_with_the_reason() -> None:
    """At the start."""
    with pytest.raises(NoSuchSourceError, match="no quote source 'none of them'; the installed packages bring broken"):
        loaded("none of them")
    with pytest.raises(NoSuchSourceError, match=r"'broken' \(theirs_quotes:missing\) cannot be loaded"):
        loaded("broken")
