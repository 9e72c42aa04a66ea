"""BackgroundHandler: any handler's work, done on a Python thread of its own.

For handlers that exist only in Python: mail, HTTP, an exporter's. Log calls come from
signal handlers, ``__del__`` and weak references too, so within another call of the
same thread: no step here holds a lock, each is one operation in C.
"""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import copy
import functools
import logging
import os
import sys
import time
import traceback
import weakref
from collections.abc import Mapping
from logging.handlers import MemoryHandler
from typing import Any, Self

from fastlog._calls import Counter, Worker, current_worker
from fastlog._native import core

POLICIES = ("block", "drop", "sync")
#: Arguments of these types say the same later; others may have changed.
_CONSTANT = frozenset({str, int, float, bool, type(None), bytes, complex})
#: 0: an ordinary record; 1: logged while a target handled one; 2: while it handled
#: one of those. Those end here, or a target that logs would be busy for ever.
_generation = contextvars.ContextVar("fastlog_generation", default=0)
_live: dict[int, weakref.ref[BackgroundHandler]] = {}


class _Message(str):
    """A message with the text that it gave with its arguments when it was logged."""

    __slots__ = ("_arguments", "_text")
    _arguments: object
    _text: str

    def __new__(cls, message: str, arguments: object, text: str) -> Self:
        """Make a message equal to *message*."""
        made = super().__new__(cls, message)
        made._arguments = arguments
        made._text = text
        return made

    def __str__(self) -> str:
        """Stay what it is: LogRecord.getMessage() asks before it formats."""
        return self

    def __mod__(self, arguments: Any) -> str:
        """Return the text; a filter that replaced the arguments gets theirs."""
        if arguments is self._arguments:
            return self._text
        return super().__mod__(arguments)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Leave the process as plain text."""
        return str, (str.__str__(self),)


class BackgroundHandler(MemoryHandler):
    """Hands records to *target* on a Python thread of its own.

    A `MemoryHandler` to configurations, which name the target. The handler's own
    level and filters, and the target's level, act in the log call; the target's
    filters, formatter and `emit` in the thread, within a copy of the call's context
    variables. The formatter is the target's: setting it here sets it there.

    A log call renders the message, copies the record and returns. The target finds
    the text as it was then, the message and arguments themselves, and `exc_info`.

    Args:
        target: The handler that does the work. Do not add it to a logger as well.
        capacity: Records that may wait; each thread that logs can add one to that.
        overflow: What a call does that finds no room. `"block"`: wait for it.
            `"drop"`: count, by level; the target gets a WARNING of the logger
            "fastlog" with the counts. `"sync"`: hand the record over itself.
        shutdown_timeout: Seconds that close() and the interpreter's exit wait for
            records that are left. They say on stderr how many they gave up.
        level: As of any handler.

    Raises:
        TypeError: An argument is of a wrong type.
        ValueError: A number or the policy is none that is possible.

    Source: ours; `logging` has QueueHandler and QueueListener.
    """

    def __init__(
        self,
        target: logging.Handler,
        *,
        capacity: int = 10_000,
        overflow: str = "block",
        shutdown_timeout: float = 5.0,
        level: int | str = logging.NOTSET,
    ) -> None:
        """Check the arguments; the thread starts at the first record."""
        _check(capacity, overflow, shutdown_timeout)
        self._formatter: logging.Formatter | None = None
        self._target: Any = None
        self._shut = False
        # What shutdown() flushes before closing has no limit; close() has one.
        super().__init__(capacity, target=target, flushOnClose=False)
        self.setLevel(level)
        self.overflow = overflow
        self.shutdown_timeout = shutdown_timeout
        self._begin()
        key = id(self)
        _live[key] = weakref.ref(self, lambda _: _live.pop(key, None))

    def __repr__(self) -> str:
        """Name the target too."""
        level = logging.getLevelName(self.level)
        return f"<{type(self).__name__} ({level}) to {self._target!r}>"

    @property
    def target(self) -> logging.Handler:
        """The handler that does the work."""
        if isinstance(found := self._target, logging.Handler):
            return found
        handlers, name = found
        self.target = handlers[name]
        if self._formatter is not None:
            self.target.setFormatter(self._formatter)
        return self.target

    @target.setter
    def target(self, target: logging.Handler) -> None:
        # dictConfig made this handler before its target, which it will have made soon.
        later = _to_be_configured(target)
        if later is None:
            _check_target(target, self)
        self._target = later or target

    def setTarget(self, target: logging.Handler | None) -> None:
        """Hand to *target* from now on, also the records that wait.

        Raises:
            TypeError: *target* is no handler.
            ValueError: *target* is this handler.
        """
        self.target = target  # type: ignore[assignment]  # and says so if it is None

    @property
    def formatter(self) -> logging.Formatter | None:
        """The target's formatter."""
        if isinstance(found := self._target, logging.Handler):
            return found.formatter
        return self._formatter

    @formatter.setter
    def formatter(self, formatter: logging.Formatter | None) -> None:
        if isinstance(found := self._target, logging.Handler):
            found.setFormatter(formatter)
        else:  # in Handler.__init__, or the target is not configured yet
            self._formatter = formatter

    @property
    def accepted(self) -> int:
        """Records that were taken, to be handled later or at once."""
        return self._accepted.value

    @property
    def handled(self) -> int:
        """Records that the target has handled; also those that made it raise."""
        return self._handled.value

    @property
    def pending(self) -> int:
        """Records accepted and not handled yet; after close(), those given up."""
        handled = self.handled
        return max(0, self.accepted - handled)

    @property
    def dropped(self) -> dict[int, int]:
        """Records dropped for want of room, by level number."""
        return {level: count.value for level, count in self._dropped.copy().items()}

    @property
    def ignored(self) -> int:
        """Records that the target logged while it handled what it had logged."""
        return self._ignored.value

    def handle(self, record: logging.LogRecord) -> bool:
        """Filter *record* and pass it on; without the lock, since emit() may wait."""
        passed = self.filter(record)
        if passed:
            self.emit(passed if isinstance(passed, logging.LogRecord) else record)
        return passed

    def emit(self, record: logging.LogRecord) -> None:
        """Have *record* handled by the target's thread, or do what `overflow` says."""
        if record.levelno < self.target.level:
            return
        if _generation.get() > 1:
            self._ignored.add()
            return
        worker = self._worker
        try:
            taken = self.prepare(record)
        except Exception:
            self.handleError(record)
            return
        way = self._way(worker, record)
        if way == "block":
            worker.wait_for_room(self.capacity)
            way = "sync" if worker.closed else "queue"
        context = contextvars.copy_context()
        if way == "drop":
            self._drop(record.levelno)
        elif way == "sync":
            self._hand_over(taken, context)
        else:
            self._accepted.add()
            worker.put(functools.partial(self._serve, worker, taken, context))

    def _way(self, worker: Worker, record: logging.LogRecord) -> str:
        """Return what a record meets: "queue", or a policy."""
        if worker.closed:
            return "sync"
        if not worker.full(self.capacity):
            return "queue"
        if (inside := current_worker()) is worker:
            return "sync"  # it cannot wait for itself
        if self.overflow != "block" or not _generation.get():
            return self.overflow
        # Two targets that log must not wait for each other; one that passes on what
        # it was given may wait.
        forwards = inside is not None and inside.handling is record
        return "block" if forwards else "drop"

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a copy of *record* whose message stays as it is now.

        `msg` and `args` stay, for targets that group by them. A message that is
        neither a string nor a dictionary nor an exception becomes its text.
        """
        text = record.getMessage()
        taken = copy.copy(record)
        taken.message = text
        message, arguments = taken.msg, taken.args
        if isinstance(message, str):
            if arguments and not _are_constant(arguments):
                taken.msg = _Message(message, arguments, text)
        elif isinstance(message, dict):
            taken.msg = copy.copy(message)
        elif not isinstance(message, BaseException):
            taken.msg, taken.args = text, ()
        return taken

    def flush(self, timeout: float | None = None) -> bool:  # type: ignore[override]
        """Wait until all records so far are handled, then flush the target.

        Returns:
            Whether that was done within *timeout* seconds; None is no limit. False
            in the handler's own thread, which cannot wait for itself.
        """
        if timeout is None and self.lock is not None and self.lock._is_owned():  # type: ignore[attr-defined]
            timeout = self.shutdown_timeout  # shutdown() holds it; nobody else does
        return self._worker.wait(self._flush_target, timeout)

    def close(self) -> None:
        """Wait `shutdown_timeout` seconds at most, end the thread, close the target.

        Says on stderr how many records are left if the time ran out. What is logged
        later, the log call hands to the target itself.
        """
        if self._shut:
            return
        self._shut = True
        try:
            self._stop(self.shutdown_timeout)
            self.target.close()
        finally:
            logging.Handler.close(self)

    def _begin(self) -> None:
        """Start from nothing: at construction, and in a forked child."""
        self._worker = worker = Worker(f"fastlog {type(self._target).__name__}")
        self._accepted, self._handled = Counter(), Counter()
        self._ignored = Counter()
        self._dropped: dict[int, Counter] = {}
        self._reported: dict[int, int] = {}
        # Whoever pops the one item has the dropped records reported.
        self._unreported = [True]
        # Calls that wait keep this handler alive, so none are left when it dies.
        weakref.finalize(self, worker.let_end).atexit = False

    def _stop(self, timeout: float) -> None:
        """End the thread; say what is left if it does not end in time."""
        worker = self._worker
        if worker.abandoned or worker.stop(timeout):
            return
        lock = self.target.lock
        # A target that hangs holds its lock, for which shutdown() would wait.
        if lock is not None and not lock.acquire(blocking=False):
            self.target.createLock()
        elif lock is not None:
            lock.release()
        _say(
            f"fastlog: {self.pending} records were left for {self.target!r} "
            f"after {self.shutdown_timeout:g} s"
        )

    def _serve(
        self,
        worker: Worker,
        record: logging.LogRecord,
        context: contextvars.Context,
    ) -> None:
        """In the thread: hand *record* over, unless it is too late."""
        if not worker.abandoned:
            worker.handling = record
            context.run(self._call_target, record, BaseException)
            worker.handling = None
            self._handled.add()

    def _hand_over(
        self, record: logging.LogRecord, context: contextvars.Context
    ) -> None:
        """In the log call: hand *record* over; interrupts are the caller's."""
        self._accepted.add()
        try:
            context.run(self._call_target, record, Exception)
        finally:
            self._handled.add()

    def _call_target(
        self, record: logging.LogRecord, caught: type[BaseException]
    ) -> None:
        _generation.set(_generation.get() + 1)
        try:
            self.target.handle(record)
        except caught:
            try:
                self.target.handleError(record)
            except caught:
                _complain()

    def _flush_target(self) -> None:
        self.target.flush()

    def _drop(self, level: int) -> None:
        """Count a record, and have the count reported behind those that wait."""
        self._dropped.setdefault(level, Counter()).add()
        try:
            self._unreported.pop()
        except IndexError:
            return  # it is on its way
        self._worker.put(self._report)

    def _report(self) -> None:
        """Tell the target what was dropped since the last time."""
        self._unreported.append(True)  # before counting: what comes now is told later
        dropped, told = self.dropped, self._reported
        new = {level: dropped[level] - told.get(level, 0) for level in sorted(dropped)}
        self._reported = dropped
        if not (total := sum(new.values())) or self._worker.abandoned:
            return
        counts = ", ".join(
            f"{count} {logging.getLevelName(level)}"
            for level, count in new.items()
            if count
        )
        try:
            record = logging.getLogRecordFactory()(
                "fastlog",
                logging.WARNING,
                __file__,
                0,
                "%d records were dropped, the queue was full: %s",
                (total, counts),
                None,
            )
        except Exception:
            _complain()
        else:
            context = contextvars.Context()
            # What the target logs about it ends there, or two could report for ever.
            context.run(_generation.set, 1)
            context.run(self._call_target, record, BaseException)


def flush_all(timeout: float | None) -> bool:
    """Flush every BackgroundHandler; return whether all were in time.

    One whose target raises counts as not flushed; the others are flushed all the same.

    Args:
        timeout: Seconds for all of them together; None is no limit.
    """
    end = None if timeout is None else time.monotonic() + timeout
    done = True
    for handler in _handlers():
        left = None if end is None else max(0.0, end - time.monotonic())
        try:
            done = handler.flush(left) and done
        except Exception:
            _complain()
            done = False
    return done


def _handlers() -> list[BackgroundHandler]:
    while True:
        try:
            found = [reference() for reference in _live.values()]
        except RuntimeError:  # one was made or died meanwhile
            continue
        return [handler for handler in found if handler is not None]


def _at_exit() -> None:
    """Before logging.shutdown(): end the threads, all within the longest time limit."""
    begin = time.monotonic()
    for handler in _handlers():
        if not handler._worker.closed:
            handler._stop(max(0.0, begin + handler.shutdown_timeout - time.monotonic()))


def _after_fork() -> None:
    """In the child: the threads and what waited are the parent's."""
    for handler in _handlers():
        closed = handler._worker.closed
        handler._worker.leave_to_parent()
        handler._begin()
        handler._worker.closed = closed


def _check(capacity: object, overflow: object, shutdown_timeout: object) -> None:
    if isinstance(capacity, bool) or not isinstance(capacity, int):
        raise TypeError(
            "capacity must be an int, the number of records that may wait, "
            f"not {type(capacity).__name__}"
        )
    if capacity < 1:
        raise ValueError(f"capacity must be 1 or more, not {capacity}")
    if overflow not in POLICIES:
        raise ValueError(
            f'overflow must be "block", "drop" or "sync", not {overflow!r}'
        )
    if isinstance(shutdown_timeout, bool) or not isinstance(
        shutdown_timeout, int | float
    ):
        raise TypeError(
            "shutdown_timeout must be a number of seconds, "
            f"not {type(shutdown_timeout).__name__}"
        )
    if not shutdown_timeout >= 0:
        raise ValueError(
            f"shutdown_timeout must be 0 seconds or more, not {shutdown_timeout}"
        )


def _check_target(target: object, handler: logging.Handler) -> None:
    if target is handler:
        raise ValueError("target must be another handler, not the BackgroundHandler")
    if isinstance(target, logging.Handler):
        return
    if isinstance(target, type):
        raise TypeError(
            "target must be a handler, not a class: write "
            f"BackgroundHandler({target.__name__}(...))"
        )
    hint = "such as logging.handlers.SMTPHandler(...)"
    if isinstance(target, str):
        hint = 'in dictConfig its name, with "class" and not "()"'
    raise TypeError(f"target must be a handler, {hint}, not {type(target).__name__}")


def _to_be_configured(target: object) -> tuple[dict[str, Any], str] | None:
    """Return where dictConfig will put the handler that it makes of *target*."""
    if isinstance(target, dict) and (by := getattr(target, "configurator", None)):
        handlers = by.config["handlers"]
        for name, words in handlers.items():
            if words is target:
                return handlers, name
    return None


def _are_constant(arguments: Any) -> bool:
    values = arguments.values() if isinstance(arguments, Mapping) else arguments
    return _CONSTANT.issuperset(map(type, values))


def _complain() -> None:
    """Print the exception that is handled now, as `logging` does."""
    if logging.raiseExceptions:
        _say(traceback.format_exc())


def _say(text: str) -> None:
    """Write a line to stderr, if there is one."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        sys.stderr.write(text.rstrip("\n") + "\n")


atexit.register(_at_exit)
if core is not None:
    core.call_before_leaving(flush_all)  # os._exit() runs no hook
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
