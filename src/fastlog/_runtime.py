"""When the writer starts, flushes and stops; its settings; what it has done."""

from __future__ import annotations

import atexit
import operator
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from fastlog._native import core

if TYPE_CHECKING:
    from fastlog._stats import WriterStats

MIN_RING_BYTES = 64 * 2**10
MAX_RING_BYTES = 2**30
#: No time span is longer, in seconds; what is longer is no limit.
MAX_SECONDS = 1e9
#: What `overflow` can be, and what the core calls it.
POLICIES = {"block": 0, "drop": 1, "sync": 2}

#: Of two threads that change settings, one is first.
_lock = threading.Lock()


def configure_writer(
    *,
    ring_bytes: int | None = None,
    overflow: str | None = None,
    shutdown_timeout: float | None = None,
) -> None:
    """Change settings of the background writer, before its first use or later.

    What is left out, or None, stays as it is. All records that wait are written
    before anything changes.

    Args:
        ring_bytes: Capacity of the ring: a power of two from 64 KiB to 1 GiB.
            4 MiB at first.
        overflow: What a log call does when the ring is full. `"block"`, at first:
            wait for room. `"drop"`: leave the line out; a line in the log says how
            many of each level were, as soon as there is room. `"sync"`: write
            the line itself, when all before it are written.
        shutdown_timeout: Seconds that the end of the process waits for the
            writer at most; 5 at first.

    Raises:
        TypeError: An argument of another type.
        ValueError: A number out of its range, or an unknown policy.
        OSError: There is no memory for a ring of this size.
        MemoryError: Likewise.

    After an error the old settings hold.

    Source: ours; `logging` has no counterpart.
    """
    size = None if ring_bytes is None else _ring_bytes(ring_bytes)
    policy = None if overflow is None else _policy(overflow)
    seconds = None if shutdown_timeout is None else _shutdown_timeout(shutdown_timeout)
    if core is None:
        return
    with _lock:
        old_size, old_policy, old_seconds = core.writer_settings()
        size = old_size if size is None else size
        try:
            core.writer_configure(
                size,
                old_policy if policy is None else policy,
                old_seconds if seconds is None else seconds,
            )
        except (OSError, MemoryError) as error:
            raise _no_room(error, size) from error


def flush(timeout: float | None = None) -> bool:
    """Wait until the kernel has every record that was accepted before the call.

    *timeout* is in seconds; None, the default, sets no limit. Records of
    BackgroundHandlers have then been through their targets.

    Returns:
        True when all of it is done, False when the time ran out.

    Raises:
        TypeError: *timeout* is no number.
        ValueError: *timeout* is negative or NaN.

    Source: ours; `logging` has no counterpart.
    """
    limit = None if timeout is None else _seconds("timeout", timeout, "flush(1.0)")
    if limit is not None and limit > MAX_SECONDS:
        limit = None
    deadline = None if limit is None else time.monotonic() + limit
    module = sys.modules.get("fastlog._background")
    done = True
    if module is not None:
        if core is not None:
            # Lines that wait need not wait for slow targets as well.
            core.writer_flush(0.0, None)
        done = module.flush_all(limit)
    if core is None:
        return done
    left = None if deadline is None else max(0.0, deadline - time.monotonic())
    return bool(core.writer_flush(left, None)) and done


def stats() -> WriterStats:
    """Return what the writer of this process has done so far, and its ring's state.

    See WriterStats for the numbers and their units. All are 0 before the first
    record that is written in the background.

    Source: ours; `logging` has no counterpart.
    """
    from fastlog._stats import WriterStats

    if core is None:
        return WriterStats(0, 0, {}, 0, 0, None, 0, 0, 0, False)
    return WriterStats(**core.writer_stats())


def describe_writer() -> list[str]:
    """Return lines of explain(): the writer, its settings, what the system lacks."""
    if core is None:
        return []
    numbers = core.writer_stats()
    state = "running" if numbers["writer_alive"] else "not running"
    size, policy, _ = core.writer_settings()
    overflow = next(name for name, number in POLICIES.items() if number == policy)
    first = f"writer: {state}, ring of {size} bytes, overflow {overflow!r}"
    return [first, *(f"  {fact}" for fact in core.writer_facts())]


def limit_s() -> float:
    """Return the seconds that whoever cannot wait for ever waits for the writer."""
    return 0.0 if core is None else float(core.writer_shutdown_timeout())


def _ring_bytes(value: object) -> int:
    remedy = "give a power of two from 65536 (64 KiB) to 1073741824 (1 GiB)"
    try:
        if isinstance(value, bool):
            raise TypeError
        size = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(
            f"ring_bytes must be an int, not {type(value).__name__}: {remedy}"
        ) from None
    if not MIN_RING_BYTES <= size <= MAX_RING_BYTES or size & (size - 1):
        raise ValueError(f"ring_bytes is {_shown(size)}: {remedy}")
    return size


def _policy(value: object) -> int:
    remedy = 'give "block", "drop" or "sync"'
    if not isinstance(value, str):
        raise TypeError(f"overflow must be a str, not {type(value).__name__}: {remedy}")
    if value not in POLICIES:
        raise ValueError(f"overflow is {_shown(value)}: {remedy}")
    return POLICIES[value]


def _shutdown_timeout(value: object) -> float:
    seconds = _seconds("shutdown_timeout", value, "shutdown_timeout=5.0")
    if seconds > MAX_SECONDS:
        raise ValueError(
            f"shutdown_timeout is {_shown(value)}: give seconds up to {MAX_SECONDS:.0f}"
        )
    return seconds


def _seconds(name: str, value: object, example: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(
            f"{name} must be a number of seconds, not {type(value).__name__}: "
            f"for example {example}"
        )
    try:
        seconds = float(value)
    except OverflowError:
        seconds = float("inf") if value > 0 else -1.0
    if not seconds >= 0:
        raise ValueError(
            f"{name} is {_shown(value)}: give seconds from 0 upwards, "
            f"for example {example}"
        )
    return seconds


def _shown(value: object) -> str:
    """Return how a message shows *value*: on one line, and no novel."""
    try:
        text = repr(value)
    except ValueError:  # more digits than sys.get_int_max_str_digits()
        return f"an int of {int.bit_length(value)} bits"  # type: ignore[arg-type]
    return text if len(text) <= 60 else f"{text[:57]}..."


def _no_room(error: OSError | MemoryError, size: int) -> OSError | MemoryError:
    """Return *error* with the argument that it is about, and what to do."""
    text = (
        f"ring_bytes={size} does not fit in memory: give a smaller one, "
        "fastlog.configure_writer(ring_bytes=2**20)"
    )
    if isinstance(error, MemoryError):
        return MemoryError(text)
    return OSError(error.errno, f"{text} ({error})")


def _end() -> None:
    """Write what waits, within the time limit, and say what was left.

    Registered after logging's own hook and before that of the BackgroundHandlers,
    so called before the one and after the other.
    """
    if core is None:
        return
    limit = limit_s()
    try:
        left = core.writer_stop(limit)
    except BaseException:
        # Ctrl-C: whoever presses it wants to leave now.
        _say_left(core.writer_stop(0.0), "before the interruption")
        raise
    _say_left(left, f"within {limit} s")


def _say_left(lines: int, when: str) -> None:
    if lines <= 0 or core is None:
        return
    # What failed was said when it failed, to who wants to know.
    failures = core.writer_stats()["write_errors"]
    reason = (
        f"writing failed {failures} times"
        if failures
        else "fastlog.configure_writer(shutdown_timeout=...) sets the limit in seconds"
    )
    noun = "line was" if lines == 1 else "lines were"
    try:
        sys.stderr.write(f"fastlog: {lines} {noun} not written {when}: {reason}\n")
        sys.stderr.flush()
    except Exception:
        # There is no standard error, or somebody's own: nobody to tell.
        return


atexit.register(_end)


def _renew_lock() -> None:
    """In a forked child, where the thread that held the lock does not exist."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
