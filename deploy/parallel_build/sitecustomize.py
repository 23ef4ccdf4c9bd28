"""Compiles the files of a C++ extension side by side; put on PYTHONPATH of a build, it does nothing anywhere else.

setuptools hands the compiler one file after another, so QuickFIX takes minutes on any number of cores. This module
replaces that one loop. It refuses to break a build: with a setuptools that it does not know, the build is only slow.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# setuptools' copy of distutils is importable under both names, as separate modules: the build uses the second one
HOMES = (
    "setuptools._distutils.compilers.C.base",
    "distutils.compilers.C.base",
    "setuptools._distutils.ccompiler",
    "distutils.ccompiler",
)


def compile_side_by_side(
    self: Any,
    sources: list[str],
    output_dir: str | None = None,
    macros: Any = None,
    include_dirs: Any = None,
    debug: bool = False,  # noqa: FBT001, FBT002 - the signature is distutils' own
    extra_preargs: Any = None,
    extra_postargs: Any = None,
    depends: Any = None,
) -> list[str]:
    """Do what `Compiler.compile` does, with a thread for each core and the largest file first."""
    macros, objects, extra_postargs, pp_opts, build = self._setup_compile(
        output_dir, macros, include_dirs, sources, depends, extra_postargs
    )
    cc_args = self._get_cc_args(pp_opts, debug, extra_preargs)
    jobs = sorted(
        ((obj, *build[obj]) for obj in objects if obj in build),
        key=lambda job: Path(job[1]).stat().st_size,
        reverse=True,
    )

    def compile_one(job: tuple[str, str, str]) -> None:
        obj, source, extension = job
        self._compile(obj, source, extension, cc_args, extra_postargs, pp_opts)
        report(f"{source} ({len(jobs)})")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, jobs))
    return list[str](objects)


def report(line: str) -> None:
    """Add a line to the file that the launcher watches, if it named one."""
    if "SORWATCH_BUILD_LOG" in os.environ:
        with Path(os.environ["SORWATCH_BUILD_LOG"]).open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")


def install() -> None:
    """Replace the loop in every copy of distutils that this interpreter has."""
    for home in HOMES:
        with contextlib.suppress(Exception):
            module = importlib.import_module(home)
            for name in ("Compiler", "CCompiler"):
                if "compile" in vars(getattr(module, name, object)):
                    getattr(module, name).compile = compile_side_by_side


if importlib.util.find_spec("setuptools") is not None:
    install()
