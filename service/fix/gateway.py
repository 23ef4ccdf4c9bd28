"""The gateway child: one counterparty's FIX engine, tapped into a stream to the core, which is its parent.

It decides nothing about what it reads. It ends when its stream ends, when its parent dies, when a callback failed, or
when the engine's thread no longer lives; whatever it could not hand over comes back by a resend.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.fix.epoch import mend
from service.fix.inbox import Inbox
from service.fix.pump import EXIT_REFUSED, Pump, RefusedToStartError
from service.fix.session import Engine
from service.fix.session_cfg import SessionConfigError, read_session_cfg

LOCK_FILE = "gateway.lock"
_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; refuse if that has already happened."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        msg = "the daemon that started this gateway is gone"
        raise RefusedToStartError(msg)


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the FIX store alone; a second gateway on the same files would corrupt them."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / LOCK_FILE).open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            msg = f"another gateway holds the FIX store {store}; end it, or give this one a store of its own"
            raise RefusedToStartError(msg) from None
        yield


def main(arguments: list[str] | None = None) -> int:
    """Run the gateway of one counterparty on the socket that was handed down."""
    options = _options(arguments)
    pump: Pump | None = None
    try:
        die_with_parent(options.parent)
        inbox = Inbox(on_receipt=options.on_receipt)
        connection = socket.socket(fileno=options.fd)
        pump = Pump(connection, options.counterparty, inbox)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the daemon ends its children in order
        signal.signal(signal.SIGTERM, lambda *_: pump.request_stop())
        with locked(options.store):
            return _serve(pump, inbox, options)
    except (RefusedToStartError, SessionConfigError, OSError, RuntimeError) as error:
        if pump is not None:
            pump.refuse(str(error))
        print(f"gateway {options.counterparty}: {error}", file=sys.stderr)  # noqa: T201 # before any log there is
        return EXIT_REFUSED


def _serve(pump: Pump, inbox: Inbox, options: argparse.Namespace) -> int:
    config = read_session_cfg(options.config)
    points = pump.first_command().points
    for session in config.sessions:
        for mended in mend(options.store, session.file_stem):
            print(f"gateway {options.counterparty}: {mended}", file=sys.stderr)  # noqa: T201 # before any log there is
    engine = Engine(
        config,
        counterparty=options.counterparty,
        store=options.store,
        inbox=inbox,
        points=points,
        allowed=options.allow,
    )
    if inbox.failure is not None:
        raise RefusedToStartError(inbox.failure)
    return pump.run(engine)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gateway", description="Started by sorwatch, not by hand.")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--counterparty", required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--allow", action="append", default=[])
    parser.add_argument("--on-receipt", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.setswitchinterval(0.0005)
    exit_code = main()
    sys.stderr.flush()
    os._exit(exit_code)  # no destructor of the engine may keep the process alive
