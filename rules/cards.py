"""The catalogue: every card with its functions, read once from the package. The only place that knows where it lies."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from inspect import cleandoc
from types import MappingProxyType

import msgspec
import yaml

from rules.rule import Card, Kind, Rule
from rules.units import setting

_CATALOGUE = "rules.catalogue"


def read_card(text: str) -> Card:
    """Return the card that the YAML text holds; raise ValueError when it is not a card (that is a bug in it)."""
    loaded = yaml.safe_load(text)
    card = msgspec.convert(loaded, Card)
    for name, parameter in card.parameters.items():
        default = setting(parameter, parameter.default)
        if not isinstance(default, int):
            msg = f"card {card.name}, parameter {name}, default: {default}"
            raise ValueError(msg)  # noqa: TRY004 - the text is wrong, not its type
    if card.window:
        _check_window(card)
    return card


def _check_window(card: Card) -> None:
    assert card.window is not None
    wanted = (
        (card.window.span, Kind.DURATION),
        (card.window.minimum, Kind.COUNT),
        (card.window.repeat, Kind.COUNT),
    )
    for name, kind in wanted:
        if name not in card.parameters or card.parameters[name].kind is not kind:
            msg = f"card {card.name}: the window needs a parameter {name} that is a {kind.value}"
            raise ValueError(msg)


@cache
def catalogue() -> MappingProxyType[str, Rule]:
    """Return every rule by name, in alphabetical order."""
    cards = sorted(entry.name for entry in files(_CATALOGUE).iterdir() if entry.name.endswith(".yaml"))
    return MappingProxyType({name.removesuffix(".yaml"): _rule(name.removesuffix(".yaml")) for name in cards})


def _rule(name: str) -> Rule:
    card = read_card((files(_CATALOGUE) / f"{name}.yaml").read_text(encoding="utf-8"))
    module = import_module(f"{_CATALOGUE}.{name}")
    observe = getattr(module, "observe", None)
    return Rule(card=card, check=module.check, observe=observe, manual=cleandoc(module.check.__doc__ or ""))
