"""The logger tree, handlers and formatters of one case, and what is done to them."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import pathlib
import queue
import shutil
import sys
import threading
from logging import handlers as more

import doubles
import sites
from things import EVENTS, build, describe, describe_exception

#: Of handlers that take the keyword `background`.
KEYWORD_KINDS = ("stream", "file")
#: Threads of this case: their numbers are masked.
IDENTS: set[int] = set()


def outcome(function):
    """Do something and append what it returned or raised."""
    try:
        EVENTS.append(["returned", describe(function())])
    except BaseException as error:
        EVENTS.append(["raised", describe_exception(error)])
        error.__traceback__ = None


class World:
    """Everything that a case set up; closed when the case is over."""

    def __init__(self, module, case, folder, writer=None):
        """Build what *case* describes, in *folder*, with *module* as logging.

        *writer* is fastlog where it writes in the background, and None elsewhere:
        what a case says of `background` is for it alone.
        """
        self.logging = module
        self.writer = writer
        self.case = case
        self.folder = folder
        self.undo: list = []
        self.formatters: list = []
        self.handlers: list = []
        self.loggers: list = []
        self.records: list = []
        self.streams: dict = {}
        self.queues: list = []
        self.inside = 0

    def build(self):
        """Set up formatters, handlers, loggers."""
        for number, name in self.case.get("levels", ()):
            outcome(lambda n=number, m=name: self.logging.addLevelName(n, m))
        for spec in self.case.get("formatters", ()):
            self.attempt(self.formatters, self.make_formatter, spec)
        for index, spec in enumerate(self.case.get("handlers", ())):
            self.attempt(self.handlers, self.make_handler, spec, index)
        for spec in self.case.get("loggers", ()):
            self.attempt(self.loggers, self.make_logger, spec)

    def attempt(self, found, make, *args):
        """Append what *make* returns, or None and the report of its exception."""
        try:
            found.append(make(*args))
        except BaseException as error:
            found.append(None)
            EVENTS.append(["refused", describe_exception(error)])

    # -- making --

    def make_formatter(self, spec):
        """Return a formatter of a case."""
        names = ("fmt", "datefmt", "style", "validate")
        given = {k: spec[k] for k in names if k in spec}
        if "defaults" in spec:
            given["defaults"] = {k: build(v, self) for k, v in spec["defaults"]}
        made = doubles.FORMATTERS[spec.get("class", "plain")](**given)
        if spec.get("converter"):
            import time

            made.converter = getattr(time, spec["converter"])
        for name in ("default_time_format", "default_msec_format"):
            if name in spec:
                setattr(made, name, spec[name])
        return made

    def make_handler(self, spec, index):
        """Return a handler of a case."""
        kind, detail = spec["kind"]
        made = self.with_keyword(spec, getattr(self, f"make_{kind}"), detail, index)
        if "level" in spec:
            made.setLevel(spec["level"])
        if spec.get("formatter") is not None:
            made.setFormatter(self.formatters[spec["formatter"]])
        if "terminator" in spec:
            made.terminator = spec["terminator"]
        for one in spec.get("filters", ()):
            made.addFilter(doubles.make_filter(one, self))
        return made

    def with_keyword(self, spec, make, detail, index):
        """Make a handler; what takes the keyword gets what the case says."""
        self.words = {}
        if self.writer and "background" in spec and spec["kind"][0] in KEYWORD_KINDS:
            self.words = {"background": spec["background"]}
        try:
            return make(detail, index)
        except ValueError:
            if not self.words.get("background"):
                raise
            # It has no file descriptor, so the keyword is refused.
            self.words = {}
            return make(detail, index)

    def make_stream(self, detail, index):
        """Return a StreamHandler, or a subclass, on a stream."""
        kind, stream, error = (*detail, None, None)[:3]
        made = {
            "string": io.StringIO,
            "string-newline": lambda: io.StringIO(newline="\r\n"),
            "sub": doubles.StringSub,
            "sub-plain": doubles.StringSubPlain,
            "spy": lambda: doubles.SpyStream(f"h{index}"),
            "noflush": lambda: doubles.NoFlush(f"h{index}"),
            "bad": lambda: doubles.BadStream(f"h{index}", error),
            "badflush": lambda: doubles.BadFlush(f"h{index}"),
            "bytes": io.BytesIO,
            "stderr": lambda: None,
            "stdout": lambda: sys.stdout,
            "full": lambda: io.TextIOWrapper(io.BufferedWriter(doubles.FullStream())),
            "text": lambda: self.open_text(index, error),
        }[stream]()
        self.streams[index] = made
        return doubles.STREAM_HANDLERS[kind](made, **self.words)

    def open_text(self, index, words):
        """Return a text file; `close` closes it."""
        return pathlib.Path(f"text{index}").open("w", **words)

    def make_file(self, detail, index):
        """Return a FileHandler or one of its subclasses."""
        kind, keywords = detail
        name = f"{keywords.get('name', kind + str(index))}.log"
        keywords = {k: v for k, v in keywords.items() if k != "name"}
        if kind == "timed":
            pathlib.Path(name).touch()
            start = self.case["clock"][0] if self.case.get("clock") else 10**18
            os.utime(name, ns=(start, start))
        cls = {
            "file": self.logging.FileHandler,
            "rotating": more.RotatingFileHandler,
            "timed": more.TimedRotatingFileHandler,
            "watched": more.WatchedFileHandler,
        }[kind]
        return cls(name, **keywords, **self.words)

    def make_null(self, _detail, _index):
        """Return a NullHandler."""
        return self.logging.NullHandler()

    def make_bare(self, _detail, _index):
        """Return a Handler that overrides nothing: emit raises."""
        return self.logging.Handler()

    def make_console(self, level, _index):
        """Return the class of `lastResort`."""
        return self.logging._StderrHandler(level)

    def make_python(self, kind, index):
        """Return a handler written in Python."""
        cls = {
            "spy": doubles.PythonHandler,
            "format": doubles.FormattingHandler,
            "recurse": doubles.RecursingHandler,
        }[kind]
        return cls(f"p{index}")

    def make_memory(self, detail, _index):
        """Return a MemoryHandler on an earlier handler."""
        capacity, level, target = detail
        aim = self.handlers[target] if target < len(self.handlers) else None
        return more.MemoryHandler(capacity, level, aim)

    def make_queue(self, _detail, index):
        """Return a QueueHandler; what arrives is reported at the end."""
        box = queue.SimpleQueue()
        self.queues.append((index, box))
        return more.QueueHandler(box)

    def make_logger(self, spec):
        """Return a logger of a case."""
        made = self.logging.getLogger(spec["name"])
        for index in spec.get("handlers", ()):
            if self.handlers[index] is not None:
                made.addHandler(self.handlers[index])
        for one in spec.get("filters", ()):
            made.addFilter(doubles.make_filter(one, self))
        for name in ("propagate", "disabled"):
            if name in spec:
                setattr(made, name, spec[name])
        if "level" in spec:
            made.setLevel(spec["level"])
        return made

    def log_inside(self, text):
        """Log from within an object's method, one level deep."""
        if self.inside:
            return
        self.inside += 1
        try:
            self.logging.getLogger("inner").error("nested %s", text)
        finally:
            self.inside -= 1

    # -- doing --

    def do(self, op):
        """Do one step of a case."""
        getattr(self, f"do_{op[0]}")(*op[1:])

    def target(self, path):
        """Return what a path such as `["handler", 0]` means, or None."""
        kind, which = path
        if kind == "class":
            return self.find_class(which)
        if kind == "module":
            return self.logging if which == "logging" else sys.modules[which]
        if kind == "style":
            found = self.pick(self.formatters, which)
            return found and found._style
        if kind == "adapter":
            return self.logging.LoggerAdapter(self.pick(self.loggers, which), {"k": 1})
        if kind == "manager":
            return self.logging.Logger.manager
        return self.pick(getattr(self, kind + "s"), which)

    def find_class(self, name):
        """Return a class of logging or logging.handlers."""
        return getattr(self.logging, name, None) or getattr(more, name)

    def pick(self, items, index):
        """Return an item by an index of any size, or None when there is none."""
        return items[index % len(items)] if items else None

    def do_call(self, path, method, args, kwargs, how):
        """Call a method of a logger, an adapter or the module, as *how* says."""
        target = self.target(path)
        if target is None:
            return
        args = [build(a, self) for a in args]
        kwargs = {k: build(v, self) for k, v in kwargs}
        site = sites.find(method, len(args), tuple(kwargs), how.get("line", 0))
        if how.get("star"):
            site = sites.starred(method)

        def act():
            # A message that is said again, by the same object, may take another way.
            for _ in range(how.get("times", 1)):
                outcome(lambda: site(target, *args, **kwargs))

        if "exc" in how:
            plain = act

            def act():
                sites.within(build(["exc", how["exc"]], self), plain)

        if "depth" in how:
            shallow = act

            def act():
                sites.deep(how["depth"], shallow)

        self.run_in(how, act)

    def run_in(self, how, act):
        """Run *act* here, in a named thread or in a named task."""
        if "thread" in how:

            def body():
                IDENTS.add(threading.get_ident())
                act()

            worker = threading.Thread(target=body, name=how["thread"])
            worker.start()
            worker.join()
        elif "task" in how:

            async def main():
                async def inner():
                    act()

                await asyncio.get_running_loop().create_task(inner(), name=how["task"])

            asyncio.run(main())
        else:
            act()

    def do_set(self, path, name, value):
        """Assign an attribute; a class or module gets it back at the end."""
        target = self.target(path)
        if target is None:
            return
        if path[0] in ("class", "module"):
            self.remember(target, name)
        outcome(lambda: setattr(target, name, build(value, self)))

    def do_delete(self, path, name):
        """Delete an attribute."""
        target = self.target(path)
        if target is not None:
            outcome(lambda: delattr(target, name))

    def remember(self, target, name):
        """Put the attribute back when the case is over."""
        missing = object()
        old = vars(target).get(name, missing)
        if not isinstance(target, type):
            # A module may mirror another: what it shows counts, not what it holds.
            old = getattr(target, name, missing)
        if old is missing:
            self.undo.append(
                lambda: name in vars(target) and delattr(target, name),
            )
        else:
            self.undo.append(lambda: setattr(target, name, old))

    def do_do(self, path, method, args):
        """Call any method of anything."""
        target = self.target(path)
        if target is not None:
            args = [self.argument(a) for a in args]
            outcome(lambda: getattr(target, method)(*args))

    def argument(self, spec):
        """Return a value, or an object of this world for `["the", path]`."""
        if isinstance(spec, list) and spec and spec[0] == "the":
            return self.target(spec[1])
        if isinstance(spec, list) and spec and spec[0] == "filter":
            return doubles.make_filter(spec[1], self)
        if isinstance(spec, list) and spec and spec[0] == "stream":
            return io.StringIO()
        return build(spec, self)

    def do_patch(self, class_name, method):
        """Replace a class's method by a Python function that calls it."""
        cls = self.find_class(class_name)
        self.remember(cls, method)
        setattr(cls, method, sites.wrapping(getattr(cls, method), method))

    def do_patch_instance(self, path, method):
        """Replace a method on the instance."""
        target = self.target(path)
        if target is not None:
            old = getattr(target, method)
            outcome(
                lambda: setattr(target, method, sites.wrapping(old, f"own {method}"))
            )

    def do_unpatch(self):
        """Take the newest class patch or module value back."""
        if self.undo:
            self.undo.pop()()

    def do_factory(self, kind):
        """Set the record factory."""
        old = self.logging.getLogRecordFactory()
        new = {
            "plain": self.logging.LogRecord,
            "sub": doubles.SpyRecord,
            "wrap": doubles.factory_wrapping(old),
        }[kind]
        self.logging.setLogRecordFactory(new)

    def do_rename(self, index):
        """Move a handler's file away, as logrotate does, when all is written to it."""
        self.settle()
        handler = self.pick(self.handlers, index)
        name = getattr(handler, "baseFilename", None)
        if name and os.path.exists(name):
            os.replace(name, name + ".moved")

    def do_close_stream(self, index):
        """Close a handler's stream under its feet."""
        stream = getattr(self.pick(self.handlers, index), "stream", None)
        if stream not in (None, sys.stderr, sys.stdout) and hasattr(stream, "close"):
            stream.close()

    def do_background(self, index, value):
        """Switch a handler, where there is something to switch."""
        handler = self.pick(self.handlers, index)
        if self.writer and isinstance(handler, self.logging.StreamHandler):
            with contextlib.suppress(ValueError):  # no file descriptor
                handler.background = value

    def do_print(self, name, text):
        """Write through the stream object itself, as print() does.

        What goes on to the descriptor at once, past the stream's own buffer, is
        ordered by a flush only, and says nothing of the writer.
        """
        stream = getattr(sys, name)
        at_once = isinstance(stream, io.TextIOWrapper) and (
            stream.write_through or (stream.line_buffering and set("\r\n") & set(text))
        )
        if at_once:
            self.settle()
        outcome(lambda: stream.write(text) and None)

    def do_read(self, index):
        """Read a handler's file after flush()."""
        handler = self.pick(self.handlers, index)
        name = getattr(handler, "baseFilename", None)
        if name:
            outcome(handler.flush)
        if name and os.path.exists(name):
            text = pathlib.Path(name).read_bytes().decode("latin-1")
            EVENTS.append(["read", text])

    def settle(self):
        """Have everything written; not waiting for ever tells of a lost wake-up."""
        if self.writer and not self.writer.flush(20):
            EVENTS.append(["the writer hangs"])

    def do_record(self, args, kwargs):
        """Make a record by its constructor and look at it."""
        args = [build(a, self) for a in args]
        kwargs = {k: build(v, self) for k, v in kwargs}
        self.keep(lambda: self.logging.LogRecord(*args, **kwargs))

    def do_make_record(self, pairs):
        """Make a record by makeLogRecord."""
        fields = {k: build(v, self) for k, v in pairs}
        self.keep(lambda: self.logging.makeLogRecord(fields))

    def do_logger_record(self, index, args, kwargs):
        """Make a record by Logger.makeRecord."""
        logger = self.pick(self.loggers, index)
        args = [build(a, self) for a in args]
        kwargs = {k: build(v, self) for k, v in kwargs}
        if logger is not None:
            self.keep(lambda: logger.makeRecord(*args, **kwargs))

    def keep(self, make):
        """Add the record to the records and report it."""
        try:
            record = make()
        except BaseException as error:
            EVENTS.append(["raised", describe_exception(error)])
            return
        self.records.append(record)
        doubles.note_record("made", record)

    def do_look(self, index):
        """Report a record and its message."""
        record = self.pick(self.records, index)
        if record is not None:
            EVENTS.append(["message", doubles.attempt(record.getMessage)])
            doubles.note_record("look", record)

    def do_format(self, which, index):
        """Format a record by a formatter, directly."""
        formatter = self.pick(self.formatters, which)
        record = self.pick(self.records, index)
        if formatter is not None and record is not None:
            outcome(lambda: formatter.format(record))
            doubles.note_record("formatted", record)

    # -- ending --

    def close(self):
        """Report what is left, then leave logging as it was found."""
        while self.undo:
            self.undo.pop()()
        for index, box in self.queues:
            while not box.empty():
                doubles.note_record(f"queue{index}", box.get())
        for handler in reversed(self.handlers):
            if handler is not None:
                outcome(handler.close)
        texts = {}
        for index, stream in self.streams.items():
            if isinstance(stream, io.StringIO) and not stream.closed:
                texts[index] = stream.getvalue()
            elif isinstance(stream, io.TextIOWrapper) and stream is not sys.stdout:
                outcome(stream.close)
        # A StreamHandler's close() does not flush; a program's end does.
        self.settle()
        return texts

    def files(self):
        """Return and remove everything in the folder."""
        found = {}
        for path in sorted(self.folder.iterdir()):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                found[path.name] = path.read_bytes().decode("latin-1")
                path.unlink()
        return found
