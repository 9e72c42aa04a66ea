"""gunicorn serves the demo's Django project: a master and two workers.

They log through gunicorn's own Logger class, are told to reopen their files after a
rotation, and the workers, made by fork, serve Django. What all wrote is compared.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import os
import pathlib
import re
import signal
import sys

import pytest

import harness
from clients import servers

if str(servers.DEMO) not in sys.path:
    sys.path.append(str(servers.DEMO))
evidence = importlib.import_module("evidence")
receivers = importlib.import_module("receivers")
service = importlib.import_module("service")
traffic = importlib.import_module("traffic")

#: Where a record of everything.log begins: its time, its process.
RECORD = re.compile(rb"(?m)^[A-Z]+ (\S+ \S+) \S+ \S+ (\d+) ")
#: Before and after the rotation.
REQUESTS = (150, 50)


@dataclasses.dataclass
class Run:
    """What one gunicorn left behind."""

    evidence: evidence.Evidence
    times: list[list[bytes]]
    access: list[list[bytes]]
    errors: list[list[bytes]]
    counts: dict[str, servers.Counts]
    status: int


def lines(path: pathlib.Path) -> list[bytes]:
    """Return the whole lines of a file, if there is one."""
    return path.read_bytes().splitlines(keepends=True) if path.exists() else []


def has_open(pid: int, path: pathlib.Path) -> bool:
    """Return whether process *pid* has the file at *path* open."""
    found = os.stat(path)
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            mine = os.stat(descriptor)
        except FileNotFoundError:
            continue
        if (mine.st_dev, mine.st_ino) == (found.st_dev, found.st_ino):
            return True
    return False


def rotate(server: servers.Server, workers: list[int]) -> None:
    """Move the files away, as logrotate does, and have gunicorn reopen them."""
    old = [server.folder / "access.log.1", server.folder / "error.log.1"]
    for path in old:
        path.with_suffix("").rename(path)
    server.process.send_signal(signal.SIGUSR1)
    processes = [server.process.pid, *workers]
    servers.wait_until(
        lambda: not any(has_open(pid, path) for pid in processes for path in old),
        "all processes have let go of the old files",
    )
    servers.wait_until(
        lambda: all(
            has_open(pid, path.with_suffix("")) for pid in processes for path in old
        ),
        "all processes have the new files",
    )


def times(text: bytes) -> list[list[bytes]]:
    """Return the times of each process's records, in the order of the file."""
    found: dict[bytes, list[bytes]] = {}
    for begin in RECORD.finditer(text):
        found.setdefault(begin[2], []).append(begin[1])
    return list(found.values())


def without_order(found: evidence.Evidence) -> evidence.Evidence:
    """Sort the records of everything.log, and the lines of the other files."""
    items = dict(found.items)
    for name in evidence.FILES:
        begin = b"[A-Z]+ <time> " if name == "everything.log" else b"."
        records = re.split(rb"(?m)^(?=%b)" % begin, b"".join(items[name]))
        items[name] = sorted(records)
    return evidence.Evidence(items)


def own_masks(text: bytes) -> bytes:
    """Mask what gunicorn adds: clocks, pids, its ends of connections, its start.

    A stack begins with the frames of whoever called gunicorn's entry point.
    """
    text = re.sub(
        rb"(?<=Stack \(most recent call last\):\n)(?:  .*\n)*?"
        rb'(?=  File "[^"\n]*/gunicorn/app/wsgiapp\.py")',
        b"  <start>\n",
        text,
    )
    text = re.sub(rb"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+\d{4}\]", b"[<time>]", text)
    text = re.sub(rb"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+\d{4}\]", b"[<time>]", text)
    text = re.sub(rb"(\[<time>\] )\[\d+\]", rb"\1[<pid>]", text)
    text = re.sub(rb"(pid: ?)\d+", rb"\1<pid>", text)
    text = re.sub(rb"(?m)<\d+>$", b"<pid>", text)
    text = re.sub(rb"(Listening at: .*\()\d+\)", rb"\1<pid>)", text)
    return re.sub(rb"(?m)^(REMOTE_PORT = |gunicorn\.socket = ).*$", rb"\1<own>", text)


def serve(mode: str, place: pathlib.Path) -> Run:
    """Run gunicorn: requests, a rotation, more requests, the end."""
    project = servers.project(servers.DEMO / "project", place / "project", mode=mode)
    folder = place / "logs"
    folder.mkdir()
    conf = str(servers.PROGRAMS / "gunicorn_conf.py")
    words = servers.command("gunicorn", "-c", conf, "shop.wsgi", mode=mode)
    answers: list[bytes] = []
    with receivers.pager() as pager, receivers.mailbox() as mailbox:
        env = service.environment(folder, pager.port, mailbox.port)
        with servers.serving(words, folder, cwd=project, env=env) as server:
            port = int(server.wait_for("port", lambda text: text.endswith("\n")))
            servers.wait_until(
                lambda: len(list(folder.glob("worker-*"))) == 2, "two workers"
            )
            workers = [int(path.name[7:]) for path in folder.glob("worker-*")]
            for turn, requests in enumerate(REQUESTS):
                answers += traffic.ask(port, requests).answers
                # A worker logs a request after it has answered it.
                server.wait_for(
                    "access.log", lambda text, n=requests: text.count("\n") == n
                )
                if turn == 0:
                    rotate(server, workers)
            status = server.stop(signal.SIGTERM)
        (folder / "stderr").rename(folder / "console.log")
        known = evidence.Masks(
            ports=(port, pager.port, mailbox.port),
            pids=tuple(workers),
            folders=(folder, project),
        )

        def masks(text: bytes) -> bytes:
            return own_masks(known(text))

        found = evidence.Evidence.collect(
            folder, answers, pager.take(), mailbox.take(), masks
        )
    return Run(
        found,
        times((folder / "everything.log").read_bytes()),
        *(
            # Which process is first to write a line is chance.
            [sorted(map(masks, lines(folder / f"{name}{old}"))) for old in (".1", "")]
            for name in ("access.log", "error.log")
        ),
        server.counts(),
        status,
    )


@pytest.fixture(scope="module")
def on_logging(tmp_path_factory):
    """Give gunicorn's run on plain `logging` that belongs to a mode; each runs once."""

    @functools.cache
    def serve_once(mode):
        return serve(mode, tmp_path_factory.mktemp(mode))

    return lambda mode: serve_once(servers.counterpart(mode))


@pytest.mark.parametrize("mode", servers.MODES)
def test_gunicorn_and_its_workers_log_the_same(mode, on_logging, tmp_path):
    """Master and workers, before and after SIGUSR1: all lines, pages and mails."""
    reference = on_logging(mode)

    run = serve(mode, tmp_path)

    assert run.status == reference.status == 0
    assert run.errors == reference.errors
    assert run.access == reference.access
    sides = reference.evidence, run.evidence
    if mode in servers.BEHIND:
        # Two processes write to one file, each its own records in order. Requests come
        # one after the other, but the writers need not keep step with them.
        sides = tuple(map(without_order, sides))
    assert not list(evidence.differences(*sides))
    assert len(run.times) == 2
    assert all(part == sorted(part) for part in run.times)
    everything = run.evidence.items["everything.log"][0].count(b"\n")
    workers = [n for name, n in run.counts.items() if name.startswith("worker-")]
    assert len(workers) == 2
    assert sum(count["calls"] for count in workers) > everything / 2, workers
    assert sum(servers.written(count, mode) for count in workers) > everything / 2


@pytest.mark.parametrize("mode", ["install", servers.RUN, harness.BACKGROUND])
def test_gunicorns_master_is_on_fastlog_too(mode, tmp_path):
    """Installed before the master starts, its own lines are native as well."""
    run = serve(mode, tmp_path)

    (master,) = [n for name, n in run.counts.items() if name.startswith("master-")]
    assert servers.native(master) > 0
    assert mode != harness.BACKGROUND or servers.written(master, mode) > 0


def test_gunicorn_logged_all_that_the_comparison_is_about(on_logging):
    """The reference knows no fastlog, and has each kind of line."""
    reference = on_logging(servers.RUN)

    assert len(reference.counts) == 3
    assert set(reference.counts.values()) == {None}
    assert [len(part) for part in reference.access] == list(REQUESTS)
    assert all(reference.errors)
    booted = b"".join(reference.errors[0])
    assert booted.count(b"Booting worker with pid: <pid>\n") == 2
    assert b"[DEBUG]" in booted
    assert b"Shutting down: Master" in b"".join(reference.errors[1])
    for name in ("everything.log", "money.log", "console.log", "pages", "mails"):
        assert any(reference.evidence.items[name]), name
