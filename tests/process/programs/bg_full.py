"""A full ring and sinks that stand still: `bg_full.py SCENARIO FOLDER`."""

import collections
import contextlib
import os
import pathlib
import signal
import sys
import threading

import kit

import fastlog as logging

RING = 1 << 16
MANY = 20_000  # lines that never fit into a ring of 64 KiB and a pipe
THREADS = 8
log = logging.getLogger("stalled")
other = logging.getLogger("other")
scenario, folder = sys.argv[1], pathlib.Path(sys.argv[2])


class Pipe:
    """A pipe that is read only when `drain` says so; then to app.log."""

    def __init__(self, *names, blocking=True):
        """Make a background handler that writes to it."""
        self.reader, writer = os.pipe()
        os.set_blocking(writer, blocking)
        self.stream = os.fdopen(writer, "w", encoding="utf-8")
        self.handler = kit.stream(self.stream, *(names or ("stalled",)))
        self.thread = kit.Reader(self.reader)

    def drain(self):
        """Start to read."""
        self.thread.start()

    def end(self):
        """Flush, close, and read to the end."""
        assert logging.flush(60)
        self.thread.end(self.handler, folder / "app.log")


def small(overflow="block", **options):
    """Ask for a small ring."""
    logging.configure_writer(ring_bytes=RING, overflow=overflow, **options)


def numbers(who, count=MANY, start=0, done=None, level=logging.INFO):
    """Log lines; tell in *done* how many calls have returned."""
    for number in range(start, start + count):
        log.log(level, kit.LINE, who, number, "of many")
        if done is not None:
            done[0] = number + 1


def when_stuck(done, action):
    """Call *action* from a thread once *done* stands still for a while."""

    def work():
        kit.until(lambda: done[0] > 0)
        kit.at_rest(lambda: done[0])
        action()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def interrupt():
    """SIGINT reaches a call that waits for room; KeyboardInterrupt leaves it."""
    small()
    pipe = Pipe()
    done = [0]
    thread = when_stuck(done, lambda: os.kill(os.getpid(), signal.SIGINT))
    caught = 0
    try:
        numbers("main", done=done)
    except KeyboardInterrupt:
        caught = 1
    thread.join()
    first = done[0]
    # And once more: the ring is as full as before.
    again = [0]
    thread = when_stuck([1], lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        numbers("again", done=again)
    except KeyboardInterrupt:
        caught += 1
    thread.join()
    pipe.drain()
    numbers("after", 100)
    pipe.end()
    kit.tell(caught=caught, first=first, again=again[0])


def signal_logs():
    """A signal handler logs while the main thread waits for room."""
    small()
    pipe = Pipe()
    done, handled = [0], [0]

    def on_signal(*_):
        log.info(kit.LINE, "handler", handled[0], "in a signal handler")
        handled[0] += 1

    def stuck():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
        kit.at_rest(lambda: handled[0])
        pipe.drain()

    signal.signal(signal.SIGUSR1, on_signal)
    thread = when_stuck(done, stuck)
    numbers("main", done=done)
    thread.join()
    pipe.end()
    kit.tell(told={"main": MANY, "handler": handled[0]})


def releases_the_gil():
    """Other threads compute, and log elsewhere, while one waits for room."""
    small()
    pipe = Pipe()
    done = [0]
    thread = threading.Thread(target=numbers, args=("thread",), kwargs={"done": done})
    thread.start()
    stuck_at = kit.at_rest(lambda: done[0])
    plain = logging.FileHandler(folder / "plain.log")
    plain.setFormatter(logging.Formatter(kit.FORMAT))
    other.addHandler(plain)
    other.propagate = False
    for number in range(1000):
        other.warning(kit.LINE, "other", number, "not in the background")
    still = done[0]
    pipe.drain()
    thread.join()
    pipe.end()
    kit.tell(told={"thread": MANY}, stuck_at=stuck_at, still=still)


def flushes(*, blocking):
    """Flush with a time limit while a sink stands still; another one is healthy."""
    pipe = Pipe(blocking=blocking)
    healthy = kit.file(folder / "healthy.log", "other")
    numbers("main", 10_000)  # more than the pipe holds, less than the ring
    for number in range(1000):
        other.info(kit.LINE, "other", number, "to a file")
    healthy.flush()
    written = (folder / "healthy.log").read_text().count("\n")
    early = [logging.flush(0), logging.flush(0.2), logging.flush(timeout=0.05)]
    waiting = logging.stats().ring_used
    for number in range(1000, 1100):
        other.info(kit.LINE, "other", number, "to a file")
    healthy.flush()
    again = (folder / "healthy.log").read_text().count("\n")
    pipe.drain()
    late = logging.flush(60)
    pipe.end()
    kit.tell(
        told={"main": 10_000},
        written=written,
        again=again,
        early=early,
        waiting=waiting,
        late=late,
        errors=logging.stats().write_errors,
    )


def exits(*, blocking, how):
    """Exit while a sink stands still; the time limit holds."""
    reader = int(os.environ["READER"])
    stream = os.fdopen(int(os.environ["WRITER"]), "w", encoding="utf-8")
    os.set_blocking(stream.fileno(), blocking)
    os.close(reader)
    logging.configure_writer(shutdown_timeout=0.5)
    kit.stream(stream, "stalled")
    kit.file(folder / "healthy.log", "other")
    for number in range(5000):
        log.info(kit.LINE, "main", number, "of many" + "x" * 20)
        other.info(kit.LINE, "other", number, "to a file")
    kit.leave(folder / "facts.json")
    if how == "shutdown":
        logging.shutdown()
        os.write(2, b"after shutdown\n")
        os._exit(8)
    if how == "os-exit":
        os._exit(8)
    if how == "exec":
        os.execv(sys.executable, [sys.executable, "-c", "raise SystemExit(8)"])
    sys.exit(8)


def policy(overflow, sink):
    """Eight threads at full rate through a small ring, at three levels."""
    small(overflow)
    if sink == "pipe":
        pipe = Pipe()
        pipe.drain()
    else:
        handler = kit.file(folder / "app.log", "stalled")
    start = threading.Barrier(THREADS)
    levels = (logging.INFO, logging.WARNING, logging.ERROR)

    def work(index):
        start.wait()
        numbers(f"t{index}", level=levels[index % 3])

    workers = [threading.Thread(target=work, args=(i,)) for i in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert logging.flush(60)
    finish(levels)
    if sink == "pipe":
        pipe.end()
    else:
        handler.close()
    kit.tell(called=called(levels))


def called(levels):
    """Return the calls of `policy` by level number."""
    found = collections.Counter()
    for index in range(THREADS):
        found[levels[index % 3]] += MANY
    return found


def finish(levels):
    """Give the writer a reason and room to say what was dropped last."""
    for level in levels:
        log.log(level, kit.LINE, f"last{level}", 0, "when there is room")
    assert logging.flush(60)


def drop_stalled():
    """With a sink that stands still most is dropped; then the log says what."""
    small("drop")
    pipe = Pipe()
    for level in (logging.INFO, logging.ERROR):
        numbers(f"level{level}", level=level)
    dropped = {str(k): v for k, v in logging.stats().dropped.items()}
    pipe.drain()
    assert logging.flush(60)
    finish((logging.INFO, logging.ERROR))
    numbers("later", 500)
    pipe.end()
    kit.tell(called={"20": MANY, "40": MANY}, at_first=dropped)


def sync_stalled():
    """With a sink that stands still the caller writes, and waits as on `logging`."""
    small("sync")
    pipe = Pipe()
    done = [0]
    thread = when_stuck(done, pipe.drain)
    numbers("main", done=done)
    thread.join()
    pipe.end()
    kit.tell(told={"main": MANY})


def changes_policy():
    """A thread that waits in a full ring is let go when the policy becomes drop."""
    small()
    pipe = Pipe(blocking=False)
    done = [0]
    thread = threading.Thread(target=numbers, args=("thread",), kwargs={"done": done})
    thread.start()
    kit.at_rest(lambda: done[0])
    threading.Timer(0.5, pipe.drain).start()
    # Pending records are written first: this waits for the reader.
    logging.configure_writer(ring_bytes=1 << 20, overflow="block")
    thread.join()
    ring = logging.stats().ring_bytes
    pipe.end()
    kit.tell(told={"thread": MANY}, ring=ring)


SCENARIOS = {
    "interrupt": interrupt,
    "signal": signal_logs,
    "gil": releases_the_gil,
    "flush-blocking": lambda: flushes(blocking=True),
    "flush-nonblocking": lambda: flushes(blocking=False),
    "drop-stalled": drop_stalled,
    "sync-stalled": sync_stalled,
    "changes-policy": changes_policy,
}
for _overflow in ("block", "drop", "sync"):
    for _sink in ("file", "pipe"):
        SCENARIOS[f"{_overflow}-{_sink}"] = lambda o=_overflow, s=_sink: policy(o, s)
for _how in ("exit", "shutdown", "os-exit", "exec"):
    for _name, _blocking in (("blocking", True), ("nonblocking", False)):
        SCENARIOS[f"{_how}-{_name}"] = lambda h=_how, b=_blocking: exits(
            blocking=b, how=h
        )

kit.watch()
with contextlib.suppress(BrokenPipeError):
    SCENARIOS[scenario]()
