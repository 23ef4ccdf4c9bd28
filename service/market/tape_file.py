"""Keeps what a live source knows over a restart of ours: written when we stop, read and taken away when we start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog

from service.market.live_quotes import LiveQuotes

log = structlog.get_logger()


@contextmanager
def kept_over_restarts(quotes: LiveQuotes, path: Path) -> Iterator[None]:
    """Let the source know again what it knew, for the length of a block; at its end it is saved.

    A kill saves nothing and finds nothing old: then the tape begins anew, and says so.
    """
    try:
        quotes.restore(path.read_bytes())
    except FileNotFoundError:
        log.info("quotes_begin_anew", file=path.name)
    except (OSError, msgspec.DecodeError) as error:
        log.warning("saved_quotes_not_read", file=path.name, reason=str(error))
    path.unlink(missing_ok=True)
    yield
    part = path.with_suffix(".part")
    try:
        part.write_bytes(quotes.saved())
        part.replace(path)
    except OSError as error:
        log.warning("quotes_not_saved", file=path.name, reason=str(error))
