"""Compare one program of `programs/` on fastlog with the same on `logging`."""

from __future__ import annotations

import functools
import pathlib

from harness import REFERENCE, Result, run

PROGRAMS = pathlib.Path(__file__).parent / "programs"


@functools.cache
def reference(name: str, *args: str) -> Result:
    """Return what the program does on plain `logging`, run once per session."""
    return run(PROGRAMS / f"{name}.py", *args, mode=REFERENCE)


def same(name: str, *args: str, mode: str, shows: tuple[str, ...]) -> Result:
    """Assert that program *name* does in *mode* what it does on plain `logging`.

    Every text of *shows* must be in the reference's output: a program that fails
    early, or prints nothing, must not count as equal. Some record of the program
    must have taken the native way.
    """
    expected = reference(name, *args)
    assert expected.returncode == 0, expected.stderr
    for text in shows:
        assert text in expected.stdout

    actual = run(PROGRAMS / f"{name}.py", *args, mode=mode)

    assert actual.stdout == expected.stdout
    assert actual.stderr == expected.stderr
    assert actual.returncode == expected.returncode
    assert actual.went_native(), actual.counts
    return actual
