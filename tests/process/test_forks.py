"""Fork, spawn: no hang, no line lost, none twice."""

from __future__ import annotations

import collections
import pathlib
import re

import pytest

import harness

PROGRAMS = pathlib.Path(__file__).parent / "programs"
FORKS = 40
LINES = 50


@pytest.mark.parametrize("how", ["os", "multiprocessing"])
@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.timeout(400)
def test_children_forked_while_threads_log_write_each_line_once(
    how: str, mode: str, tmp_path: pathlib.Path
) -> None:
    """A lock held by a thread that is not in the child must not hold the child up."""
    program = PROGRAMS / "forks.py"

    done = harness.run(
        program, how, str(FORKS), str(tmp_path), mode=mode, timeout_s=300
    )

    assert (done.stderr, done.returncode) == ("", 0)
    statuses, counted = done.stdout.splitlines()
    assert statuses == "{0}"
    parents, children = map(int, counted.split())
    assert children == FORKS * (LINES + 1)
    assert done.went_native()
    for name in ("file", "watched"):
        text = (tmp_path / f"{name}.log").read_text()
        assert text.endswith("\n")
        found = collections.Counter(text.splitlines())
        assert set(found.values()) == {1}
        whole = re.compile(
            r"INFO (parent\d|child\d+) line \d+|WARNING child\d+ thread", re.ASCII
        )
        assert all(whole.fullmatch(line) for line in found)
        own = sum("child" in line for line in found)
        assert (len(found) - own, own) == (parents, children)


@pytest.mark.parametrize("mode", harness.MODES)
def test_spawned_processes_log_as_on_logging(mode: str, tmp_path: pathlib.Path) -> None:
    """A spawned child imports everything anew."""
    program = PROGRAMS / "spawns.py"
    folders = tmp_path / "reference", tmp_path / mode
    for folder in folders:
        folder.mkdir()

    expected = harness.run(program, str(folders[0]), mode=harness.REFERENCE)
    actual = harness.run(program, str(folders[1]), mode=mode)

    assert expected.returncode == 0, expected.stderr
    assert "after 4" in expected.stdout
    assert (actual.stdout, actual.stderr) == (expected.stdout, expected.stderr)
    assert actual.went_native()
