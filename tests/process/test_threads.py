"""Threads through one handler: every line whole, each exactly once, none lost."""

from __future__ import annotations

import collections
import os
import pathlib

import pytest

import harness

PROGRAMS = pathlib.Path(__file__).parent / "programs"
THREADS = 8
RECORDS = 50_000 if os.environ.get("FASTLOG_FULL") == "1" else 5_000


def lines(folder: pathlib.Path) -> collections.Counter[str]:
    """Return every line of every file, with its count; each must be whole."""
    found: collections.Counter[str] = collections.Counter()
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert text == "" or text.endswith("\n"), f"{path.name} ends within a line"
        found.update(text.splitlines())
    return found


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize(
    "kind", ["file", "delay", "stream", "watched", "rotating", "timed"]
)
@pytest.mark.timeout(1200)
def test_eight_threads_lose_no_line(
    kind: str, mode: str, tmp_path: pathlib.Path
) -> None:
    """The lock, and the GIL around each write, must hold for native writes too."""
    program = PROGRAMS / "threads.py"

    done = harness.run(
        program, kind, str(RECORDS), str(tmp_path), mode=mode, timeout_s=1000
    )

    expected = collections.Counter(
        f"INFO t{thread} line {number} of café"
        for thread in range(THREADS)
        for number in range(RECORDS)
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert lines(tmp_path) == expected
    if kind == "rotating":
        assert len(list(tmp_path.iterdir())) > RECORDS // 1000
    assert done.counts is not None
    assert harness.written(done.counts, mode) > 0.9 * THREADS * RECORDS


@pytest.mark.parametrize("mode", harness.SYNCHRONOUS)
@pytest.mark.timeout(600)
def test_a_renamed_file_is_left_for_a_new_one_without_loss(
    mode: str, tmp_path: pathlib.Path
) -> None:
    """As logrotate does it, while four threads log through WatchedFileHandler.

    What the background writer does then is in test_background_threads.py.
    """
    records = RECORDS // 5
    program = PROGRAMS / "logrotate.py"

    done = harness.run(program, str(records), str(tmp_path), mode=mode, timeout_s=500)

    expected = collections.Counter(
        f"INFO t{thread} line {number}"
        for thread in range(4)
        for number in range(records)
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.split() == [str(4 * records), "True"]
    assert lines(tmp_path) == expected
    assert done.went_native()
