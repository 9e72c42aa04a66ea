"""BackgroundHandler and the life of a process: exit, fork, signals, deaths."""

from __future__ import annotations

import collections
import pathlib
import subprocess
import sys

import pytest

import harness

PROGRAM = pathlib.Path(__file__).parent / "programs" / "background_handler.py"


def run(what: str, folder: pathlib.Path) -> tuple[str, str, list[str]]:
    """Run the program; return what it printed, its stderr, and the log's lines.

    The program asserts itself that the records were handled in another thread.
    """
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-X", "faulthandler", PROGRAM, what, folder],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    text = (folder / "app.log").read_text()
    assert done.returncode == 0, done.stderr
    assert text == "" or text.endswith("\n")
    return done.stdout, done.stderr, text.splitlines()


def test_the_interpreters_end_hands_on_all_that_waits(tmp_path: pathlib.Path) -> None:
    """In order, then what is logged at exit."""
    _, stderr, lines = run("ending", tmp_path)

    assert stderr == ""
    assert lines == [
        *(f"pending {number}" for number in range(500)),
        "at exit",
    ]


def test_daemon_threads_log_while_the_interpreter_ends(tmp_path: pathlib.Path) -> None:
    """From then on each hands its records over itself; none is lost or doubled."""
    _, stderr, lines = run("ending_late", tmp_path)

    assert stderr == ""
    daemon = [line for line in lines if line.startswith("daemon")]
    numbers = [int(line.split()[1]) for line in daemon]
    assert sorted(numbers) == list(range(len(numbers)))
    assert lines.count("after the end of the thread") == 1


def test_a_target_that_hangs_does_not_keep_the_process(tmp_path: pathlib.Path) -> None:
    """The end waits as long as was agreed on, and says what it gave up."""
    _, stderr, lines = run("hanging", tmp_path)

    assert lines == []
    assert stderr.startswith("fastlog: 5 records were left for <Lines")
    assert stderr.count("\n") == 1


@pytest.mark.parametrize("what", ["forking", "forking_target", "multiprocess"])
def test_a_child_begins_anew_and_the_parent_writes_its_own(
    what: str, tmp_path: pathlib.Path
) -> None:
    """Pending records are the parent's; a child has a thread at its first record."""
    printed, stderr, lines = run(what, tmp_path)

    assert stderr == ""
    assert set(collections.Counter(lines).values()) == {1}
    assert len(lines) == int(printed)


@pytest.mark.parametrize("overflow", ["block", "drop", "sync"])
def test_logging_from_within_logging_neither_hangs_nor_loses(
    overflow: str, tmp_path: pathlib.Path
) -> None:
    """Signal handlers, `__del__`, weak references, in the caller and in the thread."""
    printed, stderr, lines = run(f"moments:{overflow}", tmp_path)

    assert stderr == ""
    own = [line for line in lines if "dropped" not in line]
    assert len(own) == int(printed)
    assert len({line.partition(" [")[0] for line in own}) == len(own)
    assert (len(own) < len(lines)) == (overflow == "drop")


def test_an_interrupt_leaves_a_call_that_waits(tmp_path: pathlib.Path) -> None:
    """Control-C must work while a log call, or flush(), waits for the target."""
    printed, stderr, lines = run("interrupts", tmp_path)

    assert stderr == ""
    assert lines[-1] == "last"
    assert len(lines) == int(printed)


@pytest.mark.parametrize("mode", harness.MODES)
def test_a_target_prints_the_same_in_the_background(mode: str) -> None:
    """Messages of every kind, arguments that change, tracebacks, bad arguments."""
    program = PROGRAM.with_name("background_target.py")

    expected = harness.run(program, mode=harness.REFERENCE)
    actual = harness.run(program, mode=mode)

    assert expected.returncode == 0, expected.stderr
    assert expected.stdout.count("Traceback") == 20
    assert len(expected.stdout.splitlines()) > 2000
    assert actual.stdout == expected.stdout
    errors = "TypeError: not all arguments converted"
    assert expected.stderr.count(errors) == actual.stderr.count(errors) == 20
    assert actual.returncode == 0, actual.stderr  # it asserts that the thread did it
    assert actual.went_native()
