"""Public calls as users write them: checked by `mypy --strict`, never run.

`assert_type` fails where a name is typed otherwise than in `logging`.
"""

import logging as plain
import logging.handlers as plain_handlers
import queue
import sys
from collections.abc import Callable
from typing import TextIO, assert_type

import fastlog
import fastlog as logging
import fastlog.config
import fastlog.handlers
from fastlog import DEBUG, Formatter, Logger, NullHandler, getLogger, handlers
from fastlog.config import dictConfig
from fastlog.handlers import QueueHandler, QueueListener, RotatingFileHandler

# What is ours.
assert_type(fastlog.__version__, str)
assert_type(fastlog.explain(), str)
assert_type(fastlog.explain("shop"), str)
assert_type(fastlog.explain(None), str)
assert_type(fastlog.explain(getLogger("shop")), str)
assert_type(fastlog.explain(logger=plain.getLogger()), str)
assert_type(fastlog.installed(), bool)
install: Callable[[], None] = fastlog.install
uninstall: Callable[[], None] = fastlog.uninstall
fastlog.install()
fastlog.install(background=True)
fastlog.install(background="yes")  # type: ignore[arg-type]
fastlog.uninstall()

# The background writer.
fastlog.configure_writer()
fastlog.configure_writer(ring_bytes=2**24, overflow="drop", shutdown_timeout=1)
fastlog.configure_writer(overflow="never")  # type: ignore[arg-type]
assert_type(fastlog.flush(), bool)
assert_type(fastlog.flush(1.0), bool)
assert_type(fastlog.flush(timeout=None), bool)
numbers: fastlog.WriterStats = fastlog.stats()
assert_type(numbers.dropped, dict[int, int])
assert_type(numbers.last_error, str | None)
assert_type(numbers.writer_alive, bool)
numbers.accepted = 0  # type: ignore[misc]
console = logging.StreamHandler(background=True)
assert_type(console, logging.StreamHandler[TextIO])
assert_type(console.background, bool)
console.background = False
console.background = "yes"  # type: ignore[assignment]
logging.StreamHandler(sys.stdout, background=True).setLevel("INFO")
behind: plain.FileHandler = logging.FileHandler("app.log", background=True)
turning: plain_handlers.RotatingFileHandler = fastlog.handlers.RotatingFileHandler(
    "app.log", maxBytes=1_000_000, backupCount=3, background=True
)
fastlog.handlers.TimedRotatingFileHandler("app.log", when="D", background=True)
handlers.WatchedFileHandler("app.log", background=True).reopenIfNeeded()
logging.basicConfig(background=True)
logging.basicConfig(filename="app.log", encoding="utf-8", background=True)
logging.basicConfig(handlers=[console, plain.NullHandler()], background=True)
logging.basicConfig(filename="app.log", background="yes")  # type: ignore[call-overload]
logging.FileHandler("app.log", backgruond=True)  # type: ignore[call-arg]
for handler in getLogger().handlers:
    if isinstance(handler, logging.FileHandler):
        assert_type(handler.background, bool)
        assert_type(handler.baseFilename, str)
    elif isinstance(handler, fastlog.handlers.RotatingFileHandler):
        handler.doRollover()
accepts: Callable[[plain.StreamHandler[TextIO]], None] = getLogger().addHandler
accepts(console)

# The standard library's classes are the same under either name.
log: plain.Logger = logging.getLogger(__name__)
same: logging.Logger = plain.getLogger()
assert_type(getLogger(), Logger)
assert_type(logging.root, plain.RootLogger)
assert_type(logging.Logger.manager, plain.Manager)
assert_type(log.getChild("cart"), plain.Logger)
assert_type(log.isEnabledFor(DEBUG), bool)
assert_type(log.getEffectiveLevel(), int)
assert_type(log.handlers, list[plain.Handler])

log.debug("text")
log.info("%s bought %d things", "Ann", 3)
log.warning("%(name)s", {"name": "Ann"})
log.error("text", exc_info=True, stack_info=True, stacklevel=2, extra={"user": "Ann"})
log.critical("text", exc_info=ValueError("now"))
log.exception("text")
log.log(logging.INFO, "text %s", object())
log.setLevel("INFO")
log.setLevel(logging.WARNING)
log.propagate = False
log.handlers[:] = [NullHandler()]
logging.info("on the root logger %d", 1)
logging.basicConfig(
    filename="app.log", level=DEBUG, format="{message}", style="{", force=True
)
logging.captureWarnings(True)
logging.addLevelName(5, "TRACE")
assert_type(logging.getLevelName(5), str)
logging.disable(logging.CRITICAL)
logging.raiseExceptions = False
logging.logThreads = False
logging.shutdown()
if sys.version_info >= (3, 12):
    assert_type(logging.getHandlerNames(), frozenset[str])

stream = logging.StreamHandler(sys.stderr)
file = logging.FileHandler("app.log", mode="a", encoding="utf-8", delay=True)
stream.setFormatter(Formatter("%(message)s", datefmt="%H:%M", defaults={"user": ""}))
file.addFilter(lambda record: record.levelno > logging.INFO)
file.addFilter(logging.Filter("shop"))
log.addHandler(stream)
log.removeHandler(file)
stream.acquire()
stream.release()


class Pager(logging.Handler):
    """A subclass as users write them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Read what handlers read."""
        assert_type(record.getMessage(), str)
        assert_type(record.levelno, int)
        assert_type(self.format(record), str)


class Shouting(logging.Formatter):
    """A formatter of a user's."""

    def format(self, record: plain.LogRecord) -> str:
        """Return the text in capitals."""
        return super().format(record).upper()


class Framework(logging.Logger):
    """A logger class of a framework's."""

    def trace(self, text: str, *args: object) -> None:
        """Log on a level of its own."""
        self.log(5, text, *args)


logging.setLoggerClass(Framework)
adapter = logging.LoggerAdapter(log, {"user": "Ann"})
adapter.info("text")
logging.setLogRecordFactory(logging.LogRecord)
record: plain.LogRecord = logging.makeLogRecord({"msg": "text"})

# Submodules, in every way of importing them.
rotating: plain_handlers.RotatingFileHandler = RotatingFileHandler(
    "app.log", maxBytes=1_000_000, backupCount=3
)
timed = fastlog.handlers.TimedRotatingFileHandler("app.log", when="midnight", utc=True)
watched = handlers.WatchedFileHandler("app.log")
lines: queue.SimpleQueue[object] = queue.SimpleQueue()
listener = QueueListener(lines, rotating, timed, watched, respect_handler_level=True)
log.addHandler(QueueHandler(lines))
listener.start()
listener.stop()
dictConfig({"version": 1, "root": {"level": "INFO"}})
fastlog.config.fileConfig("logging.ini", disable_existing_loggers=False)
