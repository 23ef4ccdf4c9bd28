"""The one home of the texts that become a rule's integers: "250 ms", "92.5 %", "0.01". Exact, never through a float."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from rules.facts import MILLISECOND, PRICE_SCALE, SECOND
from rules.rule import Kind, Parameter

_MOST_DIGITS = 18
_DURATIONS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": MILLISECOND,
    "s": SECOND,
    "min": 60 * SECOND,
    "h": 3600 * SECOND,
}
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WHOLE = 1_000_000

EXPECTED = {
    Kind.DURATION: 'a length of time with its unit (ns, us, ms, s, min, h), for example "250 ms"',
    Kind.RATIO: 'a ratio between 0 % and 100 %, for example "92.5 %"',
    Kind.MULTIPLE: 'a ratio that may be above 100 %, for example "120 %"',
    Kind.PRICE: 'decimal dollars with at most nine places, for example "0.01"',
    Kind.COUNT: "a whole number",
    Kind.FLAG: "true or false",
}


def number(kind: Kind, text: str) -> int | None:
    """Return the integer (a flag as bool) that the text means, None when it means none."""
    text = text.strip()
    if kind is Kind.FLAG:
        return _FLAGS.get(text.lower())
    if kind is Kind.DURATION:
        amount, _, unit = text.partition(" ")
        return _scaled(amount, _DURATIONS.get(unit.strip()))
    if kind is Kind.MULTIPLE:
        return _multiple(text)
    if kind is Kind.RATIO:
        ppm = _multiple(text)
        return None if ppm is None or ppm > _WHOLE else ppm
    return _scaled(text, PRICE_SCALE if kind is Kind.PRICE else 1)


def _multiple(text: str) -> int | None:
    return _scaled(text[:-1].strip(), _WHOLE // 100) if text.endswith("%") else _scaled(text, _WHOLE)


def _scaled(text: str, scale: int | None) -> int | None:
    """Return text × scale when that is a whole number that is not negative and not absurdly long."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if scale is None or not amount.is_finite() or amount < 0 or amount.adjusted() > _MOST_DIGITS:
        return None
    scaled = amount * scale
    return int(scaled) if scaled == scaled.to_integral_value() else None


def setting(parameter: Parameter, text: str) -> int | str:
    """Return the parameter's integer for the text, or in words why the text is no good."""
    value = number(parameter.kind, text)
    if value is None:
        return f'"{text}" is not usable; expected {EXPECTED[parameter.kind]}'
    allowed = [number(parameter.kind, choice) for choice in parameter.choices]
    if allowed and value not in allowed:
        return f'"{text}" is not one of the choices; expected {", ".join(parameter.choices)}'
    low = number(parameter.kind, parameter.minimum or "")
    if low is not None and value < low:
        return f'"{text}" is too small; the least is {parameter.minimum}'
    high = number(parameter.kind, parameter.maximum or "")
    if high is not None and value > high:
        return f'"{text}" is too large; the most is {parameter.maximum}'
    return value
