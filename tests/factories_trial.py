"""Sample logs of vendors that speak in ways of their own, as bytes, for `sorwatch dialect try`."""

from __future__ import annotations

from service.fix.trial.trial import Trial
from tests.factories_messages import execution_report

PLAIN = "begin_string: FIX.4.4"
_ORDER = {"_32": None, "_31": None, "_30": None, "_14": 0, "_151": 100, "_6": 0, "_39": "0", "_150": "0"}


def acknowledged(number: int, order: str, **tags: object) -> bytes:
    """Return the acknowledgement of an order."""
    return _numbered(number, {**_ORDER, "_37": order, "_11": f"C-{order}", "_17": f"N{number}"} | tags)


def filled(number: int, order: str, **tags: object) -> bytes:
    """Return a fill of an order."""
    return _numbered(number, {"_37": order, "_11": f"C-{order}", "_17": f"E{number}"} | tags)


def _numbered(number: int, tags: dict[str, object]) -> bytes:
    at = f"20131007-14:30:{number % 60:02}"
    return execution_report(**{"_34": number, "_52": f"{at}.250", "_60": f"{at}.125"} | tags)  # type: ignore[arg-type]


def old_speaker() -> list[bytes]:
    """Return three orders by an ATS that labels 4.4 and speaks 4.2: 11 is the drop's id, 109 the client's order."""
    found = []
    for order in range(3):
        own = {"_109": f"W{order}", "_20": "0"}
        first = 3 * order + 1
        found += [
            acknowledged(first, f"O{order}", _11=f"D{first}", **own),
            filled(first + 1, f"O{order}", _11=f"D{first + 1}", _32=50, _150="1", _39="1", **own),
            filled(first + 2, f"O{order}", _11=f"D{first + 2}", _32=50, _150="2", **own),
        ]
    return found


def families() -> list[bytes]:
    """Return two parents that report the shares of their children again; 9501 holds the parent's OrderID."""
    found = []
    for family in range(2):
        parent, first = f"P{family}", 4 * family + 1
        found += [
            acknowledged(first, parent),
            filled(first + 1, f"K{family}a", _32=60, _9501=parent),
            filled(first + 2, f"K{family}b", _32=40, _9501=parent),
            filled(first + 3, parent, _32=100),
        ]
    return found


def tried(bodies: list[bytes], dialect: str = PLAIN, quoted: frozenset[str] | None = None) -> Trial:
    """Return the trial of a log, one message a line."""
    trial = Trial(dialect, quoted)
    for number, body in enumerate(bodies, start=1):
        trial.take(number, None, body)
    return trial
