"""Codes of SecurityType (167), CFICode (461) and PutOrCall (201) → what kind of security it is.

Source: the field definitions of FIX 4.2 to 5.0 SP2, and ISO 10962 for CFICode. What trades like a stock, with quotes
of its own in the consolidated tape, is a stock here; a code that is not listed is none.
"""

from __future__ import annotations

from rules.instruments import Instrument


def _coded(words: str, kind: Instrument) -> dict[str, Instrument]:
    return dict.fromkeys(words.split(), kind)


TYPES = {
    **_coded("CS PS ETF ETN ETC ETP ADR ADS DR GDR REIT", Instrument.STOCK),
    **_coded("OPT OOF OOP OOC", Instrument.OPTION),
    **_coded("MLEG", Instrument.MULTILEG),
    **_coded("FUT FWD", Instrument.FUTURE),
    **_coded("CORP CB CPP DUAL EUCORP FRN BOND TBILL TBOND TNOTE TIPS TINT TPRN UST USTB GO REV", Instrument.BOND),
    **_coded("FOR FXSPOT FXFWD FXSWAP FXNDF FXNDS", Instrument.CURRENCY),
    **_coded("MF", Instrument.FUND),
    **_coded("WAR", Instrument.WARRANT),
}
"""SecurityType (167); a dialect adds to these."""
NO_TYPE = frozenset({"NONE", "?"})
"""SecurityType (167) that says nothing: no type, and the wildcard."""
CFI = {
    **_coded("E CE", Instrument.STOCK),
    **_coded("O H", Instrument.OPTION),
    **_coded("K", Instrument.MULTILEG),
    **_coded("F J", Instrument.FUTURE),
    **_coded("D", Instrument.BOND),
    **_coded("I", Instrument.CURRENCY),
    **_coded("C", Instrument.FUND),
    **_coded("R", Instrument.WARRANT),
}
"""The first two letters of CFICode (461), else the first one."""
RIGHTS = {"0": "P", "1": "C", "P": "P", "C": "C", "PUT": "P", "CALL": "C"}
"""PutOrCall (201), in the standard's digits and in the words that vendors put there."""
