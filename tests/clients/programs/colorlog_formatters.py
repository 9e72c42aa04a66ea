"""colorlog: a formatter whose style formats objects that are no records."""

import logging
import sys

import colorlog


def log_all(logger):
    """Log at every level."""
    logger.debug("plain")
    logger.info("args %s %d", "a", 1)
    logger.warning("two\nlines")
    logger.log(35, "custom level")
    logger.error("extra", extra={"user": "eve"})
    try:
        raise TypeError("odd")
    except TypeError:
        logger.exception("caught")
    logger.critical("percent 100%")


def main():
    """Log through colorlog's formatters, styles and wrappers."""
    formatters = [
        colorlog.ColoredFormatter(force_color=True),
        colorlog.ColoredFormatter(
            "%(log_color)s%(levelname)-8s%(reset)s %(second_log_color)s%(message)s",
            secondary_log_colors={"second": {"ERROR": "red", "CRITICAL": "bold_red"}},
            log_colors={"DEBUG": "cyan", "WARNING": "yellow,bg_white"},
            force_color=True,
        ),
        colorlog.ColoredFormatter(
            "{log_color}{levelname}{reset}:{name}:{message}",
            style="{",
            reset=False,
            force_color=True,
        ),
        colorlog.ColoredFormatter(
            "$log_color$levelname $message", style="$", no_color=True
        ),
        colorlog.LevelFormatter(
            fmt={
                "DEBUG": "%(log_color)sdebug: %(message)s",
                "INFO": "%(message)s",
                "WARNING": "warn: %(msg)s (%(module)s:%(lineno)d)",
                "ERROR": "%(levelname)s %(message)s",
                "CRITICAL": "!! %(message)s",
            },
            force_color=True,
        ),
    ]
    handler = colorlog.StreamHandler(sys.stdout)
    logger = colorlog.getLogger("shop.color")
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    for number, formatter in enumerate(formatters):
        print("formatter", number)
        handler.setFormatter(formatter)
        if number != 4:
            log_all(logger)
        else:
            logger.debug("by level")
            logger.info("by level")
            logger.warning("by level %s", "x")
    logger.removeHandler(handler)
    colorlog.basicConfig(
        stream=sys.stdout, format="%(levelname)s %(message)s", level="INFO"
    )
    colorlog.info("module function %d", 1)
    colorlog.warning("and another")
    logger.propagate = True
    logger.info("to the root")
    logging.getLogger("ordinary").warning("control %d", 1)


main()
