"""What `sorwatch audit bundle` does: who asks, the store that is meant, and the file."""

from __future__ import annotations

import getpass
import time
from pathlib import Path

from rules.facts import Nanos
from service.access.acting import acting
from service.access.actor import Actor, Way
from service.access.permissions import May
from service.audit.bundle.extract import SeveralVendorsError
from service.audit.bundle.make import Bundle, NoSuchExceptionError
from service.audit.bundle.make import bundle as make_bundle
from service.audit.bundle.make import extract as make_extract
from service.calling import wanted_store_url
from service.configuration import read_queue
from service.settings import ConfigurationError, read_settings
from service.store.engine import Database
from service.store.upgrade import require_current


def made(
    folder: Path,
    store_url: str | None,
    number: int,
    out: Path,
    actor: str | None,
    counterparty: str | None,
    *,
    for_vendor: bool,
) -> str:
    """Write the zip into a new file; return what is to be said of it."""
    if counterparty is not None and not for_vendor:
        raise ConfigurationError(["--counterparty: it goes with --for-vendor"])
    if out.exists():
        raise ConfigurationError([f"--out {out}: it is there already; name a file that is not"])
    firm, rules = read_settings(folder).firm, read_queue(folder).rules
    with Database(wanted_store_url(store_url, folder)) as database:
        require_current(database)
        by, now = _reader(database, actor), Nanos(time.time_ns())
        try:
            if for_vendor:
                zipped = make_extract(database, number, by=by, firm=firm, at=now, counterparty=counterparty)
            else:
                zipped = make_bundle(database, number, by=by, firm=firm, at=now, rules=rules)
        except SeveralVendorsError as error:
            raise ConfigurationError([f"{error}: --counterparty"]) from None
        except NoSuchExceptionError as error:
            raise ConfigurationError([str(error)]) from None
    return _kept(zipped, out)


def _kept(zipped: Bundle, out: Path) -> str:
    with out.open("xb") as file:
        file.write(zipped.content)
    return f"{out}: {len(zipped.content):,} bytes, SHA-256 of its manifest {zipped.manifest_hash}"


def _reader(database: Database, actor: str | None) -> str:
    """Return under which name it is made: an account that may export, where there are accounts."""
    if actor is not None:
        return acting(database, Actor(name=actor, how=Way.COMMAND), May.EXPORT).name
    return f"{getpass.getuser()} (command)"
