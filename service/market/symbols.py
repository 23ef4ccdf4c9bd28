"""One canonical form of a US symbol, so that the drop copy and the quote source speak of the same security. Pure.

`ROOT`, or `ROOT.SUFFIX` in the words of the CMS convention: BRK.B, ABC.PRA, ABC.WS, ABC.RTWI; an option is OSI without
the blanks: IBM241220C00180000. What no convention reads stays as it was written: a form that two conventions read
differently (`ABC-A`: class A, or Nasdaq's preferred A) is only mapped when the firm says which one it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from rules.instruments import osi


class SymbolStyle(StrEnum):
    """How a side writes a symbol's suffix.

    `separators`: a point, slash, blank or hyphen before a CMS suffix (`BRK/B`, `ABC PRA`). `nasdaq`: marks (`ABC-A` is
    preferred A, `ABC+` a warrant). `cqs`: small letters (`ABCpA`, `ABCr`). `underscore`: `ABC_pA`, in any case.
    `yahoo`: `ABC-PA`, `ABC-WT`. `exact`: as written, nothing is mapped.
    """

    SEPARATORS = "separators"
    NASDAQ = "nasdaq"
    CQS = "cqs"
    UNDERSCORE = "underscore"
    YAHOO = "yahoo"
    EXACT = "exact"


Styles = tuple[SymbolStyle, ...]
COMMON: Styles = (SymbolStyle.SEPARATORS,)
"""What is accepted where nobody said anything."""

SYNONYMS = {"PFD": "PR", "WT": "WS", "UN": "U"}
"""Other words for a CMS suffix: preferred, warrants, units."""
NASDAQ_MARKS = {"-": "PR", "+": "WS", "^": "RT", "=": "U", ".": ""}
NASDAQ_STATES = {"#": "WI", "$": "WD", "*": "CL", "%": "CV", "!": "EC", "@": "PP", "~": "TEST"}
CQS_LETTERS = {"p": "PR", "r": "RT", "w": "WI", ".": "", "/": ""}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TEST_SYMBOLS = _words(
    "CBO CBX IBO IGZ ZAZZT ZBZX ZBZZT ZCZZT ZEXIT ZIEXT ZJZZT ZTEST ZTST ZVV ZVZZC ZVZZT ZWZZT ZXIET ZXYZ.A ZXZZT"
)
"""Publicly known symbols with which the exchanges test: they trade nothing."""
TEST_ROOTS = _words("ATEST CTEST MTEST NTEST PTEST")
"""The same, with any suffix: ATEST.A, NTEST.Z."""

_SUFFIX = re.compile(r"(PR|PFD|WS|WT|RT|UN|U)?([A-Z])?((?:WI|WD|CL|CV|EC|PP)*(?:TEST)?)", re.ASCII)
_SEPARATED = re.compile(r"([A-Z]{1,6})[./ -]([A-Z](?:[./ -]?[A-Z])*)", re.ASCII)
_MARKED = re.compile(r"([A-Z]{1,6})(?:([-+^=])([A-Z]?)|(\.)([A-Z]))?([#$*%!@~]*)", re.ASCII)
_SMALL = re.compile(r"([A-Z]{1,6})([prw./][A-Zprw./]*)", re.ASCII)
_UNDERSCORED = re.compile(r"([A-Z]{1,6})_([A-Za-z]+)", re.ASCII)
_HYPHENED = re.compile(r"([A-Z]{1,6})-([A-Z]+)", re.ASCII)
_NOT_LETTERS = str.maketrans("", "", "./ -")


@lru_cache(maxsize=65_536)
def canonical(symbol: str, styles: Styles = COMMON) -> str:
    """Return the canonical form of the symbol by the first style that reads it; as written when none does."""
    text = symbol.strip()
    for style in styles:
        if style is SymbolStyle.EXACT:
            return symbol
        form = osi(text) or _READ[style](text)
        if form is not None:
            return form
    return text


def is_test(form: str) -> bool:
    """Return whether the canonical form is that of a test symbol."""
    return form in TEST_SYMBOLS or form.partition(".")[0] in TEST_ROOTS or form.endswith(".TEST")


def _joined(root: str, suffix: str) -> str | None:
    """Return root and CMS suffix in one form, None when the suffix is none of CMS."""
    match = _SUFFIX.fullmatch(suffix)
    if match is None or not suffix:
        return None
    kind, series, states = match.groups("")
    return f"{root}.{SYNONYMS.get(kind, kind)}{series}{states}"


def _separators(text: str) -> str | None:
    match = _SEPARATED.fullmatch(text)
    return None if match is None else _joined(match[1], match[2].translate(_NOT_LETTERS))


def _nasdaq(text: str) -> str | None:
    match = _MARKED.fullmatch(text)
    if match is None:
        return None
    root, mark, series, point, letter, states = match.groups("")
    suffix = NASDAQ_MARKS.get(mark or point, "") + series + letter + "".join(NASDAQ_STATES[state] for state in states)
    return _joined(root, suffix)


def _cqs(text: str) -> str | None:
    match = _SMALL.fullmatch(text)
    return None if match is None else _joined(match[1], "".join(CQS_LETTERS.get(each, each) for each in match[2]))


def _underscore(text: str) -> str | None:
    match = _UNDERSCORED.fullmatch(text)
    return None if match is None else _joined(match[1], _preferred(match[2].upper()))


def _yahoo(text: str) -> str | None:
    match = _HYPHENED.fullmatch(text)
    return None if match is None else _joined(match[1], "RT" if match[2] == "RI" else _preferred(match[2]))


def _preferred(suffix: str) -> str:
    """Return the suffix with a P before its series letter read as preferred."""
    return "PR" + suffix[1:] if suffix[:1] == "P" and len(suffix) == len("PA") and suffix != "PR" else suffix


_READ: dict[SymbolStyle, Callable[[str], str | None]] = {
    SymbolStyle.SEPARATORS: _separators,
    SymbolStyle.NASDAQ: _nasdaq,
    SymbolStyle.CQS: _cqs,
    SymbolStyle.UNDERSCORE: _underscore,
    SymbolStyle.YAHOO: _yahoo,
}
