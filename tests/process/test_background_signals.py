"""Log calls at odd moments, and a process that does not log, in the background."""

from __future__ import annotations

import json
import pathlib
import resource

import pytest

import harness
from process.lines import FULL, PROGRAMS, assert_background, once, ordered, run, succeed


@pytest.mark.parametrize("mode", harness.MODES)
def test_calls_within_calls_and_in_finalizers_leave_loggings_bytes(
    mode: str, tmp_path: pathlib.Path
) -> None:
    """Arguments, filters, formatters, handlers, signals, weak references that log."""
    program = PROGRAMS / "bg_moments.py"
    folders = tmp_path / "reference", tmp_path / mode
    for folder in folders:
        folder.mkdir()

    expected = harness.run(program, str(folders[0]), mode=harness.REFERENCE)
    actual = harness.run(program, str(folders[1]), mode=mode)

    assert (expected.stderr, expected.returncode) == ("", 0)
    assert (actual.stdout, actual.stderr) == (expected.stdout, expected.stderr)
    assert actual.returncode == 0
    text = (folders[0] / "app.log").read_text()
    for line in ("inside 3 text 2", "again tapped", "filtered refused", "callback 49"):
        assert line in text
    assert (folders[1] / "app.log").read_text() == text
    died = json.loads((folders[1] / "facts.json").read_text())
    assert_background(died)
    # A finalizer may log between another one's number and its line. `logging` itself
    # would lose some of these: a stream refuses a write within a write.
    assert died["died"] == 8000
    found = once((folders[1] / "storm.log").read_text())
    assert found == {f"t{i}": 2000 for i in range(4)} | {"collector": 8000}


def test_nothing_is_started_before_the_first_record_in_the_background(
    tmp_path: pathlib.Path,
) -> None:
    """An import starts no thread and maps no ring; a handler starts no thread.

    A handler maps the ring, so that its constructor says it if there is no memory.
    """
    facts = succeed("bg_quiet", "steps", tmp_path)

    before = facts["before"]
    assert before["threads"] == 1
    for step in ("import", "configured", "plain"):
        assert facts[step] == before, step
    # The file of the first handler; RotatingFileHandler was told to wait.
    assert facts["handler"]["open"] == before["open"] + 1
    assert facts["handler"]["threads"] == 1
    assert facts["record"]["threads"] == 2
    # A ring of 1 MiB, mapped twice, and what goes with it.
    ring = facts["record"]["shared"] - before["shared"]
    assert 2 << 20 <= ring < 6 << 20
    assert facts["closed"]["open"] <= before["open"] + 1


def test_nothing_is_started_where_fastlog_is_disabled(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FASTLOG_DISABLE leaves the process alone."""
    monkeypatch.setenv("FASTLOG_DISABLE", "1")

    done = run("bg_quiet", "disabled", tmp_path)

    assert (done.stderr, done.returncode) == ("", 0)
    assert (done.facts["threads"], done.facts["shared"]) == (1, 0)


@pytest.mark.timeout(200)
def test_an_idle_writer_sleeps(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most 0.1 % of a core, in a minute with FASTLOG_FULL=1; a few wake-ups."""
    monkeypatch.setenv("IDLE_SECONDS", "60" if FULL else "4")

    facts = succeed("bg_quiet", "idle", tmp_path)

    assert facts["alive"] is True
    assert len(facts["spent"]) == 1
    for ran_ns, switches in facts["spent"].values():
        assert ran_ns < 0.001 * facts["seconds"] * 1e9
        assert switches <= 5 * facts["seconds"]


@pytest.mark.timeout(200)
def test_there_may_be_more_handlers_than_the_writer_has_places(
    tmp_path: pathlib.Path,
) -> None:
    """What finds no place is written by the caller; a closed handler gives its back."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit < 4096:
        pytest.skip(f"at most {limit} descriptors here")

    facts = succeed("bg_quiet", "many-handlers", tmp_path)

    for number in range(1100):
        text = (tmp_path / f"{number}.log").read_text()
        assert text == f"line {number}\nagain {number}\n"
    assert ordered((tmp_path / "app.log").read_text()) == {"one": 3000}
    assert facts["open"] < 20
