"""How a line gets to the file: one adapter per way, and the check of what it wrote.

All have the same logger, level, format and kind of file. Each is opened in a process
of its own (`rivals.load` sees to that).
"""

from __future__ import annotations

import datetime
import hashlib
import importlib
import pathlib
import queue
import threading
import time
from typing import TYPE_CHECKING, Any

import rivals
import scenarios

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Name of the native thread, as the kernel shows it.
WRITER = "fastlog-writer"
#: For records to reach the file when nobody flushes.
DRAIN_S = 60.0
#: `2026-11-22 19:52:26,123` and, without its milliseconds, what strptime reads.
DATE, SECOND = 23, 19
#: Calls that may render their line themselves, while their message is new: a few for
#: each thread.
FIRST = 100
TASKS = pathlib.Path("/proc/self/task")


class Way:
    """A logger with one FileHandler, which writes before the call returns.

    Attributes:
        logger: What the statements call.
        path: The file.
    """

    library = "logging"
    #: Whether all records have the same message, which the ring then knows by its id.
    one_message = True

    def __init__(self, folder: pathlib.Path) -> None:
        """Open the file; nothing is logged yet.

        Raises:
            UnavailableError: The library cannot be imported, or lacks this way.
        """
        self.module = rivals.load(self.library)
        self.path = folder / "background.log"
        self.file_handler = self.make_file_handler()
        formatter = self.module.Formatter(scenarios.DATED)
        self.file_handler.setFormatter(formatter)
        self.logger = self.module.getLogger(scenarios.LOGGER)
        self.logger.setLevel(self.module.INFO)
        self.logger.propagate = False
        for handler in list(self.logger.handlers):
            self.logger.removeHandler(handler)
        self.handler = self.make_handler()
        self.logger.addHandler(self.handler)

    def make_file_handler(self) -> Any:
        """Return the handler that writes."""
        return self.module.FileHandler(str(self.path))

    def make_handler(self) -> Any:
        """Return the handler of the logger."""
        return self.file_handler

    def drain(self) -> None:
        """Wait until all is written, without asking anybody to hurry."""

    def flush(self) -> None:
        """Have all written, as soon as may be."""
        self.file_handler.flush()

    def close(self) -> None:
        """Take the handler off the logger and close the file."""
        self.logger.removeHandler(self.handler)
        self.handler.close()

    def writer_task(self) -> int | None:
        """Return the kernel's id of the thread that writes; None for the caller's."""
        return None

    def counts(self) -> dict[str, int] | None:
        """Return fastlog's counters; None for the others."""
        core = getattr(self.module, "_core", None)
        return None if core is None else dict(core.counts())

    def why_not(self, calls: int, before: dict[str, int] | None) -> str | None:
        """Return why *calls* calls did not go this way, or None."""
        after = self.counts()
        if before is None or after is None:
            return None
        if (wrote := after["writes"] - before["writes"]) < calls:
            return f"counter 'writes' moved {wrote} of {calls} calls"
        return None


class Fastlog(Way):
    """fastlog's own synchronous handler."""

    library = "fastlog"


class Picologging(Way):
    """picologging's."""

    library = "picologging"


class Queue(Way):
    """What the logging cookbook advises: a queue, and a thread that writes."""

    def make_handler(self) -> Any:
        """Return a QueueHandler; a listener with the FileHandler is started."""
        handlers = importlib.import_module(f"{self.library}.handlers")
        self.queue: queue.Queue[Any] = queue.Queue(-1)
        self.listener = handlers.QueueListener(self.queue, self.file_handler)
        self.listener.start()
        return handlers.QueueHandler(self.queue)

    def drain(self) -> None:
        """Wait for the listener."""
        self.queue.join()

    def flush(self) -> None:
        """Wait for the listener, which flushes each line."""
        self.queue.join()

    def close(self) -> None:
        """Stop the listener and close the file."""
        super().close()
        self.listener.stop()
        self.file_handler.close()

    def writer_task(self) -> int | None:
        """Return the listener's."""
        thread: threading.Thread = self.listener._thread
        return thread.native_id


class PicologgingQueue(Queue):
    """The same with picologging's classes."""

    library = "picologging"


class Background(Way):
    """The way that all this is about."""

    library = "fastlog"

    def make_file_handler(self) -> Any:
        """Return the handler whose lines a native thread writes."""
        try:
            return self.module.FileHandler(str(self.path), background=True)
        except TypeError as error:
            raise rivals.UnavailableError(str(error)) from None

    def drain(self) -> None:
        """Wait until the writer has come round to it by itself.

        Raises:
            RuntimeError: It has not in DRAIN_S seconds.
        """
        limit = time.monotonic() + DRAIN_S
        while (stats := self.module.stats()).written < stats.accepted:
            if time.monotonic() > limit:
                raise RuntimeError(f"the writer is stuck: {stats}")
            time.sleep(0.001)

    def flush(self) -> None:
        """Ask the writer, and wait.

        Raises:
            RuntimeError: Time ran out.
        """
        if not self.module.flush(DRAIN_S):
            raise RuntimeError(f"no flush in {DRAIN_S} s: {self.module.stats()}")

    def writer_task(self) -> int | None:
        """Find the thread by its name."""
        for task in TASKS.iterdir():
            if (task / "comm").read_text().strip() == WRITER:
                return int(task.name)
        return None

    def why_not(self, calls: int, before: dict[str, int] | None) -> str | None:
        """Also look at what the writer itself counted."""
        assert before is not None
        after = self.counts()
        assert after is not None
        pushed = after["pushes"] - before["pushes"]
        lines = after["lines"] - before["lines"]
        if pushed + lines < calls:
            return f"{pushed} records and {lines} lines of {calls} calls were pushed"
        if self.one_message and lines > FIRST:
            return f"{lines} of {calls} calls rendered their line themselves"
        stats = self.module.stats()
        if any(stats.dropped.values()) or stats.write_errors:
            return f"lines were lost: {stats}"
        return None


KINDS: dict[str, type[Way]] = {
    "logging": Way,
    "queue": Queue,
    "picologging": Picologging,
    "picologging-queue": PicologgingQueue,
    "fastlog": Fastlog,
    "background": Background,
}


def cpu_ns(task: int) -> int:
    """Return the CPU time that a thread of this process has used."""
    return int((TASKS / str(task) / "schedstat").read_text().split()[0])


def why_wrong(
    path: pathlib.Path,
    expected: dict[str, Iterator[str]],
    began: float,
    ended: float,
) -> tuple[str | None, str]:
    """Look at every line: that it is there, in order, and what `logging` writes.

    Args:
        path: The file.
        expected: By author, what its lines hold behind the date, in order. Lines of
            several authors may alternate; the author is then the line's sixth word.
        began: Seconds since the epoch; no date is before.
        ended: No date is after.

    Returns:
        What is wrong, or None, and a digest of all that stands behind the dates.
    """
    digest = hashlib.sha256()
    earliest = datetime.datetime.fromtimestamp(began - 0.001)
    latest = datetime.datetime.fromtimestamp(ended + 0.001)
    single = next(iter(expected.values())) if len(expected) == 1 else None
    dates = dict.fromkeys(expected, "")
    second = date = author = ""
    number = 0
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            date, text = line[:DATE], line[DATE + 1 : -1]
            source = single
            if source is None:
                author = line.split(" ", 6)[5]
                if (source := expected.get(author)) is None:
                    return f"line {number} is nobody's: {line[:200]!a}", ""
            if text != (wanted := next(source, None)):
                return f"line {number} is {line[:200]!a} for {wanted!a:.200}", ""
            if not date.startswith(second) or not second:
                second = date[:SECOND]
                why = why_no_date(date, earliest, latest)
                if why is not None:
                    return f"line {number}: {why}", ""
            if date < dates.get(author, date):
                last = dates[author]
                return f"line {number} goes back from {last}: {line[:200]!a}", ""
            dates[author] = date
            digest.update(line[DATE:].encode())
            if not date[SECOND + 1 :].isdecimal() or date[SECOND] != ",":
                return f"line {number} has no date: {line[:200]!a}", ""
    for author, rest in expected.items():
        if (missing := next(rest, None)) is not None:
            return f"after {number} lines {author} lacks {missing!a:.200}", ""
    if number and (why := why_no_date(date, earliest, latest)) is not None:
        return f"line {number}: {why}", ""
    return None, digest.hexdigest()


def why_no_date(
    date: str, earliest: datetime.datetime, latest: datetime.datetime
) -> str | None:
    """Return why a date is none, or is not between the other two."""
    try:
        found = datetime.datetime.strptime(date, "%Y-%m-%d %H:%M:%S,%f")
    except ValueError as error:
        return ascii(str(error))
    if not earliest <= found <= latest:
        return f"{date} is not between {earliest} and {latest}"
    return None
