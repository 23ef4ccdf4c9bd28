"""What goes out together: one alert a delivery, or, where the channel groups, all of a group that is due. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from alerts.alert import Alert
from alerts.plan import Grouping
from alerts.policy import Decision, Verdict
from alerts.ports import Dead, Delivery, Held, Settled, Waiting

GOES_SECOND = "what came before it goes first"
"""Why an alert is held that lets those of its exception go before it which the plan held."""


class Judged(msgspec.Struct, frozen=True):
    """A waiting alert, read, with what was decided of it; `alert` is None for what is about no exception."""

    item: Waiting
    alert: Alert | None
    decision: Decision


class Parcel(msgspec.Struct, frozen=True):
    """What goes out in one piece, and whose it is."""

    delivery: Delivery
    judged: tuple[Judged, ...]

    @property
    def singles(self) -> list[Parcel]:
        """Return the same, one alert a piece."""
        return [_parcel(self.delivery.firm, [one]) for one in self.judged]


class Groups:
    """When the groups of one channel are due: `wait` after the first alert of each was made.

    What is made by then goes with its group, what is made later begins the next one. Whatever has waited so long goes.
    """

    def __init__(self, grouping: Grouping | None) -> None:
        self._grouping = grouping
        self._due: dict[tuple[object, ...], int] = {}

    def due(self, alert: Alert, since: int, now: int) -> int:
        """Return when an alert made at `since` may go out with its group; now when the channel does not group."""
        if self._grouping is None:
            return now
        for values in [values for values, at in self._due.items() if at + self._grouping.wait < now]:
            del self._due[values]
        if since + self._grouping.wait <= now:
            return now
        values = _values(alert, self._grouping)
        if since > self._due.get(values, -1):
            self._due[values] = since + self._grouping.wait
        return self._due[values]

    def parcels(self, firm: str, judged: list[Judged]) -> list[Parcel]:
        """Return the deliveries that alerts which go out now make, each group's in one piece."""
        groups: dict[object, list[Judged]] = {}
        for one in judged:
            alone = self._grouping is None or one.alert is None
            groups.setdefault(one.item.outbox_id if alone else _values(one.alert, self._grouping), []).append(one)
        return [_parcel(firm, group) for group in groups.values()]


def _values(alert: Alert | None, grouping: Grouping | None) -> tuple[object, ...]:
    return tuple(getattr(alert, name) for name in (grouping.by if grouping else ()))


def _parcel(firm: str, judged: list[Judged]) -> Parcel:
    delivery = Delivery(
        firm=firm,
        bodies=tuple(one.item.body for one in judged),
        alerts=tuple(one.alert for one in judged if one.alert is not None),
        topic=judged[0].item.topic,
        own_key=judged[0].item.key if judged[0].alert is None else None,
    )
    return Parcel(delivery, tuple(judged))


def settled_as(one: Judged) -> Settled:
    """Return an alert as it is done: sent or withheld, as was decided."""
    return Settled(one.item.outbox_id, one.decision.verdict.value, one.decision.reason, one.decision.route)


def unsent(one: Judged | Dead) -> Iterator[Settled | Held | Dead]:
    """Yield what becomes of an alert that does not go out now, and of those that it lets go before it."""
    if isinstance(one, Dead):
        yield one
    elif one.decision.verdict is Verdict.WITHHELD:
        yield settled_as(one)
    elif one.decision.verdict is Verdict.HELD:
        until = one.decision.until or 0
        yield Held(one.item.outbox_id, one.decision.reason, until, tried=False)
        if one.decision.reason == GOES_SECOND:
            yield from (Held(earlier, "a later one must go now", until, tried=False) for earlier in one.item.behind)
