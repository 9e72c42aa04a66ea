"""Threads log at full rate while something changes: nothing is lost, nor twice."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

import harness
from process.lines import FULL, PROGRAMS, assert_background, once, ordered, succeed

CHANGES = 1500 if FULL else 150


def change(scenario: str, folder: pathlib.Path) -> dict[str, int]:
    """Run one scenario of programs/bg_busy.py; return the lines of each thread."""
    facts = succeed("bg_busy", scenario, CHANGES, folder, timeout_s=400)
    # Fewer only if the threads came to their limit.
    assert facts["changes"] >= 5
    told: dict[str, int] = facts["told"]
    assert min(told.values()) > 0
    return told


def texts(folder: pathlib.Path) -> list[str]:
    """Return the texts of all logs, oldest rotation last."""
    return [path.read_text() for path in sorted(folder.glob("app*.log*"))]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "scenario",
    ["reconfigure", "reinstall", "switch", "close", "filters", "flush", "replace"],
)
def test_a_change_under_way_keeps_every_line_in_its_threads_order(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """Each record goes the old way or the new, and waits for those before it."""
    told = change(scenario, tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == told


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", ["reopen", "streams", "watched", "rotating"])
def test_a_change_of_files_under_way_keeps_every_line(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """Each line is in one of the files, whole, and in no other."""
    told = change(scenario, tmp_path)

    found = texts(tmp_path)
    assert once(*found) == told
    assert len(found) > 2


@pytest.mark.timeout(600)
def test_each_line_is_formatted_by_the_old_format_or_the_new(
    tmp_path: pathlib.Path,
) -> None:
    """Nothing is half of either."""
    told = change("formatters", tmp_path)

    text = (tmp_path / "app.log").read_text()
    assert ordered(text) == told
    assert {line.split()[0] for line in text.splitlines()} == {
        "INFO",
        "OTHER",
        "OWN",
        "NEW",
    }


@pytest.mark.timeout(600)
def test_a_handler_that_comes_and_goes_takes_nothing_from_the_other(
    tmp_path: pathlib.Path,
) -> None:
    """The guest has each line once at most, in order."""
    told = change("remove", tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == told
    guest = (tmp_path / "guest.txt").read_text().splitlines()
    assert 0 < len(guest) < sum(told.values())
    assert len(set(guest)) == len(guest)
    for who in told:
        numbers = [int(line.split()[2]) for line in guest if line.split()[1] == who]
        assert numbers == sorted(numbers)


@pytest.mark.timeout(600)
def test_a_thousand_signals_a_second_cost_no_line(tmp_path: pathlib.Path) -> None:
    """Their handler logs too; system calls of any thread are interrupted."""
    told = change("timer", tmp_path)

    assert told["signal"] > 10
    assert ordered((tmp_path / "app.log").read_text()) == told


@pytest.mark.timeout(600)
def test_a_process_that_is_stopped_and_continued_loses_nothing(
    tmp_path: pathlib.Path,
) -> None:
    """SIGSTOP stops callers and the writer anywhere."""
    program = [sys.executable, str(PROGRAMS / "bg_busy.py"), "stops"]
    process = subprocess.Popen(
        [*program, "0", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"

    state = pathlib.Path(f"/proc/{process.pid}/stat")
    for _ in range(40):
        os.kill(process.pid, signal.SIGSTOP)
        end = time.monotonic() + 20
        while state.read_text().rpartition(")")[2].split()[0] != "T":
            assert time.monotonic() < end
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.003)
    (tmp_path / "enough").touch()
    output = process.communicate(timeout=200)[0]

    assert process.returncode == 0
    facts = json.loads(output.splitlines()[-1])
    assert_background(facts)
    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]


SHAPES = ["large", "huge", "odd-sizes", "many-texts"]
SHAPES += ["same-path", "two-streams", "own-writes"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shape", SHAPES)
def test_records_of_any_size_and_shared_files_keep_loggings_bytes(
    shape: str, tmp_path: pathlib.Path
) -> None:
    """Larger than the ring, larger than a batch, around the ring's end; in order."""
    program = PROGRAMS / "bg_shapes.py"
    folders = tmp_path / "reference", tmp_path / "background"
    for folder in folders:
        folder.mkdir()

    expected = harness.run(program, shape, str(folders[0]), mode=harness.REFERENCE)
    actual = harness.run(program, shape, str(folders[1]), mode="install")

    assert expected.returncode == 0, expected.stderr
    assert (actual.stdout, actual.stderr) == (expected.stdout, expected.stderr)
    written = {path.name: path.read_bytes() for path in folders[0].glob("*.log")}
    assert sum(map(len, written.values())) + len(expected.stdout) > 50_000
    for name, content in written.items():
        assert (folders[1] / name).read_bytes() == content
    assert_background(json.loads((folders[1] / "facts.json").read_text()))
