"""An exception that nobody has acknowledged, told again: the last alert under a key of its own. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec

from alerts.alert import Alert, encode
from alerts.plan import SECOND
from alerts.policy import STILL_WAITING
from alerts.ports import Letter, Waiting

_AGAIN = re.compile(r"(.*)/again/(\d+)")


def again(alert: Alert, last: Waiting, now: int) -> Letter:
    """Return the letter that tells an alert again: the same figures, with its own key, the time and the reason."""
    told = msgspec.structs.replace(alert, key=_next(alert.key), reason=STILL_WAITING, committed_at=_iso(now))
    return Letter(
        key=_next(last.key),
        reason=STILL_WAITING,
        body=encode(told),
        rule=last.rule,
        severity=last.severity,
        case_id=last.case_id,
        n=alert.sequence,
    )


def _next(key: str) -> str:
    """Return the key of the next telling: after a/2 comes a/2/again/1, and then a/2/again/2."""
    found = _AGAIN.fullmatch(key)
    return f"{key}/again/1" if found is None else f"{found[1]}/again/{int(found[2]) + 1}"


def _iso(at: int) -> str:
    seconds, nanos = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"
