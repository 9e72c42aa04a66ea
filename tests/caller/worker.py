"""Runs the cases that come in on stdin, one JSON line each; answers on stdout.

A line that is no case: `"counts"` asks for fastlog's counters.
"""

import asyncio
import contextlib
import faulthandler
import fcntl
import io
import json
import locale
import logging
import os
import pathlib
import re
import sys
import tempfile
import threading
import time
import warnings

import things
import world

REAL = {"time": time.time, "time_ns": time.time_ns}
LEVELS = dict(logging._levelToName), dict(logging._nameToLevel)
ROOT_NAMES = set(vars(logging.root))
NATIVE = ("calls", "records", "formats", "writes")
#: What counts as native where everything is to be written in the background.
BEHIND = ("pushes", "lines")
#: Less than the longest cases write, and some of their lines do not fit in at all.
RING_BYTES = 1 << 16
#: A case writes less than this to its console.
PIPE_BYTES = 1 << 20
#: A case that takes longer hangs: the child says where, and dies.
PATIENCE_S = 30
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class Clock:
    """A clock that goes on by one step each time it is read."""

    def __init__(self, start_ns, step_ns):
        """Begin at *start_ns*."""
        self.now_ns, self.step_ns = start_ns, step_ns

    def time_ns(self):
        """Return nanoseconds."""
        self.now_ns += self.step_ns
        return self.now_ns

    def time(self):
        """Return seconds."""
        return self.time_ns() / 1e9


class Console:
    """What a case has as stderr and stdout: texts, or streams with a descriptor.

    `shared`: both are on one pipe, as after `2>&1`.
    """

    def __init__(self, kind, buffering="line", encoding="utf-8", errors="strict"):
        """Make both streams."""
        self.kind, self.ends = kind, []
        if kind == "text":
            self.streams = io.StringIO(), io.StringIO()
            return
        words = {"line_buffering": True, "errors": "backslashreplace"}
        out = {"encoding": encoding, "errors": errors}
        out["line_buffering"] = buffering == "line"
        out["write_through"] = buffering == "through"
        self.streams = (
            self.make("stderr", encoding="utf-8", **words),
            self.make("stdout", **out),
        )

    def make(self, name, **words):
        """Return a text stream as the interpreter makes them at its start."""
        if self.kind == "file":
            raw = io.FileIO(f"console-{name}", "w")
        elif self.kind == "shared" and self.ends:
            raw = io.FileIO(os.dup(self.streams_raw.fileno()), "w")
        else:
            reading, writing = os.pipe()
            fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            os.set_blocking(reading, False)
            self.ends.append(reading)
            raw = io.FileIO(writing, "w")
        self.streams_raw = raw
        return io.TextIOWrapper(io.BufferedWriter(raw), **words)

    def close(self):
        """Return what was written; files are read with all others."""
        if self.kind == "text":
            return [stream.getvalue() for stream in self.streams]
        # As the interpreter does it at its end, stdout first.
        for stream in reversed(self.streams):
            with contextlib.suppress(ValueError):  # the case closed it
                stream.close()
        found = []
        for end in self.ends:
            with open(end, "rb", buffering=0) as reading:
                # Nothing for now: a writer may have the other end open still.
                found.append((reading.read(PIPE_BYTES) or b"").decode("latin-1"))
        return (*found, "", "")[:2]


def set_clock(clock):
    """Replace the clock, or put the real one back."""
    if clock is None:
        time.time, time.time_ns = REAL["time"], REAL["time_ns"]
    else:
        made = Clock(*clock)
        time.time, time.time_ns = made.time, made.time_ns


def reset():
    """Make logging as it is after import."""
    root = logging.root
    logging.disable(0)
    logging.Logger.manager.loggerDict.clear()
    logging.Logger.manager.emittedNoHandlerWarning = False
    root.handlers, root.filters = [], []
    root.name, root.parent = "root", None
    for name in set(vars(root)) - ROOT_NAMES:
        delattr(root, name)
    root.disabled = False
    root.propagate = True
    root.setLevel(logging.WARNING)
    logging.setLogRecordFactory(logging.LogRecord)
    logging.setLoggerClass(logging.Logger)
    logging._levelToName.clear()
    logging._levelToName.update(LEVELS[0])
    logging._nameToLevel.clear()
    logging._nameToLevel.update(LEVELS[1])
    logging._handlers.clear()
    logging._handlerList[:] = []
    logging.Logger.manager._clear_cache()


def set_zone(zone):
    """Set the time zone."""
    os.environ["TZ"] = zone
    time.tzset()


def run(case, folder, mode):
    """Run one case and return its report."""
    things.EVENTS.clear()
    world.IDENTS.clear()
    reset()
    writer = None
    if mode == "background":
        import fastlog as writer

        # Else only handlers that are told so write in the background.
        writer.install(background=case.get("background", True))
    set_zone(case.get("zone", "UTC"))
    console = Console(*case.get("console") or ("text",))
    sys.stderr, sys.stdout = console.streams
    set_clock(case.get("clock"))
    made = world.World(logging, case, folder, writer)
    try:
        made.build()
        for op in case.get("ops", ()):
            things.EVENTS.append(["op", op[0]])
            made.do(op)
    finally:
        things.EVENTS.append(["end"])
        texts = made.close()
        set_clock(None)
        sys.stderr, sys.stdout = sys.__stderr__, sys.__stdout__
    report = {"events": list(things.EVENTS), "streams": texts}
    report["stderr"], report["stdout"] = console.close()
    report["files"] = made.files()
    return report


def counts(mode):
    """Return fastlog's counters; none in the reference."""
    if mode == "reference":
        return {}
    from fastlog import _core

    return _core.counts()


def open_ring():
    """Have a ring that is full now and then, and whose clock knows `_startTime`."""
    import fastlog

    log = logging.getLogger("first")
    log.addHandler(logging.NullHandler())
    log.error("has everything read that the ring's clock needs")
    fastlog.configure_writer(ring_bytes=RING_BYTES)


def masked(text, folder):
    """Hide what differs between two processes whatever the library does."""
    text = text.replace(str(folder), "<folder>")
    text = ADDRESS.sub("0x", text)
    numbers = {str(n): "thread" for n in (*world.IDENTS, threading.get_ident())}
    for number, name in {**numbers, str(os.getpid()): "pid"}.items():
        text = text.replace(f"<{number}>", f"<{name}>")
        wide = "\\u0000".join(f"<{number}>")
        text = text.replace(wide, f"<{name}>")
    return text


def main():
    """Answer until stdin ends."""
    mode = sys.argv[1]
    faulthandler.enable()
    warnings.simplefilter("ignore")
    locale.setlocale(locale.LC_ALL, "C")
    logging._startTime = 10**18 if sys.version_info >= (3, 13) else 1e9
    asyncio.run(asyncio.sleep(0))
    if mode == "background":
        open_ring()
    # Its own records are no part of a case, and handlers that raise would break it.
    asyncio.log.logger.setLevel(1000)
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    home = tempfile.TemporaryDirectory()
    folder = pathlib.Path(home.name).resolve()
    os.chdir(folder)
    for line in sys.stdin:
        question = json.loads(line)
        if question == "counts":
            answer = json.dumps(counts(mode))
        else:
            before = counts(mode)
            faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
            try:
                report = run(question, folder, mode)
            except BaseException:
                import traceback

                report = {"broken": traceback.format_exc()}
            faulthandler.cancel_dump_traceback_later()
            after = counts(mode)
            names = BEHIND if mode == "background" else NATIVE
            native = sum(after.get(n, 0) - before.get(n, 0) for n in names)
            answer = f"{native}\t{masked(json.dumps(report), folder)}"
        answers.write(answer + "\n")
        answers.flush()
    os.chdir("/")
    home.cleanup()


main()
