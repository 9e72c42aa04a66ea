"""Loads the writer in every way at once and tells what memory it took: `load.py`.

Private memory is the process's own, where batches are; shared memory is the ring's.
Memory of Python is taken before, by the same calls to handlers without background.
"""

import gc
import json
import logging
import os
import sys
import tempfile
import threading
import time

RING = 1 << 20
HANDLERS = 20
log = logging.getLogger("app")
log.setLevel(logging.INFO)
log.propagate = False
large = "x" * 500_000


def memory():
    """Return (private, shared) resident memory in bytes."""
    gc.collect()
    with open("/proc/self/status") as status:
        found = dict(line.split(":", 1) for line in status)
    return tuple(int(found[name].split()[0]) * 1024 for name in ("RssAnon", "RssShmem"))


def load(loggers, rounds):
    """Log to all of them, small lines and a few large ones, from four threads."""

    def work(index):
        for number in range(rounds):
            for own in loggers:
                own.info("line %d of %s %.3f", number, "a thread", number / 7)
            if number % 500 == index:
                loggers[index].info("large %d %s", number, large)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def named(name, handler):
    """Return a logger that has only *handler*."""
    own = logging.getLogger(name)
    own.handlers, own.propagate = [handler], False
    own.setLevel(logging.INFO)
    own.handlers[0].setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    return own


def main():
    """Measure before, under load with sinks that are stuck, and tell."""
    import fastlog

    folder = tempfile.mkdtemp()
    plain = [named(f"plain{i}", logging.FileHandler("/dev/null")) for i in range(20)]
    load(plain, 1000)
    fastlog.configure_writer(ring_bytes=RING, overflow="drop", shutdown_timeout=0.2)
    before = memory()
    pipes, loggers = [], []
    for index in range(HANDLERS):
        path = os.path.join(folder, f"{index}.log")
        handler = logging.FileHandler(path, background=True)
        loggers.append(named(f"file{index}", handler))
        reader, writer = os.pipe()
        pipes.append((reader, os.fdopen(writer, "w")))
        handler = logging.StreamHandler(pipes[-1][1], background=True)
        loggers.append(named(f"pipe{index}", handler))
    most = (0, 0)
    stop = threading.Event()

    def look():
        nonlocal most
        while not stop.is_set():
            most = tuple(map(max, most, memory()))
            time.sleep(0.02)

    looking = threading.Thread(target=look)
    looking.start()
    load(loggers[::2], 4000)
    load(loggers, 2000)
    stop.set()
    looking.join()
    stats = fastlog.stats()
    for index in range(HANDLERS):
        os.remove(os.path.join(folder, f"{index}.log"))
    os.rmdir(folder)
    private, shared = (now - then for now, then in zip(most, before, strict=True))
    used = stats.ring_used_max
    told = {"private": private, "shared": shared, "used": used, "ring": RING}
    print(json.dumps(told | {"accepted": stats.accepted}), flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what is left is said there
    sys.exit(0)


main()
