"""python-json-logger, whose formatter takes `record.__dict__` for user data."""

import logging
import logging.config
import sys

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter


class Renamed(JsonFormatter):
    """Adds and removes fields, as its documentation shows."""

    def add_fields(self, log_data, record, message_dict):
        """Add the level in lower case; drop the name."""
        super().add_fields(log_data, record, message_dict)
        log_data["level"] = record.levelname.lower()
        log_data.pop("name", None)


FORMATTERS = [
    JsonFormatter(),
    JsonFormatter("%(levelname)s %(name)s %(message)s %(lineno)d %(funcName)s"),
    JsonFormatter("{levelname}{message}{module}", style="{"),
    JsonFormatter("$levelname $message ${filename}", style="$"),
    JsonFormatter(
        "%(levelname)s %(message)s %(missing)s",
        rename_fields={"levelname": "LEVEL"},
        static_fields={"service": "shop"},
        defaults={"missing": "default"},
    ),
    JsonFormatter(["message", "levelno"], json_indent=1),
    JsonFormatter(reserved_attrs=[*RESERVED_ATTRS, "user"]),
    Renamed("%(name)s %(message)s"),
]


def main():
    """Log through each formatter."""
    logger = logging.getLogger("shop.json")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    handler = logging.StreamHandler(sys.stdout)
    logger.addHandler(handler)
    for number, formatter in enumerate(FORMATTERS):
        print("formatter", number)
        handler.formatter = formatter
        logger.debug("plain")
        logger.info("args %s %d", "é", 2)
        logger.warning("extra", extra={"user": "eve", "n": 1.5, "t": (1, 2)})
        logger.error({"text": "a mapping", "n": 3})
        logger.info("dict args %(a)s", {"a": 1})
        try:
            raise OSError(5, "broken")
        except OSError:
            logger.error("type only", exc_info=True, extra={"exc_text": None}) if (
                number == -1
            ) else logger.exception("caught")
    logging.config.dictConfig(
        {
            "version": 1,
            "formatters": {
                "json": {
                    "()": "pythonjsonlogger.json.JsonFormatter",
                    "format": "%(message)s %(levelname)s",
                }
            },
            "handlers": {
                "out": {
                    "class": "logging.StreamHandler",
                    "formatter": "json",
                    "stream": "ext://sys.stdout",
                }
            },
            "root": {"handlers": ["out"], "level": "INFO"},
        }
    )
    logging.getLogger("configured").info("by dictConfig", extra={"k": [1]})


main()
