"""What the programs about background handlers share; imports nothing of fastlog.

On plain `logging`, where programs are run for reference, handlers are plain ones.
"""

import dataclasses
import faulthandler
import json
import logging
import os
import signal
import sys
import threading
import time

FORMAT = "%(levelname)s %(message)s"
#: Sent as three arguments: who logs, the number of the line, a text.
LINE = "%s %d %s"


def ours():
    """Return the module fastlog if this process has it, else None."""
    return sys.modules.get("fastlog")


def background():
    """Return the keyword that a handler gets."""
    return {"background": True} if ours() else {}


def watch(seconds=50):
    """Print every thread's stack and end the process if it hangs; not its children.

    By an alarm: faulthandler's own thread would be missing in a forked child, which
    waits for it when it ends.
    """
    faulthandler.register(signal.SIGALRM, chain=True)
    signal.alarm(seconds)


def file(path, *loggers, fmt=FORMAT, **options):
    """Return a handler on the file *path*, the only one of *loggers*, or of root."""
    return give(logging.FileHandler(path, **background(), **options), *loggers, fmt=fmt)


def stream(opened, *loggers, fmt=FORMAT):
    """Return a handler on an open stream, as `file` does."""
    return give(logging.StreamHandler(opened, **background()), *loggers, fmt=fmt)


def give(handler, *loggers, fmt=FORMAT):
    """Make *handler* the only one of *loggers*, or of the root logger."""
    handler.setFormatter(logging.Formatter(fmt))
    for name in loggers or (None,):
        log = logging.getLogger(name)
        log.handlers = [handler]
        log.propagate = False
        log.setLevel(logging.DEBUG)
    return handler


def configure(**options):
    """Configure the writer, if there is one."""
    if ours():
        ours().configure_writer(**options)


def flush(timeout=60):
    """Wait for all records so far."""
    return ours().flush(timeout) if ours() else True


def state(**facts):
    """Return *facts*, the counters and stats."""
    if module := ours():
        from fastlog import _core

        facts["counts"] = _core.counts()
        facts["stats"] = dataclasses.asdict(module.stats())
    return facts


def tell(**facts):
    """Print the state as one line of JSON, the last that a program prints."""
    print(json.dumps(state(**facts)), flush=True)


def leave(path, **facts):
    """Write the state to a file, for a program whose output is compared."""
    with open(path, "w", encoding="utf-8") as out:
        json.dump(state(**facts), out)


def until(condition, seconds=30):
    """Wait until *condition* holds.

    Raises:
        TimeoutError: It never did.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(condition)
        time.sleep(0.002)


def at_rest(count, seconds=0.3):
    """Wait until *count()* has stood still for some time; return it."""
    value, since = count(), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.01)
        if (now := count()) != value:
            value, since = now, time.monotonic()
    return value


class Reader(threading.Thread):
    """Reads a pipe until `end` says that all is written, and keeps it."""

    END = b"\0"

    def __init__(self, fd, size=1 << 16, pause=None):
        """Read *size* bytes at once; wait for the event *pause* after five times."""
        super().__init__(daemon=True)
        self.fd, self.size, self.pause, self.parts = fd, size, pause, []

    def run(self):
        """Read."""
        while data := os.read(self.fd, self.size):
            self.parts.append(data)
            if data.endswith(self.END):
                break
            if self.pause and len(self.parts) == 5:
                self.pause.wait()

    def end(self, handler, path):
        """Flush, close handler and stream, write to *path* what came."""
        handler.flush()
        os.write(handler.stream.fileno(), self.END)
        opened = handler.stream
        handler.close()
        opened.close()
        self.join()
        with open(path, "wb") as out:
            out.write(b"".join(self.parts).removesuffix(self.END))
