"""Overrides and patches between calls; prints what each section saw, as JSON.

Each section warms up first, so that whatever is remembered is in place.
"""

import asyncio
import io
import json
import logging
import os
import sys
import threading
import time
import types
from logging import handlers
from unittest import mock

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "clients", "programs"))

import sheets

#: With files to write to, what counts as native is what the writer gets.
NATIVE = ("calls", "records", "formats", "writes")
if os.environ.get("SHEETS") == "file":
    NATIVE = ("pushes", "lines")

SECTIONS = {}
seen = []


def section(function):
    """Make *function* one of the sections."""
    SECTIONS[function.__name__] = function
    return function


class Stage:
    """A logger, a formatter and a handler, ready and warm."""

    count = 0

    def __init__(self, handler=None, fmt="%(levelname)s %(message)s"):
        """Set the stage and log three times."""
        self.text = sheets.new()
        self.handler = handler or logging.StreamHandler(self.text)
        self.formatter = logging.Formatter(fmt)
        self.handler.setFormatter(self.formatter)
        Stage.count += 1
        self.log = logging.getLogger(f"stage{Stage.count}")
        self.log.propagate = False
        self.log.setLevel(logging.INFO)
        self.log.addHandler(self.handler)
        for number in range(3):
            self.log.info("warm %d", number)
            self.log.debug("cold %d", number)

    def call(self, label):
        """Log once at two levels, and once where nothing is heard."""
        seen.append(label)
        self.log.info("%s says %s", label, "hello")
        self.log.debug("%s below", label)
        self.log.error("%s fails", label)

    def tell(self):
        """Report what was written."""
        if isinstance(self.handler, logging.FileHandler):
            self.handler.close()
            with open(self.handler.baseFilename, encoding="utf-8") as text:
                seen.append(text.read())
        else:
            seen.append(sheets.text(self.text))


def always(value):
    """Return a function that always returns *value*."""
    return lambda: value


def show_year(text, when):
    """Stand in for time.strftime."""
    return f"{text}|{when.tm_year}"


def always_odd(*args):
    """Stand in for a converter; the month is out of range."""
    return (2001,) * 9


def wrapper(old, label):
    """Return a function around *old* that reports itself."""

    def patched(*args, **kwargs):
        seen.append(f"patched {label}")
        return old(*args, **kwargs)

    return patched


def file_stage(kind, number):
    """Return a stage on a file handler of a class."""
    path = f"stage-{kind}-{number}.log"
    cls = getattr(logging, kind, None) or getattr(handlers, kind)
    return Stage(cls(path, encoding="utf-8"))


CLASSES = {
    "Logger": """debug info error log _log handle makeRecord callHandlers isEnabledFor
        getEffectiveLevel findCaller filter""",
    "Filterer": "filter",
    "Handler": "handle format filter acquire release handleError createLock",
    "StreamHandler": "emit flush format handle",
    "FileHandler": "emit _open close",
    "RotatingFileHandler": "shouldRollover doRollover emit",
    "BaseRotatingHandler": "emit rotate",
    "WatchedFileHandler": "emit reopenIfNeeded",
    "TimedRotatingFileHandler": "shouldRollover",
    "Formatter": "format formatTime formatMessage formatException usesTime",
    "PercentStyle": "format _format usesTime",
    "LogRecord": "getMessage __init__",
}
FILES = ("FileHandler", "RotatingFileHandler", "WatchedFileHandler")


def stages_for(name):
    """Return the stages on which a patch of class *name* must show."""
    if name == "FileHandler":
        kinds = list(FILES)
    elif name.endswith("FileHandler"):
        kinds = [name]
    elif name == "BaseRotatingHandler":
        kinds = ["RotatingFileHandler", "TimedRotatingFileHandler"]
    else:
        return [Stage(fmt="%(levelname)s %(name)s %(threadName)s %(message)s")]
    return [file_stage(kind, len(seen)) for kind in kinds]


def patch_each(name):
    """Patch each method of a class, by assignment and by mock, and take it back."""
    cls = getattr(logging, name, None) or getattr(handlers, name)
    for method in CLASSES[name].split():
        for stage in stages_for(name):
            own = method in vars(cls)
            old = getattr(cls, method)
            setattr(cls, method, wrapper(old, f"{name}.{method}"))
            stage.call("patched")
            setattr(cls, method, old) if own else delattr(cls, method)
            stage.call("restored")
            with mock.patch.object(cls, method, wrapper(old, "mock")):
                stage.call("mocked")
            stage.call("unmocked")
            type.__setattr__(cls, method, wrapper(old, "type.__setattr__"))
            stage.call("by type")
            type.__setattr__(cls, method, old)
            stage.call("by type, restored")
            stage.tell()


for _name in CLASSES:
    SECTIONS[f"class_{_name}"] = lambda name=_name: patch_each(name)


def patch_instance(make, method):
    """Replace a method on one object, four ways."""
    stage = Stage()
    target = make(stage)
    old = getattr(target, method)
    setattr(target, method, wrapper(old, f"own {method}"))
    stage.call("instance")
    delattr(target, method)
    stage.call("instance restored")
    with mock.patch.object(target, method, wrapper(old, "mock")):
        stage.call("instance mocked")
    stage.call("instance unmocked")
    if method not in ("acquire", "release"):
        with mock.patch.object(target, method) as found:
            found.return_value = "" if method == "format" else None
            stage.call("a Mock")
            seen.append(found.call_count)
    stage.call("no Mock")
    stage.tell()


@section
def instances():
    """Methods replaced on a logger, a handler, a formatter."""
    for method in [
        "info",
        "error",
        "_log",
        "handle",
        "makeRecord",
        "callHandlers",
        "isEnabledFor",
    ]:
        if method != "makeRecord":
            patch_instance(lambda stage: stage.log, method)
    for method in ["handle", "emit", "format", "filter", "acquire", "release", "flush"]:
        patch_instance(lambda stage: stage.handler, method)
    for method in ["format", "formatMessage", "usesTime"]:
        patch_instance(lambda stage: stage.formatter, method)


@section
def subclasses():
    """Objects whose class changes, and classes that override."""
    stage = Stage()

    class Loud(logging.Logger):
        def handle(self, record):
            seen.append("Loud.handle")
            return super().handle(record)

    class Shouting(logging.StreamHandler):
        def format(self, record):
            return super().format(record).upper()

    class Marking(logging.Formatter):
        def formatMessage(self, record):
            return "> " + super().formatMessage(record)

    for target, cls in (
        (stage.log, Loud),
        (stage.handler, Shouting),
        (stage.formatter, Marking),
    ):
        old = target.__class__
        target.__class__ = cls
        stage.call(cls.__name__)
        target.__class__ = old
        stage.call("old class")
    stage.handler.__class__ = Shouting
    Shouting.emit = wrapper(logging.StreamHandler.emit, "emit of the subclass")
    stage.call("subclass patched")
    del Shouting.emit
    stage.call("subclass restored")
    Shouting.__bases__ = (
        type("Between", (logging.StreamHandler,), {"terminator": "|"}),
    )
    stage.call("new base")
    stage.tell()


@section
def clocks():
    """The names that are read at call time: time, strftime, localtime."""
    stage = Stage(
        fmt="%(asctime)s %(created)f %(msecs)d %(relativeCreated)d %(message)s"
    )
    sheets.take(stage.text)
    with (
        mock.patch("time.time", always(1e9 + 0.25)),
        mock.patch("time.time_ns", always(10**18 + 250_000_000)),
        mock.patch.object(logging, "_startTime", 0),
    ):
        stage.call("frozen")
        with mock.patch("time.strftime", show_year):
            stage.call("strftime")
        with mock.patch("time.localtime", time.gmtime):
            stage.call("localtime of the module")
        stage.formatter.converter = time.gmtime
        stage.call("gmtime")
        with mock.patch.object(logging.Formatter, "converter", always_odd):
            del stage.formatter.converter
            try:
                stage.call("odd converter")
            except Exception as error:
                seen.append(repr(error))
        stage.call("frozen again")
    stage.tell()


@section
def zones():
    """The time zone changes within one second."""
    stage = Stage(fmt="%(asctime)s %(message)s")
    sheets.take(stage.text)
    with (
        mock.patch("time.time", always(1e9)),
        mock.patch("time.time_ns", always(10**18)),
    ):
        for zone in ("UTC", "Asia/Tokyo", "America/New_York", "XYZ+3:30", "UTC"):
            os.environ["TZ"] = zone
            time.tzset()
            stage.call(zone)
        stage.formatter.datefmt = "%H %Z"
        os.environ["TZ"] = "Asia/Tokyo"
        time.tzset()
        stage.call("datefmt")
    os.environ["TZ"] = "UTC"
    time.tzset()
    stage.tell()


def with_module(owner, name, value, fmt):
    """Log before, under and after a replaced module attribute."""
    stage = Stage(fmt=fmt)
    with mock.patch.object(owner, name, value):
        stage.call(f"{name} replaced")
    stage.log.info("restored")
    pid, ident = str(os.getpid()), str(threading.get_ident())
    text = sheets.text(stage.text).replace(pid, "PID").replace(ident, "IDENT")
    seen.append(text)


@section
def module_attributes():
    """Names of os, threading and logging that are read at call time."""
    fmt = "%(process)s %(thread)s %(threadName)s %(processName)s %(message)s"
    place = "%(filename)s %(lineno)d %(funcName)s %(message)s"
    with_module(os, "getpid", lambda: 77, fmt)
    with_module(threading, "get_ident", wrapper(threading.get_ident, "ident"), fmt)
    with_module(
        threading, "current_thread", lambda: types.SimpleNamespace(name="x"), fmt
    )
    with_module(logging, "getLevelName", lambda level: f"L{level}", fmt)
    with_module(logging, "logThreads", False, fmt)
    with_module(logging, "logProcesses", False, fmt)
    with_module(logging, "logMultiprocessing", False, fmt)
    with_module(logging, "_srcfile", None, place)
    with_module(logging, "currentframe", lambda: sys._getframe(0), place)
    with_module(sys, "_getframe", wrapper(sys._getframe, "_getframe"), place)
    with_module(os.path, "basename", lambda path: "base", place)
    with_module(logging, "raiseExceptions", False, "%(nothing)s")
    if hasattr(logging, "logAsyncioTasks"):
        with_module(logging, "logAsyncioTasks", False, "%(taskName)s %(message)s")


@section
def level_names():
    """addLevelName, and the tables written to directly."""
    stage = Stage()
    logging.addLevelName(20, "NOTE")
    stage.call("added")
    logging._levelToName[20] = "TABLE"
    stage.call("written")
    del logging._levelToName[20]
    stage.call("deleted")
    logging._levelToName[20] = "INFO"
    stage.call("restored")
    stage.log.log(25, "a level without a name")
    with mock.patch.dict(logging._levelToName, {25: "TWENTY", 40: "E"}):
        stage.log.log(25, "a level with a name")
        stage.call("mock.patch.dict")
    stage.log.setLevel("INFO")
    stage.tell()


@section
def names():
    """Names of the thread, of the process, of the task, of the logger."""
    stage = Stage(fmt="%(threadName)s %(processName)s %(name)s %(message)s")
    thread = threading.current_thread()
    old, thread.name = thread.name, "renamed"
    stage.call("thread renamed")
    thread.name = old
    import multiprocessing

    stage.call("multiprocessing imported")
    process = multiprocessing.current_process()
    old, process.name = process.name, "worker-7"
    stage.call("process renamed")
    process.name = old
    stage.log.name = "other"
    stage.call("logger renamed")
    stage.formatter._style._fmt = "%(taskName)s %(message)s"
    stage.formatter._fmt = stage.formatter._style._fmt
    stage.formatter._style._defaults = {"taskName": "no tasks"}

    async def main():
        stage.call("in a task")
        asyncio.current_task().set_name("other task")
        stage.call("in a renamed task")

    asyncio.run(main())
    stage.tell()


@section
def defaults():
    """The module's last resort and default formatter, and the root."""
    err, sys.stderr = sys.stderr, sheets.new()
    try:
        log = logging.getLogger("nobody listens")
        log.warning("to the last resort")
        with mock.patch.object(logging, "lastResort", None):
            log.warning("to nobody")
            log.warning("to nobody, again")
        log.warning("to the last resort again")
        own = logging.StreamHandler(sys.stderr)
        with mock.patch.object(logging, "lastResort", own):
            log.info("not heard")
            log.warning("to another last resort")
        log.addHandler(own)
        log.warning("default formatter")
        new = logging.Formatter("NEW %(message)s")
        with mock.patch.object(logging, "_defaultFormatter", new):
            log.warning("another default formatter")
        log.warning("default formatter again")
        with mock.patch.object(logging._defaultFormatter._style, "_fmt", "{message}"):
            log.warning("its style changed")
        seen.append(sheets.text(sys.stderr))
    finally:
        sys.stderr = err


@section
def lists():
    """Lists changed in place and replaced; attributes written to `__dict__`."""
    stage = Stage()
    second = sheets.new()
    other = logging.StreamHandler(second)
    stage.log.handlers.append(other)
    stage.call("appended")
    stage.log.handlers[:] = [other]
    stage.call("sliced")
    stage.log.handlers = [stage.handler]
    stage.call("assigned")
    stage.log.handlers.clear()
    stage.log.handlers += [stage.handler, other]
    stage.call("extended")
    stage.log.filters.append(lambda record: record.levelno > 20)
    stage.call("filtered")
    stage.log.filters.clear()
    other.filters.append(lambda record: seen.append(record.args) or False)
    stage.call("handler filtered")
    del other.filters[:]
    stage.log.handlers.reverse()
    stage.call("reversed")
    root, old = logging.getLogger(), logging.root.handlers[:]
    root.handlers[:] = [other]
    stage.log.propagate = 1
    stage.call("propagates")
    stage.log.parent = logging.getLogger("somebody else")
    stage.call("another parent")
    stage.log.propagate = 0
    root.handlers[:] = old
    stage.call("does not")
    seen.append(sheets.text(second))
    stage.tell()


@section
def attributes():
    """Attributes of handlers, formatters and styles assigned between calls."""
    stage = Stage(fmt="%(asctime)s %(message)s")
    sheets.take(stage.text)
    with (
        mock.patch("time.time", always(1e9)),
        mock.patch("time.time_ns", always(10**18)),
    ):
        for name, value in (
            ("datefmt", "%H"),
            ("datefmt", None),
            ("default_time_format", "%Y"),
            ("default_msec_format", "%s;%d"),
            ("default_msec_format", None),
            ("_style", logging.StrFormatStyle("{asctime} {message}")),
            ("_style", logging.PercentStyle("%(message)s only")),
        ):
            setattr(stage.formatter, name, value)
            stage.call(f"{name}={value if isinstance(value, str) else '...'}")
        stage.formatter._style._fmt = "%(levelname)s %(message)s"
        stage.call("_style._fmt")
        stage.formatter._style._defaults = {"name": "x", "more": "y"}
        stage.formatter._style._fmt = "%(more)s %(message)s"
        stage.call("_defaults")
        for terminator in ("\r\n", "", "\0", "\u00e9\n", "\n"):
            stage.handler.terminator = terminator
            stage.call("terminator")
        del stage.handler.terminator
        with mock.patch.object(logging.StreamHandler, "terminator", "<class>\n"):
            stage.call("terminator of the class")
        other = sheets.new()
        old = stage.handler.setStream(other)
        stage.call("setStream")
        stage.handler.stream = old
        stage.call("stream assigned")
        stage.handler.setFormatter(None)
        stage.call("no formatter")
        stage.handler.formatter = stage.formatter
        stage.handler.level = 40
        stage.call("level assigned")
        stage.handler.level = 0
        logging.disable(20)
        stage.call("disabled up to INFO")
        logging.disable(0)
        stage.log.manager.disable = 40
        stage.call("disabled by the manager")
        stage.log.manager.disable = 0
        stage.log.level = 10
        stage.call("level of the logger assigned")
        stage.log.level = 20
        stage.log.manager._clear_cache()
        stage.log.disabled = True
        stage.call("disabled")
        stage.log.disabled = False
        seen.append(sheets.text(other))
    stage.tell()


def count(ours):
    """Return how often the library under test went its own way; 0 without it."""
    if ours is None:
        return 0
    found = ours._core.counts()
    return sum(found[name] for name in NATIVE)


def main():
    """Run every section and print what was seen and how often ours went native."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.chdir(sys.argv[1])
    found, native = {}, {}
    ours = sys.modules.get("fastlog")
    for name, run in SECTIONS.items():
        seen.clear()
        sys.stderr = io.StringIO()
        before = count(ours)
        try:
            run()
        except Exception as error:
            import traceback

            seen.append(f"{error!r}\n{traceback.format_exc()}")
        native[name] = count(ours) - before
        seen.append(sys.stderr.getvalue())
        found[name] = list(seen)
    sys.stderr = sys.__stderr__
    print(json.dumps({"found": found, "native": native}))


main()
