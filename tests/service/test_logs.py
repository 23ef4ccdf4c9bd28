"""Where the processes log."""

from __future__ import annotations

import pytest
import structlog

from service.logs import on_standard_error


def test_what_a_command_logs_is_not_among_its_answer(capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever reads standard output reads the answer alone; afterwards all is as before."""
    log = structlog.get_logger()
    before = structlog.get_config()["logger_factory"]

    with on_standard_error():
        log.info("broker_connected")

    told = capfd.readouterr()
    assert told.out == ""
    assert "broker_connected" in told.err
    assert structlog.get_config()["logger_factory"] is before
