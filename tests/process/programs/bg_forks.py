"""Forks and new processes, one scenario each: `bg_forks.py SCENARIO FOLDER`.

Every scenario returns how many lines each name has logged to app.log, and more facts.
"""

import concurrent.futures
import contextlib
import json
import multiprocessing
import os
import pathlib
import signal
import subprocess
import sys
import threading
import warnings

import kit

import fastlog as logging

warnings.simplefilter("ignore")
LINES = 500
inheritable = [fd for fd in range(3, 1024) if os.path.exists(f"/proc/self/fd/{fd}")]
inheritable = [fd for fd in inheritable if os.get_inheritable(fd)]
log = logging.getLogger("app")
folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path()


def some(who, start=0, count=LINES):
    """Log some lines."""
    for number in range(start, start + count):
        log.info(kit.LINE, who, number, "of a process")


def leave(name):
    """Write this process's counters, checked to be its own."""
    kit.leave(folder / f"{name}.json")


def forked(body, *args):
    """Run *body* in a child that ends with os._exit; return its wait status."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        status = 1
        try:
            body(*args)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1]


def job(number):
    """Log in a worker of a pool, whose process is told by its number."""
    who = f"{multiprocessing.current_process().name}-{os.getpid()}"
    start = job.__dict__.setdefault("done", 0)
    some(who, start, 50)
    job.done = start + 50
    return who, start + 50


def spawned_job(number):
    """Log in a spawned worker, which must set up its own handler."""
    if not log.handlers:
        kit.file(os.environ["SPAWN_LOG"], "app")
    return job(number)


def totals(answers):
    """Return the highest count of each worker."""
    told = {}
    for who, count in answers:
        told[who] = max(told.get(who, 0), count)
    return told


def pool(method, function):
    """Log in the workers of a Pool, then close it in order."""
    context = multiprocessing.get_context(method)
    some("parent")
    with context.Pool(2) as workers:
        answers = workers.map(function, range(20), chunksize=2)
        workers.close()
        workers.join()
    some("parent", LINES)
    return {"parent": 2 * LINES} | totals(answers)


def executor(method, function):
    """Log in the workers of a process pool of concurrent.futures."""
    context = multiprocessing.get_context(method)
    some("parent")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as workers:
        answers = list(workers.map(function, range(20)))
    some("parent", LINES)
    return {"parent": 2 * LINES} | totals(answers)


def from_thread():
    """Fork from a thread; the child logs from the thread that it has become."""
    statuses = []

    def work():
        some("thread")
        statuses.append(forked(some, "child"))
        some("thread", LINES)

    some("parent")
    thread = threading.Thread(target=work)
    thread.start()
    some("parent", LINES)
    thread.join()
    assert statuses == [0]
    return {"parent": 2 * LINES, "thread": 2 * LINES, "child": LINES}


def generations():
    """A child of a child of a child, each logging before and after."""

    def one(depth):
        some(f"depth{depth}")
        if depth < 3:
            assert forked(one, depth + 1) == 0
        some(f"depth{depth}", LINES)
        leave(f"depth{depth}")

    one(0)
    return {f"depth{depth}": 2 * LINES for depth in range(4)}


def daemonize(*, close_files, logs_before=0):
    """Detach as daemons do: fork, setsid, fork, redirect; then log and exit."""
    some("parent")
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() != 0:
            os._exit(0)
        signal.alarm(30)
        keep = {writer, log.handlers[0].stream.fileno()}
        some("daemon/early", 0, logs_before)
        log.handlers[0].flush()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in range(3):
            os.dup2(null, fd)
        if close_files:
            for fd in range(3, 256):
                if fd not in keep:
                    with contextlib.suppress(OSError):
                        os.close(fd)
            # A descriptor that takes the number of one that was closed.
            (folder / "other.txt").open("w").write("not a log")
            for spare in range(6):
                os.open(folder / f"spare{spare}.txt", os.O_CREAT | os.O_WRONLY)
        some("daemon")
        thread = threading.Thread(target=some, args=("daemon/t",))
        thread.start()
        thread.join()
        leave("daemon")
        sys.exit(0)
    os.close(writer)
    os.wait()
    assert os.read(reader, 1) == b""  # the daemon has ended
    some("parent", LINES)
    told = {"parent": 2 * LINES, "daemon": LINES, "daemon/t": LINES}
    return told | ({"daemon/early": logs_before} if logs_before else {})


def commands():
    """Start programs while the ring is busy; they inherit nothing of the writer."""
    listing = "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))"
    program = [sys.executable, "-c", listing]
    # What a parent left open for this process goes on to its children.
    given = inheritable
    told = []
    for index in range(4):
        some("parent", index * LINES)
        told.append(subprocess.run(program, capture_output=True, text=True).stdout)
    out = folder / "spawned.txt"
    actions = [(os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY | os.O_CREAT, 0o600)]
    some("parent", 4 * LINES)
    child = os.posix_spawn(sys.executable, program, os.environ, file_actions=actions)
    os.waitpid(child, 0)
    told.append(out.read_text())
    told.append(subprocess.getoutput(f'{sys.executable} -c "{listing}"'))
    some("parent", 5 * LINES)
    for line in told:
        # 3 or the next is the listing's own
        more = set(json.loads(line)) - {0, 1, 2, *given}
        assert len(more) <= 1, told
        assert max(more, default=0) < 5, told
    return {"parent": 6 * LINES}


def silent():
    """Children that log nothing end at once, whatever they call."""

    def body():
        assert logging.flush(5)
        assert not logging.stats().writer_alive
        log.handlers[0].flush()
        assert logging.stats().ring_used == 0

    def shut():
        logging.shutdown()

    some("parent")
    assert [forked(body), forked(shut), forked(int)] == [0, 0, 0]
    pid = os.fork()
    if pid == 0:
        sys.exit(5)  # through finalisation
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
    some("parent", LINES)
    return {"parent": 2 * LINES}


def exiting():
    """A child that ends by sys.exit flushes in finalisation."""
    some("parent")
    pid = os.fork()
    if pid == 0:
        some("child")
        sys.exit(6)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 6
    return {"parent": LINES, "child": LINES}


def at_fork():
    """Hooks around a fork may log."""
    done = {"before": 0, "parent": 0}

    def before():
        some("before", done["before"], 20)
        done["before"] += 20

    def in_parent():
        some("hook", done["parent"], 20)
        done["parent"] += 20

    os.register_at_fork(
        before=before,
        after_in_parent=in_parent,
        after_in_child=lambda: some(f"in{os.getpid()}", 0, 20),
    )
    children = {}
    for _ in range(20):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        children[f"in{pid}"] = 20
    return {"before": 400, "hook": 400} | children


def full_ring():
    """Fork while the ring is full and another thread waits for room in it."""
    logging.configure_writer(ring_bytes=1 << 16)
    reader, writer = os.pipe()
    kit.stream(os.fdopen(writer, "w"), "stalled")
    stalled = logging.getLogger("stalled")
    done = [0]

    def work():
        for number in range(5000):
            stalled.info(kit.LINE, "thread", number, "into a pipe")
            done[0] += 1

    def child():
        with open(folder / "child.log", "w") as out:
            kit.stream(out, "app")
            some("child")
            assert log.handlers[0].flush() is None
        for number in range(20):
            stalled.info(kit.LINE, "child", number, "into a pipe")

    thread = threading.Thread(target=work)
    thread.start()
    waiting_at = kit.at_rest(lambda: done[0])
    assert 0 < waiting_at < 5000
    pid = os.fork()
    if pid == 0:
        status = 1
        signal.alarm(30)
        try:
            child()
            status = 0
        finally:
            os._exit(status)
    # The child must finish its own file while the parent's ring is still full.
    kit.until(lambda: (folder / "child.log").exists())
    kit.until(lambda: (folder / "child.log").read_text().count("\n") == LINES)
    assert done[0] == waiting_at
    draining = kit.Reader(reader)
    draining.start()
    assert os.waitpid(pid, 0)[1] == 0
    thread.join()
    assert logging.flush(30)
    draining.end(stalled.handlers[0], folder / "pipe.log")
    return {}


def shared_pipe():
    """Processes write to one pipe; as on `logging`, short lines stay whole."""
    reader, writer = os.pipe()
    handler = kit.stream(os.fdopen(writer, "w"), "app")

    def body(who, count):
        for number in range(count):
            log.info("%s %d %s", who, number, "x" * (number * 7 % 300))

    pids = []
    for index in range(4):
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            signal.alarm(30)
            body(f"child{index}", 5000)
            os._exit(0)
        pids.append(pid)
    thread = kit.Reader(reader)
    thread.start()
    body("parent", 5000)
    statuses = [os.waitpid(pid, 0)[1] for pid in pids]
    assert statuses == [0] * 4, statuses
    thread.end(handler, folder / "app.log")
    return {"parent": 5000} | {f"child{index}": 5000 for index in range(4)}


def configuring():
    """Fork while another thread configures; children configure as well."""
    stop = threading.Event()

    def work():
        index = 0
        while not stop.is_set():
            logging.configure_writer(ring_bytes=1 << (16 + index % 3))
            logging.install()
            index += 1

    def body(index):
        some(f"child{index}", 0, 50)
        logging.configure_writer(ring_bytes=1 << 18, overflow="sync")
        logging.install()
        some(f"child{index}", 50, 50)
        assert logging.stats().ring_bytes == 1 << 18

    thread = threading.Thread(target=work)
    thread.start()
    statuses = {forked(body, index) for index in range(30)}
    stop.set()
    thread.join()
    assert statuses == {0}, statuses
    some("parent")
    return {"parent": LINES} | {f"child{index}": 100 for index in range(30)}


def slow_children():
    """Parents wait for nothing of a child; a child's records are not the parent's."""
    some("parent")
    before = logging.stats()
    pid = os.fork()
    if pid == 0:
        some("child")
        own = logging.stats()
        assert own.accepted == LINES, own
        assert own.written <= LINES, own
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert logging.stats().accepted == before.accepted == LINES
    return {"parent": LINES, "child": LINES}


def other_handlers():
    """A child that opens its own file, and closes what it has of its parent."""

    def child():
        some("child")
        log.handlers[0].close()
        kit.file(folder / "own.log", "app")
        some("own")
        leave("own")

    some("parent")
    assert forked(child) == 0
    some("parent", LINES)
    return {"parent": 2 * LINES, "child": LINES}


SCENARIOS = {
    "pool-fork": lambda: pool("fork", job),
    "pool-spawn": lambda: pool("spawn", spawned_job),
    "executor-fork": lambda: executor("fork", job),
    "executor-spawn": lambda: executor("spawn", spawned_job),
    "thread": from_thread,
    "generations": generations,
    "daemon": lambda: daemonize(close_files=False),
    "daemon-closes": lambda: daemonize(close_files=True),
    "daemon-logs-then-closes": lambda: daemonize(close_files=True, logs_before=50),
    "commands": commands,
    "silent": silent,
    "exiting": exiting,
    "at-fork": at_fork,
    "full-ring": full_ring,
    "shared-pipe": shared_pipe,
    "configuring": configuring,
    "own-stats": slow_children,
    "other-handlers": other_handlers,
}


def main():
    """Run the scenario and tell."""
    kit.watch()
    os.environ["SPAWN_LOG"] = str(folder / "app.log")
    pid = os.getpid()
    handler = kit.file(folder / "app.log", "app")
    told = SCENARIOS[sys.argv[1]]()
    if os.getpid() != pid:
        raise AssertionError("a child went on")
    handler.flush()
    kit.tell(told=told)


if __name__ == "__main__":
    main()
