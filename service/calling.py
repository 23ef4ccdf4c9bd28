"""What the commands share: the working folder, the store that is meant, and how a bad call is refused.

Exit codes: 0 done, 1 the work found a failure, 2 the configuration or the call is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from service.settings import ConfigurationError

FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    envvar="SORWATCH_FOLDER",
    help="Working folder with sorwatch.toml, rulebook.yaml and fix_configs/ (default: the current one).",
)
EXIT_CONFIGURATION = 2


def refusing_bad_configuration(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what is wrong with configuration, store or call into its list of problems and exit code 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            problems = _problems(error)
            if problems is None:
                raise
        for problem in problems:
            click.echo(f"sorwatch: {problem}", err=True)
        sys.exit(EXIT_CONFIGURATION)

    return run


def _problems(error: Exception) -> list[str] | None:
    """Return what an expected error names, None for one that nobody expected."""
    if isinstance(error, ConfigurationError):
        return error.problems
    from sqlalchemy.exc import OperationalError

    from service.store.lock import StoreInUse
    from service.store.upgrade import StoreVersionError

    if isinstance(error, StoreInUse | StoreVersionError):
        return [str(error)]
    return [f"the store cannot be opened: {error.orig}"] if isinstance(error, OperationalError) else None


def wanted_store_url(given: str | None, folder: Path) -> str:
    """Return the URL of `--store`, else the folder's."""
    from service.settings import read_settings, resolve_store_url
    from service.store.engine import parse_url

    if given is None:
        return read_settings(folder).store_url
    try:
        parse_url(given)
    except ValueError as error:
        raise ConfigurationError([str(error).replace("store.url", "--store", 1)]) from None
    return resolve_store_url(given, Path())
