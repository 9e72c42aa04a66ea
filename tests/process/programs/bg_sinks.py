"""Sinks that fail later, and recover: `bg_sinks.py SCENARIO FOLDER`.

In each, records wait in the ring while one sink fails; another one is not disturbed.
"""

import os
import pathlib
import resource
import signal
import sys
import threading
from logging import handlers

import kit

import fastlog as logging

scenario, folder = sys.argv[1], pathlib.Path(sys.argv[2])
LINES = 2000
bad = logging.getLogger("bad")
good = logging.getLogger("good")


def some(log, who, start=0, count=LINES):
    """Log some lines."""
    for number in range(start, start + count):
        log.info(kit.LINE, who, number, "into a sink that may fail")


def failing():
    """Wait until an error was counted; return how many."""
    kit.until(lambda: logging.stats().write_errors > 0)
    return logging.stats().write_errors


def undisturbed(start=0):
    """Log to the healthy file and see that it is all there, at once."""
    some(good, "good", start, 500)
    good.handlers[0].flush()
    text = (folder / "good.log").read_text()
    assert text.count("\n") == start + 500, text.count("\n")


def retried():
    """Wait until the sink was tried again."""
    before = logging.stats().write_errors
    kit.until(lambda: logging.stats().write_errors > before)


def fails_and_recovers(recover):
    """Log while the sink fails, prove the rest works, recover, flush; return facts."""
    some(bad, "bad", LINES)
    errors = failing()
    undisturbed()
    some(bad, "bad", 2 * LINES)
    retried()
    retried()
    undisturbed(500)
    early = logging.flush(0.1)
    stats = logging.stats()
    recover()
    late = logging.flush(30)
    some(bad, "bad", 3 * LINES)
    undisturbed(1000)
    assert logging.flush(30)
    return {
        "told": {"bad": 4 * LINES},
        "errors": errors,
        "early": early,
        "late": late,
        "waiting": stats.ring_used,
        "error": stats.last_error,
        "alive": stats.writer_alive,
        "left": logging.stats().ring_used,
    }


def size_limit():
    """A limit on the size of files, raised again."""
    kit.file(folder / "app.log", "bad")
    kit.file(folder / "good.log", "good")
    some(bad, "bad")
    assert logging.flush(30)
    size = (folder / "app.log").stat().st_size
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    # Within a line; the healthy file stays smaller than this.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1234, hard))
    return fails_and_recovers(
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    )


def full_disk():
    """A small file system that is full, until something is deleted."""
    small = pathlib.Path(os.environ["SMALL"])
    kit.file(small / "app.log", "bad")
    kit.file(folder / "good.log", "good")
    some(bad, "bad")
    assert logging.flush(30)
    with open(small / "ballast", "wb", buffering=0) as ballast:
        for size in (4096, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError:
                pass
    return fails_and_recovers((small / "ballast").unlink)


def fifo():
    """The reader of a FIFO goes away, and another one comes."""
    path = folder / "fifo"
    os.mkfifo(path)
    first = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    stream = open(path, "w", encoding="utf-8")  # noqa: SIM115
    os.set_blocking(first, True)
    kit.stream(stream, "bad")
    kit.file(folder / "good.log", "good")
    some(bad, "bad")
    text = b""
    while text.count(b"\n") < LINES:
        text += os.read(first, 1 << 16)
    os.close(first)
    readers = []

    def recover():
        readers.append(kit.Reader(os.open(path, os.O_RDONLY)))
        readers[0].parts.append(text)
        readers[0].start()

    facts = fails_and_recovers(recover)
    readers[0].end(bad.handlers[0], folder / "app.log")
    return facts


def full_pipe():
    """A non-blocking pipe that is full, until somebody reads."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    stream = os.fdopen(writer, "w", encoding="utf-8")
    kit.stream(stream, "bad")
    kit.file(folder / "good.log", "good")
    some(bad, "bad", 0, 4 * LINES)
    undisturbed()
    early = logging.flush(0.2)
    undisturbed(500)
    thread = kit.Reader(reader, 3000)
    thread.start()
    late = logging.flush(30)
    thread.end(bad.handlers[0], folder / "app.log")
    return {"told": {"bad": 4 * LINES}, "early": early, "late": late}


def paused_reader():
    """A blocking pipe whose reader pauses."""
    reader, writer = os.pipe()
    stream = os.fdopen(writer, "w", encoding="utf-8")
    kit.stream(stream, "bad")
    kit.file(folder / "good.log", "good")
    go = threading.Event()
    thread = kit.Reader(reader, 5000, go)
    thread.start()
    some(bad, "bad", 0, 4 * LINES)
    kit.until(lambda: len(thread.parts) == 5)
    undisturbed()
    early = logging.flush(0.2)
    go.set()
    late = logging.flush(30)
    thread.end(bad.handlers[0], folder / "app.log")
    return {"told": {"bad": 4 * LINES}, "early": early, "late": late}


def always_full(*, silent):
    """A device that never takes a byte; the process ends all the same."""
    logging.configure_writer(shutdown_timeout=0.3)
    logging.raiseExceptions = not silent
    kit.file("/dev/full", "bad")
    kit.file(folder / "good.log", "good")
    some(bad, "bad")
    failing()
    retried()
    retried()
    undisturbed()
    return {"error": logging.stats().last_error}


def always_full_drop():
    """With "drop" the caller never waits for a sink that is broken."""
    logging.configure_writer(ring_bytes=1 << 16, overflow="drop", shutdown_timeout=0.3)
    kit.file("/dev/full", "bad")
    some(bad, "bad", 0, 50_000)
    failing()
    stats = logging.stats()
    return {"accounted": stats.accepted + sum(stats.dropped.values())}


def many_fail():
    """Five sinks fail at the same time; the healthy one goes on."""
    names = [f"bad{i}" for i in range(5)]
    logging.configure_writer(shutdown_timeout=0.3)
    for name in names:
        kit.file("/dev/full", name)
    kit.file(folder / "good.log", "good")
    for name in names:
        some(logging.getLogger(name), name, 0, 300)
    failing()
    retried()
    for start in range(0, 5000, 500):
        undisturbed(start)
    retried()
    return {"error": logging.stats().last_error}


def folder_removed():
    """The folder of a WatchedFileHandler goes away, and comes back."""
    place = folder / "place"
    place.mkdir()
    path = place / "app.log"
    kit.give(handlers.WatchedFileHandler(path, background=True), "bad")
    kit.file(folder / "good.log", "good")
    some(bad, "bad")
    assert logging.flush(30)
    with path.open() as old:
        path.unlink()
        place.rmdir()
        logging.raiseExceptions = False
        some(bad, "lost", 0, 10)
        undisturbed()
        logging.flush(0.5)
        place.mkdir()
        some(bad, "bad", LINES)
        late = logging.flush(30)
        (folder / "app.log").write_text(old.read() + path.read_text())
    return {"told": {"bad": 2 * LINES}, "late": late}


def end_of_file(*, close_handler):
    """A reader sees the end of a pipe when the program has closed it.

    When handler and stream are closed, or the stream only.
    """
    reader, writer = os.pipe()
    stream = os.fdopen(writer, "w", encoding="utf-8")
    kit.stream(stream, "bad")
    some(bad, "bad", 0, 100)
    if close_handler:
        bad.handlers[0].close()
    else:
        logging.flush(10)
    stream.close()
    signal.alarm(20)
    text = []
    while data := os.read(reader, 1 << 16):
        text.append(data)
    (folder / "app.log").write_bytes(b"".join(text))
    return {"told": {"bad": 100}}


def stalled_stderr():
    """Where the report of a failed sink would go nobody reads, either."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(writer, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(writer, True)
    saved = os.dup(2)
    os.dup2(writer, 2)
    logging.configure_writer(shutdown_timeout=0.3)
    kit.file("/dev/full", "bad")
    kit.file(folder / "good.log", "good")
    some(bad, "bad", 0, 100)
    failing()
    retried()
    undisturbed()
    os.dup2(saved, 2)
    os.close(reader)
    return {}


SCENARIOS = {
    "stalled-stderr": stalled_stderr,
    "size-limit": size_limit,
    "full-disk": full_disk,
    "fifo": fifo,
    "full-pipe": full_pipe,
    "paused-reader": paused_reader,
    "always-full": lambda: always_full(silent=False),
    "always-full-silent": lambda: always_full(silent=True),
    "always-full-drop": always_full_drop,
    "many-fail": many_fail,
    "folder-removed": folder_removed,
    "end-of-file": lambda: end_of_file(close_handler=True),
    "end-of-file-by-stream": lambda: end_of_file(close_handler=False),
}
kit.watch()
kit.tell(**SCENARIOS[scenario]())
