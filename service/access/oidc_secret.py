"""Our secret at the firm's OpenID provider, from a file that not everybody may read."""

from __future__ import annotations

import stat
from pathlib import Path

from service.settings import ConfigurationError

OTHERS = stat.S_IRWXO


def read_secret(file: Path) -> str:
    """Return the first line of the file; raise ConfigurationError when there is none, or others may read it."""
    place = f"web.oidc.client_secret_file {file.name}"
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{place} cannot be read: {getattr(error, 'strerror', None) or error}"]) from None
    secret = next(iter(text.splitlines()), "").strip()
    problems = []
    if mode & OTHERS:
        problems.append(f"{place} can be read by others (mode {stat.S_IMODE(mode):o}); expected 600 or 640")
    if not secret or not secret.isascii():
        problems.append(f"{place} has no secret in its first line; one of ASCII characters is expected")
    if problems:
        raise ConfigurationError(problems)
    return secret
