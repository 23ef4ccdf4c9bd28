"""What somebody wrote into named fields, as what goes with an action, or in words what is wrong with it. Pure.

Page, bulk and API all read their fields here. Whether the action needs more than was given is the door's to say.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from rules.facts import Nanos
from service.cases.given import MOST_WORDS, Given
from service.cases.states import PERSONAL, Action
from service.cases.until import NoTimeError, until_of
from service.people import same_person

LONGEST = 200
"""So many characters a name, a number of a ticket or a code may have."""
LARGEST = 2**31 - 1
_WRITTEN = ("\n", "\t")
_ALWAYS = ("words", "seen", "bulk")
_MORE = {
    Action.ASSIGN: ("assignee",),
    Action.ESCALATE: ("role",),
    Action.WAIT_ON_VENDOR: ("ticket",),
    Action.SHELVE: ("until",),
    Action.PROPOSE_CLOSE: ("reason",),
    Action.CLOSE: ("reason",),
}
TAKES: Mapping[Action, tuple[str, ...]] = MappingProxyType(
    {action: (*_MORE.get(action, ()), *_ALWAYS) for action in PERSONAL}
)
"""The fields that each action of a person takes: `seen` is the number of the last event that was shown."""


class Wrong(msgspec.Struct, frozen=True):
    """A field that cannot be used, and why, in words."""

    field: str
    words: str


class Unclear(msgspec.Struct, frozen=True):
    """Fields that cannot be used, each with why: at least one."""

    wrong: tuple[Wrong, ...]

    @property
    def words(self) -> str:
        """Return all of it in a sentence."""
        return "; ".join(f"{one.field}: {one.words}" for one in self.wrong)


def action_of(name: str) -> Action | None:
    """Return the action of a person of a name ("propose_close", "propose-close"), None when there is none."""
    wanted = name.replace("-", "_")
    return next((action for action in PERSONAL if action.value == wanted), None)


def asked(action: Action, fields: Mapping[str, str], now: Nanos, people: Sequence[str] = ()) -> Given | Unclear:
    """Return what goes with an action of a person; a field that holds nothing is as if it were not there.

    `people` are those to whom work can be given; where there are none, it can be given to any name.
    """
    written = {name: text.replace("\r\n", "\n").strip() for name, text in fields.items()}
    there = {name: text for name, text in written.items() if text}
    found = {name: _read(action, name, text, now) for name, text in there.items()}
    if people and isinstance(name := found.get("assignee"), str):
        found["assignee"] = _of(people, name)
    wrong = tuple(value for value in found.values() if isinstance(value, Wrong))
    return Unclear(wrong) if wrong else msgspec.convert(found, Given)


def _read(action: Action, name: str, text: str, now: Nanos) -> str | int | Wrong:
    if name not in TAKES[action]:
        return Wrong(name, f"to {action.words} takes {', '.join(TAKES[action])}, not this")
    most = MOST_WORDS if name == "words" else LONGEST
    if len(text) > most:
        return Wrong(name, f"it has {len(text):,} characters; at most {most:,} are kept")
    if not all(_is_kept(sign, in_words=name == "words") for sign in text):
        return Wrong(name, "it holds a sign that cannot be kept; write it anew")
    if name == "until":
        return _until(text, now)
    return _seen(text) if name == "seen" else text


def _is_kept(sign: str, *, in_words: bool) -> bool:
    """Return whether a sign is one that people write; a line ends only in words."""
    return unicodedata.category(sign) not in ("Cc", "Cs") or (in_words and sign in _WRITTEN)


def _of(people: Sequence[str], name: str) -> str | Wrong:
    known = next((one for one in people if same_person(one, name)), None)
    return known or Wrong("assignee", f"nobody of that name works on exceptions; expected {' or '.join(people)}")


def _until(text: str, now: Nanos) -> Nanos | Wrong:
    try:
        return until_of(text, now)
    except NoTimeError as error:
        return Wrong("until", str(error))


def _seen(text: str) -> int | Wrong:
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST)) or int(text) > LARGEST:
        return Wrong("seen", f'"{text}" is no number of an event; expected the last one that was shown')
    return int(text)
