"""Who acts at a command: where there are accounts, the account of that name, as the page would have it."""

from __future__ import annotations

from service.access.actor import Actor
from service.access.permissions import May, allowed, not_allowed
from service.settings import ConfigurationError
from service.store.accounts import SqlAccounts
from service.store.engine import Database


def acting(database: Database, said: Actor, needs: May | None = None) -> Actor:
    """Return who acts, as is said where nobody has an account; raise ConfigurationError for who may not.

    With accounts the name must be that of one that is not locked, and the account says the roles and desks.
    """
    accounts = SqlAccounts(database)
    if not accounts.any_user():
        return said
    if said.roles or said.desks:
        raise ConfigurationError(["--role and --desk: there are accounts, and the account says them"])
    user = accounts.user(said.name)
    if user is None or user.locked:
        problem = f"--actor {said.name}: there is no such account, or it is locked; sorwatch user list shows them"
        raise ConfigurationError([problem])
    if needs is not None and needs not in allowed(user.roles):
        raise ConfigurationError([f"--actor {said.name}: {not_allowed(user.name, user.roles, needs)}"])
    return user.acting(said.how)
