"""Streams, filters and handlers that report what was done to them.

They run in the child processes, on plain `logging` and on fastlog alike.
"""

from __future__ import annotations

import io
import logging

from things import EVENTS, EXCEPTIONS, build, describe

#: Record attributes that differ between processes whatever the library does.
MASKED = ("thread", "process")


def note_record(label, record):
    """Append everything that a record shows to Python code."""
    shown = []
    for key, value in record.__dict__.items():
        seen = ["type", type(value).__name__] if key in MASKED else describe(value)
        shown.append([key, seen])
    EVENTS.append([label, type(record).__qualname__, shown])


def attempt(function, *args, **kwargs):
    """Return the result of a call or the kind of its exception, as plain data."""
    try:
        return ["returned", describe(function(*args, **kwargs))]
    except BaseException as error:
        return ["raised", type(error).__qualname__, describe(error)]


class SpyStream:
    """A stream that reports every write and flush."""

    def __init__(self, name):
        """Remember its name for the report."""
        self.label = name

    def write(self, text):
        """Report."""
        EVENTS.append(["write", self.label, describe(text)])

    def flush(self):
        """Report."""
        EVENTS.append(["flush", self.label])


class NoFlush:
    """A stream without flush()."""

    def __init__(self, name):
        """Remember its name for the report."""
        self.label = name

    def write(self, text):
        """Report and return what nobody asked for."""
        EVENTS.append(["write", self.label, describe(text)])
        return "odd"


class BadStream(SpyStream):
    """A stream whose write raises."""

    def __init__(self, name, error):
        """Take the *error*'s name."""
        super().__init__(name)
        self.error = error

    def write(self, text):
        """Report and raise."""
        super().write(text)
        raise EXCEPTIONS[self.error](f"no write to {self.label}")


class BadFlush(SpyStream):
    """A stream whose flush raises."""

    def flush(self):
        """Report and raise."""
        super().flush()
        raise OSError(5, "no flush")


class StringSub(io.StringIO):
    """A StringIO whose write is overridden."""

    def write(self, text):
        """Report and write."""
        EVENTS.append(["write", "StringSub", describe(text)])
        return super().write(text)


class StringSubPlain(io.StringIO):
    """A StringIO subclass that overrides nothing."""


class FullStream(io.RawIOBase):
    """A binary stream on a full disk."""

    def writable(self):
        """Say yes."""
        return True

    def write(self, data):
        """Report and raise."""
        EVENTS.append(["raw", len(data)])
        raise OSError(28, "No space left on device")


class PythonHandler(logging.Handler):
    """A handler written in Python that reads everything."""

    def __init__(self, label, level=0):
        """Remember its label."""
        super().__init__(level)
        self.label = label

    def emit(self, record):
        """Report the record before and after reading its message."""
        note_record(f"{self.label}-before", record)
        EVENTS.append([f"{self.label}-message", attempt(record.getMessage)])
        EVENTS.append([f"{self.label}-text", attempt(str, record)])


class FormattingHandler(logging.Handler):
    """A handler written in Python that formats, as most do."""

    def __init__(self, label, level=0):
        """Remember its label."""
        super().__init__(level)
        self.label = label

    def emit(self, record):
        """Report the text, or leave the error to handleError as the book says."""
        try:
            EVENTS.append([self.label, self.format(record)])
        except Exception:
            self.handleError(record)
        note_record(f"{self.label}-after", record)


class RecursingHandler(FormattingHandler):
    """A handler that logs from its emit, once per record."""

    busy = False

    def emit(self, record):
        """Log about it, then report."""
        if not self.busy:
            self.busy = True
            try:
                logging.getLogger("inner").warning("inside %s", record.levelname)
            finally:
                self.busy = False
        super().emit(record)


class EmitSuper(logging.StreamHandler):
    """Overrides emit and calls the overridden one."""

    def emit(self, record):
        """Report around the call."""
        EVENTS.append(["emit-before", describe(record.levelname)])
        super().emit(record)
        EVENTS.append(["emit-after"])


class FormatOver(logging.StreamHandler):
    """Overrides format."""

    def format(self, record):
        """Wrap the text."""
        return "<" + super().format(record) + ">"


class FormatOdd(logging.StreamHandler):
    """Overrides format with one that returns no text."""

    def format(self, record):
        """Return a number."""
        return 5


class HandleOver(logging.StreamHandler):
    """Overrides handle."""

    def handle(self, record):
        """Report the answer."""
        found = super().handle(record)
        EVENTS.append(["handle", type(found).__name__])
        return found


class FilterOver(logging.StreamHandler):
    """Overrides filter."""

    def filter(self, record):
        """Report, and refuse DEBUG."""
        EVENTS.append(["filter-override", describe(record.levelname)])
        return record.levelno > 10 and super().filter(record)


class FlushOver(logging.StreamHandler):
    """Overrides flush."""

    def flush(self):
        """Report and flush."""
        EVENTS.append(["flush-override"])
        super().flush()


class ErrorOver(logging.StreamHandler):
    """Overrides handleError."""

    def handleError(self, record):
        """Report the error."""
        import sys

        EVENTS.append(["handleError", describe(sys.exception())])


class LockOver(logging.StreamHandler):
    """Overrides acquire and release."""

    def acquire(self):
        """Report and lock."""
        EVENTS.append(["acquire"])
        super().acquire()

    def release(self):
        """Report and unlock."""
        EVENTS.append(["release"])
        super().release()


class TerminatorOver(logging.StreamHandler):
    """Has another terminator on the class."""

    terminator = "|\n"


class NothingOver(logging.StreamHandler):
    """Overrides nothing."""


class MessageOver(logging.Formatter):
    """Overrides formatMessage."""

    def formatMessage(self, record):
        """Wrap the text."""
        return "{" + super().formatMessage(record) + "}"


class FormatterOver(logging.Formatter):
    """Overrides format and changes a copy of the record, as colour formatters do."""

    def format(self, record):
        """Change the level's name for the time of the call."""
        old, record.levelname = record.levelname, f"*{record.levelname}*"
        try:
            return super().format(record)
        finally:
            record.levelname = old


class TimeOver(logging.Formatter):
    """Overrides formatTime."""

    def formatTime(self, record, datefmt=None):
        """Answer with what was asked."""
        return f"T{record.created}{datefmt}"


class ExceptionOver(logging.Formatter):
    """Overrides formatException and formatStack."""

    def formatException(self, ei):
        """Answer in one line."""
        return f"EXC {ei[0]}"

    def formatStack(self, stack_info):
        """Answer in one line."""
        return f"STACK {len(stack_info)}"


class UsesTimeOver(logging.Formatter):
    """Overrides usesTime."""

    def usesTime(self):
        """Always."""
        EVENTS.append(["usesTime"])
        return True


FORMATTERS = {
    "plain": logging.Formatter,
    "message": MessageOver,
    "format": FormatterOver,
    "time": TimeOver,
    "exception": ExceptionOver,
    "uses": UsesTimeOver,
}

STREAM_HANDLERS = {
    "plain": logging.StreamHandler,
    "nothing": NothingOver,
    "emit": EmitSuper,
    "format": FormatOver,
    "format-odd": FormatOdd,
    "handle": HandleOver,
    "filter": FilterOver,
    "flush": FlushOver,
    "error": ErrorOver,
    "lock": LockOver,
    "terminator": TerminatorOver,
}


class SpyRecord(logging.LogRecord):
    """A record of a user's own class."""

    def getMessage(self):
        """Wrap the message."""
        return "~" + super().getMessage()


def factory_wrapping(old):
    """Return a record factory that adds to what *old* makes."""

    def make(*args, **kwargs):
        record = old(*args, **kwargs)
        EVENTS.append(["factory", len(args), sorted(kwargs)])
        record.custom = "factory"
        return record

    return make


def make_filter(spec, world):
    """Return a filter from `[kind, detail]`."""
    kind, detail = spec
    if kind == "name":
        return logging.Filter(detail)
    return make_filter_object(kind, filter_function(kind, detail, world))


def make_filter_object(kind, function):
    """Return *function* itself or, for some kinds, an object with it as `filter`."""
    if kind in ("mutate", "true"):

        class Holder:
            """Not a logging.Filter."""

            def filter(self, record):
                """Do what the function does."""
                return function(record)

        return Holder()
    if kind == "replace":

        class Sub(logging.Filter):
            """A logging.Filter that overrides filter."""

            def filter(self, record):
                """Do what the function does."""
                return function(record)

        return Sub()
    return function


def filter_function(kind, detail, world):
    """Return the function of a filter."""

    def run(record):
        EVENTS.append(["filter", kind, describe(record.levelno)])
        if kind == "raise":
            raise EXCEPTIONS[detail]("from a filter")
        if kind == "return":
            return build(detail, world)
        if kind == "mutate":
            record.msg, record.args = f"mutated {record.msg!r:.40}", ()
            record.added = detail
        if kind == "level":
            return record.levelno >= detail
        if kind == "see":
            note_record("filter-sees", record)
        if kind == "replace":
            import copy

            other = copy.copy(record)
            other.msg, other.args = "replaced %s", (detail,)
            return other
        return True

    return run
