"""The settings that a session.cfg may hold, and what each value must look like. Pure: text in, complaint out.

The names are QuickFIX's own, `TimeZone`, `Username` and `PasswordFile` excepted, which are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from zoneinfo import available_timezones

Check = Callable[[str], str | None]
"""Returns what is expected instead, None when the value is good."""

DAYS = ("su", "mo", "tu", "we", "th", "fr", "sa")
BEGIN_STRINGS = ("FIX.4.2", "FIX.4.4", "FIXT.1.1")
_VERSIONS = ("FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2", "7", "8", "9")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")


def one_of(*allowed: str) -> Check:
    """Return a check for a closed set."""
    return lambda value: None if value in allowed else "expected " + ", ".join(allowed[:-1]) + f" or {allowed[-1]}"


def number(low: int, high: int) -> Check:
    """Return a check for a whole number in a range."""

    def check(value: str) -> str | None:
        good = value.isascii() and value.isdigit() and low <= int(value) <= high
        return None if good else f"expected a whole number from {low} to {high}"

    return check


def anything(value: str) -> str | None:
    """Accept every value but an empty one."""
    return None if value else "expected a value"


def time_of_day(value: str) -> str | None:
    """Accept HH:MM:SS."""
    return None if _TIME.fullmatch(value) else "expected a time of day as HH:MM:SS"


def weekday(value: str) -> str | None:
    """Accept a day of the week, of which two letters count."""
    return None if value[:2].lower() in DAYS else "expected a day of the week, for example sunday"


def time_zone(value: str) -> str | None:
    """Accept a name of the time zone data base."""
    return None if value in available_timezones() else "expected a time zone, for example America/New_York"


def whole(value: str) -> str | None:
    """Accept a fraction of a second in digits: 0, 3, 6 or 9."""
    return one_of("0", "3", "6", "9")(value)


YES_NO = one_of("Y", "N")
PORT = number(1, 65535)
SECONDS = number(1, 86_400)
BYTES = number(0, 1 << 30)

KNOWN: Mapping[str, Check] = {
    "BeginString": one_of(*BEGIN_STRINGS),
    "SenderCompID": anything,
    "TargetCompID": anything,
    "SessionQualifier": anything,
    "DefaultApplVerID": one_of(*_VERSIONS),
    "ConnectionType": one_of("initiator", "acceptor"),
    "UseDataDictionary": YES_NO,
    "DataDictionary": anything,
    "TransportDataDictionary": anything,
    "AppDataDictionary": anything,
    "NonStopSession": YES_NO,
    "StartTime": time_of_day,
    "EndTime": time_of_day,
    "StartDay": weekday,
    "EndDay": weekday,
    "LogonTime": time_of_day,
    "LogoutTime": time_of_day,
    "LogonDay": weekday,
    "LogoutDay": weekday,
    "TimeZone": time_zone,
    "Username": anything,
    "PasswordFile": anything,
    "CheckCompID": YES_NO,
    "CheckLatency": YES_NO,
    "MaxLatency": SECONDS,
    "HeartBtInt": SECONDS,
    "SocketAcceptPort": PORT,
    "SocketReuseAddress": YES_NO,
    "SocketConnectHost": anything,
    "SocketConnectPort": PORT,
    "SocketConnectSourceHost": anything,
    "SocketConnectSourcePort": PORT,
    "SocketNodelay": YES_NO,
    "SocketSendBufferSize": BYTES,
    "SocketReceiveBufferSize": BYTES,
    "HostSelectionPolicy": one_of("ROUND_ROBIN", "PRIORITY"),
    "HostSelectionPolicyPriorityStartOverInterval": SECONDS,
    "ReconnectInterval": SECONDS,
    "LogonTimeout": SECONDS,
    "LogoutTimeout": SECONDS,
    "ValidateLengthAndChecksum": YES_NO,
    "ValidateFieldsOutOfOrder": YES_NO,
    "ValidateFieldsHaveValues": YES_NO,
    "ValidateUserDefinedFields": YES_NO,
    "AllowUnknownMsgFields": YES_NO,
    "PreserveMessageFieldsOrder": YES_NO,
    "SendResetSeqNumFlag": YES_NO,
    "SendRedundantResendRequests": YES_NO,
    "SendNextExpectedMsgSeqNum": YES_NO,
    "ResetOnLogon": YES_NO,
    "ResetOnLogout": YES_NO,
    "ResetOnDisconnect": YES_NO,
    "RefreshOnLogon": YES_NO,
    "MillisecondsInTimeStamp": YES_NO,
    "TimestampPrecision": whole,
    "PersistMessages": YES_NO,
    "AllowedRemoteAddresses": anything,
    "FileStorePath": anything,
    "FileLogPath": anything,
    "FileLogBackupPath": anything,
}
"""Every key that is understood; the two paths of logs and the one of the store are overridden by the gateway."""

NUMBERED = re.compile(r"(SocketConnect(?:Host|Port|SourceHost|SourcePort))[1-9]\d?", re.IGNORECASE)
"""Fallback hosts: SocketConnectHost1, SocketConnectPort1, …"""

REFUSED: Mapping[str, str] = {
    "UseLocalTime": "depends on the machine; say TimeZone=America/New_York (or another zone) instead",
    "HttpAcceptPort": "is not served; the daemon has its own endpoint, see [http] in sorwatch.toml",
}
TLS_WORDS = ("ssl", "tls", "certificat")

_CANONICAL = {key.lower(): key for key in (*KNOWN, *REFUSED)}


def canonical(key: str) -> str:
    """Return the key as the manual spells it (QuickFIX does not look at upper and lower case), or as it is."""
    if NUMBERED.fullmatch(key):
        stem = key.rstrip("0123456789")
        return _CANONICAL[stem.lower()] + key[len(stem) :]
    return _CANONICAL.get(key.lower(), key)


def complaint(key: str, value: str) -> str | None:
    """Return what is wrong with one canonical setting, in words; None when nothing is."""
    if key in REFUSED:
        return f"{key} {REFUSED[key]}"
    check = KNOWN.get(key.rstrip("0123456789") if NUMBERED.fullmatch(key) else key)
    if check is None:
        return _unknown(key)
    expected = check(value)
    return None if expected is None else f"{key}={value}: {expected}"


def _unknown(key: str) -> str:
    if any(word in key.lower() for word in TLS_WORDS):
        return f"{key}: this build of the engine has no TLS; let a TLS sidecar (stunnel) carry the session"
    return f"{key}: unknown key"
