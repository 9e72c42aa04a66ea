"""A late install: handlers, loggers and classes taken before it live on.

In mode `import` the line `import logging` below is the late one. In mode `install`
fastlog is taken out first and put in again where that line stands.
"""

# ruff: noqa: E402
import sys

ours = sys.modules.get("fastlog")
if ours is not None:
    ours.uninstall()

import logging as before
import logging.handlers as before_handlers
from logging import (
    FileHandler,
    Formatter,
    Handler,
    Logger,
    LogRecord,
    NullHandler,
    StreamHandler,
    getLogger,
    makeLogRecord,
    warning as module_warning,
)


class Sub(Logger):
    """A subclass made before."""

    def makeRecord(self, *args, **kwargs):
        """Mark the record."""
        record = super().makeRecord(*args, **kwargs)
        record.msg = f"sub {record.msg}"
        return record


class Shown(StreamHandler):
    """A handler made before, with an emit of its own."""

    def emit(self, record):
        """Mark the record."""
        self.stream.write(f"shown {record.levelname} {record.lineno} ")
        super().emit(record)


root = getLogger()
OLD = getLogger("app.old")
SUB = Sub("sub")
HANDLER = StreamHandler(sys.stdout)
HANDLER.setFormatter(Formatter("%(levelname)s %(name)s %(lineno)d %(message)s"))
SHOWN = Shown(sys.stdout)
root.addHandler(HANDLER)
SUB.handlers = [HANDLER, SHOWN]
MEMORY = before_handlers.MemoryHandler(100, target=HANDLER)
BOUND = OLD.info
UNBOUND = Logger.error
OLD.setLevel("INFO")
OLD.info("before %d", 1)
OLD.debug("hidden")
SUB.warning("before %d", 2)
RECORD = makeLogRecord({"msg": "kept %s", "args": ("record",), "levelno": 50})
PATCHED = Logger.critical


def critical(self, msg, *args, **kwargs):
    """Mark what is critical; a patch made before."""
    return PATCHED(self, f"!{msg}", *args, **kwargs)


Logger.critical = critical
OLD.critical("patched before")

# isort: split
import logging

if ours is not None:
    ours.install()
    ours.install()


def log_all(note):
    """Log through everything that was taken before, and through what is new."""
    print("--", note)
    OLD.debug("hidden")
    OLD.info("old %d", 1)
    OLD.critical("patched before %s", "x")
    BOUND("bound %d", 2)
    UNBOUND(OLD, "unbound %d", 3)
    SUB.warning("sub %d", 4)
    SUB.info("sub, no level %d", 5)
    getLogger("app.old.child").error("child")
    getLogger("app.new").error("new")
    module_warning("by a function taken before %s", "x")
    logging.warning("by the module's")
    before.warning("by the old module's")
    logging.getLogger("app.old").addHandler(MEMORY)
    OLD.error("to memory too")
    MEMORY.flush()
    OLD.removeHandler(MEMORY)
    HANDLER.handle(RECORD)
    OLD.handle(RECORD)
    print(HANDLER.format(RECORD), Formatter("%(msg)s").format(RECORD))
    fresh = logging.getLogger(f"fresh.{note}")
    fresh.warning("fresh")
    made = logging.StreamHandler(sys.stdout)
    made.setFormatter(HANDLER.formatter)
    fresh.addHandler(made)
    fresh.propagate = False
    fresh.error("fresh handler")
    SUB.handlers.append(made)
    SUB.error("an old logger, a new handler")
    SUB.handlers.remove(made)


def identities():
    """Both directions of isinstance, and one of everything."""
    print(logging.getLogger() is root, logging.root is before.root)
    print(logging.getLogger("app.old") is OLD, logging.Logger is Logger)
    print(logging.Logger.manager.loggerDict is before.Logger.manager.loggerDict)
    new = logging.NullHandler()
    print(isinstance(new, NullHandler), isinstance(new, Handler))
    print(
        isinstance(HANDLER, logging.StreamHandler), isinstance(SHOWN, logging.Handler)
    )
    print(isinstance(OLD, logging.Logger), isinstance(SUB, logging.Logger))
    print(isinstance(RECORD, logging.LogRecord), LogRecord is logging.LogRecord)
    print(issubclass(Sub, logging.Logger), issubclass(logging.FileHandler, FileHandler))
    print(issubclass(FileHandler, logging.StreamHandler))
    print(type(logging.makeLogRecord({})) is LogRecord)
    print(logging.getLoggerClass() is Logger, logging._handlers is before._handlers)
    print(logging.shutdown is before.shutdown, logging._lock is before._lock)
    print(before.raiseExceptions, logging.raiseExceptions)
    before.raiseExceptions = False
    print(logging.raiseExceptions)
    logging.raiseExceptions = True
    print(before.raiseExceptions)
    logging.lastResort, kept = None, logging.lastResort
    print(before.lastResort)
    before.lastResort = kept
    print(logging.lastResort is kept)


log_all("late")
identities()
Logger.critical = PATCHED
OLD.critical("the patch taken back")
log_all("late, the patch gone")
module = ours or sys.modules.get("fastlog")
if module is not None:
    module.uninstall()
    module.uninstall()
log_all("out")
print(Logger.info.__code__.co_name, type(Logger.info).__name__)
if module is not None:
    module.install()
log_all("in again")
if module is not None:
    module.uninstall()
print(type(vars(Logger)["info"]).__name__, "__setattr__" in vars(Logger))
if module is not None:
    module.install()
log_all("at the end")
