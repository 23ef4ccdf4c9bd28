"""Files that hold secrets: read anew at each use, and refused while others may read them."""

from __future__ import annotations

import stat
from pathlib import Path

from alerts.tls import reason_of


class SecretFileError(Exception):
    """The file cannot be used; the text names it, and never what is in it."""


def read_secret_file(file: Path) -> str:
    """Return the text of a file of secrets; raise SecretFileError when it cannot be read, or others may read it."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        msg = f"{file.name} is not UTF-8 at byte {error.start}"
        raise SecretFileError(msg) from None
    except OSError as error:
        msg = f"{file.name} cannot be read: {reason_of(error)}"
        raise SecretFileError(msg) from None
    if mode & stat.S_IRWXO:
        msg = f"{file.name} can be read by others (mode {mode:o}); expected 600 or 640"
        raise SecretFileError(msg)
    return text
