"""Proves a working folder before a start: every problem at once, and when the sessions will be open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rules.rulebook import parse_rulebook, read_rulebook
from rules.scopes import Dimension
from service.access.oidc_secret import read_secret
from service.change.drift import drifted
from service.channels import channel_problems
from service.configuration import Configuration, read_configuration
from service.fix.dialect import parse_dialect
from service.fix.dialect_words import summary, warnings
from service.fix.schedule import next_seven_days
from service.market.calendar import ALWAYS
from service.market.sources import opened
from service.settings import ConfigurationError, Durability


def check_folder(folder: Path) -> Iterator[str]:
    """Yield what is configured, in words; raise ConfigurationError with every problem instead."""
    configuration = read_configuration(folder)
    yield f"firm {configuration.settings.firm}: the configuration is sound"
    rulebook = parse_rulebook(configuration.rulebook)
    enabled = [rule.name for rule in rulebook.rules if rule.in_force]
    yield f"rulebook {rulebook.hash[:12]}: {len(enabled)} of {len(rulebook.rules)} rules enabled"
    yield from drifted(configuration)
    yield from _scopes(configuration)
    yield _queue(configuration)
    yield from _alerts(configuration)
    yield from _page(configuration)
    yield from _quotes(configuration)
    yield from _dialects(configuration)
    yield from _sessions(configuration)


def _scopes(configuration: Configuration) -> Iterator[str]:
    """Say how many scopes there are, and which name a counterparty that nobody is: they would never decide."""
    rulebook, lines = read_rulebook(configuration.rulebook)
    known = {party.name for party in configuration.counterparties}
    scopes = [(rule.name, scope) for rule in rulebook.rules for scope in rule.scopes]
    if scopes:
        counted = Counter(rule for rule, _ in scopes)
        yield f"rulebook: scopes: {', '.join(f'{rule} {number}' for rule, number in counted.items())}"
    for rule, scope in scopes:
        for name in sorted(set(scope.when.get(Dimension.COUNTERPARTY, ())) - known):
            line = lines[rule][scope.key].line
            yield f"rulebook: warning: line {line}: a scope of {rule} names {name}, which is no counterparty here"


def _queue(configuration: Configuration) -> str:
    rules = configuration.queue.rules
    four_eyes = ", ".join(rules.four_eyes) or "nothing"
    desks = len(set(rules.desks.values()))
    return f"queue: {len(rules.reasons)} reasons to close; four eyes for {four_eyes}; {desks} desks with accounts"


def _alerts(configuration: Configuration) -> Iterator[str]:
    plan = configuration.plan
    if problems := [words for one in plan.channels for words in channel_problems(one, configuration.settings)]:
        raise ConfigurationError(problems)
    names = ", ".join(f"{one.name} ({one.kind.value})" for one in plan.channels) or "none: alerts wait in the outbox"
    yield f"alerts: {len(plan.routes) or 'no'} routes; channels {names}"


def _page(configuration: Configuration) -> Iterator[str]:
    """Prove what a page with the firm's own logins needs before it starts."""
    web = configuration.settings.web
    if web.oidc is not None:
        read_secret(configuration.settings.folder / web.oidc.client_secret_file)
        groups = len(web.oidc.roles)
        mapped = f"{groups} {'group has' if groups == 1 else 'groups have'} roles"
        yield f"page: login {web.login.value}, by {web.oidc.issuer}; {mapped}"


def _quotes(configuration: Configuration) -> Iterator[str]:
    """Open the sources as a start would, without connecting, so that what is wrong with them is said now."""
    opened(configuration.settings, ALWAYS).close()
    named = " before ".join(configuration.settings.quotes.by_priority)
    yield f"quotes: {named or 'none'}"


def _dialects(configuration: Configuration) -> Iterator[str]:
    waits = configuration.settings.journal.durability is Durability.ON_RECEIPT
    for party in configuration.counterparties:
        dialect = parse_dialect(party.dialect)
        spoken = {session.begin_string for session in party.sessions.sessions}
        yield f"{party.name}: {summary(dialect)}"
        for words in warnings(dialect, waits_for_commit=waits, spoken=spoken):
            yield f"{party.name}: warning: {words}"


def _sessions(configuration: Configuration) -> Iterator[str]:
    now = datetime.now(UTC)
    for party in configuration.counterparties:
        if party.sends:
            how = "" if party.sessions.sessions else ", which come as files: `sorwatch backfill`"
            yield f"{party.name}: the firm's own orders to {', '.join(sorted(party.sends))}{how}"
        for session in party.sessions.sessions:
            yield f"{party.name}: {session.name} ({party.sessions.connection}), the next seven days:"
            yield from (f"  {line}" for line in next_seven_days(session.values, now))
