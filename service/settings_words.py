"""What is wrong with settings, in words for whoever wrote them: which place, which key, what was expected. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NO_VALUE_SHOWN = ("extra_forbidden", "missing", "value_error")
SECRET = ("store.url", "mqtt.username")


def problem_words(errors: Iterable[Mapping[str, Any]], file: str, prefix: str, environ: Mapping[str, str]) -> list[str]:
    """Return one sentence for each of pydantic's errors; it names the variable when the value came from one."""
    return [_words(error, file, prefix, environ) for error in errors]


def unknown_variables(known: Iterable[str], prefix: str, environ: Mapping[str, str], ours: Iterable[str]) -> list[str]:
    """Return a problem for every variable of the prefix that names no section or setting, but for `ours`."""
    names = {f"{prefix}{name}".upper() for name in known} | set(ours)
    return [
        f"environment variable {name} names no setting"
        for name in sorted(environ)
        if name.upper().startswith(prefix) and name.upper().split("__")[0] not in names
    ]


def _words(error: Mapping[str, Any], file: str, prefix: str, environ: Mapping[str, str]) -> str:
    key = ".".join(str(part) for part in error["loc"]) or "settings"
    if error["type"] == "extra_forbidden":
        return f"{_where(key, file, prefix, environ)}: unknown key"
    reason = error["msg"].removeprefix("Value error, ")
    shown = error["type"] not in NO_VALUE_SHOWN and key not in SECRET and not isinstance(error["input"], dict)
    given = f" (it is {error['input']!r})" if shown else ""
    return f"{_where(key, file, prefix, environ)}: {reason}{given}"


def _where(key: str, file: str, prefix: str, environ: Mapping[str, str]) -> str:
    variable = f"{prefix}{key.replace('.', '__')}".upper()
    named = next((name for name in environ if name.upper() == variable), None)
    return f"{file}: {key}" if named is None else f"environment variable {named}"
