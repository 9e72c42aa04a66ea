"""The same records to a handler in Python: at once, or in fastlog's background."""

import logging
import random
import sys
import threading


class Printing(logging.Handler):
    """A handler that exists only in Python."""

    def __init__(self):
        """Begin with no thread seen."""
        super().__init__()
        self.threads = set()

    def emit(self, record):
        """Print all that a formatter makes of *record*."""
        try:
            print(self.format(record), record.args)
        except Exception:
            self.handleError(record)
        self.threads.add(threading.current_thread())


class Request:
    """An object whose text changes; as an argument it has no address in its repr."""

    def __init__(self):
        """Begin at nothing."""
        self.path = "/"

    def __str__(self):
        """Return the path."""
        return self.path

    def __repr__(self):
        """Return always the same."""
        return "<Request>"


target = Printing()
target.setFormatter(
    logging.Formatter(
        "%(levelname)s %(name)s %(funcName)s %(threadName)s %(user)s %(message)s",
        defaults={"user": "-"},
    )
)
handler = target
if "fastlog" in sys.modules:
    from fastlog.handlers import BackgroundHandler

    handler = BackgroundHandler(target, capacity=50)
log = logging.getLogger("app")
log.setLevel(logging.DEBUG)
log.addHandler(handler)
rng = random.Random(7)
request = Request()


def one():
    """Log one of many kinds of records."""
    request.path = f"/{rng.randint(0, 9)}"
    level = rng.choice([10, 20, 30, 40, 50])
    number, text = rng.randint(-99, 10**20), rng.choice(["", "é", "100 %", "%s"])
    kind = rng.randrange(7)
    if kind == 0:
        log.log(level, text or "nothing")
    elif kind == 1:
        log.log(level, "%s of %r: %d", request, text, number)
    elif kind == 2:
        log.log(level, "%(a)s %(b)5.1f", {"a": request, "b": number})
    elif kind == 3:
        log.log(level, ValueError(text))
    elif kind == 4:
        log.log(level, "%x %s", number, None, extra={"user": text})
    elif kind == 5:
        log.log(level, {"path": text, "number": number})
    else:
        log.log(level, "%-6s|%.2e|%%", text, number)


for _ in range(2000):
    one()
for _ in range(20):
    try:
        raise KeyError(str(request))
    except KeyError:
        log.exception("failed: %s", request, stack_info=False)
    log.info("bad arguments", request)
logging.shutdown()
if handler is not target:
    assert handler.accepted == handler.handled == 2020
    assert threading.main_thread() not in target.threads
