"""Threads log while another renames the file: `logrotate.py RECORDS FOLDER`."""

import logging
import os
import pathlib
import sys
import threading
from logging import handlers


def main():
    """Log from four threads; rename until they are done."""
    records, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    path = folder / "app.log"
    handler = handlers.WatchedFileHandler(path)
    handler.setFormatter(logging.Formatter("%(levelname)s %(threadName)s %(message)s"))
    log = logging.getLogger("app")
    log.setLevel(logging.INFO)
    log.addHandler(handler)

    def work():
        for number in range(records):
            log.info("line %d", number)

    workers = [threading.Thread(target=work, name=f"t{i}") for i in range(4)]
    for worker in workers:
        worker.start()
    moved = 0
    while any(worker.is_alive() for worker in workers):
        if path.exists() and moved < 200:
            os.replace(path, folder / f"app.log.{moved}")
            moved += 1
        workers[0].join(0.005)
    print(4 * records, file=sys.stdout)
    print(moved > 0)


main()
