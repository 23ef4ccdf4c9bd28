"""What the daemon does once a day beside the watch: it certifies the day, and seals the record."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping

from service.audit.seal_file import SealFile
from service.audit.sealer import Sealer
from service.configuration import Configuration
from service.market.calendar import TradingCalendar
from service.plans import seal_channels
from service.statements.certifier import Certifier
from service.store.engine import Database
from service.store.seals import SqlSeals

Work = Callable[[], Coroutine[None, None, None]]


def daily(
    configuration: Configuration,
    calendar: TradingCalendar,
    database: Database,
    sealed: Callable[[], None],
) -> Mapping[str, Work]:
    """Return each daily work by its name, to be run until cancelled; `sealed` is called when a seal can be sent."""
    settings = configuration.settings
    seals, file = SqlSeals(database, settings.firm, seal_channels(configuration.plan)), SealFile(settings.seals_folder)
    certifier = Certifier(database, calendar, configuration.sessions, settings.close.certificate_after_s)
    sealer = Sealer(seals, file, calendar, settings.close.seal_after_s, after=sealed)
    return {"certificates": certifier.run, "seals": sealer.run}
