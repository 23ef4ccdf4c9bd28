#!/usr/bin/env python3
"""From a bare machine to a running command: `python3 deploy/bootstrap.py demo|test|lint|bench|prove|setup [args]`.

Needs Python 3.11, pip and g++, and nothing that is not in the standard library. The Makefile only calls it.
This file must stay readable for an old Python (no annotations): it says in words that the Python is too old.
"""

import os
import shutil
import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    names = [f"python3.{minor}" for minor in range(14, OLDEST[1] - 1, -1)]
    newer = [path for path in map(shutil.which, names) if path]
    if newer:
        os.execv(newer[0], [newer[0], *sys.argv])
    here = f"{sys.executable} is {sys.version.split()[0]}"
    sys.exit(f"sorwatch needs Python 3.11 or later, and {here}; name another: `make PYTHON=/path/to/python3.11 ...`")

from launch import commands  # noqa: E402 - only a new enough Python can read it

if __name__ == "__main__":
    sys.exit(commands.main(sys.argv[1:]))
