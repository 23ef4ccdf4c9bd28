"""What can be wrong with a record that is chained and sealed, in words. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class What(StrEnum):
    """What is wrong at the first place that does not hold."""

    CHANGED = "changed row"
    MISSING = "missing row"
    FOREIGN = "row that does not follow the one before"
    UNREADABLE = "row not canonical"
    CUT = "cut tail"
    GONE = "deleted case"
    HEAD = "head differs from the row of cases"
    STATE = "row of cases differs from its events"
    SEALED = "not what was sealed"
    SEAL = "seal not to be believed"


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The first place of a chain that does not hold; `case` and `n` say which link, `words` what was expected."""

    chain: str
    what: What
    case: int | None = None
    n: int | None = None
    words: str = ""

    @property
    def line(self) -> str:
        """Return it in a line for a person."""
        where = "" if self.case is None else f", exception {self.case}"
        which = "" if self.n is None else f", {self.n}"
        return f"{self.chain}{where}{which}: {self.what.value}{f' ({self.words})' if self.words else ''}"


class Mark(msgspec.Struct, frozen=True):
    """What a seal says of one place of a chain: which hash stood there on its day."""

    hash: bytes
    seal: int
    day: str

    @property
    def words(self) -> str:
        """Return which seal it is."""
        return f"seal {self.seal} of {self.day}"
