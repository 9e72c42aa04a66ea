"""Worker processes, forked or spawned, that log into a queue of the parent's."""

import logging
import logging.handlers
import multiprocessing
import os
import sys


class Sender(logging.handlers.QueueHandler):
    """Writes into the pipe at once: a child may end without a feeder thread."""

    def enqueue(self, record):
        """Put the record."""
        self.queue.put(record)


def worker(waiting, number, late):
    """Log from a child; `late` says to install fastlog in a spawned one."""
    counters = None
    if late:
        import fastlog

        fastlog.install()
    if "fastlog" in sys.modules:
        from fastlog import _core

        counters = _core.counts
    before = counters() if counters else {}
    logger = logging.getLogger("worker")
    logger.handlers = [Sender(waiting)]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    for i in range(5):
        logger.info("worker %d line %d", number, i, extra={"number": number})
    try:
        [number][1]
    except IndexError:
        logger.exception("worker %d failed", number)
    if counters:
        after = counters()
        native = any(after[key] > before[key] for key in ("calls", "records"))
        sys.exit(0 if native else 9)


def main():
    """Start three workers one after another; print what came through the queue."""
    method = sys.argv[1]
    # Before the fork: forked children inherit a state that already logged.
    logging.basicConfig(
        stream=sys.stdout,
        format="%(processName)s %(levelname)s %(name)s %(message)s",
        level=logging.INFO,
    )
    logging.info("in the parent")
    context = multiprocessing.get_context(method)
    log = multiprocessing.log_to_stderr(logging.WARNING)
    print(log.handlers[0].formatter._fmt, log.propagate, log.level)
    for number in range(3):
        waiting = context.SimpleQueue()
        process = context.Process(
            target=worker,
            args=(waiting, number, method == "spawn" and "fastlog" in sys.modules),
            name=f"P{number}",
        )
        process.start()
        records = [waiting.get() for _ in range(6)]
        process.join(60)
        print("exit", process.exitcode)
        for record in records:
            print(record.process != os.getpid(), getattr(record, "number", None))
            logging.getLogger(record.name).handle(record)
    logging.info("in the parent again")


if __name__ == "__main__":
    main()
