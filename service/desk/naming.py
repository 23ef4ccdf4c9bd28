"""Says who answers for a trade date, for the page and the command alike."""

from __future__ import annotations

from service.cases.principal import Principal, principal_problems
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.export_text import day_bounds
from service.store.principals import SqlPrincipals


def name_principal(database: Database, named: Principal) -> list[str]:
    """Append who answers for a trade date; return what is wrong with it instead, when something is."""
    try:
        day_bounds(named.trade_date)
    except ValueError as error:
        return [str(error)]
    found = list(principal_problems(named.name, named.deputies, SqlAccounts(database).users()))
    if not found:
        SqlPrincipals(database).name(named)
    return found
