"""*Exceptions and people*: is the work done in time? What waits, what runs over, how fast people answer."""

from __future__ import annotations

from deploy.grafana.frame import RULES, Row, Sheet
from deploy.grafana.palette import ATTENTION, BAD, SEVERITIES, any_above
from deploy.grafana.panels import QUEUE, Column, Shown, lines, number, rows
from deploy.grafana.queries import SHOWN, Query, grown, quantile

AGES = {
    "over_1d": "Over a day",
    "under_1d": "4 h to a day",
    "under_4h": "1 to 4 h",
    "under_1h": "15 min to 1 h",
    "under_15m": "Under 15 min",
}
RULE = 'rule=~"$rule"'


def sheet() -> Sheet:
    """Return the dashboard."""
    return Sheet(
        name="exceptions",
        title="Exceptions and people",
        words="Is the work done in time? All counterparties; the rule picked counts only in what is counted by rule.",
        pick=(RULES,),
        rows=(
            Row(4, ((10, _waiting()), (5, _oldest()), (4, breached()), (5, _second()))),
            Row(7, ((14, _by_age()), (10, _states()))),
            Row(9, ((12, _by_rule()), (12, _opened()))),
            Row(7, ((24, _times()),)),
            Row(8, ((12, _waiting_over_time()), (12, _breached_over_time()))),
        ),
    )


def _waiting() -> Shown:
    asked = _by_severity("exceptions_unacknowledged")
    words = "Exceptions that nobody has acknowledged, by severity."
    return number("Not acknowledged", words, *asked, colors=SEVERITIES, link=("In the queue", f"{QUEUE}/"))


def _oldest() -> Shown:
    return number(
        "The oldest waits for",
        "How long the oldest exception of any severity has been waiting for somebody to acknowledge it. Orange from "
        "an hour (the shipped clock of medium ones), red from eight (that of low ones).",
        Query("max(sorwatch_exceptions_oldest_unacknowledged_seconds)"),
        unit="s",
        steps=((3600, ATTENTION), (8 * 3600, BAD)),
        link=("The oldest first", f"{QUEUE}/?order=age"),
    )


def breached() -> Shown:
    """Return how many exceptions are late; the desk shows it too."""
    return number(
        "SLA breached",
        "Open exceptions that should have been closed by now, by the firm's clocks (queue.yaml).",
        Query("sum(sorwatch_exceptions_sla_breached)"),
        steps=any_above(1, BAD),
        link=("Overdue", f"{QUEUE}/?state=open&sla=overdue&order=due"),
    )


def _second() -> Shown:
    return number(
        "Closings to approve",
        "Proposed closings of severities that need four eyes, not yet approved or refused.",
        Query("sum(sorwatch_closings_awaiting_second)"),
        steps=any_above(1, ATTENTION),
        link=("In the queue", f"{QUEUE}/?state=in_review"),
    )


def _by_age() -> Shown:
    aged = [
        Column(words, f'sum by (severity) (sorwatch_exceptions_open{{age="{age}"}})', decimals=0)
        for age, words in AGES.items()
    ]
    link = ("These in the queue", f"{QUEUE}/?state=open&severity=${{__value.raw}}&order=age")
    return rows(
        "Open, by severity and age",
        "Exceptions that are not closed, by the time since they were opened.",
        Column("Severity", label="severity", link=link, width=120),
        *aged,
        Column("rank", _rank(), hidden=True),
        sort="rank",
    )


def _states() -> Shown:
    return rows(
        "Where the work stands",
        "Exceptions that are not closed, by state.",
        Column("State", label="state", link=("These in the queue", f"{QUEUE}/?state=${{__value.raw}}")),
        Column("Exceptions", 'sum by (state) (sorwatch_exceptions_in_state{state!="closed"})', decimals=0, width=130),
        sort="Exceptions",
    )


def _by_rule() -> Shown:
    opened = grown("exceptions_total", RULE, by="rule", over=SHOWN)
    return rows(
        "Opened in the time shown, by rule",
        "Exceptions opened, or raised to a higher severity, the noisiest rule first.",
        Column("Rule", label="rule", link=("All of this rule", f"{QUEUE}/?state=all&rule=${{__value.raw}}")),
        Column("Exceptions", f"{_whole(opened)} > 0", decimals=0, width=130),
        sort="Exceptions",
    )


def _opened() -> Shown:
    asked = [Query(_whole(_raised(severity)), severity, cases=True) for severity in SEVERITIES]
    words = (
        "Exceptions opened, or raised to this severity, in each step of a minute or longer. A diamond is one of "
        "them and leads to it."
    )
    return lines("Opened over time", words, *asked, colors=SEVERITIES, stacked=True, each="1m", counts=True)


def _times() -> Shown:
    return rows(
        "How long people take, in the time shown",
        "Of the exceptions acknowledged and closed in the time shown: the time from opening, half of them and nine "
        "in ten. The firm's hours do not stop these clocks. —: none.",
        Column("Severity", label="severity", width=120),
        Column("Acknowledged", _done("acknowledge"), decimals=0),
        *(Column(f"To acknowledge, p{share * 100:g}", _took("acknowledge", share), unit="s") for share in (0.5, 0.9)),
        Column("Closed", _done("close"), decimals=0),
        *(Column(f"To close, p{share * 100:g}", _took("close", share), unit="s") for share in (0.5, 0.9)),
        Column("rank", _rank(), hidden=True),
        sort="rank",
    )


def _waiting_over_time() -> Shown:
    asked = _by_severity("exceptions_unacknowledged")
    words = "Exceptions that nobody had acknowledged, by severity, stacked."
    return lines("Not acknowledged over time", words, *asked, colors=SEVERITIES, stacked=True, counts=True)


def _breached_over_time() -> Shown:
    asked = _by_severity("exceptions_sla_breached")
    words = "Open exceptions past the time to close them, by severity, stacked."
    return lines("SLA breached over time", words, *asked, colors=SEVERITIES, stacked=True, counts=True)


def _by_severity(metric: str) -> list[Query]:
    return [Query(f'sum(sorwatch_{metric}{{severity="{severity}"}})', severity) for severity in SEVERITIES]


def _done(what: str) -> str:
    return _whole(grown(f"exception_{what}_seconds_count", by="severity", over=SHOWN))


def _took(what: str, share: float) -> str:
    return f"{quantile(share, f'exception_{what}_seconds', by='severity', over=SHOWN)} >= 0"


def _raised(severity: str) -> str:
    return grown("exceptions_total", f'{RULE},severity="{severity}"', over="$__interval")


def _whole(count: str) -> str:
    """Return a count as the whole number that it is: Prometheus estimates what fell between two scrapes."""
    return f"round({count})"


def _rank() -> str:
    """Return a number for each severity, because a table would put them in the order of the alphabet."""
    ranked = (
        f'max by (severity) (sorwatch_exceptions_unacknowledged{{severity="{severity}"}}) * 0 + {place}'
        for place, severity in zip(range(len(SEVERITIES), 0, -1), SEVERITIES, strict=True)
    )
    return " or ".join(ranked)
