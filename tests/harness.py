"""Run one program on plain `logging` and on fastlog, each in a process of its own.

In place, both would be ours in one process, so the reference must never import
fastlog. A program is an ordinary script; it prints or writes what is compared.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
REFERENCE = "reference"
#: `import`: the program's line `import logging` becomes `import fastlog as logging`.
#: `install`: the program is unmodified and `fastlog.install()` came before it.
MODES = ("import", "install")


@dataclasses.dataclass(frozen=True)
class Result:
    """What a program left behind; `counts` is None for the reference."""

    stdout: str
    stderr: str
    returncode: int
    counts: dict[str, int] | None

    def went_native(self) -> bool:
        """Return whether any record took the native way."""
        counts = self.counts or {}
        return counts.get("calls", 0) + counts.get("records", 0) > 0


def command(program: str | os.PathLike[str], *args: str, mode: str) -> list[str]:
    """Return the command line that runs *program* in *mode*, for tests that wait."""
    return [sys.executable, str(HERE / "bootstrap.py"), mode, str(program), *args]


def run(
    program: str | os.PathLike[str],
    *args: str,
    mode: str,
    env: dict[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    stdin: str | None = None,
    timeout_s: float = 120,
) -> Result:
    """Run *program* to its end and return what it printed and counted."""
    with tempfile.TemporaryDirectory() as folder:
        counts = pathlib.Path(folder, "counts.json")
        done = subprocess.run(
            command(program, *args, mode=mode),
            env={**os.environ, **(env or {}), "HARNESS_COUNTS": str(counts)},
            cwd=cwd,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        found = json.loads(counts.read_text()) if counts.exists() else None
    return Result(done.stdout, done.stderr, done.returncode, found)
