"""Class attributes replaced: before the import (argument `early`) or after it."""

import sys

if sys.argv[1] == "early":
    # What an error tracker does that is imported first.
    import logging as plain

    first = plain.Logger.callHandlers

    def early(self, record):
        """Call the old one, then use the record."""
        first(self, record)
        print("early", record.msg, record.lineno)

    plain.Logger.callHandlers = early

import logging
from unittest import mock

import describe


def control(step):
    """Log one ordinary line, which nothing has touched."""
    ordinary = logging.getLogger("ordinary")
    ordinary.warning("control %s", step)


def call_handlers(logger):
    """An error tracker's way: the old method is called as old(self, record)."""
    old = logging.Logger.callHandlers

    def patched(self, record):
        old(self, record)
        print("patched", describe.fields(record))

    logging.Logger.callHandlers = patched
    logger.error("with %s", "args", extra={"user": 1})
    logger.info("plain")
    logging.Logger.callHandlers = old
    logger.error("put back")
    print(logging.Logger.callHandlers is old)


def handle(logger):
    """Methods of the classes on a record's way, one after another."""
    for owner, name in [
        (logging.Logger, "handle"),
        (logging.Logger, "_log"),
        (logging.Logger, "makeRecord"),
        (logging.Logger, "findCaller"),
        (logging.Logger, "isEnabledFor"),
        (logging.Logger, "getEffectiveLevel"),
        (logging.Logger, "filter"),
        (logging.Filterer, "filter"),
        (logging.Handler, "handle"),
        (logging.Handler, "acquire"),
        (logging.Handler, "release"),
        (logging.Handler, "format"),
        (logging.Handler, "filter"),
        (logging.StreamHandler, "emit"),
        (logging.StreamHandler, "flush"),
        (logging.StreamHandler, "format"),
        (logging.Formatter, "format"),
        (logging.Formatter, "formatTime"),
        (logging.Formatter, "formatMessage"),
        (logging.Formatter, "formatException"),
        (logging.Formatter, "formatStack"),
        (logging.Formatter, "usesTime"),
        (logging.PercentStyle, "format"),
        (logging.PercentStyle, "_format"),
        (logging.PercentStyle, "usesTime"),
        (logging.LogRecord, "getMessage"),
        (logging.LogRecord, "__init__"),
        (logging.LogRecord, "__str__"),
        (logging.RootLogger, "handle"),
    ]:
        had = name in vars(owner)
        old = getattr(owner, name)
        calls = []

        def counting(*args, __old=old, __calls=calls, **kwargs):
            __calls.append(len(args))
            return __old(*args, **kwargs)

        setattr(owner, name, counting)
        logger.warning("counted %s", name)
        try:
            raise KeyError(name)
        except KeyError:
            logger.exception("error", stack_info=False)
        logging.getLogger().error("on the root")
        logger.debug("hidden")
        if had:
            setattr(owner, name, old)
        else:
            delattr(owner, name)
        print(owner.__name__, name, calls)
        logger.warning("uncounted")
        print("  ", len(calls), name in vars(owner))


def mocks(logger):
    """mock.patch by name must reach loggers of any age."""
    old = logging.getLogger("old.logger")
    for name in ("debug", "info", "warning", "error", "critical", "exception", "log"):
        with mock.patch(f"logging.Logger.{name}") as mocked:
            if name == "log":
                old.log(10, "mocked", 1)
            else:
                getattr(old, name)("mocked %s", 1)
            getattr(logging.getLogger(f"new.{name}"), name)("mocked", "too")
        print(name, mocked.mock_calls)
        if name != "log":
            getattr(old, name)("not mocked")
    with mock.patch("logging.Logger.warning", autospec=True) as mocked:
        old.warning("with self", extra={"a": 1})
    print(mocked.mock_calls[0].args[0] is old, mocked.mock_calls[0].kwargs)
    with mock.patch("logging.Logger.isEnabledFor", return_value=True):
        logging.getLogger("quiet").debug("enabled by a mock")
        print(old.isEnabledFor(1))
    with mock.patch("logging.Logger.isEnabledFor", return_value=False):
        old.critical("disabled by a mock")
    with mock.patch("logging.StreamHandler.emit") as mocked:
        old.error("emitted to a mock %d", 1)
    print([call.args[0].getMessage() for call in mocked.mock_calls])
    with mock.patch("logging.FileHandler.emit") as mocked:
        old.error("not a file")
    print(mocked.mock_calls)
    with mock.patch("logging.Formatter.format", return_value="FORMATTED"):
        old.error("hidden behind a mock")
    with mock.patch("logging.Formatter.formatException", return_value="NO TRACE"):
        try:
            int("x")
        except ValueError:
            old.exception("formatException")
    with mock.patch("logging.Handler.handleError") as mocked:
        old.error("too few %s %s", 1)
    print(len(mocked.mock_calls), type(mocked.mock_calls[0].args[0]).__name__)
    with mock.patch("logging.Handler.createLock"):
        handler = logging.NullHandler()
        handler.lock = None
        print(handler)
    with mock.patch.object(logging.StreamHandler, "close") as mocked:
        made = logging.StreamHandler(sys.stdout)
        made.close()
    print(mocked.mock_calls)
    with mock.patch.object(logging.Logger, "level", 10, create=True):
        old.info("an attribute of the class")


logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s %(message)s")
main_logger = logging.getLogger("app")
control(1)
call_handlers(main_logger)
control(2)
handle(main_logger)
control(3)
mocks(main_logger)
control(4)
