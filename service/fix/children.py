"""The core's side of the gateways: starts one a counterparty, journals what they send, brings back the dead ones.

All of it on one thread, the journalling loop: it waits for nothing but the commit. A gateway whose frames cannot be
committed is killed too: what it has read stays with the counterparty, and comes back by a resend.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator

import structlog

from service.fix.child import Child, GatewaySpec, GatewayState
from service.fix.stream import Batch, LogOut, Message, merge
from service.journal import Entry, Frame, SessionPoint

log = structlog.get_logger()

LOOK_EVERY_S = 0.1


class Gateways:
    """The family of gateway children of one daemon.

    `points` says how far the journal holds a counterparty's sessions, and is asked at every start of a gateway.
    `on_frame` commits a frame to the journal; what it raises ends the gateways whose batches were in it.
    """

    def __init__(
        self,
        specs: Iterable[GatewaySpec],
        *,
        points: Callable[[str], tuple[SessionPoint, ...]],
        on_frame: Callable[[Frame], object],
        restart_min_s: float = 1.0,
        restart_max_s: float = 60.0,
        silence_s: float = 10.0,
    ) -> None:
        self._on_frame = on_frame
        self._selector = selectors.DefaultSelector()
        self._waker: socket.socket | None = None
        self._children = {
            spec.counterparty: Child(
                spec,
                points=points,
                selector=self._selector,
                backoff_s=(restart_min_s, restart_max_s),
                silence_s=silence_s,
            )
            for spec in specs
        }
        self._stopping = threading.Event()
        self._deadline = float("inf")
        self._orders: list[tuple[str, Message]] = []
        self._events: list[Entry] = []
        self._thread = threading.Thread(target=self._run, name="journalling", daemon=True)

    def start(self) -> None:
        """Start the journalling thread, which starts every gateway."""
        self._waker, woken = socket.socketpair()
        self._selector.register(woken, selectors.EVENT_READ)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Log out and end every gateway, journal what they still had; kill what is late. False if the thread hangs."""
        self._deadline = time.monotonic() + timeout_s
        self._stopping.set()
        self._wake()
        if self._thread.ident is not None:
            self._thread.join(timeout_s + 5)
        return not self._thread.is_alive()

    def log_out(self, counterparty: str, reason: str) -> None:
        """Log every session of a counterparty out, until its gateway is started again."""
        self.command(counterparty, LogOut(reason=reason))

    def command(self, counterparty: str, message: Message) -> None:
        """Send a command to a counterparty's gateway, if it runs."""
        self._orders.append((counterparty, message))
        self._wake()

    def states(self) -> tuple[GatewayState, ...]:
        """Return every gateway's state as it was last heard of; for metrics, from any thread."""
        return tuple(child.state() for child in self._children.values())

    @contextlib.contextmanager
    def running(self) -> Iterator[Gateways]:
        """Run the gateways for as long as the block lasts."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def _wake(self) -> None:
        if self._waker is not None:
            with contextlib.suppress(OSError):
                self._waker.send(b"!")

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
            for child in self._children.values():
                child.ask_to_stop(self._deadline)
            while any(child.running for child in self._children.values()):
                self._turn()
        except Exception:
            log.exception("journalling_failed")
            raise
        finally:
            for child in self._children.values():
                child.kill("the daemon is ending")
            self._close()

    def _close(self) -> None:
        waker, self._waker = self._waker, None
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr] # sockets, all of them
        self._selector.close()
        if waker is not None:
            waker.close()

    def _turn(self) -> None:
        for child in self._children.values():
            try:
                child.look(may_start=not self._stopping.is_set())
            except Exception as error:  # one that cannot be started must not stop the others
                log.exception("gateway_start_failed", counterparty=child.spec.counterparty)
                child.give_up(f"it could not be started: {error}")
        self._commit(self._read())
        while self._orders:
            counterparty, message = self._orders.pop(0)
            if counterparty in self._children:
                self._children[counterparty].send(message)

    def _read(self) -> dict[str, list[Batch]]:
        """Read once from every gateway that has something to say."""
        batches: dict[str, list[Batch]] = {}
        for key, _ in self._selector.select(LOOK_EVERY_S):
            if key.data is None:
                key.fileobj.recv(4096)  # type: ignore[union-attr] # only the waker has no data
            elif got := key.data.read():
                batches[key.data.spec.counterparty] = got
        return batches

    def _commit(self, batches: dict[str, list[Batch]]) -> None:
        """Commit all that was read as one frame, then acknowledge it."""
        self._events += [event for child in self._children.values() for event in child.take_events()]
        frame = merge([batch for got in batches.values() for batch in got])
        frame = Frame(entries=(*frame.entries, *self._events), points=frame.points)
        if not frame.entries and not frame.points:
            return
        try:
            self._on_frame(frame)
        except Exception as error:  # whatever stopped the commit, the watch must outlive it
            log.exception("journal_commit_failed", entries=len(frame.entries))
            for counterparty in batches:
                self._children[counterparty].kill(f"its frame could not be journalled: {type(error).__name__}")
            time.sleep(LOOK_EVERY_S)
            return
        self._events.clear()
        for counterparty, got in batches.items():
            self._children[counterparty].acknowledge(got[-1].number)
