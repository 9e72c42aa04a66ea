"""Run real servers, with their worker processes, on `logging` and on fastlog.

A server is its own command-line program, unmodified. What differs between the modes
is only how fastlog comes in: `import` (the served project's own modules say
`import fastlog as logging`; the server itself knows nothing of it), `install`
(`fastlog.install()` was called before the server began), `run`
(`python -m fastlog run -m server`), and the last two with all that can be written in
the background: `background` and `run-background`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import harness

PROGRAMS = pathlib.Path(__file__).parent / "programs"
DEMO = pathlib.Path(__file__).parents[2] / "demo"
RUN = "run"
RUN_BACKGROUND = "run-background"
MODES = (*harness.MODES, RUN, RUN_BACKGROUND)
#: Lines are written later than they are logged.
BEHIND = (harness.BACKGROUND, RUN_BACKGROUND)
#: `python -m server` itself, the reference of the modes `run…`.
PLAIN = "plain"
#: For each single condition that a test waits for.
TIMEOUT_S = 60.0

Counts = dict[str, int] | None


def counterpart(mode: str) -> str:
    """Return which run on plain `logging` a run in *mode* is compared with."""
    return PLAIN if mode in (RUN, RUN_BACKGROUND) else harness.REFERENCE


def command(name: str, *args: str, mode: str) -> list[str]:
    """Return the command line of `python -m name args…` in *mode*.

    `programs/NAME_main.py` calls the server's own entry point, for the modes that
    need something to happen first, or the check that nothing did.
    """
    if mode == PLAIN:
        return [sys.executable, "-m", name, *args]
    if mode in (RUN, RUN_BACKGROUND):
        options = ["--background"] if mode == RUN_BACKGROUND else []
        run = [sys.executable, "-m", "fastlog", "run", *options]
        return [*run, "-m", name, *args]
    return harness.command(PROGRAMS / f"{name}_main.py", *args, mode=mode)


def project(source: pathlib.Path, target: pathlib.Path, *, mode: str) -> pathlib.Path:
    """Copy a file or a folder to *target*, in mode `import` on fastlog.

    Returns:
        The copy. Its lines have the numbers of the original's, in every mode.
    """
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, ignore=ignored)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    if mode == "import":
        changed = 0
        for path in [target] if target.is_file() else target.rglob("*.py"):
            lines = path.read_text().split("\n")
            changed += lines.count("import logging")
            path.write_text(
                "\n".join(
                    "import fastlog as logging" if line == "import logging" else line
                    for line in lines
                )
            )
        assert changed, f"nothing in {source} imports logging"
    return target


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until *condition* holds.

    Raises:
        TimeoutError: It did not, for TIMEOUT_S seconds.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {TIMEOUT_S} s")
        time.sleep(0.02)


def clean_environment() -> dict[str, str]:
    """Return our environment without what pytest put there."""
    return {name: os.environ[name] for name in os.environ if "PYTEST" not in name}


@dataclasses.dataclass(frozen=True)
class Server:
    """A running server; its output goes to files in *folder*."""

    process: subprocess.Popen[bytes]
    folder: pathlib.Path

    def text(self, name: str) -> str:
        """Return what a file in the server's folder holds; nothing if there is none."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def wait_for(self, name: str, condition: Callable[[str], object]) -> str:
        """Wait until the text of a file meets *condition*, and return it.

        Raises:
            AssertionError: The server ended before.
        """

        def met() -> object:
            # Asked before the text is read: what a dead server wrote is all there.
            ended = self.process.poll() is not None
            if condition(self.text(name)):
                return True
            assert not ended, f"{self.process.returncode}: {self.text('stderr')}"
            return False

        wait_until(met, f"{name} in {self.folder}")
        return self.text(name)

    def stop(self, signum: signal.Signals) -> int:
        """Send *signum* and return the exit status."""
        self.process.send_signal(signum)
        return self.process.wait(TIMEOUT_S)

    def counts(self) -> dict[str, Counts]:
        """Return what each process counted, by its file's name; None: no fastlog."""
        return {
            path.stem: json.loads(path.read_text())
            for path in (self.folder / "counts").glob("*.json")
        }


@contextlib.contextmanager
def serving(
    words: list[str],
    folder: pathlib.Path,
    *,
    cwd: pathlib.Path,
    env: dict[str, str] | None = None,
) -> Iterator[Server]:
    """Start a server in a session of its own; at the end nothing of it is left.

    Its environment is *env*, ours by default, and COUNTS, the folder where each
    process leaves its counters. What it prints is there at once.
    """
    (folder / "counts").mkdir(parents=True)
    added = {"COUNTS": str(folder / "counts"), "PYTHONUNBUFFERED": "1"}
    variables = {**(env or os.environ), **added}
    with (
        (folder / "stdout").open("wb") as stdout,
        (folder / "stderr").open("wb") as stderr,
        subprocess.Popen(
            words,
            cwd=cwd,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Server(process, folder)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    """Send one GET request and return status and text of the answer."""
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def connect(port: int) -> http.client.HTTPConnection:
    """Return a connection to a server on 127.0.0.1."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)


def written(counts: Counts, mode: str) -> int:
    """Return how many lines were written natively, in the way that *mode* means."""
    return harness.written(counts, harness.BACKGROUND if mode in BEHIND else mode)


def native(counts: Counts) -> int:
    """Return how many records took the native way."""
    return (counts or {}).get("calls", 0) + (counts or {}).get("records", 0)
