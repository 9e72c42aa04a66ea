"""uvicorn serves an ASGI application, with its own loggers and formatters.

Its default configuration copies each record and writes `levelprefix` into the copy;
its access formatter reads the five arguments of a record. Once with one process and
once with a supervisor and two workers, which are started afresh, not forked.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import re
import signal

import pytest

import harness
from clients import servers

PATHS = ("/", "/nothing", "/warned?by=me", "/broken", "/a%20b/%C3%BC")
ROUNDS = 10
#: Of one round: calls with nothing but a message and arguments, lines in the file.
CALLS = 7 * len(PATHS)
LINES = CALLS + 2
INSTALL = {
    "install": "fastlog.install()",
    harness.BACKGROUND: "fastlog.install(background=True)",
}


@dataclasses.dataclass
class Run:
    """What one uvicorn left behind: masked output, and who counted what."""

    stdout: str
    stderr: str
    shop: str
    counts: dict[str, servers.Counts]
    status: int


def masked(text: str, port: int) -> str:
    """Mask ports, pids and times."""
    text = re.sub(rf"\b127\.0\.0\.1:{port}\b", "127.0.0.1:<port>", text)
    text = re.sub(r"\b127\.0\.0\.1:\d+", "127.0.0.1:<client>", text)
    text = re.sub(r"('127\.0\.0\.1'), \d+", r"\1, <port or client>", text)
    text = re.sub(r"(process )(\[?)(\x1b\[[\d;]*m)?\d+", r"\1\2\3<pid>", text)
    return re.sub(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ", "<time> ", text)


def serve(mode: str, place: pathlib.Path, *options: str, workers: int = 0) -> Run:
    """Run uvicorn, send it requests, stop it with Ctrl-C's signal."""
    source = servers.PROGRAMS / "uvicorn_app.py"
    target = place / "project" / "uvicorn_app.py"
    servers.project(source, target, mode=mode)
    if workers and mode in INSTALL:
        # A worker is a new interpreter: the application itself has to install.
        lines = f"import fastlog; {INSTALL[mode]}; " + target.read_text()
        target.write_text(lines)
    words = ["uvicorn_app:app", "--port", "0", "--app-dir", str(target.parent)]
    words += ["--workers", str(workers)] if workers else []
    command = servers.command("uvicorn", *words, *options, mode=mode)
    folder = place / "logs"
    env = {
        **servers.clean_environment(),
        "SHOP_LOG": str(folder / "shop.log"),
    }
    with servers.serving(command, folder, cwd=place, env=env) as server:
        begun = server.wait_for("stderr", lambda text: "Uvicorn running on" in text)
        server.wait_for(
            "stderr",
            lambda text: text.count("startup complete.") == (workers or 1),
        )
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)", begun)[1])
        connection = servers.connect(port)
        for _ in range(ROUNDS):
            for path in PATHS:
                servers.get(connection, path)
                if workers:  # a new connection, so that both get their share
                    connection.close()
        connection.close()
        server.wait_for("shop.log", lambda text: text.count("\n") == ROUNDS * LINES)
        server.wait_for(
            "stdout", lambda text: text.count("HTTP/1.1") == ROUNDS * len(PATHS)
        )
        server.wait_for("stderr", lambda text: text.count("ValueError: ") == ROUNDS)
        server.wait_for(
            "stderr",
            lambda text: text.count("connection lost") == text.count("connection made"),
        )
        status = server.stop(signal.SIGINT)
        texts = [
            masked(server.text(name).replace(str(place), "<place>"), port)
            for name in ("stdout", "stderr", "shop.log")
        ]
        return Run(*texts, server.counts(), status)


@pytest.fixture(scope="module")
def on_logging(tmp_path_factory):
    """Give the run on plain `logging` that belongs to a mode; each runs once."""

    @functools.cache
    def serve_once(mode, *options, workers=0):
        place = tmp_path_factory.mktemp(mode)
        return serve(mode, place, *options, workers=workers)

    def reference(mode, *options, workers=0):
        return serve_once(servers.counterpart(mode), *options, workers=workers)

    return reference


@pytest.mark.parametrize("options", [(), ("--use-colors", "--log-level", "trace")])
@pytest.mark.parametrize("mode", servers.MODES)
def test_uvicorn_logs_the_same(mode, options, on_logging, tmp_path):
    """Console, access log and the application's own file, byte for byte."""
    reference = on_logging(mode, *options)

    run = serve(mode, tmp_path, *options)

    assert set(reference.counts.values()) == {None}
    assert run.stdout == reference.stdout
    assert run.stderr == reference.stderr
    assert run.shop == reference.shop
    assert run.status == reference.status
    (counts,) = run.counts.values()
    assert counts["calls"] >= ROUNDS * CALLS
    assert servers.written(counts, mode) >= ROUNDS * LINES


@pytest.mark.parametrize("mode", harness.MODES)
def test_uvicorns_worker_processes_log_the_same(mode, on_logging, tmp_path):
    """Two workers answer in turn, so lines are compared without their order."""
    reference = on_logging(mode, workers=2)

    run = serve(mode, tmp_path, workers=2)

    assert set(reference.counts.values()) == {None}
    for name in ("stdout", "stderr", "shop"):
        expected = sorted(getattr(reference, name).splitlines())
        assert sorted(getattr(run, name).splitlines()) == expected, name
    assert run.status == reference.status
    assert len(run.counts) == 2
    counts = run.counts.values()
    assert sum(count["calls"] for count in counts) >= ROUNDS * CALLS
    assert sum(servers.written(count, mode) for count in counts) >= ROUNDS * LINES


def test_uvicorn_logged_all_that_the_comparison_is_about(on_logging):
    """Plain and coloured levels, access lines, a traceback, the application's file."""
    plain = on_logging(servers.RUN)
    coloured = on_logging(servers.RUN, "--use-colors", "--log-level", "trace")

    assert 'INFO:     127.0.0.1:<client> - "GET / HTTP/1.1" 200 OK' in plain.stdout
    assert '"GET /nothing HTTP/1.1" 404 Not Found' in plain.stdout
    assert "INFO:     the application starts with ['a', 'list']" in plain.stderr
    assert "WARNING:  /warned was asked for" in plain.stderr
    assert "ERROR:    Exception in ASGI application\n" in plain.stderr
    assert "ValueError: broken by /broken\n" in plain.stderr
    assert "\x1b[32mINFO\x1b[0m" in coloured.stderr
    assert "TRACE" in coloured.stderr
    assert " DEBUG    shop uvicorn_app:" in plain.shop
