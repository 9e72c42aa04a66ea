"""What the tests of the background writer share."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import pathlib

#: What `background` cannot be, as it is written in a program.
NO_BOOLS = ("'yes'", "1", "0", "None", "[]", "1.0", "'True'")
REMEDIES = ("file descriptor", "BackgroundHandler", "leave background out")
#: What lines_behind() leaves in a file.
FIVE = "".join(f"number {number}\n" for number in range(5))
#: Handlers that the end of the process closes.
kept = []


def behind():
    """Return how many records went to the background writer so far."""
    import fastlog

    counts = fastlog._core.counts()
    return counts["pushes"] + counts["lines"]


def lines_behind(handler, name="shop"):
    """Log five lines on *handler* alone; return how many went to the background."""
    log = logging.getLogger(name)
    log.propagate = False
    log.addHandler(handler)
    before = behind()
    for number in range(5):
        log.warning("number %d", number)
    log.removeHandler(handler)
    kept.append(handler)
    return behind() - before


def text_of(path):
    """Return what is in *path* when everything is written."""
    import fastlog

    assert fastlog.flush(60) is True
    return pathlib.Path(path).read_text()


@contextlib.contextmanager
def nothing_left():
    """Check that no descriptor and no handler is there that was not before."""

    def state():
        gc.collect()
        known = [reference() for reference in logging._handlerList]
        files = {}
        for fd in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                files[fd] = os.readlink(f"/proc/self/fd/{fd}")
        return files, known, list(logging.root.handlers), logging.root.level

    before = state()
    yield
    assert state() == before


def refused(error, kind, *words):
    """Check that *error* is one line, about `background`, with *words* to act on."""
    assert type(error) is kind, error
    text = str(error)
    assert "background" in text
    assert "\n" not in text
    for word in words:
        assert word in text, text
