"""coloredlogs: install(), its formatter and filters, and records of another class."""

import logging
import sys

import coloredlogs


class Empty:
    """Copies the fields of a record, then takes its class."""


def main():
    """Install several times, with different settings."""
    logger = logging.getLogger("shop.colored")
    coloredlogs.install(
        level="DEBUG",
        logger=logger,
        stream=sys.stdout,
        isatty=True,
        fmt="%(hostname).0s%(name)s %(levelname)s %(message)s",
        programname="app",
    )
    logger.propagate = False
    logger.debug("plain")
    logger.info("args %s", 1)
    logger.warning("odd")
    logger.error("bad")
    logger.critical("worse")
    coloredlogs.set_level("WARNING")
    print(coloredlogs.get_level(), logger.handlers[0].level)
    coloredlogs.increase_verbosity()
    print(coloredlogs.get_level(), coloredlogs.is_verbose())
    coloredlogs.install(
        logger=logger,
        level="INFO",
        stream=sys.stdout,
        isatty=False,
        fmt="%(programname)s[%(username).0s] {%(levelname)s} %(message)s",
        programname="app",
    )
    print(len(logger.handlers))
    logger.debug("hidden")
    logger.info("no colours %d", 2)
    handler, found = coloredlogs.find_handler(
        logger, lambda h: isinstance(h, logging.StreamHandler)
    )
    print(handler is logger.handlers[0], found is logger)
    handler.filters = []
    handler.setFormatter(
        coloredlogs.BasicFormatter("%(asctime)s.%(msecs)03d|%(message)s", "DATE")
    )
    record = logging.makeLogRecord(
        {"msg": "made %s", "args": ("up",), "levelname": "INFO", "msecs": 7.0}
    )
    print(handler.format(record))
    copied = Empty()
    copied.__class__ = record.__class__
    copied.__dict__.update(record.__dict__)
    print(handler.format(copied), type(copied) is logging.LogRecord)
    logger._cache.clear()
    handler.setFormatter(coloredlogs.ColoredFormatter("%(levelname)s %(message)s"))
    logger.info("after the cache was cleared")


main()
