"""Log calls within log calls, and at odd moments: `bg_moments.py FOLDER`.

Runs on plain `logging` too: the bytes are compared; but not those of the collector's
storm, in which `logging` loses lines (a stream refuses calls within calls).
"""

import gc
import itertools
import logging
import pathlib
import signal
import sys
import threading
import weakref

import kit

folder = pathlib.Path(sys.argv[1])
log = logging.getLogger("app")
inner = logging.getLogger("inner")


class Logging:
    """An argument that logs while its text is made."""

    def __init__(self, depth):
        """Nest so deep."""
        self.depth = depth

    def __str__(self):
        """Log through the same handler, with another such argument."""
        if self.depth:
            log.info("inside %d %s", self.depth, Logging(self.depth - 1))
        return f"text {self.depth}"

    __repr__ = __str__


class Tapping(logging.Handler):
    """A handler that logs elsewhere, and once to itself."""

    def emit(self, record):
        """Log."""
        inner.info("tapped %s", record.getMessage())
        if record.name == "app" and record.args == (1,):
            log.warning("again %s", "tapped")


class Filtering:
    """A filter that logs."""

    def filter(self, record):
        """Log about those of `app`."""
        if record.name == "app":
            inner.info("filtered %s", record.msg)
        return not record.getMessage().startswith("refused")


class Formatting(logging.Formatter):
    """A formatter that logs."""

    def format(self, record):
        """Log about those of `app`, then format."""
        if record.name == "app":
            inner.info("formatting %s", record.msg)
        return super().format(record)


class Interrupted:
    """An argument during which a signal comes."""

    def __str__(self):
        """Have it."""
        signal.raise_signal(signal.SIGUSR1)
        return "interrupted"


class Node:
    """Logs when it dies."""

    numbers = itertools.count()

    def __init__(self):
        """Be part of a cycle."""
        self.own = self

    def __del__(self):
        """Log a number that rises."""
        storm.info(kit.LINE, "collector", next(Node.numbers), "dies")


storm = logging.getLogger("storm")


def nested():
    """Arguments, handlers, filters and formatters that log."""
    log.info("outer %s", Logging(3))
    log.info("outer %s %r %d", Logging(1), Logging(0), 7)
    log.info(Logging(2))
    tapping = Tapping()
    log.addHandler(tapping)
    for number in range(3):
        log.info("number %d", number)
    log.removeHandler(tapping)
    own = Filtering()
    for place in (log, log.handlers[0]):
        place.addFilter(own)
        log.info("passes %d", 1)
        log.info("refused %d", 2)
        place.removeFilter(own)
    handler = log.handlers[0]
    before = handler.formatter
    handler.setFormatter(Formatting(kit.FORMAT))
    log.info("formatted %s", Logging(1))
    handler.setFormatter(before)


def signals():
    """A handler of signals that logs, between and within calls."""
    signal.signal(signal.SIGUSR1, lambda *_: log.info("signal"))
    for number in range(50):
        signal.raise_signal(signal.SIGUSR1)
        log.info("between %d %s", number, Interrupted())


def deaths():
    """Weak references and finalizers."""

    class Thing:
        """Can be referred to weakly."""

    for number in range(50):
        thing = Thing()
        watch = weakref.ref(thing, lambda _, n=number: log.info("callback %d", n))
        weakref.finalize(thing, log.info, "finalizer %d", number)
        log.info("lives %d %s", number, thing.__class__.__name__)
        del thing
        assert watch() is None


def collected():
    """The collector runs again and again within calls of four threads."""
    gc.set_threshold(7)

    def work(who):
        for number in range(2000):
            node = Node()
            storm.info(kit.LINE, who, number, [node.own is node])
            del node

    workers = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    gc.set_threshold(700)
    gc.collect()


kit.watch()
kit.file(folder / "app.log", "app", "inner")
kit.file(folder / "storm.log", "storm")
nested()
signals()
deaths()
if kit.ours():
    collected()
kit.flush()
kit.leave(folder / "facts.json", died=next(Node.numbers))
