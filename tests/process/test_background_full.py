"""A full ring and sinks that stand still: what waits, what is dropped, what is said."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

from process.lines import PROGRAMS, assert_background, ordered, succeed

MANY = 20_000
THREADS = 8
#: The line about dropped records; see `dropped_by`.
DROPPED = r".*dropped.*"


def dropped_by(text: str) -> dict[str, int]:
    """Return how many lines of each level the log itself says were dropped."""
    found: dict[str, int] = {}
    for line in re.findall(DROPPED, text):
        for number, level in re.findall(r"(\d+) ([A-Z]+)", line):
            found[level] = found.get(level, 0) + int(number)
    return found


def increasing(text: str) -> dict[str, int]:
    """Return how many lines each WHO has; numbers only rise, none comes twice."""
    found: dict[str, int] = {}
    last: dict[str, int] = {}
    assert text.endswith("\n")
    for line in text.split("\n")[:-1]:
        if re.fullmatch(DROPPED, line):
            continue
        match = re.fullmatch(r"([A-Z]+) (\S+) (\d+) .*", line)
        assert match, f"not a whole line: {line!r}"
        who, number = match[2], int(match[3])
        assert number > last.get(who, -1), line
        last[who] = number
        found[match[1]] = found.get(match[1], 0) + 1
    return found


def test_an_interrupt_leaves_a_call_that_waits_for_room(
    tmp_path: pathlib.Path,
) -> None:
    """Ctrl-C must work while nobody reads the pipe; what was accepted is written."""
    facts = succeed("bg_full", "interrupt", tmp_path)

    assert facts["caught"] == 2
    found = ordered((tmp_path / "app.log").read_text())
    assert 0 < facts["first"] < MANY
    # The call that was interrupted may have been accepted, but not twice.
    assert found.pop("main") - facts["first"] in (0, 1)
    assert found.pop("again", 0) - facts["again"] in (0, 1)
    assert found == {"after": 100}


@pytest.mark.parametrize("scenario", ["signal", "sync-stalled", "changes-policy"])
def test_what_waits_for_room_goes_on_when_there_is_some(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """Also below a signal handler that logs, and beside configure_writer()."""
    facts = succeed("bg_full", scenario, tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]


def test_other_threads_run_while_one_waits_for_room(tmp_path: pathlib.Path) -> None:
    """The wait gives up the GIL."""
    facts = succeed("bg_full", "gil", tmp_path)

    assert 0 < facts["stuck_at"] == facts["still"] < MANY
    assert ordered((tmp_path / "plain.log").read_text()) == {"other": 1000}
    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]


@pytest.mark.parametrize("scenario", ["flush-blocking", "flush-nonblocking"])
def test_flush_tells_in_time_that_a_sink_stands_still(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """And a healthy handler's flush() does not wait for it."""
    facts = succeed("bg_full", scenario, tmp_path)

    assert facts["early"] == [False, False, False]
    assert facts["late"] is True
    assert (facts["written"], facts["again"]) == (1000, 1100)
    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]
    assert ordered((tmp_path / "healthy.log").read_text()) == {"other": 1100}


@pytest.mark.parametrize("how", ["exit", "shutdown", "os-exit", "exec"])
@pytest.mark.parametrize("kind", ["blocking", "nonblocking"])
def test_an_exit_beside_a_sink_that_stands_still_keeps_its_time_limit(
    how: str, kind: str, tmp_path: pathlib.Path
) -> None:
    """It says how many lines were left, loses no healthy one, keeps its status."""
    reader, writer = os.pipe()
    done = subprocess.run(
        [sys.executable, str(PROGRAMS / "bg_full.py"), f"{how}-{kind}", str(tmp_path)],
        env={**os.environ, "READER": str(reader), "WRITER": str(writer)},
        pass_fds=(reader, writer),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        got = pipe.read().decode()

    assert done.returncode == 8, done.stderr
    assert ordered((tmp_path / "healthy.log").read_text()) == {"other": 5000}
    whole = got[: got.rfind("\n") + 1]
    written = ordered(whole)["main"]
    assert 0 < written < 5000
    # A line whose first part is in the pipe may count as left or not.
    told = [int(n) for n in re.findall(r"(\d+) (?:lines?|records?)", done.stderr)]
    # os._exit() after logging.shutdown() says it once more.
    assert len(told) == (2 if how == "shutdown" else 1), done.stderr
    assert 5000 - written - told[-1] in ((0, 1) if got != whole else (0,))
    lines = done.stderr.splitlines()
    assert len([line for line in lines if "fastlog" in line]) >= 1
    if how == "shutdown":
        assert "after shutdown" in lines
    assert_background(json.loads((tmp_path / "facts.json").read_text()))


@pytest.mark.parametrize("sink", ["file", "pipe"])
@pytest.mark.parametrize("overflow", ["block", "sync"])
def test_eight_threads_in_a_small_ring_lose_nothing(
    overflow: str, sink: str, tmp_path: pathlib.Path
) -> None:
    """Both policies that lose nothing keep each thread's order, too."""
    facts = succeed("bg_full", f"{overflow}-{sink}", tmp_path)

    found = ordered((tmp_path / "app.log").read_text())
    for level in (20, 30, 40):
        assert found.pop(f"last{level}") == 1
    assert found == {f"t{index}": MANY for index in range(THREADS)}
    assert facts["stats"]["dropped"] in ({}, {"20": 0, "30": 0, "40": 0})
    assert facts["stats"]["written"] == facts["stats"]["accepted"]
    if overflow == "block":
        assert facts["stats"]["written"] == THREADS * MANY + 3
    assert facts["stats"]["ring_used_max"] > facts["stats"]["ring_bytes"] // 2


@pytest.mark.parametrize("sink", ["file", "pipe"])
def test_with_drop_every_line_is_written_or_counted(
    sink: str, tmp_path: pathlib.Path
) -> None:
    """By level; and the log itself says the numbers that stats() says."""
    facts = succeed("bg_full", f"drop-{sink}", tmp_path)

    text = (tmp_path / "app.log").read_text()
    found = increasing(text)
    dropped = {int(k): v for k, v in facts["stats"]["dropped"].items() if v}
    names = {20: "INFO", 30: "WARNING", 40: "ERROR"}
    for level, called in facts["called"].items():
        name = names[int(level)]
        # One more of each level was logged at the end, when there was room.
        assert found[name] + dropped.get(int(level), 0) == called + 1
    assert dropped_by(text) == {names[k]: v for k, v in dropped.items()}


def test_the_log_says_what_was_dropped_while_its_sink_stood_still(
    tmp_path: pathlib.Path,
) -> None:
    """As soon as there is room; and from then on nothing is dropped."""
    facts = succeed("bg_full", "drop-stalled", tmp_path)

    text = (tmp_path / "app.log").read_text()
    found = increasing(text)
    dropped = {int(k): v for k, v in facts["stats"]["dropped"].items() if v}
    assert set(dropped) == {20, 40}
    assert facts["at_first"] == {str(k): v for k, v in dropped.items()}
    assert found["INFO"] + dropped[20] == MANY + 501
    assert found["ERROR"] + dropped[40] == MANY + 1
    assert dropped_by(text) == {"INFO": dropped[20], "ERROR": dropped[40]}
    # The line stands where the lines that are missing would have stood.
    assert re.search(DROPPED, text).start() < text.index("last20")  # type: ignore[union-attr]
