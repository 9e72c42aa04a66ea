"""Logs with the real clock; prints lines whose time fields must agree."""

import logging
import os
import sys
import time

FORMAT = "%(created)r|%(asctime)s|%(msecs)r|%(relativeCreated)r|%(process)d|%(message)s"


class Python(logging.Handler):
    """Prints the same fields from the record."""

    def emit(self, record):
        """Format in Python's own words."""
        text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        print(
            f"{record.created!r}|{text},{int(record.msecs):03d}|{record.msecs!r}"
            f"|{record.relativeCreated!r}|{record.process}|{record.getMessage()}"
        )


def main():
    """Log for somewhat more than a second, so that the second changes."""
    os.environ["TZ"] = sys.argv[1]
    time.tzset()
    native = logging.StreamHandler(sys.stdout)
    native.setFormatter(logging.Formatter(FORMAT))
    loggers = logging.getLogger("native"), logging.getLogger("python")
    for log, handler in zip(loggers, (native, Python()), strict=True):
        log.addHandler(handler)
    print(repr(logging._startTime), os.getpid())
    for number in range(120):
        before = time.time()
        loggers[number % 2].error("line %d", number)
        print(f"{before!r} {time.time()!r}")
        time.sleep(0.01)


main()
