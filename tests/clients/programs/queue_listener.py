"""QueueHandler and QueueListener: by hand, and by dictConfig from 3.12 on."""

import logging
import logging.config
import logging.handlers
import pickle
import queue
import sys
import threading

import describe


class Shown(logging.Handler):
    """Prints each record's fields."""

    def emit(self, record):
        """Print them."""
        print(describe.fields(record), describe.keys(record))


class Kept(logging.handlers.QueueHandler):
    """Overrides prepare, as the documentation allows."""

    def prepare(self, record):
        """Pass the record on untouched."""
        return record


def log_all(logger):
    """Log in all ways."""
    logger.debug("below the level")
    logger.info("plain")
    logger.warning("args %s %d", "a", 2, extra={"user": "eve"})
    logger.error("object %r", object)
    try:
        int("x")
    except ValueError:
        logger.exception("caught %s", "it")
    logger.info("stack", stack_info=True)


def by_hand():
    """One thread's records through a queue, seen on both sides."""
    logger = logging.getLogger("by.hand")
    logger.setLevel("INFO")
    logger.propagate = False
    for kind in (logging.handlers.QueueHandler, Kept):
        waiting = queue.SimpleQueue()
        handler = kind(waiting)
        logger.handlers = [handler]
        log_all(logger)
        handler.setFormatter(logging.Formatter("<%(levelname)s> %(message)s"))
        logger.warning("formatted before it is queued %d", 1)
        copies = []
        while not waiting.empty():
            record = waiting.get()
            print(describe.fields(record))
            copies.append(record)
        restored = [pickle.loads(pickle.dumps(record)) for record in copies[:3]]
        print([vars(r) == vars(o) for r, o in zip(restored, copies, strict=False)])


def listen(respect):
    """A listener with two handlers, several threads logging."""
    waiting = queue.Queue()
    out = logging.StreamHandler(sys.stdout)
    out.setFormatter(logging.Formatter("%(threadName)s %(levelname)s %(message)s"))
    high = Shown()
    high.setLevel(logging.ERROR)
    listener = logging.handlers.QueueListener(
        waiting, out, high, respect_handler_level=respect
    )
    logger = logging.getLogger("listened")
    logger.setLevel("INFO")
    logger.propagate = False
    logger.handlers = [logging.handlers.QueueHandler(waiting)]
    listener.start()
    for number in range(3):
        thread = threading.Thread(target=log_all, args=(logger,), name=f"t{number}")
        thread.start()
        thread.join()
    listener.stop()
    listener.handlers = (out,)
    listener.handle(logging.makeLogRecord({"msg": "direct", "levelno": 25}))


def configured():
    """A queue handler by dictConfig; 3.12 and later start the listener with it."""
    handler = {"class": "logging.handlers.QueueHandler", "handlers": ["out"]}
    if sys.version_info < (3, 12):
        handler = {"class": "logging.handlers.QueueHandler", "queue": queue.Queue()}
    logging.config.dictConfig(
        {
            "version": 1,
            "formatters": {"f": {"format": "%(name)s/%(levelname)s/%(message)s"}},
            "handlers": {
                "out": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                    "formatter": "f",
                },
                "queue": {**handler, "level": "INFO"},
            },
            "root": {"handlers": ["queue"], "level": "DEBUG"},
        }
    )
    found = (
        logging.getHandlerByName("queue")
        if hasattr(logging, "getHandlerByName")
        else logging._handlers["queue"]
    )
    listener = getattr(found, "listener", None)
    print(type(found).__name__, listener is not None)
    if listener is None:
        listener = logging.handlers.QueueListener(found.queue, logging._handlers["out"])
    listener.start()
    log_all(logging.getLogger("configured"))
    listener.stop()


by_hand()
listen(False)
listen(True)
configured()
