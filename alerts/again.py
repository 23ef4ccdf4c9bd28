"""An exception that nobody has acknowledged, told again: the last alert under a key of its own. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from alerts.alert import Alert, encode
from alerts.plan import SECOND
from alerts.policy import STILL_WAITING
from alerts.ports import Letter, Waiting

_AGAIN = "/again/"


def again(alert: Alert, last: Waiting, told: int, now: int) -> Letter:
    """Return the letter that tells an alert again: the same figures, with its own key, the time and the reason.

    `told` is how often its step was to be told so far.
    """
    said = msgspec.structs.replace(alert, key=_key(alert.key, told), reason=STILL_WAITING, committed_at=_iso(now))
    return Letter(
        key=_key(last.key, told),
        reason=STILL_WAITING,
        body=encode(said),
        rule=last.rule,
        severity=last.severity,
        case_id=last.case_id,
        n=alert.sequence,
    )


def _key(key: str, told: int) -> str:
    """Return the key of one telling: after a/2 comes a/2/again/1, and then a/2/again/2."""
    return f"{key.partition(_AGAIN)[0]}{_AGAIN}{told}"


def _iso(at: int) -> str:
    seconds, nanos = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"
