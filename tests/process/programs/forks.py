"""Forks while threads log: `forks.py HOW FORKS FOLDER`; children log and leave."""

import logging
import multiprocessing
import os
import pathlib
import signal
import sys
import threading
import warnings
from logging import handlers

warnings.simplefilter("ignore")
LINES = 50
stop = threading.Event()
log = logging.getLogger("app")


def child(label):
    """Log from a child, in its main thread and in a thread of its own."""
    signal.alarm(20)  # plain `logging` can hang here; ours must not
    for number in range(LINES):
        log.info("%s line %d", label, number)
    worker = threading.Thread(target=log.warning, args=("%s thread", label))
    worker.start()
    worker.join()


def chatter(index, written):
    """Log until told to stop; count the lines."""
    number = 0
    while not stop.is_set():
        log.info("parent%d line %d", index, number)
        number += 1
    written[index] = number


def fork_once(how, index):
    """Make one child, wait for it, and return how it ended."""
    label = f"child{index}"
    if how == "os":
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                child(label)
                status = 0
            finally:
                os._exit(status)
        return os.waitpid(pid, 0)[1]
    process = multiprocessing.get_context("fork").Process(target=child, args=(label,))
    process.start()
    process.join()
    return process.exitcode


def main():
    """Fork again and again while three threads log."""
    how, forks, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    kinds = {
        "file": lambda path: logging.FileHandler(path),
        "watched": lambda path: handlers.WatchedFileHandler(path),
    }
    for name, make in kinds.items():
        handler = make(folder / f"{name}.log")
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    written = {}
    workers = [threading.Thread(target=chatter, args=(i, written)) for i in range(3)]
    for worker in workers:
        worker.start()
    statuses = {fork_once(how, index) for index in range(forks)}
    stop.set()
    for worker in workers:
        worker.join()
    print(statuses)
    print(sum(written.values()), forks * (LINES + 1))


main()
