"""Python code that runs inside a log call and logs, changes things, or raises."""

import io
import logging
import sys
import threading

import sheets


class Say:
    """An argument whose text is computed by a function."""

    def __init__(self, step):
        """Keep *step*."""
        self.step = step

    def __str__(self):
        """Run it."""
        return str(self.step())


class Emit(logging.Handler):
    """A handler whose emit is a function."""

    def __init__(self, step):
        """Keep *step*."""
        super().__init__()
        self.step = step

    def emit(self, record):
        """Run it."""
        self.step(record)


def nested(logger, stream):
    """Log while a message, a handler, a filter or a stream is at work."""
    inner = logging.getLogger("app.inner")
    logger.warning("outer %s", Say(lambda: inner.error("inner") or "done"))
    logger.warning("same %s", Say(lambda: logger.error("the same logger") or "done"))

    depth = []

    def recurse():
        depth.append(1)
        if len(depth) < 4:
            logger.warning("depth %s", Say(recurse))
        return len(depth)

    logger.warning("recursion %s", Say(recurse))
    again = Emit(lambda record: inner.handlers or (record.name == "app" and inner.error(
        "from emit: %s", record.getMessage()
    )))  # fmt: skip
    logger.addHandler(again)
    logger.warning("a handler logs")
    logger.removeHandler(again)

    def judge(record):
        if record.levelno == logging.WARNING:
            logger.error("from a filter")
        return True

    logger.addFilter(judge)
    logger.warning("filtered")
    logger.removeFilter(judge)

    class Logging(io.StringIO):
        busy = False

        def write(self, text):
            if not self.busy:
                self.busy = True
                inner.error("from write")
                self.busy = False
            return super().write(text)

    odd = logging.StreamHandler(Logging())
    logger.addHandler(odd)
    logger.warning("a stream logs")
    print(repr(odd.stream.getvalue()))
    logger.removeHandler(odd)
    logging.setLogRecordFactory(
        lambda *args, **kwargs: (
            inner.isEnabledFor(1) or logging.LogRecord(*args, **kwargs)
        )
    )
    logger.warning("a factory asks")
    logging.setLogRecordFactory(logging.LogRecord)
    print(sheets.take(stream))


def changes(logger, stream):
    """Change state while a record is under way."""
    handler = logging.root.handlers[0]
    second = logging.StreamHandler(stream)
    second.setFormatter(logging.Formatter("second %(message)s"))

    def act(what):
        return Say(lambda: what() or what.__name__)

    def add():
        logger.addHandler(second)

    def remove():
        logger.removeHandler(second)

    def level():
        logger.setLevel(logging.CRITICAL)

    def lower():
        logger.setLevel(logging.DEBUG)

    def formatter():
        handler.setFormatter(logging.Formatter("changed %(message)s"))

    def style():
        handler.formatter._style._fmt = "style %(message)s"

    def swap():
        handler.setStream(sheets.new())

    def back():
        handler.setStream(stream)

    def disable():
        logger.disabled = True

    def enable():
        logger.disabled = False

    def parent():
        logger.propagate = False

    def propagate():
        logger.propagate = True

    def close():
        second.close()

    def clear():
        logger.handlers.clear()

    def rename():
        logger.name = "renamed"

    def patch():
        logging.StreamHandler.terminator = "|\n"

    def unpatch():
        logging.StreamHandler.terminator = "\n"

    for what in (
        add, remove, level, lower, formatter, style, swap, back, disable, enable,
        parent, propagate, add, close, clear, rename, patch, unpatch,
    ):  # fmt: skip
        logger.error("one %s two", act(what))
        logger.error("next")
        logger.disabled = logger.disabled and what is not disable
        what()
        logger.error("last")
    for what in (remove, add, clear, add):
        trigger = Emit(lambda record, what=what: what())
        logger.handlers = [trigger, second, trigger]
        logger.error("handlers change in emit: %s", what.__name__)
        logger.error("then")
    logger.handlers = []
    print(sheets.take(stream))


def errors(logger, stream):
    """Raise every kind of thing while a record is under way."""
    for kind in (
        ValueError,
        KeyboardInterrupt,
        SystemExit,
        RecursionError,
        MemoryError,
    ):

        def fail(*_args, kind=kind):
            raise kind("raised")

        attempts = {
            "argument": lambda fail=fail: logger.error("a %s", Say(fail)),
            "message": lambda fail=fail: logger.error(Say(fail)),
            "handler": lambda fail=fail: _with(logger, Emit(fail)),
            "filter": lambda fail=fail: _filtered(logger, fail),
        }
        logging.raiseExceptions = False
        for name, attempt in attempts.items():
            try:
                attempt()
                print(kind.__name__, name, "stayed inside")
            except BaseException as error:
                print(kind.__name__, name, type(error).__name__, error)
        logging.raiseExceptions = True
        print(logger.filters, logging.root.handlers[0].lock.acquire(blocking=False))
        logging.root.handlers[0].lock.release()
    reports = []
    handler = logging.root.handlers[0]
    handler.handleError = lambda record: reports.append(sys.exc_info()[1])
    logger.error("%d", "x")
    logger.error("%s %s", 1)
    logger.error("%(a)s", {"b": 1})
    logger.error("%q", 1)
    logger.error("text", 1)
    logger.error(Say(lambda: 1), 2)
    logger.error("%s", Say(lambda: 1 / 0))
    del handler.handleError
    print(*map(repr, reports), sep="\n")
    logger.error("after all")
    print(sheets.take(stream))


def _with(logger, handler):
    logger.addHandler(handler)
    try:
        logger.error("to a handler that fails")
    finally:
        logger.removeHandler(handler)


def _filtered(logger, step):
    logger.addFilter(step)
    try:
        logger.error("through a filter that fails")
    finally:
        logger.removeFilter(step)


def threads(logger, stream):
    """Change handlers and levels in one thread while others log."""
    done = threading.Event()

    def change():
        extra = logging.NullHandler()
        while not done.is_set():
            logger.addHandler(extra)
            logger.setLevel(logging.INFO)
            logging.getLogger("app.threads.made")
            logger.removeHandler(extra)
            logger.manager._clear_cache()

    changer = threading.Thread(target=change)
    changer.start()
    workers = [
        threading.Thread(
            target=lambda n=n: [logger.error("%d/%d", n, i) for i in range(300)]
        )
        for n in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    done.set()
    changer.join()
    lines = sheets.text(stream).splitlines()
    print(len(lines), len(set(lines)), sorted(lines)[:3])


def main():
    """Run each part."""
    stream = sheets.new()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    logging.root.addHandler(handler)
    logger = logging.getLogger("app")
    logger.warning("control")
    for part in (nested, changes, errors):
        part(logger, stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    threads(logging.getLogger("app.threads"), stream)


main()
