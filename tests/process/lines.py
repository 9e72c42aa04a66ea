"""Run a program of `programs/` and check what it logged, line by line.

A line reads `LEVEL WHO NUMBER more`; each WHO, a thread of one process, counts its
own lines from 0. So a file shows by itself whether a line is missing, twice there,
cut or out of its thread's order.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

PROGRAMS = pathlib.Path(__file__).parent / "programs"
FULL = os.environ.get("FASTLOG_FULL") == "1"
LINE = re.compile(r"[A-Z]+ (\S+) (\d+)(?: .*)?", re.ASCII)


@dataclasses.dataclass(frozen=True)
class Done:
    """How a program ended, and its facts: see `tell` in programs/kit.py."""

    stdout: str
    stderr: str
    returncode: int
    facts: dict[str, Any]


def run(program: str, *args: object, timeout_s: float = 100) -> Done:
    """Run a program that imports fastlog itself; its last line of stdout is facts."""
    done = subprocess.run(
        [sys.executable, str(PROGRAMS / f"{program}.py"), *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    last = done.stdout.splitlines()[-1:]
    facts = json.loads(last[0]) if last and last[0].startswith("{") else {}
    return Done(done.stdout, done.stderr, done.returncode, facts)


def succeed(program: str, *args: object, timeout_s: float = 100) -> dict[str, Any]:
    """Run a program that must succeed in silence, through the ring; return facts."""
    done = run(program, *args, timeout_s=timeout_s)
    assert (done.stderr, done.returncode) == ("", 0), (
        f"status {done.returncode}: {done.stderr[-3000:]}"
    )
    assert_background(done.facts)
    return done.facts


def assert_background(facts: dict[str, Any]) -> None:
    """Assert that records went through the ring."""
    counts = facts["counts"]
    assert counts["pushes"] + counts["lines"] > 0, counts
    assert facts["stats"]["accepted"] > 0, facts["stats"]


def ordered(text: str, *, skip: str = "(?!)") -> dict[str, int]:
    """Return how many lines each WHO logged; they must be numbered from 0.

    Lines that match *skip* are not counted; any other must be whole.
    """
    assert text == "" or text.endswith("\n"), f"ends within a line: {text[-200:]!r}"
    found: dict[str, int] = {}
    for line in text.split("\n")[:-1]:
        if match := LINE.fullmatch(line):
            who, number = match[1], int(match[2])
            due = found.get(who, 0)
            assert number == due, f"{line!r} where {who} {due} was due"
            found[who] = due + 1
        else:
            assert re.fullmatch(skip, line), f"not a whole line: {line[:300]!r}"
    return found


def once(*texts: str) -> dict[str, int]:
    """Return how many lines each WHO has in all *texts*, each number exactly once."""
    found: dict[str, list[int]] = {}
    for text in texts:
        assert text == "" or text.endswith("\n"), f"ends within a line: {text[-200:]!r}"
        for line in text.split("\n")[:-1]:
            match = LINE.fullmatch(line)
            assert match, f"not a whole line: {line[:300]!r}"
            found.setdefault(match[1], []).append(int(match[2]))
    for who, numbers in found.items():
        assert sorted(numbers) == list(range(len(numbers))), f"{who}: lost or twice"
    return {who: len(numbers) for who, numbers in found.items()}
