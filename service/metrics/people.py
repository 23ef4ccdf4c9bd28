"""Exceptions and the people who work on them: how many stand where, how long they took, and which is the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import Metric

from rules.facts import SECOND
from rules.finding import Severity
from service.cases.case import Notice
from service.cases.states import CLOSINGS, State
from service.metrics import bounds
from service.metrics.done import Done
from service.metrics.families import gauge, gauges
from service.metrics.tally import AGES, Work

COUNTED = ("opened", "severity_rose")
SEVERITIES = tuple(severity.value for severity in Severity)


class People:
    """The counters of exceptions; what is told of them comes from the caseworker and from the tally."""

    def __init__(self, registry: CollectorRegistry, rules: Iterable[str]) -> None:
        exceptions = Counter(
            "sorwatch_exceptions_total",
            "Exceptions opened or raised, by rule and severity.",
            ("rule", "severity"),
            registry=registry,
        )
        self.rules = tuple(rules)
        self._exceptions = exceptions
        for rule in self.rules:
            for severity in SEVERITIES:
                exceptions.labels(rule, severity)
        self._acknowledged = _by_severity(
            registry,
            "exception_acknowledge_seconds",
            "Opening of an exception to its first acknowledgement, round the clock.",
            bounds.ACKNOWLEDGED,
        )
        self._closed = _by_severity(
            registry,
            "exception_close_seconds",
            "Opening of an exception to its closing, each of them, round the clock.",
            bounds.CLOSED,
        )

    def noticed(self, notices: Iterable[Notice]) -> None:
        """Count exceptions opened or raised, after their commit; the newest is the exemplar."""
        for notice in notices:
            if notice.reason in COUNTED:
                case = notice.case
                counter = self._exceptions.labels(case.key.rule, case.severity.value)
                counter.inc(exemplar={"exception": str(case.case_id)})

    def worked(self, done: Done) -> None:
        """Count a step of the work on an exception: its first acknowledgement or a closing."""
        took = self._closed if done.action in CLOSINGS else self._acknowledged
        # a clock that was set back is no time below zero, which would make the sum run backwards
        took[done.severity].observe(max(0.0, done.seconds))


BY_SEVERITY: tuple[tuple[str, str, Callable[[Work, int], Mapping[str, float]]], ...] = (
    (
        "exceptions_unacknowledged",
        "Exceptions that wait for somebody to look at them.",
        lambda work, _: work.unacknowledged,
    ),
    (
        "exceptions_oldest_unacknowledged_seconds",
        "For how long the exception has waited that waits longest; 0 when none does.",
        lambda work, now: {name: max(0.0, (now - since) / SECOND) for name, since in work.waiting_since.items()},
    ),
    (
        "exceptions_sla_breached",
        "Exceptions that should have been closed by now.",
        lambda work, _: work.breached,
    ),
)
"""Name, help, and what the tally says by severity at an instant."""
BY_RULE: tuple[tuple[str, str, Callable[[Work], Mapping[tuple[str, str], int]]], ...] = (
    (
        "exceptions_newest",
        "Number of the newest exception that is not closed, 0 when there is none.",
        lambda work: work.newest,
    ),
    (
        "exceptions_newest_unacknowledged",
        "Number of the newest exception that waits for somebody to look at it, 0 when there is none.",
        lambda work: work.newest_waiting,
    ),
)
"""Name, help, and what the tally says by rule and severity."""


def work_gauges(work: Work | None, rules: Iterable[str], now: int) -> Iterable[Metric]:
    """Return the gauges of the work on exceptions; all of it is left out while nobody knows it."""
    known = work or Work()
    yield from _standing(work, known)
    for name, words, counted in BY_SEVERITY:
        rows = {(severity,): number for severity, number in counted(known, now).items()}
        yield _all(work, name, words, ("severity",), rows, [(severity,) for severity in SEVERITIES])
    every = [(rule, severity) for rule in rules for severity in SEVERITIES]
    for name, words, numbers in BY_RULE:
        yield _all(work, name, words, ("rule", "severity"), numbers(known), every)
    waits = None if work is None else work.awaiting_second
    yield gauge("closings_awaiting_second", "Closings of exceptions that wait for a second person.", waits)


def _standing(work: Work | None, known: Work) -> Iterable[Metric]:
    yield _all(
        work,
        "exceptions_open",
        "Exceptions that are not closed, by severity and age since they were opened.",
        ("severity", "age"),
        known.opened,
        [(severity, age) for severity in SEVERITIES for age in AGES],
    )
    yield _all(
        work,
        "exceptions_in_state",
        "Exceptions that are not closed, by the state of the work on them.",
        ("state",),
        {(state,): count for state, count in known.states.items()},
        [(state.value,) for state in State if state is not State.CLOSED],
    )


def _all(
    work: Work | None,
    name: str,
    words: str,
    labels: tuple[str, ...],
    rows: Mapping[Any, float],
    known: Iterable[tuple[str, ...]],
) -> Metric:
    """Return a gauge with every known set of labels, at zero where there is no row; nothing where nobody knows."""
    return gauges(name, words, labels, {} if work is None else {**dict.fromkeys(known, 0.0), **rows})


def _by_severity(
    registry: CollectorRegistry, name: str, words: str, buckets: tuple[float, ...]
) -> dict[str, Histogram]:
    histogram = Histogram(f"sorwatch_{name}", words, ("severity",), buckets=buckets, registry=registry)
    return {severity: histogram.labels(severity) for severity in SEVERITIES}
