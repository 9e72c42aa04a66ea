"""One run of the service: start it, send it requests, stop it, keep what it wrote."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import IO

import receivers
import traffic
from evidence import Evidence, Masks

PROJECT = pathlib.Path(__file__).parent / "project"
#: The project is the same; only the command that starts it differs.
COMMANDS = {
    "logging": [sys.executable, "server.py"],
    "fastlog": [sys.executable, "-m", "fastlog", "run", "server.py"],
    "background": [
        *(sys.executable, "-m", "fastlog", "run", "--background", "server.py")
    ],
}
#: Django's mails quote the environment, so a server gets no more than it needs.
PASSED_ON = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "LD_PRELOAD"),
    *("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "FASTLOG_DISABLE"),
)
START_S = 60.0
STOP_S = 30.0


@dataclasses.dataclass(frozen=True)
class Run:
    """What one server process did."""

    seen: traffic.Seen
    evidence: Evidence
    #: What fastlog counted; None when the process never imported it.
    counts: dict[str, int] | None


def first_line(stream: IO[bytes], timeout_s: float) -> bytes:
    """Return the first line of a pipe, or nothing when none came in time."""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline() if selector.select(timeout_s) else b""


def environment(folder: pathlib.Path, pager: int, mailbox: int) -> dict[str, str]:
    """Return a server's environment: where to log, and the ports of the receivers."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed_on | {
        "SHOP_LOG_DIR": str(folder),
        "SHOP_PAGER_URL": f"http://127.0.0.1:{pager}/pages",
        "SHOP_SMTP_PORT": str(mailbox),
    }


@contextlib.contextmanager
def serving(
    command: Sequence[str],
    folder: pathlib.Path,
    variables: dict[str, str],
    project: pathlib.Path = PROJECT,
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the server, and give its process and port; at the end, stop it.

    The server is in a session of its own, so that Ctrl-C reaches only us; it ends
    when its standard input does, so also when we are killed.

    Raises:
        ServiceError: It did not start, did not stop or failed.
    """
    with (
        (folder / "console.log").open("wb") as console,
        subprocess.Popen(
            [*command, "--counts", str(folder / "counts.json")],
            cwd=project,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=console,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            line = first_line(process.stdout, START_S)
            if not line.strip().isdigit():
                complaint = (folder / "console.log").read_text(errors="replace")
                raise traffic.ServiceError(f"no start: {line!r}\n{complaint}")
            yield process, int(line)
            process.stdin.close()
            if status := process.wait(STOP_S):
                raise traffic.ServiceError(f"the server ended with status {status}")
        except subprocess.TimeoutExpired as error:
            raise traffic.ServiceError("the server did not stop") from error
        finally:
            if process.poll() is None:
                process.kill()


def run(
    command: Sequence[str],
    requests: int,
    folder: pathlib.Path,
    project: pathlib.Path = PROJECT,
) -> Run:
    """Start the service with *command*, send it *requests*, stop it."""
    folder.mkdir(parents=True)
    with receivers.pager() as pager, receivers.mailbox() as mailbox:
        variables = environment(folder, pager.port, mailbox.port)
        with serving(command, folder, variables, project) as (process, port):
            seen = traffic.ask(port, requests)
        masks = Masks(
            ports=(port, pager.port, mailbox.port),
            pids=(process.pid,),
            folders=(folder, project),
        )
        evidence = Evidence.collect(
            folder, seen.answers, pager.take(), mailbox.take(), masks
        )
    for what in ("pages", "mails"):
        found = len(evidence.items[what])
        if found != seen.expected(what):
            raise traffic.ServiceError(
                f"{found} {what} arrived instead of {seen.expected(what)}"
            )
    return Run(seen, evidence, counts_of(folder))


def run_under_load(command: Sequence[str], requests: int, folder: pathlib.Path) -> Run:
    """Start the service, let several clients send *requests* each, stop it.

    What they ask for causes neither pages nor mails.
    """
    folder.mkdir(parents=True)
    with serving(command, folder, environment(folder, 0, 0)) as (process, port):
        seen = traffic.load(port, requests)
    masks = Masks(ports=(port,), pids=(process.pid,), folders=(folder, PROJECT))
    evidence = Evidence.collect_of_many(folder, seen.answers, masks)
    return Run(seen, evidence, counts_of(folder))


def counts_of(folder: pathlib.Path) -> dict[str, int] | None:
    """Return what fastlog counted in a server that has ended, if it was imported."""
    counts: dict[str, int] | None = json.loads((folder / "counts.json").read_text())
    return counts
