"""Eight threads log through one handler: `threads.py KIND RECORDS FOLDER`."""

import logging
import pathlib
import sys
import threading
from logging import handlers

THREADS = 8
FORMAT = "%(levelname)s %(threadName)s %(message)s"


def make(kind, path):
    """Return the handler called *kind*, which keeps every line somewhere."""
    if kind == "file":
        return logging.FileHandler(path)
    if kind == "delay":
        return logging.FileHandler(path, delay=True)
    if kind == "watched":
        return handlers.WatchedFileHandler(path)
    if kind == "rotating":
        return handlers.RotatingFileHandler(path, maxBytes=200_000, backupCount=1000)
    if kind == "timed":
        made = handlers.TimedRotatingFileHandler(path, when="S", backupCount=0)
    else:
        made = logging.StreamHandler(path.open("w", encoding="utf-8"))
    return made


def main():
    """Log, and say how many lines there should be."""
    kind, records, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    handler = make(kind, folder / "app.log")
    handler.setFormatter(logging.Formatter(FORMAT))
    log = logging.getLogger("app")
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    log.propagate = False
    start = threading.Barrier(THREADS)

    def work():
        start.wait()
        for number in range(records):
            log.info("line %d of %s", number, "caf\u00e9")

    workers = [threading.Thread(target=work, name=f"t{i}") for i in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    handler.close()
    print(THREADS * records)


main()
