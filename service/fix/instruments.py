"""Which security a report is about: a stock by its symbol, all else by a symbol that no stock can have. Pure.

Refuses to complete an option by guessing: a month without its day, or a root that no option has, is said to be missing.
"""

from __future__ import annotations

from datetime import date

from rules.facts import Level
from rules.instruments import Instrument, instrument, letters, mark, osi
from service.fix import stamps
from service.fix.habits import Dialect, InstrumentHabits, first
from service.fix.security_types import CFI, NO_TYPE, RIGHTS, TYPES

_PACKAGE, _LEG = Level.PACKAGE, Level.LEG
_STOCK, _OPTION, _MULTILEG, _OTHER = Instrument.STOCK, Instrument.OPTION, Instrument.MULTILEG, Instrument.OTHER
_WHOLE_OSI = len("A261218C00150000")
_THOUSANDTH = 1_000_000
_HIGHEST = 99_999_999
_ROOT_LETTERS = 6
_YYMM = len("YYYYMM")


def read_symbol(fields: dict[str, str], dialect: Dialect, level: Level) -> str | None:
    """Return the symbol as it is written, for a stock; OSI or a marked symbol for what is none."""
    symbol, suffix = fields.get("55"), fields.get("65")
    written = f"{symbol}{dialect.suffix}{suffix}" if symbol and suffix else symbol or None
    habits = dialect.instruments
    # the usual message, a stock's, has no mark but its type at most
    usual = level is not _PACKAGE and fields.keys().isdisjoint(habits.marks)
    if usual and (_of_type(fields, habits) or habits.without_type) is _STOCK and _listed(fields, habits) is None:
        return written
    kind = _kind(fields, habits, level)
    if kind is _STOCK:
        return written
    return mark(written, kind) if kind is not _OPTION else _option(fields, habits, written)


def _kind(fields: dict[str, str], habits: InstrumentHabits, level: Level) -> Instrument:
    """Return what the security is: the first word that it is no stock counts, whatever the others say."""
    if level is _PACKAGE or (level is not _LEG and first(fields, habits.legs) not in (None, "0")):
        return _MULTILEG
    said = [kind for kind in (_of_type(fields, habits), _of_cfi(fields, habits)) if kind is not None]
    for kind in said:
        if kind is not _STOCK:
            return kind
    if _is_option(fields, habits):
        return _OPTION
    if said:
        return _STOCK
    return _OTHER if any(_number(fields, place) for place in habits.expiry) else habits.without_type


def _of_type(fields: dict[str, str], habits: InstrumentHabits) -> Instrument | None:
    code = first(fields, habits.type)
    if code is None or code in NO_TYPE:
        return None
    return habits.types.get(code) or TYPES.get(code, _OTHER)


def known_type(code: str, habits: InstrumentHabits) -> bool:
    """Return whether the standard or the dialect says what a SecurityType (167) is."""
    return code in NO_TYPE or code in habits.types or code in TYPES


def _of_cfi(fields: dict[str, str], habits: InstrumentHabits) -> Instrument | None:
    """Read CFICode (461) by its first two letters; X says nothing."""
    code = first(fields, habits.cfi)
    if code is None or code.startswith("X"):
        return None
    return CFI.get(code[:2]) or CFI.get(code[:1], _OTHER)


def _is_option(fields: dict[str, str], habits: InstrumentHabits) -> bool:
    """Return whether anything but its type says that it is an option; a strike of zero says nothing."""
    if first(fields, habits.put_or_call) is not None or any(_number(fields, place) for place in habits.strike):
        return True
    return _listed(fields, habits) is not None


def _number(fields: dict[str, str], place: str) -> bool:
    return fields.get(place, "").strip("0.") != ""


def _listed(fields: dict[str, str], habits: InstrumentHabits) -> str | None:
    """Return the whole option symbol that stands in another place than Symbol (55)."""
    for place in habits.option_symbol:
        text = fields.get(place, "")
        if len(text) >= _WHOLE_OSI and (form := osi(text)):
            return form
    return None


def _option(fields: dict[str, str], habits: InstrumentHabits, written: str | None) -> str:
    """Return the option's symbol as it was written, or OSI of its parts, or a mark that says which are missing."""
    if written is not None and instrument(written) is _OPTION:
        return written
    listed = _listed(fields, habits)
    if listed is not None:
        return listed
    parts = {
        "no root": _root(written),
        "no expiry": _expiry(fields, habits),
        "no put or call": _right(fields, habits),
        "no strike": _strike(fields, habits),
    }
    lacks = [words for words, part in parts.items() if part is None]
    return mark(written, _OPTION, ", ".join(lacks)) if lacks else "".join(part for part in parts.values() if part)


def _root(written: str | None) -> str | None:
    """Return the root that the exchanges list options under: letters, and a digit at the end when it was adjusted."""
    root = letters(written or "")
    fits = root.isascii() and root[:-1].isalpha() if len(root) > 1 else root.isascii() and root.isalpha()
    return root if fits and len(root) <= _ROOT_LETTERS else None


def _expiry(fields: dict[str, str], habits: InstrumentHabits) -> str | None:
    """Return YYMMDD: a whole date, or a month and its day."""
    for place in habits.expiry:
        text = fields.get(place, "")
        if len(text) == _YYMM:
            text += (first(fields, habits.day) or "").rjust(2, "0")
        if day := _date(text):
            return f"{day:%y%m%d}"
    return None


def _date(text: str) -> date | None:
    if not (text.isascii() and text.isdigit() and len(text) == len("YYYYMMDD") and text.startswith("20")):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _right(fields: dict[str, str], habits: InstrumentHabits) -> str | None:
    """Return C or P, by PutOrCall (201) or by the second letter of CFICode (461)."""
    told = RIGHTS.get((first(fields, habits.put_or_call) or "").upper())
    if told is not None:
        return told
    cfi = first(fields, habits.cfi) or ""
    return cfi[1] if cfi[:2] in ("OC", "OP") else None


def _strike(fields: dict[str, str], habits: InstrumentHabits) -> str | None:
    """Return the strike in thousandths of a dollar, eight digits; None when it is none that OSI can write."""
    price = stamps.price(first(fields, habits.strike) or "")
    if isinstance(price, str) or price <= 0:
        return None
    thousandths, rest = divmod(price, _THOUSANDTH)
    return f"{thousandths:08d}" if not rest and thousandths <= _HIGHEST else None
