"""Logs at moments when little can be relied on; the bytes are compared."""

import atexit
import gc
import logging
import signal
import sys
import threading
import weakref

stream = logging.StreamHandler(sys.stdout)
stream.setFormatter(logging.Formatter("%(levelname)s %(funcName)s %(message)s"))
log = logging.getLogger("app")
log.setLevel(logging.DEBUG)
log.addHandler(stream)


class Node:
    """Logs when it dies."""

    def __init__(self, name):
        """Remember the name; refer to itself."""
        self.name = name
        self.own = self

    def __del__(self):
        """Log."""
        log.info("del %s", self.name)


class Recursing(logging.Handler):
    """Logs from its own emit."""

    depth = 0

    def emit(self, record):
        """Log one level deeper, three times."""
        if Recursing.depth < 3:
            Recursing.depth += 1
            log.warning("inside %d %s", Recursing.depth, record.getMessage())


class Raising(logging.Handler):
    """Raises from emit, as a bad handler does."""

    def emit(self, record):
        """Raise."""
        raise LookupError(record.getMessage())


class Ctrl:
    """An argument whose text is an interrupt."""

    def __str__(self):
        """Interrupt."""
        raise KeyboardInterrupt("while formatting")


def on_signal(number, _frame):
    """Log from a signal handler."""
    log.info("signal %d", number)


def interrupting(number, frame):
    """Interrupt whoever runs."""
    raise KeyboardInterrupt


def signals():
    """Log from a handler, also while logging."""
    signal.signal(signal.SIGUSR1, on_signal)
    for number in range(20):
        signal.raise_signal(signal.SIGUSR1)
        log.info("between %d", number)


class Signalling:
    """An argument that raises a signal while it is formatted."""

    def __str__(self):
        """Raise it."""
        signal.raise_signal(signal.SIGUSR1)
        return "signalled"


def interrupts():
    """Interrupts leave the call, and the handler is usable after."""
    for argument in (Ctrl(), Ctrl()):
        try:
            log.info("never %s", argument)
        except KeyboardInterrupt as error:
            log.info("interrupted %s", error)
    signal.signal(signal.SIGUSR1, interrupting)
    try:
        log.info("never %s", Signalling())
    except KeyboardInterrupt:
        log.info("interrupted by a signal")
    worker = threading.Thread(target=log.info, args=("the lock is free",))
    worker.start()
    worker.join(20)
    log.info("alive %s", worker.is_alive())


def deaths():
    """Objects log as they die, alone, in the collector and by weak references."""
    Node("one").own = None
    Node("two")
    gc.collect()

    class Thing:
        """Can be referred to weakly."""

    thing = Thing()
    watch = weakref.ref(thing, lambda _: log.info("weak reference died"))
    weakref.finalize(thing, log.info, "finalized %s", "thing")
    del thing
    assert watch() is None
    log.info("dies in the call %s", Node("argument").name)


def recursion():
    """A handler that logs, a handler that raises."""
    own = Recursing()
    log.addHandler(own)
    log.info("outer")
    log.removeHandler(own)
    bad = Raising()
    log.addHandler(bad)
    try:
        log.info("to a bad handler")
    except LookupError as error:
        print("raised", error)
    log.removeHandler(bad)


def deep(level):
    """Log at the end of the stack."""
    try:
        return deep(level + 1)
    except RecursionError:
        return level


def at_exit():
    """Log while the interpreter ends."""
    log.info("at exit")
    global kept
    kept = Node("global at exit")


signals()
log.info("%s", Signalling())
interrupts()
deaths()
recursion()
assert deep(0) > 100
log.info("after a recursion error")
atexit.register(at_exit)
threading.Thread(target=threading.Event().wait, daemon=True).start()
log.info("end of the program")
