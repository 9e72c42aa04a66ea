"""With the real clock: the time fields of one line agree with each other."""

from __future__ import annotations

import datetime
import pathlib
import re
import zoneinfo

import pytest

import harness

PROGRAM = pathlib.Path(__file__).parent / "clocks.py"
SHAPE = re.compile(
    r"(?P<created>\d+\.\d+)\|(?P<asctime>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})"
    r"\|(?P<msecs>\d{1,3}\.0)\|(?P<relative>\d+\.\d+)\|(?P<process>\d+)\|line (\d+)"
)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns"])
@pytest.mark.parametrize("mode", [harness.REFERENCE, *harness.MODES])
def test_the_time_fields_of_a_line_agree(mode: str, zone: str) -> None:
    """The clock is read once per record, between the lines around the call.

    The reference is held to the same rules: they are its own.
    """
    done = harness.run(PROGRAM, zone, mode=mode)

    assert (done.stderr, done.returncode) == ("", 0)
    first, *lines = done.stdout.splitlines()
    start, process = first.split()
    start_s = float(start) / (1e9 if "." not in start else 1)
    assert len(lines) == 240
    for number, (line, around) in enumerate(zip(lines[::2], lines[1::2], strict=True)):
        found = SHAPE.fullmatch(line)
        assert found, line
        created, before, after = map(float, [found["created"], *around.split()])
        assert before <= created <= after
        moment = datetime.datetime.fromtimestamp(created, zoneinfo.ZoneInfo(zone))
        milliseconds = f"{int(float(found['msecs'])):03d}"
        assert found["asctime"] == f"{moment:%Y-%m-%d %H:%M:%S},{milliseconds}"
        assert abs(float(found["msecs"]) - created % 1 * 1000) <= 1
        assert abs(float(found["relative"]) - (created - start_s) * 1000) < 0.01
        assert found["process"] == process
        assert found[6] == str(number)
    assert mode == harness.REFERENCE or done.went_native()
    assert done.went_background() is (mode == harness.BACKGROUND)
