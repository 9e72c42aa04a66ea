"""Makes one kind of call very often and watches memory: `calls.py KIND CALLS`.

Prints one JSON object: growth of memory after the warm-up in bytes and in blocks of
Python's allocator, and how the reference counts of objects that took part changed.
"""

import contextlib
import gc
import io
import json
import logging
import os
import sys
import threading
from logging import handlers


def resident():
    """Return the memory that the process holds, in bytes."""
    gc.collect()
    if "fastlog" in sys.modules:
        sys.modules["fastlog"].flush(2)  # one that is full never is
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


class Python(logging.Handler):
    """A handler written in Python that reads the message."""

    def emit(self, record):
        """Read it, and one attribute."""
        record.getMessage()
        return record.created


class Formatting(logging.Handler):
    """A handler written in Python that formats."""

    def emit(self, record):
        """Format."""
        self.format(record)


class BadText:
    """An argument whose text raises."""

    def __str__(self):
        """Raise."""
        raise ValueError("no text")


log = logging.getLogger("leaks.app")
log.setLevel(logging.INFO)
log.propagate = False
argument, number, other = "an argument", 123456789, 1.5
extra = {"user": "somebody", "request": 7}
message = "message %s %d %.2f"
fmt = logging.Formatter(
    "%(asctime)s %(levelname)s %(name)s %(filename)s:%(lineno)d %(message)s"
)


def give(handler):
    """Make *handler* the only one of the logger."""
    handler.setFormatter(fmt)
    log.handlers = [handler]
    return handler


def quiet():
    """Send error reports nowhere."""
    logging.raiseExceptions = False


def plain(index):
    """Make an ordinary call."""
    log.info(message, argument, number, other)


def disabled(index):
    """Make a call below the threshold."""
    log.debug(message, argument, number, other)


def with_extra(index):
    """Make a call with extra and a keyword."""
    log.info(message, argument, number, other, extra=extra, stacklevel=1)


def with_exception(index):
    """Log an exception that is being handled."""
    try:
        raise ValueError(argument)
    except ValueError:
        log.exception("failed %s", argument)


def with_stack(index):
    """Log with the stack."""
    log.info("stack", stack_info=True)


def wrong(index):
    """Make calls that cannot be formatted, or made."""
    log.info("%d %d", argument)
    log.info("%s", BadText())
    with contextlib.suppress(TypeError):
        log.info()
    with contextlib.suppress(KeyError):
        log.info("x", extra={"message": 1})
    with contextlib.suppress(TypeError):
        log.log("no level", "x")


def own_text(index):
    """Log a text that was never seen before."""
    log.info(f"number {index} of many")


def own_pattern(index):
    """Log a pattern that was never seen before."""
    log.info(f"pattern {index} %s %d", argument, number)


def objects(index):
    """Log objects that only Python can format."""
    log.info("%s %r %5.1f", [argument, index], {"k": number}, other)
    log.info("%(user)s", extra)
    log.info({"a": index})


def loggers(index):
    """Make a logger, a handler and a formatter that live for one call."""
    own = logging.Logger(f"short {index}", logging.INFO)
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter(f"%(message)s {index % 1000}"))
    own.addHandler(handler)
    own.info(message, argument, number, other)
    own.debug(message, argument, number, other)
    handler.close()


def code(index):
    """Log from code that lives for one call."""
    exec(compile(f"log.info('line', {index})\n", f"<{index}>", "exec"), {"log": log})


def changes(index):
    """Change everything a plan depends on, between calls."""
    log.setLevel(logging.INFO if index % 2 else logging.DEBUG)
    log.info(message, argument, number, other)
    handler = log.handlers[0]
    handler.setLevel(index % 3)
    log.handlers = [handler]
    handler.setFormatter(fmt)
    log.addFilter(keep)
    log.info(message, argument, number, other)
    log.removeFilter(keep)


def keep(record):
    """Keep every record."""
    return True


def children(index):
    """Get loggers from the manager, and log through a tree."""
    logging.getLogger(f"leaks.app.child{index % 50}").info(message, argument, 1, 2.0)


def handmade(index):
    """Make and format records by hand."""
    record = logging.LogRecord("n", 20, "/f.py", 3, message, (argument, 2, 3.0), None)
    fmt.format(record)
    log.handle(logging.makeLogRecord(record.__dict__))


def cycles(index):
    """Put the library in and take it out, where it is the one under test."""
    if "fastlog" in sys.modules:
        import fastlog

        fastlog.uninstall()
        log.info(message, argument, number, other)
        fastlog.install()
    log.info(message, argument, number, other)


def background():
    """Return a handler that writes in the background, through the smallest ring.

    A larger one would only come into use, page by page, while memory is watched.
    """
    sys.modules["fastlog"].configure_writer(ring_bytes=1 << 16)
    return logging.FileHandler("/dev/null", background=True)


def background_rotating():
    """Return one that rotates, with the name of a device that cannot grow."""
    background()
    return handlers.RotatingFileHandler("/dev/null", maxBytes=1000, background=True)


def background_full():
    """Return one whose device takes nothing; what finds no room is dropped."""
    sys.modules["fastlog"].configure_writer(
        ring_bytes=1 << 16, overflow="drop", shutdown_timeout=0.1
    )
    return logging.FileHandler("/dev/full", background=True)


def own_handlers(index):
    """Make a background handler that lives for one call, closed or only dropped."""
    handler = logging.FileHandler("/dev/null", background=True)
    handler.setFormatter(fmt)
    own = logging.Logger("short", logging.INFO)
    own.addHandler(handler)
    own.info(message, argument, number, other)
    if index % 2:
        handler.close()
    else:
        handler.stream.close()


def own_formats(index):
    """Format by a pattern that was never seen before, for a logger that never was."""
    own = logging.Logger(f"short {index}", logging.INFO)
    own.addHandler(log.handlers[0])
    log.handlers[0].setFormatter(logging.Formatter(f"{index} %(name)s %(message)s"))
    own.info(message, argument, number, other)


def own_threads(index):
    """Log from a thread that lives for one call and has a name of its own."""
    thread = threading.Thread(target=plain, args=(index,), name=f"thread {index}")
    thread.start()
    thread.join()


def flushes(index):
    """Ask for everything that can be asked."""
    module = sys.modules["fastlog"]
    plain(index)
    log.handlers[0].flush()
    module.flush(1)
    module.stats()
    module.explain("leaks.app")


def configures(index):
    """Take another ring, and switch the handler."""
    handler = log.handlers[0]
    plain(index)
    sys.modules["fastlog"].configure_writer(ring_bytes=1 << (16 + index % 2))
    plain(index)
    handler.background = False
    plain(index)
    handler.background = True


def trim(handler):
    """Empty what collects output."""
    if isinstance(getattr(handler, "stream", None), io.StringIO):
        handler.stream.seek(0)
        handler.stream.truncate()
    if isinstance(handler, handlers.QueueHandler):
        handler.queue.clear()


class Box(list):
    """As much of a queue as QueueHandler needs."""

    put_nowait = list.append


def string():
    """Return a handler on a StringIO."""
    return logging.StreamHandler(io.StringIO())


KINDS = {
    "disabled": (disabled, string, 1),
    "null": (plain, logging.NullHandler, 1),
    "file": (plain, lambda: logging.FileHandler("/dev/null"), 1),
    "rotating": (plain, lambda: handlers.RotatingFileHandler("/dev/null"), 1),
    "watched": (plain, lambda: handlers.WatchedFileHandler("/dev/null"), 1),
    "string": (plain, string, 1),
    "python": (plain, Python, 1),
    "formatting": (plain, Formatting, 1),
    "queue": (plain, lambda: handlers.QueueHandler(Box()), 4),
    "extra": (with_extra, string, 2),
    "extra-python": (with_extra, Python, 2),
    "exception": (with_exception, string, 10),
    "stack": (with_stack, string, 20),
    "wrong": (wrong, string, 10),
    "own-text": (own_text, string, 1),
    "own-pattern": (own_pattern, string, 1),
    "objects": (objects, string, 4),
    "loggers": (loggers, string, 20),
    "code": (code, string, 20),
    "changes": (changes, string, 5),
    "children": (children, string, 2),
    "handmade": (handmade, string, 4),
    "cycles": (cycles, string, 100),
    "background": (plain, background, 1),
    "background-rotating": (plain, background_rotating, 1),
    "background-full": (plain, background_full, 4),
    "background-extra": (with_extra, background, 2),
    "background-exception": (with_exception, background, 10),
    "background-wrong": (wrong, background, 10),
    "background-own-text": (own_text, background, 1),
    "background-own-pattern": (own_pattern, background, 1),
    "background-objects": (objects, background, 4),
    "background-loggers": (loggers, background, 20),
    "background-changes": (changes, background, 5),
    "background-children": (children, background, 2),
    "background-cycles": (cycles, background, 100),
    "background-own-handlers": (own_handlers, background, 50),
    "background-own-formats": (own_formats, background, 5),
    "background-own-threads": (own_threads, background, 50),
    "background-flushes": (flushes, background, 50),
    "background-configures": (configures, background, 100),
}
WATCHED = (argument, number, other, extra, message, fmt, log, keep, plain, with_extra)


def repeat(call, handler, count):
    """Make *count* calls, emptying the output now and then."""
    for index in range(count):
        call(index)
        if index % 500 == 0:
            trim(handler)
    trim(handler)


def main():
    """Warm up, make the calls, and tell."""
    kind, calls = sys.argv[1], int(sys.argv[2])
    call, make, cost = KINDS[kind]
    quiet()
    handler = give(make())
    count = max(calls // cost, 200)
    # As many as are counted: caches that have a bound have reached it then.
    repeat(call, handler, max(count // 2, 100))
    gc.collect()
    watched = (*WATCHED, handler, call, None, True, logging.Logger, logging.LogRecord)
    before = resident(), [sys.getrefcount(item) for item in watched]
    descriptors = len(os.listdir("/proc/self/fd"))
    blocks = sys.getallocatedblocks()
    repeat(call, handler, count)
    gc.collect()
    blocks = sys.getallocatedblocks() - blocks
    after = resident(), [sys.getrefcount(item) for item in watched]
    moved = [new - old for old, new in zip(before[1], after[1], strict=True)]
    grown = after[0] - before[0]
    found = {"calls": count, "grown": grown, "blocks": blocks, "refs": moved}
    found["descriptors"] = len(os.listdir("/proc/self/fd")) - descriptors
    print(json.dumps(found))


main()
