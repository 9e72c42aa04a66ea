"""What programs read, write and replace in the module itself."""

import io
import logging
import logging.handlers
import os
import sys
import threading
import types


def line(text):
    """Log one line through a plain logger."""
    logging.getLogger("ordinary").warning("%s", text)


def managers():
    """Swap Logger.manager, Logger.root and the module's root, and back."""
    old = logging.Logger.manager, logging.Logger.root, logging.root
    root = logging.RootLogger(logging.WARNING)
    logging.root = logging.Logger.root = root
    logging.Logger.manager = logging.Manager(root)
    print(logging.getLogger() is root, logging.getLogger("fresh").parent is root)
    logging.basicConfig(stream=sys.stdout, format="fresh %(name)s %(message)s")
    logging.getLogger("fresh.child").error("into the fresh tree %d", 1)
    logging.warning("module function")
    logging.disable(logging.ERROR)
    logging.getLogger("fresh.child").error("disabled")
    old[0].loggerDict["ordinary"].warning("its manager is the class's")
    logging.disable(logging.INFO)
    old[0].loggerDict["ordinary"].warning("the old tree")
    logging.disable(logging.NOTSET)
    print(sorted(logging.Logger.manager.loggerDict))
    logging.Logger.manager, logging.Logger.root, logging.root = old
    print(logging.getLogger() is old[2], logging.getLogger("ordinary").root is old[1])
    line("back in the old tree")


def registry():
    """Walk loggerDict; empty it; put things in."""
    logging.getLogger("walk.a.b.c")
    manager = logging.Logger.manager
    for name, found in sorted(manager.loggerDict.items()):
        if name.startswith("walk"):
            print(name, type(found).__name__, isinstance(found, logging.PlaceHolder))
    before = logging.getLogger("walk.a.b.c")
    logging.getLogger("walk.a")
    print(before.parent.name, manager.disable, manager.emittedNoHandlerWarning)
    del manager.loggerDict["walk.a.b.c"]
    after = logging.getLogger("walk.a.b.c")
    print(before is after, after.parent.name)
    before.error("an orphan still logs")
    kept = dict(manager.loggerDict)
    manager.loggerDict.clear()
    fresh = logging.getLogger("walk.a")
    print(fresh is kept["walk.a"])
    fresh.error("a fresh one")
    manager.loggerDict.update(kept)
    print(logging.getLogger("walk.a") is kept["walk.a"])
    manager.loggerClass = type("Special", (logging.Logger,), {})
    print(type(logging.getLogger("special")).__name__)
    manager.loggerClass = None
    manager.logRecordFactory = lambda *args, **kwargs: None
    manager.logRecordFactory = None
    if hasattr(manager, "_fixupParents"):
        manager._fixupParents(logging.getLogger("walk.a"))
    if hasattr(logging.root, "getChildren"):
        print(sorted(c.name for c in logging.getLogger("walk").getChildren()))


def locks():
    """Replace and enter the module's and the handlers' locks."""
    old = logging._lock
    with logging._lock:
        line("under the lock")
    logging._lock = threading.RLock()
    logging.getLogger("made.under.another.lock").error("another lock")
    logging._lock = old
    if sys.version_info < (3, 13):
        logging._acquireLock()
        try:
            line("acquired")
            logging.getLogger("made.while.acquired").error("too")
        finally:
            logging._releaseLock()
    else:
        print(hasattr(logging, "_prepareFork"), hasattr(logging, "_afterFork"))
        logging._prepareFork()
        logging._afterFork()
    handler = logging.root.handlers[0]
    kept = handler.lock
    calls = []

    class Lock:
        def acquire(self):
            calls.append("acquire")

        def release(self):
            calls.append("release")

        __enter__ = acquire

        def __exit__(self, *error):
            self.release()

    handler.lock = Lock()
    line("a lock of the user's")
    print(calls)
    handler.lock = None
    try:
        line("no lock: an error from 3.13 on")
    except TypeError as error:
        print(error)
    handler.createLock()
    print(handler.lock is not kept, type(handler.lock) is type(kept))
    line("a new lock")
    logging.threading, real = types.SimpleNamespace(**vars(threading)), threading
    logging.threading.RLock = Lock
    made = logging.StreamHandler(sys.stdout)
    print(type(made.lock).__name__)
    logging.threading = real
    made.handle(logging.makeLogRecord({"msg": "by a handler with such a lock"}))
    print(len(calls))


class Deep(logging.StreamHandler):
    """Extends what happens after a fork, by super()."""

    renewed = 0

    def _at_fork_reinit(self):
        """Count."""
        super()._at_fork_reinit()
        self.renewed += 1


def forks():
    """Fork; in the child, make locks anew as billiard does, then log."""
    handler = Deep(sys.stdout)
    logger = logging.getLogger("forked")
    logger.addHandler(handler)
    logger.propagate = False
    logger.error("in the parent")
    sys.stdout.flush()
    if child := os.fork():
        print("status", os.waitpid(child, 0)[1])
    else:
        status = 1
        try:
            logging._lock = threading.RLock()
            for found in logging._handlerList:
                if reference := found():
                    reference.createLock()
            logger.error("in the child, renewed %d", handler.renewed)
            line("another line of the child")
            sys.stdout.flush()
            status = 0
        finally:
            os._exit(status)
    logger.error("in the parent again, renewed %d", handler.renewed)


def flags():
    """Flags read and written on the module."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        logging.Formatter(
            "%(threadName)s %(thread).0s%(processName)s %(process).0s %(message)s"
            " %(funcName)s %(lineno)d"
            + (" %(taskName)s" * (sys.version_info > (3, 12)))
        )
    )
    logger = logging.getLogger("flags")
    logger.addHandler(handler)
    logger.propagate = False
    names = ["logThreads", "logMultiprocessing", "logProcesses", "_srcfile"]
    if sys.version_info >= (3, 12):
        names.append("logAsyncioTasks")
    for name in names:
        kept = getattr(logging, name)
        setattr(logging, name, None)
        logger.error(name)
        setattr(logging, name, kept)
        logger.error("back")
    print(stream.getvalue())
    print(logging._nameToLevel, logging._levelToName, logging.BASIC_FORMAT)
    print(type(logging.lastResort).__name__, logging.raiseExceptions)
    print(
        isinstance(logging.lastResort, logging._StderrHandler),
        logging._defaultLastResort,
    )
    print(logging._checkLevel("INFO"), logging.getLevelName(25))
    print(logging.handlers.BaseRotatingHandler.__mro__[1] is logging.FileHandler)
    if hasattr(logging, "getLevelNamesMapping"):
        print(logging.getLevelNamesMapping() == logging._nameToLevel)
    sys.stderr = io.StringIO()
    logger.error("%d", "x")
    print(sys.stderr.getvalue().splitlines()[0])
    logging.raiseExceptions = False
    sys.stderr = io.StringIO()
    logger.error("%d", "x")
    print(repr(sys.stderr.getvalue()))
    logging.raiseExceptions = True
    sys.stderr = sys.__stderr__


def functions():
    """Functions of the module replaced, as OpenTelemetry replaces basicConfig."""
    kept = logging.basicConfig, logging.getLogger, logging.currentframe
    calls = []
    logging.basicConfig = lambda **kwargs: calls.append(kwargs)
    logging.basicConfig(level=1)
    root = logging.root
    handlers, root.handlers = root.handlers, []
    logging.warning("calls basicConfig, which does nothing now"[:0])
    root.handlers = handlers
    logging.getLogger = lambda name=None: calls.append(name) or kept[1](name)
    logging.getLogger("counted").error("by a counted getLogger")
    logging.currentframe = lambda: calls.append("frame") or sys._getframe(1)
    logging.getLogger("counted").error("its frame")
    logging.basicConfig, logging.getLogger, logging.currentframe = kept
    print(calls)
    seconds = logging.time
    print(seconds.__name__, logging.os is os, logging.sys is sys, logging.io.__name__)
    logging.getLogger("counted").error("%s", "put back")
    logging.info("hidden")
    logging.error("module functions %d", 1)
    logging.log(35, "at a level")
    logging.critical("critical", extra={"a": 1})
    try:
        int("x")
    except ValueError:
        logging.exception("caught")


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stdout, format="%(name)s %(funcName)s %(message)s")
    line("control")
    managers()
    registry()
    locks()
    forks()
    flags()
    functions()
    line("control")
