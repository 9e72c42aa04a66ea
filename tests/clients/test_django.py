"""Django: the demo's project, and `runserver` with Django's default logging.

Both are real servers that answer real requests; pages and mails arrive at real
receivers. Each is compared with the same on `logging`, in a process of its own.
"""

from __future__ import annotations

import functools
import importlib
import re
import signal
import subprocess
import sys

import pytest

import harness
from clients import servers

if str(servers.DEMO) not in sys.path:
    sys.path.append(str(servers.DEMO))
evidence = importlib.import_module("evidence")
receivers = importlib.import_module("receivers")
service = importlib.import_module("service")

REQUESTS = 200


def serve_shop(mode, place):
    """Serve REQUESTS requests with the demo's project and return the run."""
    project = servers.project(servers.DEMO / "project", place / "project", mode=mode)
    command = harness.command(project / "server.py", mode=mode)
    if mode == servers.PLAIN:
        command = service.COMMANDS["logging"]
    if mode == servers.RUN:
        command = service.COMMANDS["fastlog"]
    if mode == servers.RUN_BACKGROUND:
        command = service.COMMANDS["background"]
    return service.run(command, REQUESTS, place / "logs", project)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Give the shop's run on plain `logging` that belongs to a mode; each runs once."""

    @functools.cache
    def serve(mode):
        return serve_shop(mode, tmp_path_factory.mktemp(mode))

    return lambda mode: serve(servers.counterpart(mode))


@pytest.fixture
def shop_on_logging(shop):
    """Give one of the shop's runs on plain `logging`."""
    return shop(servers.RUN)


@pytest.mark.parametrize("mode", servers.MODES)
def test_a_django_service_writes_the_same_lines_pages_and_mails(mode, shop, tmp_path):
    """Files, console, pages, mails with tracebacks, answers: byte for byte."""
    reference = shop(mode)

    run = serve_shop(mode, tmp_path)

    assert reference.counts is None
    assert not list(evidence.differences(reference.evidence, run.evidence))
    lines = run.evidence.items["everything.log"][0].count(b"\n")
    assert run.counts["calls"] > lines / 2, run.counts
    assert servers.written(run.counts, mode) > lines / 2, run.counts


def test_the_shop_logged_all_that_the_comparison_is_about(shop_on_logging):
    """Two empty files are equal: so each kind of evidence must be there."""
    items = shop_on_logging.evidence.items
    everything = items["everything.log"][0].decode()

    for level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        assert re.search(rf"^{level} <time> \S+ \S+ <pid> <thread> ", everything, re.M)
    assert "Gießkanne" in everything
    assert "Stack (most recent call last):" in everything
    assert b"ORDER" not in items["money.log"][0]
    assert items["money.log"][0].count(b"\n") > REQUESTS / 4
    assert items["requests.log"][0].count(b"\n") == REQUESTS
    assert b"WARNING Not Found: /nowhere/" in items["console.log"][0]
    assert any(b"ZeroDivisionError" in page for page in items["pages"])
    assert any(b"[shop] ERROR (EXTERNAL IP)" in mail for mail in items["mails"])


@pytest.mark.parametrize("name", [*evidence.FILES, "answers", "pages", "mails"])
def test_the_comparison_sees_one_changed_byte(name, shop_on_logging):
    """A proof of equality is worth what its eyes are worth."""
    items = {key: list(value) for key, value in shop_on_logging.evidence.items.items()}
    last = items[name][-1]
    items[name][-1] = last[:-2] + bytes([last[-2] ^ 1]) + last[-1:]

    found = list(
        evidence.differences(shop_on_logging.evidence, evidence.Evidence(items))
    )

    assert found[0].startswith(f"--- {name} on logging")


def serve_default(kind, mode, folder):
    """Run `runserver` and return its console and its mails, masked, and its counts."""
    program = servers.PROGRAMS / "django_runserver.py"
    counts = folder / "counts" / "server.json"
    with receivers.mailbox() as mailbox:
        words = harness.command(program, kind, str(mailbox.port), mode=mode)
        env = service.environment(folder, 0, mailbox.port)
        env["HARNESS_COUNTS"] = str(counts)
        with servers.serving(words, folder, cwd=folder.parent, env=env) as server:
            address = r"Starting development server at http://127\.0\.0\.1:(\d+)/"
            started = server.wait_for("stdout", lambda text: re.search(address, text))
            port = int(re.search(address, started)[1])
            connection = servers.connect(port)
            statuses = []
            for number in range(5):
                for page in ("hello", "nothing", "broken"):
                    status, _ = servers.get(connection, f"/{page}/{number}")
                    statuses.append(status)
            connection.close()
            server.wait_for("stderr", lambda text: text.count(" HTTP/1.1") == 15)
            assert server.stop(signal.SIGINT) == 0
        masks = evidence.Masks(
            ports=(port, mailbox.port), pids=(server.process.pid,), folders=(folder,)
        )
        mails = [masks(evidence.readable_mail(mail)) for mail in mailbox.take()]
    assert statuses == [200, 404, 500] * 5
    # The debug page of a crash quotes paths and times, so its size is its own.
    console = (folder / "stderr").read_bytes()
    console = re.sub(rb'(?m)(" 500 )\d+$', rb"\1<size>", console)
    return masks(console), mails, server.counts()


@pytest.mark.parametrize("kind", ["debug", "live"])
@pytest.mark.parametrize("mode", harness.MODES)
def test_runserver_shows_the_same_on_the_console_and_mails_the_same(
    kind, mode, tmp_path
):
    """Django's own configuration: ServerFormatter, RequireDebugTrue and False."""
    console, mails, _ = serve_default(kind, harness.REFERENCE, tmp_path / "reference")
    expected = (
        [b'"GET /hello/4 HTTP/1.1" 200', b"Not Found: /nothing/1", b"ValueError: crash"]
        if kind == "debug"
        else [b'"GET /broken/4 HTTP/1.1" 500']
    )
    for text in expected:
        assert text in console
    assert len(mails) == (0 if kind == "debug" else 5)

    on_fastlog = serve_default(kind, mode, tmp_path / mode)

    assert on_fastlog[:2] == (console, mails)
    counts = on_fastlog[2]["server"]
    assert servers.native(counts) > 0
    assert mode != harness.BACKGROUND or servers.written(counts, mode) > 0


def run_demo(**variables):
    """Run the demo, short, as a user would."""
    return subprocess.run(
        [sys.executable, str(servers.DEMO / "run.py"), "--requests", "400"],
        env=servers.clean_environment() | variables,
        timeout=2 * servers.TIMEOUT_S,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_demo_shows_that_both_sides_wrote_the_same():
    """`make demo` on a small scale: all its checks, and its table."""
    done = run_demo()

    assert done.returncode == 0, done.stderr
    assert "show an item: 12 debug, 2 info" in done.stdout
    assert "The same in all 12 runs, to the byte" in done.stdout


def test_the_demo_fails_when_no_record_went_the_native_way():
    """Equal output alone must not pass for fastlog's."""
    done = run_demo(FASTLOG_DISABLE="1")

    assert done.returncode == 1
    assert "too few took the native way" in done.stderr
