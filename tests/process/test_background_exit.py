"""However a process ends, its file is what `logging` would have left, to the byte."""

from __future__ import annotations

import json
import pathlib
import re

import pytest

import harness
from process.lines import PROGRAMS, ordered

PROGRAM = PROGRAMS / "bg_exits.py"
LINES = 3000
#: Scenario: exit status.
ENDS = {
    "end": 0,
    "sys-exit": 3,
    "message": 1,
    "exception": 1,
    "interrupt": -2,
    "terminated": 9,
    "os-exit": 4,
    "exit-from-thread": 5,
    "abort": -6,
    "execv": 0,
    "execl": 0,
    "execve": 0,
    "execvp": 0,
    "exec-in-thread": 0,
    "exec-fails": 0,
    "shutdown": 0,
    "hooks": 0,
    "exits-at-exit": 7,
    "excepthooks": 1,
    "teardown": 0,
    "closes": 0,
    "stream-closes": 0,
    "dead-handler": 0,
    "in-a-child": 0,
}


def run(scenario: str, folder: pathlib.Path, mode: str) -> harness.Result:
    """Run *scenario* in a folder that is made for it."""
    folder.mkdir(parents=True)
    return harness.run(PROGRAM, scenario, str(folder), mode=mode)


def files(folder: pathlib.Path) -> dict[str, str]:
    """Return the text of all logs of *folder*."""
    return {path.name: path.read_text() for path in folder.glob("*.log")}


def masked(text: str, folder: pathlib.Path) -> str:
    """Hide the folder and addresses."""
    return re.sub(r"0x[0-9a-f]+", "0x", text.replace(str(folder), "<folder>"))


def went_through_the_ring(folder: pathlib.Path) -> bool:
    """Return whether the program's first records went to the ring."""
    facts = json.loads((folder / "facts.json").read_text())
    counts = facts["counts"]
    return bool(counts["pushes"] + counts["lines"] >= 10 <= facts["stats"]["accepted"])


@pytest.mark.parametrize("mode", harness.MODES)
@pytest.mark.parametrize(("scenario", "status"), ENDS.items())
def test_an_end_leaves_what_logging_leaves(
    scenario: str, status: int, mode: str, tmp_path: pathlib.Path
) -> None:
    """Records that wait in the ring are written, in order; nothing is said of it."""
    # Names of the same length: they are in the output of some programs.
    folders = tmp_path / "x" / "app", tmp_path / "y" / "app"

    expected = run(scenario, folders[0], harness.REFERENCE)
    actual = run(scenario, folders[1], mode)

    assert expected.returncode == status, expected.stderr
    texts = files(folders[0])
    assert sum(ordered(texts["app.log"]).values()) >= (
        10 if scenario == "stream-closes" else LINES
    )
    assert files(folders[1]) == texts
    assert masked(actual.stdout, folders[1]) == masked(expected.stdout, folders[0])
    assert masked(actual.stderr, folders[1]) == masked(expected.stderr, folders[0])
    assert actual.returncode == status
    assert went_through_the_ring(folders[1])


@pytest.mark.parametrize("attempt", range(5))
def test_a_daemon_thread_logs_through_the_end_of_the_interpreter(
    attempt: int, tmp_path: pathlib.Path
) -> None:
    """It is stopped anywhere, also within a call; whole lines without a gap remain."""
    done = run("daemon", tmp_path / "app", "install")

    found = ordered((tmp_path / "app" / "app.log").read_text())
    assert (done.stderr, done.returncode) == ("", 0)
    assert found.pop("daemon") >= LINES
    assert found == {"first": 10, "main": LINES, "late-hook": LINES}
    assert went_through_the_ring(tmp_path / "app")
