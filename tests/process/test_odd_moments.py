"""Signals, deaths, interrupts, the interpreter's end; disks and pipes that fail."""

from __future__ import annotations

import pathlib
import re

import pytest

import harness

PROGRAMS = pathlib.Path(__file__).parent / "programs"


def masked(text: str, folder: pathlib.Path) -> str:
    """Hide the folder and addresses."""
    return re.sub(r"0x[0-9a-f]+", "0x", text.replace(str(folder), "<folder>"))


@pytest.mark.parametrize("mode", harness.MODES)
def test_logging_at_odd_moments_prints_what_logging_prints(mode: str) -> None:
    """Signal handlers, `__del__`, weak references, recursion, exit: nothing is lost."""
    program = PROGRAMS / "odd_moments.py"

    expected = harness.run(program, mode=harness.REFERENCE)
    actual = harness.run(program, mode=mode)

    assert expected.returncode == 0, expected.stderr
    for text in ("signal 10", "del two", "at exit", "finalized thing", "is free"):
        assert text in expected.stdout
    assert actual.stdout == expected.stdout
    assert actual.stderr == expected.stderr
    assert actual.returncode == expected.returncode
    assert actual.went_native()


@pytest.mark.parametrize("mode", harness.SYNCHRONOUS)
def test_a_failing_disk_or_pipe_is_reported_as_logging_reports_it(
    mode: str, tmp_path: pathlib.Path
) -> None:
    """ENOSPC, EPIPE, EAGAIN, EBADF, EISDIR, ENOENT: same reports, same bytes.

    The background writer has reports of its own: test_background_sinks.py.
    """
    program = PROGRAMS / "bad_places.py"
    folders = tmp_path / "reference" / "place", tmp_path / mode / "place"
    for folder in folders:
        folder.mkdir(parents=True)

    expected = harness.run(program, str(folders[0]), mode=harness.REFERENCE)
    actual = harness.run(program, str(folders[1]), mode=mode)

    assert expected.returncode == 0, expected.stderr
    for error in ("Errno 28", "BrokenPipe", "BlockingIO", "Errno 9", "Errno 21"):
        assert error in expected.stderr + expected.stdout
    assert masked(actual.stdout, folders[1]) == masked(expected.stdout, folders[0])
    assert masked(actual.stderr, folders[1]) == masked(expected.stderr, folders[0])
    assert actual.returncode == expected.returncode
    assert actual.went_native()
