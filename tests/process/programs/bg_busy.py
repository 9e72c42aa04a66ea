"""Changes while four threads log at full rate: `bg_busy.py SCENARIO CHANGES FOLDER`.

The main thread makes one kind of change over and over.
"""

import logging
import os
import pathlib
import signal
import sys
import threading
import time
from logging import handlers

import kit

import fastlog

THREADS = 4
#: Lines of one thread at most.
LIMIT = 10**9 if "stops" in sys.argv else 300_000
scenario, wanted = sys.argv[1], int(sys.argv[2])
folder = pathlib.Path(sys.argv[3])
path = folder / "app.log"
log = logging.getLogger("app")
done = dict.fromkeys([f"t{index}" for index in range(THREADS)], 0)
stop = threading.Event()


def work(who):
    """Log until told to stop."""
    while done[who] < LIMIT and not stop.is_set():
        log.info(kit.LINE, who, done[who], "while things change")
        done[who] += 1


def during(change, enough=lambda index: index >= wanted):
    """Call *change* with 0, 1, 2 and so on while the threads log; return how often.

    There are some lines between any two changes.
    """
    sys.setswitchinterval(0.0001)
    workers = [threading.Thread(target=work, args=(who,)) for who in done]
    for worker in workers:
        worker.start()
    changes, seen = 0, 0
    while any(worker.is_alive() for worker in workers) and not enough(changes):
        if sum(done.values()) < seen + 20:
            time.sleep(0.0001)
            continue
        change(changes)
        changes, seen = changes + 1, sum(done.values())
    stop.set()
    for worker in workers:
        worker.join()
    return changes


def reconfigure():
    """Another ring, another policy that loses nothing."""
    kit.file(path, "app")
    sizes = [1 << 16, 1 << 22, 1 << 18]
    policies = ["block", "sync"]

    def change(index):
        fastlog.configure_writer(
            ring_bytes=sizes[index % 3], overflow=policies[index % 2]
        )

    return during(change)


def reinstall():
    """The original methods and ours in turn."""
    kit.file(path, "app")

    def change(index):
        (fastlog.install if index % 2 else fastlog.uninstall)()

    changes = during(change)
    fastlog.install()
    return changes


def switch():
    """Background and not, in turn."""
    handler = kit.file(path, "app")

    def change(index):
        handler.background = bool(index % 2)
        assert handler.background is bool(index % 2)

    changes = during(change)
    handler.background = True
    return changes


def reopen():
    """As gunicorn does on SIGUSR1, after the file was renamed."""
    handler = kit.file(path, "app")

    def change(index):
        if index < 100:
            os.rename(path, folder / f"app{index}.log")
        handler.acquire()
        try:
            if handler.stream:
                handler.close()
                handler.stream = handler._open()
        finally:
            handler.release()

    return during(change)


def close():
    """Close; the next record opens the file again."""
    handler = kit.file(path, "app")
    return during(lambda index: handler.close())


def streams():
    """Other streams, by setStream and by assignment."""
    opened = [open(folder / f"app{i}.log", "w") for i in range(5)]  # noqa: SIM115
    handler = kit.stream(opened[0], "app")

    def change(index):
        if index % 2:
            assert handler.setStream(opened[index % 5]) is not opened[index % 5]
        else:
            handler.acquire()
            handler.flush()
            handler.stream = opened[index % 5]
            handler.release()

    changes = during(change)
    handler.flush()
    log.handlers = []
    for stream in opened:
        stream.close()
    return changes


def formatters():
    """Two formats, one of them rendered in Python, and none."""
    handler = kit.file(path, "app")

    class Own(logging.Formatter):
        """A formatter written in Python."""

        def format(self, record):
            """Format."""
            return "OWN " + record.getMessage()

    made = [
        logging.Formatter(kit.FORMAT),
        logging.Formatter("OTHER %(message)s"),
        Own(),
        logging.Formatter("NEW {message}", style="{"),
    ]
    return during(lambda index: handler.setFormatter(made[index % 4]))


def filters():
    """Filters of the handler and of the logger that let everything pass."""
    handler = kit.file(path, "app")
    seen = [0]

    def let_pass(record):
        seen[0] += 1
        return True

    def change(index):
        place = (handler, log)[index // 2 % 2]
        (place.removeFilter if index % 2 else place.addFilter)(let_pass)
        handler.setLevel(index % 20)

    changes = during(change)
    assert seen[0] > 0
    return changes


def remove():
    """Another handler comes and goes; the first one misses nothing."""
    handler = kit.file(path, "app")
    guest = kit.file(folder / "guest.txt", "nobody")
    guest.setFormatter(handler.formatter)

    def change(index):
        (log.removeHandler if index % 2 else log.addHandler)(guest)

    changes = during(change)
    guest.close()
    return changes


def replace():
    """A new handler on the same file takes over, the old one is closed."""
    kit.file(path, "app")

    def change(index):
        old = log.handlers[0]
        new = logging.FileHandler(path, background=True)
        new.setFormatter(old.formatter)
        log.handlers = [new]
        old.close()

    return during(change)


def flush():
    """Flush again and again."""
    handler = kit.file(path, "app")

    def change(index):
        if index % 2:
            handler.flush()
        else:
            assert fastlog.flush(30)

    return during(change)


def timer():
    """A signal a millisecond, whose handler logs as well; EINTR everywhere."""
    kit.file(path, "app")
    fired = [0]
    inside = []

    def on_signal(*_):
        # The next one may come while this is handled.
        inside.append(None)
        if len(inside) == 1:
            log.warning(kit.LINE, "signal", fired[0], "in a signal handler")
            fired[0] += 1
        inside.pop()

    signal.signal(signal.SIGALRM, on_signal)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        changes = during(work_some, lambda index: fired[0] >= wanted)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    done["signal"], done["main"] = fired[0], changes * 50
    return changes


def work_some(index):
    """Log some lines from the main thread, which signals interrupt."""
    for number in range(index * 50, index * 50 + 50):
        log.info(kit.LINE, "main", number, "beside signals")


def watched():
    """The file is renamed under a WatchedFileHandler."""
    kit.give(handlers.WatchedFileHandler(path, background=True), "app")

    def change(index):
        if path.exists() and index < 100:
            os.rename(path, folder / f"app{index}.log")

    return during(change)


def rotating():
    """Files are rotated, by size and by hand."""
    handler = handlers.RotatingFileHandler(
        path, maxBytes=50_000, backupCount=2000, background=True
    )
    kit.give(handler, "app")

    def change(index):
        # As emit() does it: doRollover() itself takes no lock.
        with handler.lock:
            if index % 10 == 0:
                handler.doRollover()

    return during(change)


def stops():
    """The test stops and continues this process until there is a file `enough`."""
    kit.file(path, "app")
    print("ready", flush=True)
    return during(
        lambda index: time.sleep(0.001), lambda _: (folder / "enough").exists()
    )


SCENARIOS = {
    "reconfigure": reconfigure,
    "reinstall": reinstall,
    "switch": switch,
    "reopen": reopen,
    "close": close,
    "streams": streams,
    "formatters": formatters,
    "filters": filters,
    "remove": remove,
    "replace": replace,
    "flush": flush,
    "timer": timer,
    "watched": watched,
    "rotating": rotating,
    "stops": stops,
}


def main():
    """Run the scenario, close everything and tell."""
    if scenario != "timer":  # which has another use for the alarm
        kit.watch(300)
    found = SCENARIOS[scenario]()
    for handler in log.handlers:
        handler.flush()
    assert fastlog.flush(30)
    kit.tell(told=done, changes=found)


main()
