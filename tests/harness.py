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
#: `background`: likewise, with `fastlog.install(background=True)`.
BACKGROUND = "background"
#: Those in which a handler writes before its call returns.
SYNCHRONOUS = ("import", "install")
MODES = (*SYNCHRONOUS, BACKGROUND)


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

    def went_background(self) -> bool:
        """Return whether anything was written by the background writer."""
        return behind(self.counts) > 0


def behind(counts: dict[str, int] | None) -> int:
    """Return how many records and lines were put into the ring."""
    counts = counts or {}
    return counts.get("pushes", 0) + counts.get("lines", 0)


def written(counts: dict[str, int] | None, mode: str) -> int:
    """Return how many lines were written natively, in the way that *mode* means."""
    return behind(counts) if mode == BACKGROUND else (counts or {}).get("writes", 0)


def command(program: str | os.PathLike[str], *args: str, mode: str) -> list[str]:
    """Return the command line that runs *program* in *mode*, for tests that wait."""
    return [sys.executable, str(HERE / "bootstrap.py"), mode, str(program), *args]


def buffered() -> dict[str, str]:
    """Return our environment, for a program whose stdout has its usual buffer.

    What it prints then waits in the stream, where a handler of that stream finds it
    and keeps the order of both. Unbuffered text goes to the descriptor by itself, and
    what the background writer holds could come before it or after it.
    """
    return {name: os.environ[name] for name in os.environ if name != "PYTHONUNBUFFERED"}


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
            env={**buffered(), **(env or {}), "HARNESS_COUNTS": str(counts)},
            cwd=cwd,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        found = json.loads(counts.read_text()) if counts.exists() else None
    return Result(done.stdout, done.stderr, done.returncode, found)
