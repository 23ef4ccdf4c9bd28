"""The parts of the README that the program itself can say; `python -m tests.readme` writes them, a test compares.

Each part stands between `<!-- name -->` and `<!-- /name -->`. The full rule manual goes to rules/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import click
import msgspec
from msgspec.structs import fields
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from alerts.alert import SCHEMA, Alert, encode
from rules.cards import catalogue
from rules.manual import manual
from service.cli import main
from service.metrics.daemon import Metrics
from service.metrics.sight import Sight
from service.quality.record import decode
from service.quality.table import markdown
from service.settings import Settings
from service.store.export_columns import EXPORTS
from tests.fakes_alerts import an_alert

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
QUALITY = ROOT / "deploy" / "quality.json"
MANUAL = ROOT / "rules" / "README.md"


def parts() -> dict[str, str]:
    """Return every generated part by its name."""
    return {
        "commands": commands(),
        "settings": settings(),
        "rules": rules(),
        "quality": quality(),
        "metrics": metrics(),
        "exports": exports(),
        "alert": alert(),
        "alert_example": alert_example(),
    }


def commands() -> str:
    """Return the table of commands, from their own help."""
    rows = [f"| `sorwatch {name}` | {words} |" for name, words in sorted(_commands(main, ""))]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def _commands(group: click.Group, prefix: str) -> Iterator[tuple[str, str]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")
            continue
        arguments = [
            f" {p.name.upper().rstrip('_')}" for p in command.params if isinstance(p, click.Argument) and p.name
        ]
        options = [f"`{p.opts[-1]}`" for p in command.params if isinstance(p, click.Option) and p.name != "folder"]
        help_text = " ".join((command.help or "").split()).split("\f")[0]
        yield f"{prefix}{name}{''.join(arguments)}", f"{help_text} {' '.join(options)}".strip()


def settings() -> str:
    """Return the table of settings, from the model that reads them."""
    rows = [f"| `{name}` | `{default}` | {words} |" for name, default, words in _settings(Settings, "")]
    return "\n".join(["| key in `sorwatch.toml` | default | meaning |", "|---|---|---|", *rows])


def _settings(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        inner = _section(field)
        if inner is not None:
            yield from _settings(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _shown(field.default), field.description or ""


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kinds = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not NoneType]
    kind = kinds[0] if kinds else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _shown(default: Any) -> str:
    if default is PydanticUndefined:
        return "needed"
    return "not set" if default is None else str(getattr(default, "value", default))


def rules() -> str:
    """Return the table of rules; the manual has the rest."""
    ordered = sorted(catalogue().values(), key=lambda rule: (rule.card.scope.value != "market", rule.card.name))
    rows = [
        f"| `{rule.card.name}` | {rule.card.severity.value} | {rule.card.title} | "
        f"{', '.join(f'`{name}` {parameter.default}' for name, parameter in rule.card.parameters.items())} |"
        for rule in ordered
    ]
    return "\n".join(["| rule | severity | what it reports | parameters |", "|---|---|---|---|", *rows])


def quality() -> str:
    """Return the table of how good the rules are, from the recorded measurement."""
    return markdown(decode(QUALITY.read_bytes()), sorted(catalogue()))


def metrics() -> str:
    """Return the table of metrics, from a registry of the daemon's own."""
    collected = sorted(
        Metrics([], lambda: Sight(quote_lag={"mqtt": 0.0})).registry.collect(), key=lambda metric: metric.name
    )
    rows = [
        f"| `{metric.name}{'_total' if metric.type == 'counter' else ''}` | {metric.type} | {metric.documentation} |"
        for metric in collected
    ]
    return "\n".join(["| metric | kind | meaning |", "|---|---|---|", *rows])


def exports() -> str:
    """Return the columns of every export."""
    rows = [f"| `{name}` | {', '.join(f'`{column}`' for column in columns)} |" for name, columns in EXPORTS.items()]
    return "\n".join(["| export | columns |", "|---|---|", *rows])


def alert() -> str:
    """Return the schema of the alerts with every key in its order; null where the type has None."""
    keys = [f"`{field.name}`{' (or null)' if 'None' in str(field.type) else ''}" for field in fields(Alert)]
    return f"Schema {SCHEMA}: {', '.join(keys)}."


def alert_example() -> str:
    """Return an alert as it goes out, a key a line."""
    shown = an_alert(
        2,
        1042,
        sentence="Filled 4.2 s after receipt, 3.2 s over the limit.",
        reason="grew",
        findings=2,
        dollar_harm="12.5",
        link="https://watch.example/exceptions/1042",
    )
    return f"```json\n{msgspec.json.format(encode(shown), indent=2).decode()}\n```"


def manual_text() -> str:
    """Return the whole rule manual."""
    head = "# The rules\n\nMade from the cards in `rules/catalogue/` by `python -m tests.readme`; do not edit.\n\n"
    return head + manual(catalogue().values())


def filled(text: str) -> str:
    """Return the README with every generated part as it should be now."""
    for name, part in parts().items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(text):
            msg = f"README.md has no part <!-- {name} -->"
            raise ValueError(msg)
        text = pattern.sub(lambda match, part=part: f"{match[1]}{part}\n{match[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    MANUAL.write_text(manual_text(), encoding="utf-8")
