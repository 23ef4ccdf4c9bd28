"""What the audit's commands do: open the folder's store, seal, verify or export, and say what came of it."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rules.facts import Nanos
from service.access.acting import acting
from service.access.actor import Actor, Way
from service.access.permissions import May, allowed
from service.access.trail import Deed, Draft
from service.audit.against import read_file
from service.audit.due import Due
from service.audit.export import Wanted, export
from service.audit.parts import READ_TRAIL_ONLY
from service.audit.seal_file import SealFile
from service.audit.verdict import Verdict
from service.audit.verify import Progress, verify
from service.calling import wanted_store_url
from service.market.calendar import trade_date
from service.settings import ConfigurationError, read_settings
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.seals import SqlSeals
from service.store.trail import SqlTrail
from service.store.upgrade import require_current


def sealed(folder: Path, *, again: bool) -> str:
    """Seal the store now, unless it was sealed today; in any case the file gets every seal that it lacks."""
    settings, now = read_settings(folder), Nanos(time.time_ns())
    today = trade_date(now)
    with _store(settings.store_url) as database:
        seals, file = SqlSeals(database, settings.firm), SealFile(settings.seals_folder)
        newest = seals.newest()
        told = ""
        if newest is None or again or trade_date(newest.at) != today:
            newest = seals.make(Due(today), now)
        else:
            told = " stands already; --again makes another"
        file.append(seals.after)
    return f"{newest.words}{told}: {newest.hash}"


def verified(folder: Path, store_url: str | None, seals: Path | None, day: str | None, progress: Progress) -> Verdict:
    """Return what the recomputing of a store comes to, against a file of seals where there is one."""
    file = seals
    if file is None and store_url is None:
        own = SealFile(read_settings(folder).seals_folder).path
        file = own if own.exists() else None
    with _store(wanted_store_url(store_url, folder)) as database:
        if file is None:
            return verify(database, day=day, progress=progress)
        outside = read_file(file.read_bytes())
        words = "a copy kept elsewhere" if seals else "the folder's own file, no copy kept elsewhere"
        told = f"{len(outside.seals):,} of them in {file.name}, {words}"
        return verify(database, outside, file=told, day=day, progress=progress)


def exported(
    folder: Path,
    store_url: str | None,
    days: tuple[str | None, str | None],
    case: int | None,
    out: Path,
    actor: str | None,
    *,
    csv: bool,
) -> Iterator[str]:
    """Write record and trail into a new folder, and first into the access log who did; yield a line for each file."""
    first, last = days
    if case is not None and (first or last):
        raise ConfigurationError(["--case: it is one exception, whatever its day; leave --from and --to out"])
    if first and last and last < first:
        raise ConfigurationError([f"--to {last}: it is before --from {first}"])
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigurationError([f"--out {out}: it is there already; name a folder that is not"])
    with _store(wanted_store_url(store_url, folder)) as database:
        name, left_out = _reader(database, actor)
        wanted = Wanted(first=first, last=last, case=case, csv=csv, left_out=left_out)
        words = f"audit export of {wanted.words} to {out}"
        SqlTrail(database).append(Draft(at=Nanos(time.time_ns()), actor=name, deed=Deed.READ, words=words))
        yield from export(database, wanted, out, by=name)


def _reader(database: Database, actor: str | None) -> tuple[str, tuple[str, ...]]:
    """Return under which name it is read, and what that name may not read."""
    if actor is None:
        return f"{getpass.getuser()} (command)", ()
    reader = acting(database, Actor(name=actor, how=Way.COMMAND), May.EXPORT)
    trail = not SqlAccounts(database).any_user() or May.READ_TRAIL in allowed(reader.roles)
    return reader.name, () if trail else READ_TRAIL_ONLY


@contextmanager
def _store(url: str) -> Iterator[Database]:
    with Database(url) as database:
        require_current(database)
        yield database
