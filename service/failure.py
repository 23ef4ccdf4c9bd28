"""What an unexpected error is called: its kind and where it was raised, never the customer's values in it. Pure."""

from __future__ import annotations

from pathlib import PurePath
from traceback import walk_tb


def failure_words(error: Exception) -> str:
    """Return for example "could not be processed: KeyError at order_apply.py:77"."""
    places = [f"{PurePath(frame.f_code.co_filename).name}:{line}" for frame, line in walk_tb(error.__traceback__)]
    where = f" at {places[-1]}" if places else ""
    return f"could not be processed: {type(error).__name__}{where}"
