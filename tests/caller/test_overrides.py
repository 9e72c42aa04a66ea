"""Overrides, patches and assignments between calls act at once, as on `logging`."""

from __future__ import annotations

import functools
import json
import pathlib
import re
import tempfile
from typing import Any

import pytest

import harness

PROGRAM = pathlib.Path(__file__).parent / "overrides.py"
CLASSES = [
    "Logger",
    "Filterer",
    "Handler",
    "StreamHandler",
    "FileHandler",
    "RotatingFileHandler",
    "BaseRotatingHandler",
    "WatchedFileHandler",
    "TimedRotatingFileHandler",
    "Formatter",
    "PercentStyle",
    "LogRecord",
]
SECTIONS = [f"class_{name}" for name in CLASSES] + [
    "instances",
    "subclasses",
    "clocks",
    "zones",
    "module_attributes",
    "level_names",
    "names",
    "defaults",
    "lists",
    "attributes",
]


@functools.cache
def seen(mode: str, sheets: str = "text") -> dict[str, Any]:
    """Return what each section of the program saw in *mode*, run once.

    With *sheets* "file" all its handlers have a file descriptor, for the writer.
    """
    with tempfile.TemporaryDirectory() as folder:
        done = harness.run(PROGRAM, folder, mode=mode, env={"SHEETS": sheets})
        assert (done.stderr, done.returncode) == ("", 0)
        text = re.sub(r"0x[0-9a-f]+", "0x", done.stdout.replace(folder, "<folder>"))
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize("mode", harness.MODES)
def test_a_change_between_two_calls_acts_on_the_second(name: str, mode: str) -> None:
    """Nothing that is remembered may outlive what it was made from."""
    sheets = "file" if mode == harness.BACKGROUND else "text"
    expected, actual = seen(harness.REFERENCE, sheets), seen(mode, sheets)

    assert len(str(expected["found"][name])) > 100
    assert actual["found"][name] == expected["found"][name]
    assert actual["native"][name] > 0


def test_every_section_of_the_program_is_compared() -> None:
    """A section that no test names would be written in vain."""
    assert sorted(seen(harness.REFERENCE)["found"]) == sorted(SECTIONS)
