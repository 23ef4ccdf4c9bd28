"""What mail and chat say of a delivery: a subject and a text for a person at any hour. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from alerts.alert import Alert
from alerts.plan import SECOND
from alerts.ports import Delivery
from alerts.storm import TOPIC, StormReport
from rules.finding import Severity

GRAVEST_FIRST = tuple(sorted(Severity, key=lambda severity: severity.rank, reverse=True))
REASONS = {
    "opened": "It is new.",
    "grew": "More was found.",
    "severity_rose": "It has become graver.",
    "withdrawn": "Nothing of it stands any more; it stays open until a person closes it.",
    "escalated": "It was escalated.",
    "shelving_ended": "It was shelved until now.",
    "acknowledgement_expired": "It was acknowledged, and not closed in time.",
    "condition_resolved": "What caused it is over.",
    "still_waiting": "Nobody has acknowledged it yet.",
}


class Message(msgspec.Struct, frozen=True):
    """One message for people."""

    subject: str
    text: str


def letter(delivery: Delivery) -> Message:
    """Return what is said of a delivery: of several alerts in one message, in their order."""
    alerts = delivery.alerts
    if delivery.topic is not None:
        told = [_told(alert) for alert in alerts] or [_said(delivery.topic, body) for body in delivery.bodies]
        return Message(f"sorwatch {delivery.firm}: {delivery.topic}", "\n\n".join(told))
    subject = _subject(alerts[0]) if len(alerts) == 1 else _subject_of_several(alerts)
    return Message(f"sorwatch {delivery.firm}: {subject}", "\n\n".join(_told(alert) for alert in alerts))


def _said(topic: str, body: bytes) -> str:
    """Return what is about no exception: a storm in sentences, anything else as it is."""
    return _storm(msgspec.json.decode(body, type=StormReport)) if topic == TOPIC else body.decode(errors="replace")


def _storm(report: StormReport) -> str:
    began = _instant(report.began_at)
    if report.ended_at is None:
        return (
            f"More than {report.more_than} alerts within {report.within_s} s on the channel {report.channel}, {began}: "
            f"until it is over only what is {report.floor} or graver is told one by one. The queue has all of it."
        )
    unsaid = ", ".join(f"{rule} {number}" for rule, number in report.withheld.items()) or "nothing"
    over = _instant(report.ended_at)
    return f"The storm on the channel {report.channel} that began {began} is over, {over}. Left unsaid: {unsaid}."


def _instant(at: int) -> str:
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _subject(alert: Alert) -> str:
    return f"{alert.severity.value} {alert.rule}, exception {alert.exception}"


def _subject_of_several(alerts: Sequence[Alert]) -> str:
    gravest = next(severity for severity in GRAVEST_FIRST if any(alert.severity is severity for alert in alerts))
    rules = Counter(alert.rule for alert in alerts)
    named = ", ".join(f"{rule} {number}" for rule, number in rules.most_common())
    first, *others = sorted({alert.exception for alert in alerts})
    numbers = f"exceptions {first} to {others[-1]}" if others else f"exception {first}"
    return f"{len(alerts)} alerts up to {gravest.value} ({named}), {numbers}"


def _told(alert: Alert) -> str:
    """Return one alert in sentences, with the address of its page at the end."""
    found = f"{alert.findings} finding{'' if alert.findings == 1 else 's'}"
    harm = f", {alert.dollar_harm} dollars of harm" if alert.dollar_harm is not None else ""
    sentences = [
        f"Exception {alert.exception}, {alert.severity.value}, {alert.rule}, {alert.state}: {alert.sentence}",
        REASONS.get(alert.reason, alert.reason),
        f"{found}{harm}; trade date {alert.trade_date}; {_whose(alert)}; {alert.cause}.",
    ]
    if alert.uncertain:
        sentences.append("Some of it was found while messages were missing, and is not confirmed.")
    if alert.incident is not None:
        sentences.append(f"It is part of incident {alert.incident}.")
    if alert.link is not None:
        sentences.append(alert.link)
    return "\n".join(sentences)


def _whose(alert: Alert) -> str:
    named = (alert.counterparty, alert.session, alert.venue, alert.symbol)
    return ", ".join(name for name in named if name)
