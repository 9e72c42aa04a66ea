"""A Celery worker with a pool of two forked processes runs tasks that log.

Celery sets up logging by itself, with a formatter that looks up the running task, a
logger for tasks and, on request, a file for each process, opened after the fork.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import re
import signal
import subprocess
import sys

import pytest

import harness
from clients import servers

ROUNDS = 5
#: Records of one round in the tasks' own file.
RECORDS = 9
#: Lines that depend on how long things took, or on which process was first.
CHANCE = ("Timer wake-up!", "No hostname was supplied", "basic.qos")
TO_STDERR = ()
#: `%I`: one file for the main process, one for each process of the pool.
TO_FILES = ("--logfile", "%n%I.log")


@dataclasses.dataclass
class Run:
    """What one worker left behind: masked output, and who counted what."""

    entries: list[str]
    files: list[str]
    tasks: str
    results: str
    counts: dict[str, servers.Counts]
    status: int


def masked(text: str) -> str:
    """Mask times, and which process of the pool it was."""
    text = re.sub(r"(?m)^(\[?)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}", r"\1<time>", text)
    text = re.sub(r"ForkPoolWorker-\d+", "ForkPoolWorker-<n>", text)
    text = re.sub(r"succeeded in [\d.e-]+s", "succeeded in <time>s", text)
    return re.sub(r"(TaskPool: Apply ).*", r"\1<task>", text)


def entries(text: str) -> list[str]:
    """Return the entries of a log, in order of text: processes write as they come."""
    found = re.split(r"(?m)^(?=\[<time>: )", masked(text))
    return sorted(
        entry for entry in found if not any(chance in entry for chance in CHANCE)
    )


def work(mode: str, place: pathlib.Path, options: tuple[str, ...]) -> Run:
    """Run a worker, have it do the tasks, stop it."""
    project, queue, folder = (place / name for name in ("project", "queue", "logs"))
    for name in ("celery_app.py", "celery_send.py"):
        kept = mode if name == "celery_app.py" else servers.PLAIN
        servers.project(servers.PROGRAMS / name, project / name, mode=kept)
    for name in ("messages", "outbox", "control", "results"):
        (queue / name).mkdir(parents=True)
    env = servers.clean_environment()
    env |= {"SHOP_LOG_DIR": str(folder), "SHOP_QUEUE": str(queue)}
    env["PYTHONHASHSEED"] = "0"  # Celery orders its steps by a set
    worker = ("worker", "--pool", "prefork", "--concurrency", "2", "-l", "DEBUG")
    words = servers.command(
        "celery", "-A", "celery_app", *worker, "-n", "w@shop", *options, mode=mode
    )
    with servers.serving(words, folder, cwd=project, env=env) as server:
        main_log = "../project/w.log" if options else "stderr"
        server.wait_for(main_log, lambda text: "w@shop ready." in text)
        sent = subprocess.run(
            [sys.executable, "celery_send.py", str(ROUNDS)],
            cwd=project,
            env=env | {"COUNTS": str(folder)},
            timeout=servers.TIMEOUT_S,
            capture_output=True,
            text=True,
            check=True,
        )
        status = server.stop(signal.SIGTERM)
        logs = sorted(project.glob("*.log"))
        text = "".join(path.read_text() for path in logs) + server.text("stderr")
        return Run(
            entries(text.replace(str(place), "<place>")),
            [path.name for path in logs],
            masked(server.text("tasks.log").replace(str(place), "<place>")),
            sent.stdout,
            server.counts(),
            status,
        )


@pytest.fixture(scope="module")
def on_logging(tmp_path_factory):
    """Give the run on plain `logging`, with some options; each runs once."""

    @functools.cache
    def work_on_logging(options):
        return work(servers.PLAIN, tmp_path_factory.mktemp("reference"), options)

    return work_on_logging


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        *(pytest.param(mode, TO_STDERR, id=f"{mode}-stderr") for mode in servers.MODES),
        *(pytest.param(mode, TO_FILES, id=f"{mode}-files") for mode in harness.MODES),
    ],
)
def test_a_celery_worker_logs_the_same(mode, options, on_logging, tmp_path):
    """The worker's log, the tasks' own file, what tasks print, and all results."""
    reference = on_logging(options)

    run = work(mode, tmp_path, options)

    assert set(reference.counts.values()) == {None}
    assert run.entries == reference.entries
    assert run.files == reference.files
    assert run.tasks == reference.tasks
    assert run.results == reference.results
    assert run.status == reference.status == 0
    pool = [count for name, count in run.counts.items() if name.startswith("pool-")]
    assert pool
    assert all(servers.native(count) > 0 for count in pool)
    assert sum(servers.written(count, mode) for count in pool) >= ROUNDS * RECORDS


def test_celery_logged_all_that_the_comparison_is_about(on_logging):
    """Every kind of entry, from both kinds of process."""
    run = on_logging(TO_STDERR)
    text = "".join(run.entries)

    assert "[<time>: INFO/MainProcess] w@shop ready.\n" in text
    assert "DEBUG/ForkPoolWorker-<n>] celery_app.add[add-0]: step 4 of 0 + 0.5" in text
    assert "WARNING/ForkPoolWorker-<n>] an ordinary logger, {'first': 1}" in text
    assert "WARNING/ForkPoolWorker-<n>] printed 2" in text
    assert "raised unexpected: ValueError('failed on 3')\nTraceback" in text
    assert "CRITICAL/ForkPoolWorker-<n>] celery_app.warn[warn-4]: celery" in text
    assert run.tasks.count("<time> ") == ROUNDS * RECORDS
    assert "<time> INFO celery_app add adding 0 to 0.500 for 'Jürgen'\n" in run.tasks
    assert len(run.results.split("\n")) == 3 * ROUNDS + 1
    assert len(on_logging(TO_FILES).files) == 3
