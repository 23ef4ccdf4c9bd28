"""The demo's processes: they end when asked, with all that they started, and with the demo however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.simulator.children import Child

FOREVER = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"
WITH_A_CHILD = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {FOREVER!r}], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
child.wait()
"""


def said(child: Child) -> str:
    """Wait until the child has said something; return it."""
    return waited_for(child.log.read_text)


def waited_for(look: object) -> str:
    """Return the first non-empty text that `look` gives, at most after twenty seconds."""
    assert callable(look)
    deadline = time.monotonic() + 20
    while not (text := str(look()).strip()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.02)
    return text


def is_gone(pid: int) -> str:
    """Return "gone" when no such process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
    return "gone" if state in {"Z", "X"} else ""


def a_child(tmp_path: Path, program: str, name: str = "program") -> Child:
    """Start a Python program as a child of ours."""
    return Child(name, [sys.executable, "-c", program], log=tmp_path / f"{name}.log")


def test_a_child_that_is_asked_to_end_ends(tmp_path: Path) -> None:
    """SIGTERM is enough for the willing."""
    child = a_child(tmp_path, FOREVER)
    said(child)

    by_itself = child.end(10)

    assert by_itself
    assert child.code == -signal.SIGTERM


def test_a_child_that_does_not_end_is_killed(tmp_path: Path) -> None:
    """After the patience the whole group is killed, and that is reported."""
    child = a_child(tmp_path, STUBBORN)
    said(child)

    by_itself = child.end(0.3)

    assert not by_itself
    assert child.code == -signal.SIGKILL


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    """A grandchild that nobody looks after is in the same group."""
    child = a_child(tmp_path, WITH_A_CHILD)
    grandchild = int(said(child))

    child.end(10)

    assert waited_for(lambda: is_gone(grandchild)) == "gone"


def test_a_dead_child_is_described_with_its_last_words(tmp_path: Path) -> None:
    """The obituary names the child, how it ended and what it said last."""
    child = a_child(tmp_path, "import sys; print('the disk is full'); sys.exit(3)", "daemon")
    waited_for(lambda: "" if child.code is None else "ended")

    assert child.obituary() == "daemon ended with exit code 3; its last lines:\nthe disk is full"
    child.end(1)


def test_what_is_said_to_a_dead_child_is_no_failure_of_ours(tmp_path: Path) -> None:
    """The demo ends by its obituary, and not in silence by a broken pipe."""
    child = a_child(tmp_path, "print('the disk is full')", "simulator")
    waited_for(lambda: "" if child.code is None else "ended")

    child.write("begin")

    assert child.obituary().startswith("simulator ended with exit code 0")
    child.end(1)


def test_a_killed_child_is_described_by_its_signal(tmp_path: Path) -> None:
    """Not a bare number: the signal's name; and no last lines when there are none."""
    child = a_child(tmp_path, "import time; time.sleep(600)", "page")
    os.kill(child.pid, signal.SIGKILL)
    waited_for(lambda: "" if child.code is None else "ended")

    assert child.obituary() == "page was killed by signal 9 (SIGKILL) without a word"
    child.end(1)


def test_a_line_can_be_given_to_a_child(tmp_path: Path) -> None:
    """Its standard input is ours to write."""
    child = a_child(tmp_path, "print(input().upper(), flush=True)")

    child.write("begin")

    assert said(child) == "BEGIN"
    assert child.obituary().startswith("program ")
    child.end(5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_do_not_outlive_a_killed_demo(tmp_path: Path) -> None:
    """After kill −9 of the parent the kernel ends its children."""
    parent = f"""
import sys, time
from pathlib import Path
from service.simulator.children import Child
child = Child("x", [sys.executable, "-c", {FOREVER!r}], log=Path({str(tmp_path / "x.log")!r}))
print(child.pid, flush=True)
time.sleep(600)
"""
    root = str(Path(__file__).resolve().parents[3])
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}
    )
    assert process.stdout is not None
    with process, process.stdout as output:
        child = int(output.readline())
        process.kill()

        assert waited_for(lambda: is_gone(child)) == "gone"
