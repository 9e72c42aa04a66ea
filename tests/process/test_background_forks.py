"""Fork and spawn with background handlers: no hang, no line lost, none twice."""

from __future__ import annotations

import json
import pathlib

import pytest

from process.lines import FULL, assert_background, ordered, succeed

ROUNDS = 100 if FULL else 4
LINES = 500
SHARED = ["pool-fork", "pool-spawn", "executor-fork", "executor-spawn"]
SHARED += ["thread", "exiting", "at-fork", "configuring"]


@pytest.mark.timeout(3000)
def test_a_fork_storm_into_one_file_writes_each_line_once(
    tmp_path: pathlib.Path,
) -> None:
    """Two logging threads, ten children; the program checks each line, round by round.

    A hang would end the program by its watchdog, with every thread's stack.
    """
    facts = succeed("storm", tmp_path, "--rounds", ROUNDS, timeout_s=2900)

    assert facts["rounds"] == ROUNDS
    # Each child logs 60 lines itself and 60 from a thread.
    assert facts["children"] > ROUNDS * 10 * 60
    assert facts["lines"] > facts["children"]


@pytest.mark.parametrize("scenario", SHARED)
def test_processes_share_a_file_without_loss(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """Every process has a ring and a writer of its own, made at its first record."""
    facts = succeed("bg_forks", scenario, tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]
    assert len(facts["told"]) > 1


def test_the_child_of_a_child_logs_as_its_parents_do(tmp_path: pathlib.Path) -> None:
    """The state that says "make a ring" must be wiped by each fork anew."""
    facts = succeed("bg_forks", "generations", tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]
    for depth in range(4):
        own = json.loads((tmp_path / f"depth{depth}.json").read_text())
        assert_background(own)
        # Depth 0 has logged all of its lines, and so has each other in its ring.
        assert own["stats"]["accepted"] >= 2 * LINES


@pytest.mark.parametrize(
    "scenario", ["daemon", "daemon-closes", "daemon-logs-then-closes"]
)
def test_a_daemon_logs_on_after_it_detached(
    scenario: str, tmp_path: pathlib.Path
) -> None:
    """Daemon libraries close every descriptor but the streams' they are told of.

    The writer's own duplicate goes with them, and its number may name another file.
    """
    facts = succeed("bg_forks", scenario, tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]
    assert_background(json.loads((tmp_path / "daemon.json").read_text()))
    for other in tmp_path.glob("spare*.txt"):
        assert other.read_bytes() == b""
    if scenario != "daemon":
        assert (tmp_path / "other.txt").read_text() == "not a log"


def test_processes_that_share_a_pipe_do_not_tear_each_others_lines(
    tmp_path: pathlib.Path,
) -> None:
    """The kernel keeps a write of 4096 bytes whole; a batch must not end in a line."""
    facts = succeed("bg_forks", "shared-pipe", tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]


def test_programs_that_are_started_inherit_no_descriptor(
    tmp_path: pathlib.Path,
) -> None:
    """Through subprocess, os.posix_spawn and a shell; nothing is lost meanwhile."""
    facts = succeed("bg_forks", "commands", tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]


def test_a_child_that_logs_nothing_waits_for_nothing(tmp_path: pathlib.Path) -> None:
    """Its parent's writer thread is not there; flush() and the end must not mind."""
    facts = succeed("bg_forks", "silent", tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]


def test_a_childs_stats_are_its_own(tmp_path: pathlib.Path) -> None:
    """A child starts with nothing accepted; its records do not count in the parent."""
    facts = succeed("bg_forks", "own-stats", tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]


def test_a_child_may_close_its_parents_handler_and_open_its_own(
    tmp_path: pathlib.Path,
) -> None:
    """As servers with one log file per worker do."""
    facts = succeed("bg_forks", "other-handlers", tmp_path)

    assert ordered((tmp_path / "app.log").read_text()) == facts["told"]
    assert ordered((tmp_path / "own.log").read_text()) == {"own": LINES}
    assert_background(json.loads((tmp_path / "own.json").read_text()))


def test_a_fork_beside_a_thread_that_waits_for_room_gives_a_free_child(
    tmp_path: pathlib.Path,
) -> None:
    """The child has neither the full ring nor the thread; the parent loses nothing."""
    succeed("bg_forks", "full-ring", tmp_path)

    found = ordered((tmp_path / "pipe.log").read_text())
    assert found == {"thread": 5000, "child": 20}
    assert ordered((tmp_path / "child.log").read_text()) == {"child": LINES}
