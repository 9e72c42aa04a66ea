"""Compare one program of `programs/` on fastlog with the same on `logging`."""

from __future__ import annotations

import functools
import pathlib

from harness import BACKGROUND, REFERENCE, Result, run

PROGRAMS = pathlib.Path(__file__).parent / "programs"


@functools.cache
def reference(name: str, *args: str, mode: str = REFERENCE) -> Result:
    """Return what the program does on plain `logging`, run once per session."""
    return run(PROGRAMS / f"{name}.py", *args, mode=REFERENCE, env=surroundings(mode))


def surroundings(mode: str) -> dict[str, str]:
    """Return what a program is told: whether its own streams have a descriptor."""
    return {"SHEETS": "file" if mode == BACKGROUND else "text"}


def same(
    name: str, *args: str, mode: str, shows: tuple[str, ...], descriptors: bool = True
) -> Result:
    """Assert that program *name* does in *mode* what it does on plain `logging`.

    Every text of *shows* must be in the reference's output: a program that fails
    early, or prints nothing, must not count as equal. Some record of the program
    must have taken the native way, and in mode `background` the writer's; without
    *descriptors* the program has no handler that could.
    """
    expected = reference(name, *args, mode=mode if mode == BACKGROUND else REFERENCE)
    assert expected.returncode == 0, expected.stderr
    for text in shows:
        assert text in expected.stdout

    actual = run(PROGRAMS / f"{name}.py", *args, mode=mode, env=surroundings(mode))

    assert actual.stdout == expected.stdout
    assert actual.stderr == expected.stderr
    assert actual.returncode == expected.returncode
    assert actual.went_native(), actual.counts
    assert actual.went_background() is (mode == BACKGROUND and descriptors)
    return actual
