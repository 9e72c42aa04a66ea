"""dictConfig, fileConfig and basicConfig, one after another, in one process."""

import io
import logging
import logging.config
import sys


class Owner(logging.Filter):
    """A filter with arguments."""

    def __init__(self, owner="nobody"):
        """Keep the owner; the base's __init__ is not called."""
        self.owner = owner

    def filter(self, record):
        """Add the owner."""
        record.owner = self.owner
        return True


def make_formatter(prefix):
    """Return a formatter, as a factory in a configuration."""
    return logging.Formatter(f"{prefix} %(message)s")


DICT = {
    "version": 1,
    "disable_existing_loggers": True,
    "filters": {
        "owner": {"()": Owner, "owner": "eve"},
        "app": {"name": "app"},
    },
    "formatters": {
        "brace": {"format": "{levelname}|{name}|{owner}|{message}", "style": "{"},
        "made": {"()": make_formatter, "prefix": "made"},
        "cls": {"class": "logging.Formatter", "format": "cls %(message)s"},
        "loose": {"format": "%(message)s %%", "validate": False, "datefmt": "%Y"},
    },
    "handlers": {
        "out": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "brace",
            "filters": ["owner"],
        },
        "errors": {
            "()": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "made",
            "level": "ERROR",
            ".": {"terminator": "<end>\n"},
        },
        "memory": {
            "class": "logging.handlers.MemoryHandler",
            "capacity": 2,
            "target": "out",
            "filters": ["app"],
        },
        "loose": {
            "class": "logging.StreamHandler",
            "formatter": "loose",
            "stream": "ext://sys.stdout",
        },
    },
    "loggers": {
        "app": {"level": "INFO", "handlers": ["out"], "propagate": False},
        "app.db": {"level": "DEBUG", "filters": ["owner"]},
        "app.memory": {"handlers": ["memory", "errors"], "propagate": "no"},
    },
    "root": {"level": "WARNING", "handlers": ["errors", "loose"]},
}

INI = """
[loggers]
keys=root,app

[handlers]
keys=out

[formatters]
keys=plain

[logger_root]
level=ERROR
handlers=out

[logger_app]
level=DEBUG
handlers=out
qualname=app
propagate=0

[handler_out]
class=StreamHandler
formatter=plain
args=(sys.stdout,)
level=INFO

[formatter_plain]
format=ini %(levelname)s %(name)s %(message)s
"""


def log(note):
    """Log through every logger of before and after."""
    print("--", note)
    for name in ("old", "app", "app.db", "app.memory", "app.other", None):
        logger = logging.getLogger(name)
        logger.debug("debug %s", name)
        logger.info("info %s", name)
        logger.error("error %s", name)
    print(sorted(logging._handlers), logging.getLogger("old").disabled)


def main():
    """Configure in each way."""
    log("nothing configured")
    logging.basicConfig(stream=sys.stdout, format="basic %(message)s", level="INFO")
    log("basicConfig")
    logging.basicConfig(stream=sys.stderr)
    log("basicConfig again")
    logging.config.dictConfig(DICT)
    log("dictConfig")
    logging.config.dictConfig(
        {
            "version": 1,
            "incremental": True,
            "handlers": {"out": {"level": "ERROR"}},
            "loggers": {"app": {"level": "DEBUG"}, "old": {"level": "INFO"}},
            "root": {"level": "DEBUG"},
        }
    )
    log("incremental")
    logging.config.fileConfig(io.StringIO(INI), disable_existing_loggers=False)
    log("fileConfig")
    logging.basicConfig(
        handlers=[logging.StreamHandler(sys.stdout), logging.NullHandler()],
        force=True,
        level=1,
        style="{",
        format="forced {levelname} {message}",
    )
    log("basicConfig with force")
    for wrong in (
        {},
        {"version": 2},
        {"version": 1, "handlers": {"x": {"class": "no.such.Handler"}}},
        {"version": 1, "root": {"handlers": ["missing"]}},
        {"version": 1, "formatters": {"x": {"format": "{", "style": "{"}}},
        {"version": 1, "root": {"level": "LOUD"}},
    ):
        try:
            logging.config.dictConfig(wrong)
        except ValueError as error:
            print(type(error).__name__, error, "<-", repr(error.__cause__))
    for options in ({"unknown": 1}, {"stream": 1, "filename": 2}, {"style": "?"}):
        try:
            logging.basicConfig(force=True, **options)
        except ValueError as error:
            print(error)
    log("after the errors")
    logging.shutdown()
    log("after shutdown")


main()
