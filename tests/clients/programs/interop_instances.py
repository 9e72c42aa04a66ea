"""Attributes of single loggers, handlers, formatters and styles replaced."""

import logging
import sys
from unittest import mock

import describe
import sheets

LOGGER_METHODS = [
    "findCaller",
    "_log",
    "callHandlers",
    "handle",
    "makeRecord",
    "isEnabledFor",
    "getEffectiveLevel",
    "filter",
    "info",
    "error",
    "warning",
    "exception",
    "log",
    "debug",
    "critical",
    "hasHandlers",
]
HANDLER_METHODS = [
    "handle",
    "emit",
    "format",
    "flush",
    "filter",
    "acquire",
    "release",
    "handleError",
    "setFormatter",
]
FORMATTER_METHODS = [
    "format",
    "formatTime",
    "formatMessage",
    "formatException",
    "formatStack",
    "usesTime",
    "converter",
]


def log_all(logger):
    """Log a little of everything."""
    logger.debug("hidden")
    logger.info("info %d", 1)
    logger.error("error", extra={"user": "eve"})
    try:
        {}["missing"]
    except KeyError:
        logger.exception("caught")
    logger.log(35, "by number")


def replaced(owner, name, logger):
    """Replace the method of *owner* by one that counts; log; put it back."""
    old = getattr(owner, name)
    calls = []

    def counting(*args, **kwargs):
        calls.append((len(args), sorted(kwargs)))
        return old(*args, **kwargs)

    setattr(owner, name, counting)
    log_all(logger)
    taken = len(calls)
    delattr(owner, name)
    log_all(logger)
    print(type(owner).__name__, name, calls, taken == len(calls))


def main():
    """Replace each method on the instance alone."""
    stream = sheets.new()
    handler = logging.StreamHandler(stream)
    formatter = logging.Formatter(
        "%(asctime).0s%(levelname)s %(name)s %(funcName)s:%(lineno)d %(message)s"
    )
    handler.setFormatter(formatter)
    logger = logging.getLogger("app.instances")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    ordinary = logging.getLogger("ordinary")
    ordinary.addHandler(handler)
    ordinary.warning("control")

    for name in LOGGER_METHODS:
        replaced(logger, name, logger)
    for name in HANDLER_METHODS:
        replaced(handler, name, logger)
    for name in FORMATTER_METHODS:
        if name != "converter":
            replaced(formatter, name, logger)
    for name in ("format", "usesTime", "_format"):
        replaced(formatter._style, name, logger)
    print(sheets.take(stream))

    # handleError: what it is called with, and that the report stays away.
    errors = []
    handler.handleError = errors.append
    logger.error("too few %s %s", 1)
    logger.error("no number %d", "x")
    print([(record.msg, record.args, record.lineno) for record in errors])
    del handler.handleError

    # findCaller as Twisted replaces it, and one that returns stack text.
    logger.findCaller = lambda stack_info=False, stacklevel=1: ("f.py", 7, "g", None)
    logger.info("a place of its own")
    logger.findCaller = lambda *args: ("f.py", 8, "g", f"Stack{args}")
    logger.info("with a stack", stack_info=True, stacklevel=3)
    del logger.findCaller

    # makeRecord that returns something of its own.
    made = logging.makeLogRecord({"levelname": "MADE", "msg": "made", "levelno": 1})
    logger.makeRecord = lambda *args, **kwargs: made
    logger.error("never seen")
    del logger.makeRecord

    with mock.patch.object(logger, "info") as mocked:
        logger.info("mocked %s", "x", extra={"a": 1})
    print(mocked.mock_calls)
    with mock.patch.object(logger, "handlers", [mock.Mock(level=0)]) as handlers:
        logger.error("to a mock")
        print(handlers[0].handle.mock_calls[0].args[0].getMessage())
    with mock.patch.object(handler, "emit") as mocked:
        logger.error("emit is a mock")
    print(describe.fields(mocked.mock_calls[0].args[0]))
    with mock.patch.object(handler, "formatter", None):
        logger.error("without a formatter %d", 1)
    with mock.patch.multiple(logger, disabled=True, handlers=[]):
        logger.error("disabled")
    with mock.patch.object(logger, "manager") as manager:
        manager.disable = 100
        logger.critical("the manager of this one logger says no")
    logger.info("and back")
    logger.level = logging.CRITICAL
    logger.error("hidden")
    logger.__dict__.pop("level")
    try:
        logger.error("no level at all, but remembered")
        logger.setLevel(logging.INFO)
    except AttributeError as error:
        print(error)
    logger.level = logging.INFO
    logger._cache.clear()
    logger.info("at the end")
    ordinary.warning("control")
    print(sheets.text(stream))


main()
sys.stdout.flush()
