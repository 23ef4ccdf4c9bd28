"""What every resource of the API is made of: times, amounts, texts, pages. Pure.

Times are ISO 8601 in UTC with nanoseconds and the same instant as an integer; amounts are decimal text, never floats.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StringConstraints

from rules.finding import Value
from service.exact_text import iso_utc, plain, plain_dollars, plain_shares
from service.web.said import said

LARGEST = 2**63 - 1
NO_NUL = r"^[^\x00]*$"
LINE = r"^[^\x00-\x1f\x7f]*$"
MILLION = 1_000_000


class Told(BaseModel):
    """An answer; later versions may add members, so a reader ignores what it does not know."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """A question; a member that is not known is refused, so that a slip of the pen is not silently left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def whole(value: object) -> object:
    """Return a number that JSON calls an integer (7.0) as one; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = BeforeValidator(whole)
"""Comes behind the bounds of a number: before it they would not be in the OpenAPI."""
Number = Annotated[StrictInt, Field(ge=1, le=LARGEST), Whole]
Text = Annotated[str, StringConstraints(max_length=2_000, pattern=NO_NUL)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)]
Word = Annotated[str, StringConstraints(max_length=200, pattern=LINE)]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Decimal = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["10.015"])]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Instant(Told):
    """One time: `utc` as ISO 8601 with nanoseconds, `ns` as nanoseconds since 1970."""

    utc: str = Field(examples=["2026-11-20T14:41:03.250000000Z"])
    ns: int = Field(examples=[1763649663250000000])


class Named(Told):
    """One value of a finding: `value` exactly (amounts as decimal text), `words` as the page says it.

    `value` of a name that ends in `_price` is in dollars, in `_shares` in shares, in `_ratio_ppm` a ratio; in `_ns`
    nanoseconds.
    """

    name: str
    value: str | int | bool | None
    words: str


def instant(at: int) -> Instant:
    """Return a time on the wire."""
    return Instant(utc=iso_utc(at), ns=at)


def instant_of(at: int | None) -> Instant | None:
    """Return a time on the wire, None where there is none."""
    return None if at is None else instant(at)


def dollars_of(amount: int | None) -> str | None:
    """Return an amount in 1e-9 dollars as decimal text, None where none is known."""
    return None if amount is None else plain_dollars(amount)


def named(name: str, value: Value) -> Named:
    """Return one value of a finding."""
    return Named(name=name, value=_exact(name, value), words=said(name, value)[1])


def _exact(name: str, value: Value) -> Value:
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if name.endswith("_price"):
        return plain_dollars(value)
    if name.endswith("_shares"):
        return plain_shares(value)
    return plain(value, MILLION) if name.endswith("_ppm") else value
