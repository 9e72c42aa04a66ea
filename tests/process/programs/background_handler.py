"""BackgroundHandler in a process that forks, ends, is interrupted: `… WHAT FOLDER`.

The target is a handler in Python that writes each line with one os.write.
"""

import atexit
import gc
import itertools
import logging
import os
import pathlib
import signal
import sys
import threading
import warnings
import weakref

from fastlog.handlers import BackgroundHandler

warnings.simplefilter("ignore")
WAIT_S = 30
folder = pathlib.Path(sys.argv[2])
log = logging.getLogger("app")
log.setLevel(logging.DEBUG)


class Lines(logging.Handler):
    """Writes to a file, and counts the lines of other threads than the main one."""

    def __init__(self, open_=True):
        """Open the file; write once `open` is set."""
        super().__init__()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self.fd = os.open(folder / "app.log", flags)
        self.elsewhere = 0
        self.open = threading.Event()
        if open_:
            self.open.set()

    def emit(self, record):
        """Write a line."""
        if not self.open.is_set():  # wait() cannot be entered twice by one thread
            self.open.wait(WAIT_S)
        os.write(self.fd, f"{self.format(record)}\n".encode())
        self.elsewhere += threading.current_thread() is not threading.main_thread()


def make(**options):
    """Add a handler and return it with its target."""
    target = Lines(options.pop("open_", True))
    handler = BackgroundHandler(target, **options)
    log.addHandler(handler)
    return handler, target


def ending():
    """Leave records behind, and go on logging while the interpreter ends."""
    handler, target = make(open_=False)
    for number in range(500):
        log.info("pending %d", number)

    @atexit.register
    def late():
        log.info("at exit")
        target.open.set()
        assert handler.flush(WAIT_S)
        assert handler.handled == 501, handler.handled
        assert target.elsewhere == 501


def ending_late():
    """Log in a function that runs after the thread was ended, and in a daemon."""
    import fastlog._background as background

    atexit.unregister(background._at_exit)
    atexit.register(lambda: log.info("after the end of the thread"))
    atexit.register(background._at_exit)
    handler, target = make()
    begun = threading.Event()

    def chatter():
        number = 0
        while True:
            log.info("daemon %d", number)
            number += 1
            begun.set()

    threading.Thread(target=chatter, daemon=True).start()
    assert begun.wait(WAIT_S)
    assert handler.flush(WAIT_S)
    assert target.elsewhere > 0


def hanging():
    """End with a target that never comes back."""
    make(open_=False, shutdown_timeout=0.2)
    for number in range(5):
        log.info("never %d", number)


def children(do, count):
    """Fork *count* children that run *do*; tell how they ended."""
    for index in range(count):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                signal.alarm(WAIT_S)
                do(index)
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(pid, 0)[1] == 0, index


def forking():
    """Fork with records pending, and while threads log."""
    handler, target = make(open_=False, capacity=1000)
    for number in range(500):
        log.info("pending %d", number)

    def in_child(index):
        target.open.set()
        assert (handler.pending, handler.accepted) == (0, 0)
        for number in range(20):
            log.info("child%d %d", index, number)
        assert handler.flush(WAIT_S)
        assert handler.handled == target.elsewhere == 20
        if index % 2:
            handler.close()
            log.info("child%d closed", index)

    children(in_child, 6)
    target.open.set()
    stop, counts = threading.Event(), [0, 0]

    def chatter(index):
        while not stop.is_set():
            log.info("thread%d %d", index, counts[index])
            counts[index] += 1

    threads = [threading.Thread(target=chatter, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()

    def in_storm(index):
        target.elsewhere = 0
        in_child(index + 6)

    children(in_storm, 20)
    stop.set()
    for thread in threads:
        thread.join()
    assert handler.flush(WAIT_S)
    print(500 + sum(counts) + 26 * 20 + 3 + 10)


def forking_target():
    """A target that forks: the child returns from it, and is no second parent."""
    _, target = make(open_=False)
    pids = []

    def fork(record):  # in a filter: without the target's lock
        if record.msg == "fork":
            pids.append(os.fork())
            if pids[0] == 0:
                signal.alarm(WAIT_S)
        return not pids or pids[-1] != 0

    target.addFilter(fork)
    log.info("fork")
    for number in range(100):
        log.info("pending %d", number)
    target.open.set()
    assert log.handlers[0].flush(WAIT_S)
    assert len(pids) == 1
    assert os.waitpid(pids[0], 0)[1] == 0
    print(101)


def moments(overflow):
    """Signals, deaths and weak references, at any step, with a queue that is full."""
    handler, target = make(capacity=3, overflow=overflow)
    counted, numbers = [], itertools.count()

    def on_signal(*_):
        number = next(numbers)  # in one step: another signal may come after it
        counted.append(number)
        log.info("signal %d", number)

    signal.signal(signal.SIGALRM, on_signal)

    class Dying:
        def __init__(self, number):
            self.number, self.own = number, self

        def __del__(self):
            log.info("dead %d", self.number)

    class Seen:
        pass

    gc.set_threshold(50)
    seen = []
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    for number in range(3000):
        log.info("line %d %s", number, [Dying(number)])
        thing = Seen()
        seen.append(weakref.ref(thing, lambda _, n=number: log.info("weak %d", n)))
        del thing
    signal.setitimer(signal.ITIMER_REAL, 0)
    for _ in range(2):  # what waited may keep the last ones alive
        assert handler.flush(WAIT_S)
        gc.collect()
    assert handler.flush(WAIT_S)
    assert target.elsewhere > 0
    assert len(counted) > 0
    lost = sum(handler.dropped.values())
    assert handler.accepted == handler.handled
    assert handler.accepted + lost + handler.ignored == 9000 + len(counted)
    assert overflow == "drop" or lost == 0
    print(handler.accepted)


def interrupts():
    """Interrupts leave the log call, and the handler goes on."""
    handler, target = make(open_=False, capacity=1)

    class InterruptError(Exception):
        pass

    def on_signal(*_):
        raise InterruptError

    signal.signal(signal.SIGALRM, on_signal)
    caught = 0
    for number in range(20):
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        try:
            while True:
                log.info("line %d", number)
        except InterruptError:
            caught += 1
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        handler.flush()
    except InterruptError:
        caught += 1
    target.open.set()
    log.info("last")
    assert handler.flush(WAIT_S)
    assert caught == 21
    print(handler.handled)


def spawned(folder_):
    """Log in a process of multiprocessing's."""
    for number in range(100):
        log.info("worker %s %d", folder_, number)
    assert log.handlers[0].flush(WAIT_S)


def multiprocess():
    """Processes of a pool; each has a thread of its own."""
    import multiprocessing

    handler, _ = make()
    log.info("parent")
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=spawned, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert handler.flush(WAIT_S)
    assert handler.handled == 1
    print(401)


what, _, rest = sys.argv[1].partition(":")
globals()[what](*([rest] if rest else []))
