"""Looks at everything that must be ready at the start of a day: the daemon, the sessions, the store, the disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, func, select

from rules.facts import Nanos
from service.configuration import Configuration
from service.fix.dialect import parse_dialect
from service.fix.schedule import Window, schedule_of, windows
from service.fix.session_cfg import SessionSettings
from service.market.calendar import NEW_YORK, trade_date
from service.settings import Settings
from service.statements.due import last_trading_day
from service.statements.in_force import Standing, standing
from service.statements.readiness import Found, Heard, SessionFound
from service.store import tables
from service.store.engine import Database
from service.store.statements import SqlStatements

TIMEOUT_S = 2.0
UNKNOWN_SYMBOL = "unknown symbol"
MOST_SYMBOLS = 200


def look(configuration: Configuration, database: Database, now: Nanos, heard: Heard | None = None) -> Found:
    """Return what was found at this instant; the daemon is asked unless it is said what it answered."""
    settings = configuration.settings
    heard = heard or daemon(settings)
    with database.reading() as connection:
        last = int(connection.execute(select(func.coalesce(func.max(tables.journal.c.offset), 0))).scalar_one())
        stands = standing(connection, last)
        last_day = last_trading_day(now, stands.calendar)
        unmatched = _unmatched(connection)
    today = trade_date(now)
    return Found(
        at=now,
        day=today,
        trading_day=stands.calendar.hours(today) is not None,
        last_day=last_day,
        daemon=heard.state,
        problems=heard.problems,
        sessions=tuple(_sessions(configuration, database, heard, last_day, now)),
        quotes=settings.quotes.source,
        quotes_lag=heard.quotes_lag,
        dead_after_s=settings.quotes.dead_after_ms / 1000,
        registers={party.name: _venues(stands, party.name) for party in configuration.counterparties},
        unmatched=unmatched,
        disk_free=shutil.disk_usage(settings.folder).free,
        durability=settings.journal.durability.value,
    )


def _venues(stands: Standing, name: str) -> int | None:
    register = stands.registers.get(name)
    return None if register is None else len(register.by_venue)


def daemon(settings: Settings) -> Heard:
    """Ask the daemon how it is, and for its metrics."""
    root = f"http://{settings.http.host}:{settings.http.port}"
    try:
        ready = httpx.get(f"{root}/readyz", timeout=TIMEOUT_S).json()
        families = list(text_string_to_metric_families(httpx.get(f"{root}/metrics", timeout=TIMEOUT_S).text))
    except (httpx.HTTPError, ValueError) as error:
        return Heard(state=None, problems=(f"{root}: {error}",))
    samples = {family.name: family.samples for family in families}
    lags = samples.get("sorwatch_quote_source_lag_seconds", [])
    lag = next((sample.value for sample in lags if sample.labels.get("source") == settings.quotes.source), None)
    return Heard(
        state=str(ready.get("state")),
        problems=tuple(ready.get("problems", ())),
        logged_on={
            (sample.labels["counterparty"], sample.labels["session"]): bool(sample.value)
            for sample in samples.get("sorwatch_session_logged_on", [])
        },
        quotes_lag=lag,
        gauges={
            family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
            for family in families
            if family.type in ("gauge", "counter")
        },
    )


def _sessions(
    configuration: Configuration, database: Database, heard: Heard, last_day: str | None, now: Nanos
) -> Iterator[SessionFound]:
    issued = SqlStatements(database).newest_of(last_day) if last_day is not None else {}
    for party in configuration.counterparties:
        dialect = parse_dialect(party.dialect)
        for session in party.sessions.sessions:
            certificate = issued.get((party.name, session.name))
            open_now, words = _schedule(session, datetime.fromtimestamp(now / 1e9, UTC))
            yield SessionFound(
                counterparty=party.name,
                session=session.name,
                logged_on=None if heard.state is None else heard.logged_on.get((party.name, session.name), False),
                open_now=open_now,
                schedule=words,
                certificate=None if certificate is None else certificate.state,
                recovery=dialect.recovery.method.value,
                role=dialect.role.value,
            )


def _schedule(session: SessionSettings, now: datetime) -> tuple[bool, str]:
    """Return whether the session should be open now, and when it is open, in words."""
    schedule = schedule_of(session.values)
    if schedule is None:
        return True, "it never closes"
    ahead = windows(schedule, now)
    if not ahead:
        return False, "it does not open in the next seven days"
    return ahead[0].start <= now, f"open {_words(ahead[0])} New York"


def _words(window: Window) -> str:
    first, last = (instant.astimezone(NEW_YORK) for instant in (window.start, window.end))
    return f"{first:%a %H:%M} to {last:%a %H:%M}"


def _unmatched(connection: Connection) -> tuple[str, ...]:
    """Return the symbols of the newest trade date that the quote source did not know."""
    made = tables.executions
    day = connection.execute(select(func.max(made.c.trade_date))).scalar_one_or_none()
    wanted = (
        select(made.c.symbol)
        .distinct()
        .where(made.c.trade_date == day, made.c.execution_quote_note == UNKNOWN_SYMBOL)
        .order_by(made.c.symbol)
        .limit(MOST_SYMBOLS)
    )
    return tuple(connection.execute(wanted).scalars())
