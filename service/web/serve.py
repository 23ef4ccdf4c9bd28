"""Starts the page as a process of its own on the daemon's store; migrates nothing."""

from __future__ import annotations

from pathlib import Path

import structlog
import uvicorn

from service.alerting import alerting
from service.settings import ConfigurationError, Settings, read_settings
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.queue import SqlQueue
from service.store.upgrade import StoreVersionError, require_current
from service.web.pages import pages

log = structlog.get_logger()


def serve(folder: Path) -> int:
    """Serve the folder's exceptions until told to stop; return the exit code."""
    settings = read_settings(folder)
    actor = named_actor(settings)
    with Database(settings.store_url) as database:
        try:
            require_current(database)
        except StoreVersionError as error:
            raise ConfigurationError([str(error)]) from None
        queue = SqlQueue(database, alerting=alerting(settings.firm))
        app = pages(firm=settings.firm, actor=actor, queue=queue, evidence=SqlEvidence(database))
        config = uvicorn.Config(
            app,
            host=settings.web.host,
            port=settings.web.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        log.info("page", url=f"http://{settings.web.host}:{settings.web.port}/", actor=actor)
        uvicorn.Server(config).run()
    return 0


def named_actor(settings: Settings) -> str:
    """Return the name under which this page acts; raise ConfigurationError when nobody is named."""
    if not settings.web.actor:
        problem = "web.actor is not set; the page acknowledges under a name: set it, or SORWATCH_WEB__ACTOR"
        raise ConfigurationError([f"sorwatch.toml: {problem}"])
    return settings.web.actor

