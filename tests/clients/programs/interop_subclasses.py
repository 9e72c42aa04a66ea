"""Subclasses of everything: overridden steps, odd bases, absent `__init__`."""

import abc
import contextlib
import io
import logging
import logging.handlers
import sys

OUT = logging.StreamHandler(sys.stdout)
OUT.setFormatter(
    logging.Formatter("%(levelname)s %(name)s %(funcName)s:%(lineno)d %(message)s")
)


def log_all(logger, note):
    """Log a little of everything."""
    print("--", note, type(logger).__name__)
    logger.debug("hidden")
    logger.info("info %d", 1)
    logger.warning("warning", extra={"user": "eve"})
    logger.log(35, "by number %s", "x")
    try:
        {}["missing"]
    except KeyError:
        logger.exception("caught")
    logger.error("stacklevel", stacklevel=2)
    logger.critical("stack", stack_info=logger.name == "stack")


class Finding(logging.Logger):
    """Finds callers itself."""

    def findCaller(self, stack_info=False, stacklevel=1):
        """Return a place by counting Python frames, as absl does."""
        frame = sys._getframe(1)
        names = []
        while frame and len(names) < 3:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        return "found.py", stacklevel, "<".join(names), None


class Making(logging.Logger):
    """Makes records itself."""

    def makeRecord(self, *args, **kwargs):
        """Mark the record."""
        record = super().makeRecord(*args, **kwargs)
        record.msg = f"made({record.msg})"
        return record


class Lower(logging.Logger):
    """Overrides _log, as many do."""

    def _log(self, level, msg, args, exc_info=None, extra=None, **kwargs):
        """Mark the message."""
        kwargs.setdefault("stacklevel", 2)
        super()._log(level, f"_log({msg})", args, exc_info, extra, **kwargs)


class Handling(logging.Logger):
    """Overrides handle."""

    def handle(self, record):
        """Say so."""
        print("handle", record.levelname)
        super().handle(record)


class Calling(logging.Logger):
    """Overrides callHandlers."""

    def callHandlers(self, record):
        """Say so."""
        print("callHandlers", record.levelname)
        super().callHandlers(record)


class Asking(logging.Logger):
    """Overrides isEnabledFor and getEffectiveLevel."""

    def isEnabledFor(self, level):
        """Allow odd levels too."""
        return level == 10 or super().isEnabledFor(level)

    def getEffectiveLevel(self):
        """Raise the level."""
        return max(logging.WARNING, super().getEffectiveLevel())


class Speaking(logging.Logger):
    """Overrides the methods that users call."""

    def info(self, msg, *args, **kwargs):
        """Say it louder."""
        kwargs.setdefault("stacklevel", 2)
        super().info(f"{msg}!", *args, **kwargs)

    def warning(self, msg, *args, **kwargs):
        """Turn into an error."""
        self.error(msg, *args, **kwargs)


class Slotted(logging.Logger):
    """Has slots, a property and an attribute hook of its own."""

    __slots__ = ("slot",)

    def __setattr__(self, name, value):
        """Count."""
        object.__setattr__(self, name, value)
        type(self).stores = getattr(type(self), "stores", 0) + 1

    @property
    def disabled(self):
        """Never disabled."""
        return False

    @disabled.setter
    def disabled(self, value):
        """Ignore it."""


class Filtering(logging.Logger):
    """Overrides filter and hasHandlers, and a level by __getattr__."""

    def filter(self, record):
        """Drop information."""
        return record.levelno != logging.INFO

    def __getattr__(self, name):
        """Invent attributes."""
        if name == "invented":
            return "yes"
        raise AttributeError(name)


class NoInit(logging.Logger):
    """Sets what it needs itself, and calls the base by name as oslo does."""

    def __init__(self, name):
        """Call the base's explicitly."""
        logging.Logger.__init__(self, name, logging.INFO)


def loggers():
    """Each subclass by itself, then by setLoggerClass, then patched late."""
    kinds = [
        Finding, Making, Lower, Handling, Calling, Asking,
        Speaking, Slotted, Filtering, NoInit,
    ]  # fmt: skip
    for kind in kinds:
        logger = kind(f"own.{kind.__name__}")
        logger.handlers = [OUT]
        logger.setLevel("INFO")
        log_all(logger, "own")
        logging.setLoggerClass(kind)
        logger = logging.getLogger(f"tree.{kind.__name__}")
        logging.setLoggerClass(logging.Logger)
        log_all(logger, "tree")
        log_all(logger.getChild("child"), "child of")
    print(Slotted.stores > 5, logging.getLogger("tree.Filtering").invented)

    def factory(name):
        base = logging.getLoggerClass()

        class Made(base):
            def __init__(self, name, extra=None):
                logging.Logger.__init__(self, name)
                self.extra = extra

            def handle(self, record):
                if record.levelno > logging.INFO:
                    super().handle(record)

        return Made(name)

    logging.setLoggerClass(Making)
    log_all(logging.getLogger("over"), "class factory")
    made = factory("made")
    made.addHandler(OUT)
    log_all(made, "over getLoggerClass()")
    logging.setLoggerClass(logging.Logger)
    try:
        logging.setLoggerClass(dict)
    except TypeError as error:
        print(error)
    Handling.handle, kept = logging.Logger.handle, Handling.handle
    log_all(logging.getLogger("tree.Handling"), "override taken away")
    Handling.handle = kept
    log_all(logging.getLogger("tree.Handling"), "override put back")
    plain = logging.getLogger("plain")
    log_all(plain, "before its class changes")
    plain.__class__ = Making
    log_all(plain, "after its class changed")
    plain.__class__ = logging.Logger
    log_all(plain, "and back")
    print(repr(plain), repr(made), repr(logging.getLogger("tree.Slotted")))


class Mixed(logging.StreamHandler, io.StringIO):
    """A handler that is its own stream."""

    def __init__(self):
        """Begin both bases."""
        io.StringIO.__init__(self)
        logging.StreamHandler.__init__(self, self)

    def flush(self):
        """Leave the handler's flush out: it would call itself."""
        io.StringIO.flush(self)


class Abstract(logging.Handler, abc.ABC):
    """A handler with abstract methods."""

    @abc.abstractmethod
    def send(self, text):
        """Send *text*."""

    def emit(self, record):
        """Send the formatted record."""
        self.send(self.format(record))


class Concrete(Abstract):
    """Prints."""

    def send(self, text):
        """Print *text*."""
        print("concrete", text)


class Generic(logging.StreamHandler["io.StringIO"]):
    """A subclass of a generic alias, as Sphinx has."""

    def emit(self, record):
        """Mark the record, then do as always."""
        record.levelname = f"*{record.levelname}*"
        super().emit(record)


class OnlyFormat(logging.StreamHandler):
    """Overrides format."""

    def format(self, record):
        """Return the base's text in brackets."""
        return f"[{super().format(record)}]"


class OnlyFlush(logging.StreamHandler):
    """Overrides flush."""

    def flush(self):
        """Say so, then flush."""
        self.stream.write("<flush>")
        super().flush()


class OnlyHandle(logging.StreamHandler):
    """Overrides handle."""

    def handle(self, record):
        """Let every second record pass."""
        self.count = getattr(self, "count", 0) + 1
        return self.count % 2 and super().handle(record)


class Level(logging.StreamHandler):
    """Has a property for a level."""

    @property
    def level(self):
        """Errors only."""
        return logging.ERROR

    @level.setter
    def level(self, value):
        """Ignore it."""


class Truthless(logging.StreamHandler):
    """Is false, and equal to everything."""

    def __bool__(self):
        """Return False."""
        return False

    def __eq__(self, other):
        """Return True."""
        return True

    __hash__ = object.__hash__


class Duck:
    """No handler at all, but with what one needs."""

    level = logging.WARNING

    def handle(self, record):
        """Print the message."""
        print("duck", record.getMessage())


class NoBase(logging.Handler):
    """Does not call the base's __init__."""

    def __init__(self):
        """Set just what handle() reads."""
        self.filters = []
        self.level = 0
        self.lock = contextlib.nullcontext()
        self.lock.acquire = self.lock.release = lambda: None

    def emit(self, record):
        """Print the message."""
        print("no base", record.getMessage())


class NoBaseFilter(logging.Filter):
    """Does not call the base's __init__, as pip's does not."""

    def __init__(self, level):
        """Keep a level only."""
        self.level = level

    def filter(self, record):
        """Compare it."""
        return record.levelno < self.level


def handlers():
    """Each kind of handler under one logger."""
    logger = logging.getLogger("app.handlers")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    stream = io.StringIO()
    mixed = Mixed()
    kinds = [
        mixed, Concrete(), Generic(stream), OnlyFormat(stream), OnlyFlush(stream),
        OnlyHandle(stream), Level(stream), Truthless(stream), Duck(), NoBase(),
        logging.handlers.MemoryHandler(2, target=OUT), logging.NullHandler(),
    ]  # fmt: skip
    for handler in kinds:
        logger.handlers = [handler]
        if isinstance(handler, logging.StreamHandler) and handler is not mixed:
            handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        log_all(logger, type(handler).__name__)
    logger.handlers = kinds
    log_all(logger, "all of them")
    for handler in kinds[:-4]:
        handler.addFilter(NoBaseFilter(logging.ERROR))
    log_all(logger, "filtered")
    print(mixed.getvalue())
    print(stream.getvalue())
    logger.handlers = []
    for handler in (kinds[0], kinds[7], kinds[7]):
        logger.addHandler(handler)
    print(len(logger.handlers), isinstance(mixed, io.StringIO))
    logger.removeHandler(kinds[7])
    print(len(logger.handlers))
    logging.getLogger("plain").handlers = []


def unbound():
    """Methods called on the class, with objects that are no loggers."""

    class Odd:
        """Duck-typed."""

        disabled = False
        level = logging.INFO
        name = "odd"
        parent = None
        propagate = True
        manager = logging.Logger.manager

        def __init__(self):
            self.handlers = [OUT]
            self.filters = []
            self._cache = {}

        def isEnabledFor(self, level):
            return level >= self.level

        def _log(self, level, msg, args, **kwargs):
            print("odd", level, msg, args, kwargs)

    odd = Odd()
    logging.Logger.info(odd, "info %d", 1)
    logging.Logger.debug(odd, "hidden")
    logging.Logger.log(odd, 40, "log", extra={"a": 1})
    try:
        logging.Logger.exception(odd, "exception")
    except AttributeError as error:
        print(error)
    odd.error = lambda *args, **kwargs: print("its error", args, kwargs)
    logging.Logger.exception(odd, "exception")
    print(logging.Logger.getEffectiveLevel(odd))
    odd.getEffectiveLevel = lambda: 15
    print([logging.Logger.isEnabledFor(odd, n) for n in (10, 20, 10)], odd._cache)
    logging.Logger.callHandlers(odd, logging.makeLogRecord({"levelno": 40, "msg": "c"}))
    print(logging.Logger.hasHandlers(odd), logging.Filterer.filter(odd, None))
    odd.filter = lambda record: record
    odd.acquire = odd.release = lambda: print("lock")
    odd.lock = contextlib.nullcontext()
    odd.emit = lambda record: print("emit", record)
    logging.Handler.handle(odd, "record")
    for wrong in (1, None, "x", logging.Logger):
        try:
            logging.Logger.info(wrong, "text")
        except (AttributeError, TypeError) as error:
            print(type(error).__name__, error)
    for call in (
        lambda: logging.Logger.info(),
        lambda: logging.getLogger("plain").info(),
        lambda: logging.getLogger("plain").log("INFO", "text"),
        lambda: logging.getLogger("plain").error("text", unknown=1),
        lambda: logging.getLogger("plain").debug("hidden", unknown=1),
        lambda: logging.getLogger("plain").isEnabledFor("INFO"),
        lambda: logging.getLogger("plain").isEnabledFor(),
        lambda: logging.getLogger("plain").error("text", extra=1),
        lambda: logging.getLogger("plain").setLevel("UNKNOWN"),
        lambda: logging.getLogger("plain").setLevel([]),
        lambda: logging.getLogger("plain").addHandler(None),
        lambda: logging.getLogger(1),
        lambda: logging.Logger.info(msg="x"),
        lambda: logging.getLogger("plain").error(msg="by keyword"),
    ):
        try:
            print(call())
        except Exception as error:
            print(type(error).__name__, error)
        finally:
            logging.getLogger("plain").handlers[:] = []
    adapter = logging.LoggerAdapter(logging.getLogger("app.adapted"), {"user": "eve"})
    log_all(adapter.logger, "adapted")
    for name in ("info", "error", "critical"):
        getattr(adapter, name)("through an adapter %s", name)
    logging.LoggerAdapter(adapter, {"more": 1}).warning("two adapters")
    print(logging.LoggerAdapter[logging.Logger], logging.StreamHandler[io.StringIO])


logging.root.addHandler(OUT)
logging.root.setLevel(logging.INFO)
logging.getLogger("ordinary").warning("control")
loggers()
handlers()
unbound()
logging.getLogger("ordinary").warning("control")
