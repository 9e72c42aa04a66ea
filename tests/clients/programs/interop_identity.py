"""What introspection, pickling, copying and mocks see of the classes."""

import copy
import inspect
import io
import logging
import logging.config
import logging.handlers
import pickle
import pydoc
import re
import sys
import tempfile
from unittest import mock

CLASSES = [
    "Logger",
    "RootLogger",
    "LoggerAdapter",
    "Handler",
    "StreamHandler",
    "FileHandler",
    "NullHandler",
    "Filter",
    "Filterer",
    "Formatter",
    "BufferingFormatter",
    "LogRecord",
    "Manager",
    "PlaceHolder",
    "PercentStyle",
    "StrFormatStyle",
    "StringTemplateStyle",
    "_StderrHandler",
]


class Attached(logging.Handler):
    """A handler that can be pickled, as loguru's tests have one."""

    def __init__(self, level):
        """Keep the level."""
        super().__init__(level)
        self.seen = []

    def emit(self, record):
        """Keep the message."""
        self.seen.append(record.getMessage())

    def __getstate__(self):
        """Leave the lock out."""
        return {k: v for k, v in vars(self).items() if k != "lock"}

    def __setstate__(self, state):
        """Make a new lock."""
        self.__dict__.update(state)
        self.createLock()


def signatures():
    """The signature of every public method and function."""
    for module in (logging, logging.handlers, logging.config):
        for name in sorted(vars(module)):
            value = getattr(module, name)
            if name.startswith("_") or getattr(value, "__module__", "") not in (
                "logging",
                "logging.handlers",
                "logging.config",
            ):
                continue
            try:
                print(
                    name, value.__module__, value.__qualname__, inspect.signature(value)
                )
            except (TypeError, ValueError, AttributeError) as error:
                print(name, type(error).__name__)
    for name in CLASSES:
        kind = getattr(logging, name)
        print(name, kind.__module__, kind.__qualname__, kind.__mro__, kind.__bases__)
        # __setattr__ and __delattr__ of Logger, Handler and Formatter are ours.
        for key in sorted(vars(kind).keys() - {"__setattr__", "__delattr__"}):
            value = getattr(kind, key)
            if callable(value) and key != "__class__":
                try:
                    print(
                        "  ",
                        key,
                        inspect.signature(value),
                        value.__doc__ == (inspect.getdoc(value) and value.__doc__),
                    )
                except (TypeError, ValueError):
                    print("  ", key, "no signature")


def functions():
    """Attributes that a Python function has."""
    for name in CLASSES:
        kind = getattr(logging, name)
        for key in sorted(vars(kind).keys() - {"__setattr__", "__delattr__"}):
            value = getattr(kind, key)
            if not hasattr(value, "__code__"):
                continue
            code = value.__code__
            print(name, key, value.__name__, value.__qualname__, value.__module__)
            print("  ", code.co_name, code.co_argcount, code.co_firstlineno)
            print("  ", code.co_filename == logging.__file__, value.__defaults__)
            print("  ", value.__kwdefaults__, value.__annotations__, value.__closure__)
            print("  ", value.__globals__["__name__"], len(inspect.getsource(value)))
            print("  ", inspect.getfullargspec(value), callable(value))
            print(
                "  ",
                pydoc.getdoc(value)[:30],
                repr(getattr(kind(), key))[:14]
                if (name in ("Formatter", "Filter", "Handler"))
                else "",
            )
    info = logging.Logger.info
    bound = logging.getLogger("app").info
    print(bound.__self__ is logging.getLogger("app"), bound.__func__ is info)
    print(inspect.ismethod(bound), bound == logging.getLogger("app").info)
    print(bound.__name__, bound.__qualname__, bound.__module__, bound.__code__.co_name)
    print(inspect.signature(bound), hash(bound) == hash(logging.getLogger("app").info))
    print(info.__get__(logging.getLogger("app"), logging.Logger) == bound)
    print(info == logging.Logger.info, info is logging.Logger.info)
    info.marked = 1
    print(logging.Logger.info.marked, vars(info))
    del info.marked


def mocks():
    """Autospecced mocks know the methods and their arguments."""
    mocked = mock.create_autospec(logging.Logger)
    mocked.info("text", 1)
    instance = mock.create_autospec(logging.Logger, instance=True)
    instance.error("text %s", 1, exc_info=True)
    print(instance.error.mock_calls, isinstance(instance, logging.Logger))
    for call in (
        lambda: instance.log(),
        lambda: instance.isEnabledFor(1, 2),
        lambda: instance.unknown(),
        lambda: instance.setLevel(),
    ):
        try:
            call()
        except (TypeError, AttributeError) as error:
            print(type(error).__name__, error)
    spec = mock.Mock(spec=logging.getLogger("app"))
    spec.warning("text")
    print(spec.mock_calls, spec.__class__ is logging.Logger)
    handler = mock.create_autospec(logging.StreamHandler, instance=True)
    handler.level = 0
    logger = logging.getLogger("app.mocked")
    logger.handlers = [handler, mock.MagicMock(level=logging.NOTSET)]
    logger.error("to mocks %d", 1)
    print([c.args[0].getMessage() for c in handler.handle.mock_calls])
    logger.handlers = [mock.MagicMock()]
    try:
        logger.error("a mock's level cannot be compared")
    except TypeError as error:
        print(error)
    logger.handlers = []
    with mock.patch.object(logging, "getLogger") as patched:
        logging.getLogger("x").info("y")
    print(patched.mock_calls)
    with mock.patch("logging.getLogger") as patched:
        logging.getLogger("x")
    print(len(patched.mock_calls) in (0, 1))
    with mock.patch.dict(logging._levelToName, {30: "MOCKED"}):
        logging.getLogger("app").warning("level's name")
    with mock.patch("logging.time") as patched:
        patched.time.return_value = 1.5
        patched.time_ns.return_value = 1_500_000_000
        print(logging.makeLogRecord({}).created)


def pickles():
    """Loggers, handlers, records and formatters pickled and copied."""
    logger = logging.getLogger("app.pickled")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        print(pickle.loads(pickle.dumps(logger, protocol)) is logger)
        print(pickle.loads(pickle.dumps(logging.getLogger(), protocol)) is logging.root)
        handler = pickle.loads(pickle.dumps(Attached(30), protocol))
        logger.addHandler(handler)
        logger.error("to an unpickled handler %d", protocol)
        logger.removeHandler(handler)
        print(handler.seen, handler.level)
        formatter = logging.Formatter("%(message)s")
        formatter = pickle.loads(pickle.dumps(formatter, protocol))
        record = logging.makeLogRecord({"msg": "m %s", "args": ("p",)})
        record = pickle.loads(pickle.dumps(record, protocol))
        print(formatter.format(record), vars(formatter).keys())
    print(logger.__reduce__())
    try:
        pickle.dumps(logging.Logger("unknown"))
    except pickle.PicklingError as error:
        print(error)
    try:
        pickle.dumps(logging.StreamHandler(io.StringIO()))
    except TypeError as error:
        print(error)
    print(copy.copy(logger) is logger, copy.deepcopy(logger) is logger)
    for value in (logging.Logger, logging.Logger.info, logging.getLogger, logger.info):
        print(pickle.loads(pickle.dumps(value)) == value)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    copied = copy.copy(handler)
    print(copied.lock is handler.lock, copied.stream is stream, copied in (handler,))
    copied.setFormatter(logging.Formatter("copy %(message)s"))
    logger.handlers = [handler, copied]
    logger.error("to both %d", 1)
    copied.stream = io.StringIO()
    logger.error("to each")
    print(stream.getvalue(), copied.stream.getvalue())
    deep = copy.deepcopy(logging.Formatter("{message}", style="{"))
    print(deep.format(logging.makeLogRecord({"msg": "deep"})))
    with tempfile.NamedTemporaryFile("r") as file:
        to_file = logging.FileHandler(file.name)
        logger.handlers = [to_file, copy.copy(to_file)]
        logger.error("to a file")
        del logger.handlers[1]
        to_file.close()
        logger.error("closed, so opened again")
        to_file.flush()  # before its file is read, where lines are written later
        print(file.read(), to_file.stream is None)
        to_file.close()
    logger.handlers = []


def attributes():
    """Attributes of instances: exactly the standard library's."""
    for value in (
        logging.Logger("n"),
        logging.StreamHandler(sys.stdout),
        logging.Formatter(),
        logging.Filter(),
        logging.NullHandler(),
        logging.getLogger("app"),
        logging.handlers.MemoryHandler(1),
        logging.makeLogRecord({}),
    ):
        print(type(value).__name__, sorted(vars(value)))
        # Documented additions; `background` is a handler's, on fastlog alone.
        ours = {"__setattr__", "__delattr__", "background"}
        print("  ", sorted(set(dir(value)) - ours))
    logger = logging.Logger("n")
    print(logger, logging.StreamHandler(sys.stdout), logging.root, logging.lastResort)
    print(logger == logging.Logger("n"), logger.__eq__(1), logger.__class__.__class__)
    print(vars(logger) == {**vars(logger)}, logger.__dict__ is vars(logger))
    print(logging.__all__)


sys.stdout = io.StringIO()
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(name)s %(message)s")
logging.getLogger("ordinary").warning("control %d", 1)
signatures()
functions()
mocks()
pickles()
attributes()
logging.getLogger("ordinary").warning("control %d", 2)
print(re.sub("0x[0-9a-f]+", "0xN", sys.stdout.getvalue()), file=sys.__stdout__)
