"""The daemon's own endpoint: three answers and nothing else."""

from __future__ import annotations

import asyncio
import socket
import time

import httpx
import pytest
from fastapi import FastAPI

from service.health import Readiness, endpoint, serving
from service.metrics.daemon import Metrics
from service.metrics.sight import Sight


def an_endpoint(readiness: Readiness | None = None) -> FastAPI:
    """Return the endpoint of a daemon in this state."""
    state = readiness or Readiness(state="ready")
    return endpoint(Metrics(["slow_fill"], Sight), lambda: state)


async def ask(app: FastAPI, path: str) -> httpx.Response:
    """Return what the endpoint answers."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://daemon") as client:
        return await client.get(path)


async def test_the_metrics_are_in_the_form_that_prometheus_reads() -> None:
    """Text, with help and type."""
    answer = await ask(an_endpoint(), "/metrics")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# HELP sorwatch_messages_total" in answer.text


async def test_a_daemon_that_answers_is_alive_whatever_else() -> None:
    """Restarting it would not help a gateway that is down."""
    answer = await ask(an_endpoint(Readiness(state="failing", problems=("disk full",))), "/healthz")

    assert (answer.status_code, answer.text) == (200, "alive\n")


@pytest.mark.parametrize(
    ("readiness", "status"),
    [
        (Readiness(state="ready"), 200),
        (Readiness(state="warming"), 503),
        (Readiness(state="failing", problems=("the gateway of demo is not running: killed",)), 503),
    ],
)
async def test_only_a_watch_that_sees_is_ready_and_the_others_say_why(readiness: Readiness, status: int) -> None:
    """State and problems are in the answer."""
    answer = await ask(an_endpoint(readiness), "/readyz")

    assert answer.status_code == status
    assert answer.json() == {"state": readiness.state, "problems": list(readiness.problems)}


async def test_there_is_nothing_else() -> None:
    """No documentation page, no schema."""
    for path in ("/", "/docs", "/openapi.json"):
        assert (await ask(an_endpoint(), path)).status_code == 404


async def test_it_is_served_while_the_block_runs() -> None:
    """On the port that was bound, which is free again afterwards."""
    async with serving(an_endpoint(), "127.0.0.1", 0) as port, httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/healthz", timeout=10)

    assert answer.status_code == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


async def test_a_port_that_is_taken_is_said_at_once() -> None:
    """The daemon does not start half."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with serving(an_endpoint(), "127.0.0.1", taken.getsockname()[1]):
            pass


async def test_a_scrape_that_hangs_does_not_hold_up_the_end() -> None:
    """The daemon leaves within its bound."""
    app = an_endpoint()
    entered = asyncio.Event()

    @app.get("/hangs")
    async def hangs() -> None:
        entered.set()
        await asyncio.sleep(60)

    async with httpx.AsyncClient() as client:
        async with serving(app, "127.0.0.1", 0) as port:
            asking = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/hangs", timeout=30))
            await asyncio.wait_for(entered.wait(), 10)
            began = time.monotonic()
        took = time.monotonic() - began
        await asyncio.gather(asking, return_exceptions=True)

    assert took < 5


async def test_a_scrape_is_compressed_and_speaks_openmetrics_where_that_is_asked_for() -> None:
    """As Prometheus asks by itself; whoever asks for nothing gets the plain text."""
    metrics = Metrics([f"rule_{number}" for number in range(50)], Sight)
    app = endpoint(metrics, lambda: Readiness(state="ready"))
    wanted = {"accept": "application/openmetrics-text;version=1.0.0", "accept-encoding": "gzip"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://daemon") as client:
        plain = await client.get("/metrics", headers={"accept-encoding": "identity"})
        asked = await client.get("/metrics", headers=wanted)

    assert plain.headers["content-type"].startswith("text/plain")
    assert "content-encoding" not in plain.headers
    assert asked.headers["content-type"].startswith("application/openmetrics-text")
    assert asked.headers["content-encoding"] == "gzip"
    assert asked.text.endswith("# EOF\n")
