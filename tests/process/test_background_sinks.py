"""Sinks that fail later: reported, counted, retried; what was accepted waits."""

from __future__ import annotations

import pathlib
import re
import subprocess
from collections.abc import Iterator

import pytest

from process.lines import assert_background, ordered, run, succeed

LINES = 2000
#: Scenario: what the error's text names.
FAILURES = {
    "size-limit": "File too large",
    "full-disk": "No space left",
    "fifo": "Broken pipe",
}


@pytest.fixture
def small_disk(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Mount a file system of 512 KiB, where that is allowed; say so in SMALL."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "fastlog-tests", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("cannot mount a file system here; the size limit is tested")
    monkeypatch.setenv("SMALL", str(place))
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("scenario", FAILURES)
def test_records_wait_for_a_sink_that_fails_and_are_written_once(
    scenario: str, tmp_path: pathlib.Path, request: pytest.FixtureRequest
) -> None:
    """Also what was cut in the middle of a line; others go on; stderr hears once."""
    if scenario == "full-disk":
        request.getfixturevalue("small_disk")
    place = tmp_path / "small" if scenario == "full-disk" else tmp_path

    done = run("bg_sinks", scenario, tmp_path)

    facts = done.facts
    assert done.returncode == 0, done.stderr
    assert_background(facts)
    assert ordered((place / "app.log").read_text()) == facts["told"]
    assert ordered((tmp_path / "good.log").read_text()) == {"good": 1500}
    assert (facts["early"], facts["late"], facts["left"]) == (False, True, 0)
    assert facts["errors"] >= 1
    assert facts["waiting"] > LINES * 20
    assert facts["alive"] is True
    assert FAILURES[scenario] in facts["error"]
    assert facts["stats"]["written"] == 4 * LINES + 1500
    assert set(facts["stats"]["dropped"].values()) <= {0}
    # Once a minute at most, and the program takes less.
    assert len(re.findall(FAILURES[scenario], done.stderr)) == 1, done.stderr


@pytest.mark.parametrize("scenario", ["full-pipe", "paused-reader"])
def test_a_reader_that_pauses_gets_every_line(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """Through a pipe that blocks, and through one that says EAGAIN."""
    done = run("bg_sinks", scenario, tmp_path)

    assert done.returncode == 0, done.stderr
    assert_background(done.facts)
    assert ordered((tmp_path / "app.log").read_text()) == done.facts["told"]
    assert (done.facts["early"], done.facts["late"]) == (False, True)
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.parametrize("scenario", ["always-full", "many-fail"])
def test_a_device_that_never_takes_a_byte_is_reported_and_left(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """At exit the program says how many lines it leaves; its status stays."""
    done = run("bg_sinks", scenario, tmp_path)

    assert done.returncode == 0, done.stderr
    assert_background(done.facts)
    assert "No space left" in done.facts["error"]
    assert done.facts["stats"]["write_errors"] >= 2
    good = 5000 if scenario == "many-fail" else 500
    assert ordered((tmp_path / "good.log").read_text()) == {"good": good}
    sinks = 5 if scenario == "many-fail" else 1
    assert 1 <= len(re.findall("No space left", done.stderr)) <= sinks
    left = 1500 if scenario == "many-fail" else LINES
    assert re.search(rf"\b{left} (lines|records)", done.stderr), done.stderr


def test_a_failed_sink_is_not_reported_to_who_wants_no_reports(
    tmp_path: pathlib.Path,
) -> None:
    """`logging.raiseExceptions = False` is for reports of errors while logging."""
    done = run("bg_sinks", "always-full-silent", tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.facts["stats"]["write_errors"] >= 2
    assert "No space left" not in done.stderr


def test_a_report_that_nobody_reads_holds_nobody_up(tmp_path: pathlib.Path) -> None:
    """Standard error may be a full pipe itself."""
    done = run("bg_sinks", "stalled-stderr", tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.facts["stats"]["write_errors"] >= 2
    assert ordered((tmp_path / "good.log").read_text()) == {"good": 500}


def test_with_drop_a_broken_sink_never_holds_the_caller(
    tmp_path: pathlib.Path,
) -> None:
    """Every call is accounted for: accepted, or dropped."""
    done = run("bg_sinks", "always-full-drop", tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.facts["accounted"] == 50_000
    assert sum(done.facts["stats"]["dropped"].values()) > 10_000


@pytest.mark.parametrize("scenario", ["end-of-file", "end-of-file-by-stream"])
def test_the_reader_of_a_pipe_sees_its_end(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """The writer's own duplicate of a descriptor must not keep a pipe open."""
    facts = succeed("bg_sinks", scenario, tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]


def test_a_folder_that_was_removed_and_came_back_gets_the_next_lines(
    tmp_path: pathlib.Path,
) -> None:
    """As on `logging`, what a WatchedFileHandler cannot open meanwhile may be lost."""
    done = run("bg_sinks", "folder-removed", tmp_path)

    assert done.returncode == 0, done.stderr
    assert_background(done.facts)
    found = ordered((tmp_path / "app.log").read_text())
    assert found.pop("lost", 0) in (0, 10)
    assert found == done.facts["told"]
    assert done.facts["late"] is True
