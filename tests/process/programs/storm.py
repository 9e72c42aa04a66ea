"""Fork storm: `storm.py FOLDER [--rounds N] [--start N]`; checks every line itself.

In each round two threads log while six children are made by `os.fork`, which end
with `os._exit`, and four by multiprocessing (fork); all into one file. Children log
before and after from threads too; one in two ends while a thread of it still logs.
Odd rounds have a ring of 64 KiB, in which the parent's threads must wait for room.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import re
import signal
import sys
import threading
import warnings

import kit

import fastlog as logging
from fastlog import _core

warnings.simplefilter("ignore")  # 3.12 and later warn of forks beside threads
LINES, FORKS, PROCESSES, BURST = 60, 6, 4, 300
LINE = re.compile(r"INFO (\S+) (\d+) .{1,60}")
log = logging.getLogger("storm")


class Chatter(threading.Thread):
    """Logs in bursts until told to stop, or until its limit."""

    def __init__(self, who, limit=10**9):
        """Be called *who* in the log."""
        super().__init__(daemon=True)
        self.who, self.limit, self.done = who, limit, 0
        self.stop = threading.Event()

    def run(self):
        """Log; `done` is what has certainly been logged."""
        while self.done < self.limit and not self.stop.is_set():
            for _ in range(min(BURST, self.limit - self.done)):
                log.info(kit.LINE, self.who, self.done, "from a thread")
                self.done += 1
            self.stop.wait(0.0005)

    def reach(self, number):
        """Wait until *number* lines are logged."""
        kit.until(lambda: self.done >= number)


def child(who, out, *, leave_thread):
    """Log from a child and tell through *out* how many lines each name has."""
    signal.alarm(30)
    before = _core.counts()
    thread = Chatter(f"{who}/t", LINES)
    thread.start()
    for number in range(LINES):
        log.info(kit.LINE, who, number, "from a child" + "." * (number % 37))
    thread.join()
    told = {who: LINES, f"{who}/t": LINES}
    if leave_thread:
        last = Chatter(f"{who}/d")
        last.start()
        last.reach(BURST)
        told[f"{who}/d"] = -last.done  # at least
    counts = _core.counts()
    used = sum(counts[name] - before[name] for name in ("pushes", "lines"))
    report = {"told": told, "used": used, "ring": logging.stats().ring_bytes}
    os.write(out, json.dumps(report).encode() + b"\n")


def one_fork(index, out):
    """Make a child by os.fork; return its number."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            child(f"fork{index}", out, leave_thread=bool(index % 2))
            status = 0
        finally:
            os._exit(status)
    return pid


def check(path, told):
    """Compare the file with what everybody told; return the number of lines."""
    found = {}
    text = path.read_text()
    assert text.endswith("\n"), "the file ends within a line"
    for line in text.split("\n")[:-1]:
        match = LINE.fullmatch(line)
        assert match, f"not a whole line: {line!r}"
        due = found.get(match[1], 0)
        assert int(match[2]) == due, f"{line!r} where {match[1]} {due} was due"
        found[match[1]] = due + 1
    assert found.keys() == told.keys(), (found, told)
    for who, number in told.items():
        right = found[who] >= -number if number < 0 else found[who] == number
        assert right, f"{who}: {found[who]} lines, told {number}"
    return sum(found.values())


def storm(index, path):
    """Do one round; return (lines, records of children that went to a ring)."""
    ring = 1 << 16 if index % 2 else 1 << 22
    logging.configure_writer(ring_bytes=ring)
    handler = kit.file(path, "storm")
    reader, writer = os.pipe()
    fork = multiprocessing.get_context("fork")
    chatters = [Chatter(f"parent{i}") for i in range(2)]
    for chatter in chatters:
        chatter.start()
    pids, processes = [], []
    for number in range(max(FORKS, PROCESSES)):
        chatters[number % 2].reach(BURST * number)
        if number < FORKS:
            pids.append(one_fork(number, writer))
        if number < PROCESSES:
            process = fork.Process(
                target=child,
                args=(f"process{number}", writer),
                kwargs={"leave_thread": bool(number % 2)},
            )
            process.start()
            processes.append(process)
    statuses = [os.waitpid(pid, 0)[1] for pid in pids]
    for process in processes:
        process.join()
        statuses.append(process.exitcode)
    for chatter in chatters:
        chatter.stop.set()
        chatter.join()
    assert statuses == [0] * (FORKS + PROCESSES), statuses
    assert logging.flush(60)
    handler.close()
    os.close(writer)
    with os.fdopen(reader) as told_by:
        reports = [json.loads(line) for line in told_by]
    told = {chatter.who: chatter.done for chatter in chatters}
    for report in reports:
        told |= report["told"]
        # A call may take another way while a thread changes what it depends on.
        assert report["used"] > 0, report
        assert report["ring"] == ring, report
    return check(path, told), sum(report["used"] for report in reports)


def main():
    """Do the rounds and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--start", type=int, default=0)
    options = parser.parse_args()
    lines = used = 0
    for index in range(options.start, options.start + options.rounds):
        kit.watch(100)
        path = options.folder / f"storm{index}.log"
        more = storm(index, path)
        lines, used = lines + more[0], used + more[1]
        path.unlink()
        if sys.stdout.isatty():
            print("round", index, more, flush=True)
    kit.tell(rounds=options.rounds, lines=lines, children=used)


if __name__ == "__main__":
    main()
