"""A queue of calls and the Python thread that makes them.

Calls are added from signal handlers, ``__del__`` and weak references too, so within
another step of the same thread: no step holds a lock, each is one operation in C.
"""

from __future__ import annotations

import _thread
import collections
import contextlib
import functools
import itertools
import logging
import operator
import queue
import sys
import threading
from collections.abc import Callable, Iterator

#: Seconds after which a caller that waits for room looks for itself.
_LOOK_S = 1.0
_here = threading.local()  # .worker: whose thread this is


class Counter:
    """Counts without a lock: one step in C up, one to read."""

    def __init__(self) -> None:
        self._left = itertools.repeat(None, sys.maxsize)

    def add(self) -> None:
        """Count one more."""
        next(self._left)

    @property
    def value(self) -> int:
        """How often add() was called."""
        return sys.maxsize - operator.length_hint(self._left)


class Worker:
    """A queue of calls and the thread that makes them, started by the first call."""

    def __init__(self, name: str) -> None:
        self.name = name
        #: Nothing waits for the thread any more; callers do its work.
        self.closed = False
        #: The time ran out; what is left is not handed on.
        self.abandoned = False
        #: What its thread's call is about, for calls made within that.
        self.handling: object = None
        self._calls: queue.SimpleQueue[Callable[[], object] | None] = (
            queue.SimpleQueue()
        )
        self._waiting: collections.deque[_thread.LockType] = collections.deque()
        # Whoever pops the one item starts the thread, or is it.
        self._unstarted = [True]
        self._unserved = [True]
        self._over = False
        self._end = _locked()

    def own(self) -> bool:
        """Return whether this is the worker's own thread."""
        return current_worker() is self

    def full(self, capacity: int) -> bool:
        """Return whether *capacity* calls wait."""
        return self._calls.qsize() >= capacity

    def put(self, call: Callable[[], object]) -> None:
        """Have *call* made, after those before it."""
        self._calls.put(call)
        if self._unstarted:
            self._start()
        if self._over:  # closed between the caller's look and now
            self._serve_rest()

    def wait_for_room(self, capacity: int) -> None:
        """Wait until fewer than *capacity* calls wait, or the worker is closed."""
        while self.full(capacity) and not self.closed:
            gate = _locked()
            self._waiting.append(gate)
            # Looked at again: the thread may have missed this gate.
            if self.full(capacity) and not self.closed:
                gate.acquire(timeout=_LOOK_S)
            with contextlib.suppress(ValueError):
                self._waiting.remove(gate)

    def wait(self, last: Callable[[], object], timeout: float | None) -> bool:
        """Make *last* after all calls so far; return whether that was in time.

        Raises:
            BaseException: What *last* raised.
        """
        if self.abandoned or self.own():  # it would wait for itself
            return False
        if self._unstarted or self._over:
            last()
            return True
        answer: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        # Behind the end of the thread, put() or the thread itself makes the call.
        self.put(functools.partial(_answer, last, answer))
        try:
            with _without_the_lock_of_logging():
                error = answer.get(
                    timeout=None if timeout is None else _limited(timeout)
                )
        except queue.Empty:
            return False
        if error is not None:
            raise error
        return True

    def stop(self, timeout: float) -> bool:
        """Let the thread end after all calls so far; return whether it did in time."""
        first, self.closed = not self.closed, True
        if self._unstarted or self.own():
            self._calls.put(None)
            return True
        if first:
            self._calls.put(None)
            self._open_gates()
        with _without_the_lock_of_logging():
            in_time = self._end.acquire(timeout=_limited(timeout))
        if in_time:
            self._end.release()
        self.abandoned = not in_time
        return in_time

    def let_end(self) -> None:
        """Let the thread end after all calls so far, without waiting."""
        self.closed = True
        self._calls.put(None)

    def leave_to_parent(self) -> None:
        """In a forked child: free who still uses this; the calls are the parent's."""
        self.closed = self.abandoned = True
        if self.own():  # the thread itself forked, and is the child's only one
            with contextlib.suppress(queue.Empty):
                while True:
                    self._calls.get_nowait()
            self._calls.put(None)

    def _start(self) -> None:
        try:
            self._unstarted.pop()
            # Not Thread.start(): its lock may be held by the call that this one is in.
            _thread.start_new_thread(self._launch, ())
        except IndexError:
            pass  # another caller does it
        except RuntimeError:  # the interpreter ends, or there are too many
            self._unstarted.append(True)
            self._serve_rest()
        except BaseException:  # an interrupt; the next call tries again
            self._unstarted.append(True)
            raise

    def _launch(self) -> None:
        thread = threading.Thread(target=self._serve, name=self.name, daemon=True)
        try:
            thread.start()
        except Exception:  # this one will do
            self._serve()

    def _serve(self) -> None:
        try:
            self._unserved.pop()
        except IndexError:
            return  # started twice, because an interrupt came between
        _here.worker = self
        while (call := self._calls.get()) is not None:
            if self._waiting:
                with contextlib.suppress(IndexError):
                    self._waiting.popleft().release()
            call()
            call = None  # it may hold the last reference to its handler
        self._over = True
        self._serve_rest()
        self._end.release()

    def _serve_rest(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                if (call := self._calls.get_nowait()) is not None:
                    call()

    def _open_gates(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self._waiting.popleft().release()


def current_worker() -> Worker | None:
    """Return the worker whose thread this is, or None."""
    found: Worker | None = getattr(_here, "worker", None)
    return found


def _locked() -> _thread.LockType:
    made = _thread.allocate_lock()
    made.acquire()
    return made


def _limited(timeout: float) -> float:
    """Return *timeout* as locks and queues take it."""
    return max(0.0, min(timeout, threading.TIMEOUT_MAX))


def _answer(
    call: Callable[[], object], answer: queue.SimpleQueue[BaseException | None]
) -> None:
    try:
        call()
    except BaseException as error:
        answer.put(error)
    else:
        answer.put(None)


@contextlib.contextmanager
def _without_the_lock_of_logging() -> Iterator[None]:
    """Let go of logging's lock meanwhile: dictConfig holds it while it closes handlers.

    A target that asks for a logger would wait for it, and the caller for the target.
    """
    lock = logging._lock  # type: ignore[attr-defined]
    if not lock._is_owned():
        yield
        return
    state = lock._release_save()
    try:
        yield
    finally:
        lock._acquire_restore(state)
