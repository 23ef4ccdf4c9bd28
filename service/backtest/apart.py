"""One backtest in a process of its own, below everybody else: asked by one line, answers by lines, ends with its asker.

The asker holds the other end of the standard input: when it is closed, by whatever death, this process ends at once.
"""

from __future__ import annotations

import os
import sys
import threading

import msgspec

from rules.reading import ReadingError
from rules.rulebook import parse_rulebook
from service.backtest.day import Task
from service.backtest.order import Answer, Order
from service.backtest.outcome import Outcome, outcome
from service.backtest.run import journalled, work
from service.backtest.shown import Backtest
from service.settings import ConfigurationError
from service.store.engine import Database

POLITE = 10
IN_FORCE = "what was in force"


def main() -> None:
    """Answer one order."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    threading.Thread(target=_end_with_the_asker, name="asker", daemon=True).start()
    os.nice(POLITE)
    try:
        say(Answer(outcome=judged(order)))
    except (ConfigurationError, ReadingError) as error:
        say(Answer(problems=tuple(error.problems)))


def judged(order: Order) -> Outcome:
    """Judge the days one after the other, and say after each that it is done."""
    task = Task(tried=parse_rulebook(order.text))
    with Database(order.store_url) as database:
        versions = journalled(database)
    results = []
    for number, day in enumerate(order.days, start=1):
        results.append(work(order.store_url, day, task, versions))
        say(Answer(done=number))
    return outcome(Backtest(tried=order.name, against=IN_FORCE, days=tuple(results)))


def say(answer: Answer) -> None:
    """Write one line."""
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def _end_with_the_asker() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
