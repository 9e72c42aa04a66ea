"""Records: `__dict__` is the interface, `__class__` may change, factories wrap."""

import copy
import logging
import pickle
import sys

import describe


class Coloured(logging.LogRecord):
    """Takes over records, as Sphinx's does."""

    prefix = ""

    def getMessage(self):
        """Return the message with a mark."""
        return "[sub] " + self.prefix + super().getMessage()


class Odd:
    """A message that is an object."""

    def __str__(self):
        """Return a text with a percent sign."""
        return "odd %s message"

    def __repr__(self):
        """Return a text without an address."""
        return "Odd()"


class Bare:
    """Has a `__dict__` and is no record, as colorlog's is."""

    def __init__(self, **fields):
        """Take the fields."""
        self.__dict__.update(fields)


class Step(logging.Filter):
    """Calls a function with each record."""

    def __init__(self, step):
        """Keep *step*; the base's __init__ is not called."""
        self.step = step

    def filter(self, record):
        """Change the record."""
        return self.step(record) is not False


def to_class(record):
    """Change the class."""
    record.__class__ = Coloured
    record.prefix = "> "


def to_dict(record):
    """Replace all attributes."""
    record.__dict__ = {**vars(record), "msg": "another %s", "args": ("dict",)}


def to_fields(record):
    """Change fields in place."""
    record.name = "renamed"
    record.msg = f"{record.msg} +%s"
    record.args = (*record.args, "more")
    record.levelname = "LVL"
    record.lineno = -1


def to_message(record):
    """Set what formatting sets: it will be computed anew."""
    record.__dict__["message"] = "stale"
    record.asctime = "stale"


def to_less(record):
    """Delete an attribute of the user's."""
    record.color = "red"
    del record.color
    del record.processName


def to_text(record):
    """Replace the message by an object, then by a dict."""
    record.msg = Odd() if record.args else {"event": record.msg}


def to_exception(record):
    """Set texts of an exception that formatting uses as they are."""
    record.exc_text = "cached trace"
    record.stack_info = "cached stack"


def steps(logger, handler):
    """Run each step as a filter of the logger, then of the handler."""
    functions = [
        to_class, to_dict, to_fields, to_message, to_less, to_text, to_exception
    ]  # fmt: skip
    for owner in (logger, handler):
        for step in functions:
            owner.filters[:] = [Step(step)]
            print("--", step.__name__)
            logger.warning("plain")
            logger.warning("one %s", "arg")
        owner.filters = [lambda record: False]
        logger.warning("dropped")
        if sys.version_info >= (3, 12):
            owner.filters = [lambda r: logging.makeLogRecord({**vars(r), "msg": "new"})]
            logger.warning("replaced")
        owner.filters = []


class Shown(logging.Handler):
    """Prints each record's fields and keys."""

    def emit(self, record):
        """Print them, then copies of the record."""
        print(describe.fields(record))
        print(describe.keys(record), type(record.args), type(record.created))
        for copied in (
            copy.copy(record),
            logging.makeLogRecord(record.__dict__),
            *([] if record.exc_info else [pickle.loads(pickle.dumps(record))]),
        ):
            print("  ", describe.fields(copied) == describe.fields(record), copied)
            copied.__dict__["levelprefix"] = "LP"
            copied.exc_info = None
            print("  ", "levelprefix" in vars(record), record.exc_info is None)


def factories(logger):
    """Wrap the record factory twice, unwrap it, replace it by a class."""
    old = logging.getLogRecordFactory()
    print(old is logging.LogRecord)

    def wrapping(*args, **kwargs):
        record = old(*args, **kwargs)
        record.trace = f"{len(args)} {sorted(kwargs)}"
        return record

    for factory in (wrapping, Coloured, logging.LogRecord, old):
        logging.setLogRecordFactory(factory)
        logger.warning("by %s", factory.__name__, extra={"user": 1})
        logging.getLogger().error("on the root")
        print(type(logging.makeLogRecord({})).__name__)
    logging.setLogRecordFactory(lambda *args, **kwargs: Bare(levelno=50, **kwargs))
    try:
        logger.warning("not a record")
    except Exception as error:
        print(type(error).__name__, error)
    logging.setLogRecordFactory(old)
    logging._logRecordFactory = Coloured
    logger.warning("the underscored name is what is read")
    logging._logRecordFactory = old


def main():
    """Log in each way."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        logging.Formatter(
            "%(levelname)s %(name)s %(lineno)d %(threadName)s %(message)s %(msg)s"
        )
    )
    logging.root.addHandler(handler)
    logger = logging.getLogger("app.records")
    logger.warning("control %s", "line")
    steps(logger, handler)
    handler.setFormatter(logging.Formatter("%(levelname)s:%(message)s"))
    factories(logger)
    logging.root.addHandler(Shown())
    logger.warning("args %s %d", "a", 1)
    logger.warning("a dict %(a)s", {"a": 1})
    logger.warning("an empty dict", {})
    logger.warning("five %s %s %s %s %s", 1, "b", 3.5, None, [5])
    logger.warning(Odd(), "x")
    logger.warning({"event": "mapping"})
    logger.warning(None)
    logger.warning(12)
    logger.warning("extra", extra={"user": "eve", "n": [1]})
    for reserved in ("message", "asctime", "name", "args"):
        try:
            logger.warning("reserved", extra={reserved: 1})
        except KeyError as error:
            print(error)
    try:
        int("x")
    except ValueError as error:
        logger.exception("caught")
        logger.warning("an instance", exc_info=error)
        logger.warning("a tuple", exc_info=(ValueError, error, None))
        logger.warning("false", exc_info=False)
    logger.warning("no exception", exc_info=True)
    # Objects that only have a __dict__.
    formatter = logging.Formatter("%(levelname)s %(message)s %(extra)s")
    bare = Bare(levelname="B", message="bare", extra=1)
    print(formatter.formatMessage(bare), formatter._style.format(bare))
    dollar = logging.Formatter("$levelname ${message}", style="$")
    brace = logging.Formatter("{levelname:>4} {message!r}", style="{")
    print(dollar.formatMessage(bare), brace.formatMessage(bare))
    bare.getMessage = lambda: "computed"
    bare.exc_info = bare.exc_text = bare.stack_info = None
    print(formatter.format(bare), bare.message)
    record = logging.LogRecord("n", 10, "p", 1, "m %s", ("a",), None)
    print(logging.LogRecord.getMessage(Bare(msg="m %s %s", args=(1, 2))), record)
    record.message = "stale"
    print(formatter.formatMessage(Bare(**vars(record), extra=2)))
    print(repr(record) == str(record), describe.keys(record))
    record.__dict__.clear()
    print(vars(record))
    handler.handle(logging.makeLogRecord({"levelno": 30, "msg": "handled"}))
    logger.handle(logging.makeLogRecord({"levelno": 30, "msg": "by the logger"}))
    logging.getLogger("pickled").handle(
        logging.makeLogRecord(pickle.loads(pickle.dumps({"msg": "m", "levelno": 3})))
    )


main()
