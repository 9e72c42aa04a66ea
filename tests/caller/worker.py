"""Runs the cases that come in on stdin, one JSON line each; answers on stdout.

A line that is no case: `"counts"` asks for fastlog's counters.
"""

import asyncio
import faulthandler
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


def run(case, folder):
    """Run one case and return its report."""
    things.EVENTS.clear()
    world.IDENTS.clear()
    reset()
    set_zone(case.get("zone", "UTC"))
    sys.stderr, sys.stdout = io.StringIO(), io.StringIO()
    err, out = sys.stderr, sys.stdout
    set_clock(case.get("clock"))
    made = world.World(logging, case, folder)
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
    report = {"events": list(things.EVENTS), "streams": texts, "files": made.files()}
    report["stderr"] = err.getvalue()
    report["stdout"] = out.getvalue()
    return report


def counts(mode):
    """Return fastlog's counters; none in the reference."""
    if mode == "reference":
        return {}
    from fastlog import _core

    return _core.counts()


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
                report = run(question, folder)
            except BaseException:
                import traceback

                report = {"broken": traceback.format_exc()}
            faulthandler.cancel_dump_traceback_later()
            after = counts(mode)
            native = sum(after.get(n, 0) - before.get(n, 0) for n in NATIVE)
            answer = f"{native}\t{masked(json.dumps(report), folder)}"
        answers.write(answer + "\n")
        answers.flush()
    os.chdir("/")
    home.cleanup()


main()
